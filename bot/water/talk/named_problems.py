"""What one message says is wrong with the water, put into the draft: named, denied, taken back."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue.turn import Understood
from bot.water.talk.draft import Draft
from bot.water.talk.problems import find_danger, find_problems
from bot.water.talk.water_back import came_with

_NOT_THIS = re.compile(r"(?<![是要])不是[^，,。；;是吗?？]{1,8}[，,。；; ]*(?:而?是|只是|就是)")
# In dialect 冒 is also 没: 屋里冒水 of somebody whose water is off tells of no burst, 路面冒水 does.
_OFF_OR_SPURTS = re.compile(
    r"(?:(?<=屋里)|(?<=家里)|(?<=我家)|(?<=屋里头)|(?<=屋里又)|(?<=龙头)|(?<=[晚天上夜起]就))冒水(?!管)"
)
_TAKEN_BACK = re.compile(r"(?<!是)(不是|没有?)[^，,。；;是]{1,8}([，,。；; ]|(?=是|只是))")


def fill_problem(draft: Draft, message: Understood) -> Draft:
    """What is wrong, and whether people are in danger; a problem taken back goes."""
    found = _first_named(message.plain)
    danger = draft.danger or find_danger(message.plain)
    if danger and not found and not draft.problems:
        found = ("bad_water",) if danger != "injury" else ()
    if danger == "chlorine" and "管" not in message.plain:
        found = tuple(code for code in found if code != "burst")  # 氯气泄漏: it is no pipe that leaks
    came = came_with(message.plain)
    if came and "no_water" in draft.problems:  # 来了但是黄的: it is off no longer
        kept = tuple(code for code in draft.problems if code not in ("no_water", *came))
        return replace(draft, problems=came + kept, danger=danger)
    if draft.problems and _denies(message):
        found = find_problems(_TAKEN_BACK.sub("", message.plain))
        return replace(draft, problems=found or draft.problems, danger=danger)
    fresh = tuple(code for code in found if code not in draft.problems)
    return replace(draft, problems=draft.problems + fresh, danger=danger)


def _first_named(text: str) -> tuple[str, ...]:
    """The problems of `text` without what is denied (不是停水，是水压小) and without a burst that was only 冒水."""
    found = find_problems(_NOT_THIS.sub(" ", text)) or find_problems(text)
    off = "burst" in found and "no_water" in found
    return find_problems(_OFF_OR_SPURTS.sub("没水", text)) if off and _OFF_OR_SPURTS.search(text) else found


def _denies(message: Understood) -> bool:
    return message.intent == "deny" or "不是" in message.text or "写错" in message.text
