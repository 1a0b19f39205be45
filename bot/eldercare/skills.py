"""What a volunteer can do, in the person's own words."""

from __future__ import annotations

import re

from bot.dialogue.turn import Understood

LONGEST = 120
# 会 of 会理发, not of 不会, 社会, 协会, 一会儿, 会不会, 会议.
_CAN = re.compile(
    r"(?<![不社协机晚开一])会(?!不会|议|员|儿|的)([^，,。.;；\s0-9]{1,20})|\bcan ([a-z][^,.;0-9]{2,60})"
)
_CANNOT = re.compile(r"不会([^，,。.;；\s0-9]{1,20})|can(?:no|')t ([a-z][^,.;0-9]{2,60})")
_CLAUSES = re.compile(r"[，,。;；\s]+")
_OTHER_DETAIL = re.compile(r"我叫|我是|姓名|名字|电话|手机|住|^(不对|不是|错了)|\d{5}")


def skills_in(message: Understood, *, asked: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(skills told, skills taken back) of a message; `asked`: any words of it may be a skill."""
    text = message.plain
    cannot = tuple(_found(match) for match in _CANNOT.finditer(text))
    # 会 belongs to what is read back; "can" does not.
    can = tuple(
        message.text[match.start() if match[1] else match.start(2) : match.end()]
        for match in _CAN.finditer(text)
    )
    if can or cannot or not asked:
        return can, cannot
    english = not re.search(r"[\u4e00-\u9fff]", text)
    clauses = [message.text] if english else _CLAUSES.split(message.text)
    return tuple(part for part in clauses if part and not _OTHER_DETAIL.search(part)), ()


def _found(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def joined(skills: tuple[str, ...]) -> str | None:
    """Skills as one text to be read, None where there are none."""
    return "、".join(dict.fromkeys(skills))[:LONGEST] or None


def corrected(before: str | None, can: tuple[str, ...], cannot: tuple[str, ...], *, anew: bool) -> str | None:
    """`before` with what was added and taken back; `anew`: what was told replaces it."""
    kept = tuple(
        skill for skill in (before or "").split("、") if skill and not any(word in skill for word in cannot)
    )
    return joined(can if anew and can else (*kept, *can))
