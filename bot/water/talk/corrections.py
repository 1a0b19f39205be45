"""Putting right a report that was filed: which messages do that, and what they change."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.dialogue.details import strip_filler
from bot.dialogue.turn import Understood
from bot.places.gazetteer import Gazetteer, Resolved
from bot.water.talk.draft import Draft
from bot.water.talk.filling import fill_rest
from bot.water.talk.named_problems import fill_problem
from bot.water.talk.problems import find_problems
from bot.water.talk.water_back import came_with
from bot.water.talk.where import fill_place

# A contrast said outright; a bare 不是 or 错 stands in too much else (是不是也停了, 今天不错, 接错了).
_CONTRAST = re.compile(
    r"(说|写|报|讲|记|打|搞|弄)错了?|^错了|(?:^|报的|那个|时间|地点|地方|地址)不对[，,。 ]*(?:是|应该)|^其实是|不是[^，,。是]{1,12}[，,。 ]*(而?是|应该是)|应该是"
    r"|改(成|为)|更正|(说|写|讲)反了"
    r"|\bwrong\b|mistake|should be|correction|\bnot\b.{1,30}\bbut\b",
    re.IGNORECASE,
)
# 地址改成新街, 忘记我刚才说的地址，改成新街, 刚才说的地址错了，应该是新街: what stands behind it is the place.
_PLACE_INSTEAD = re.compile(
    r"(?:地址|地点|位置|地方)[^？?]{0,16}?(?:改成|换成|改为|换为|改到|应该是|是)[在:： ]*(?P<place>[^，,。；;！!？?]{2,30})"
)
_INSTEAD = re.compile(r"^[^？?]{0,8}?(?:改成|换成|改为|应该是)[在:： ]*(?P<place>[^，,。；;！!？?]{2,30})")
_NO_PLACE = re.compile(r"什么|哪|怎么|不是|没|对的|错的?|吗$|电话|时间|户数?$|\d|[点号天晚]$")
_ASKS_OR_ADDS = re.compile(r"是不是|[?？吗]|也(停|没|断|是)|(接|装|关|开)错|撤|取消|不用(来|修|派)")
_BARE = re.compile(r"^[，,。！!\s]*((说|写|报|讲|搞|弄)?错了|不对)+(错了|啊|哦|呢|了)*[，,。！!\s]*$")
_TAKES_BACK = re.compile(r"撤(销|掉|回|了)|不报了|withdraw", re.IGNORECASE)
# What a read-back calls its lines: 时间不对, 地点错了, or the bare word asked 哪里不对？; the question that is asked again.
_FIELDS = {
    "outage_place": r"地点|地址|地方|位置|place|address",
    "outage_time": r"时间|日期|钟点|time",
    "outage_households": r"范围|户数|几户|how many",
    "outage_phone": r"电话号码|电话|号码|手机号?|phone( number)?",
}
_FIELD_WRONG = r"(?:就?是|那个|the )*(?:{})(?:就|又|是|也)*(?:不对|错了?|写错了?|记错了?|搞错了?|有误| is wrong)?[了啊哦呢，,。.!！ ]*"
_DETAILS = ("place", "coordinates", "time", "duration", "number", "scope")


def corrects(message: Understood) -> bool:
    """Whether a message puts right what was said before: 说错了，是泉溪镇; 不是老街，是新街; 水来了但是黄的."""
    text = message.plain
    if came_with(text):
        return True
    if not _CONTRAST.search(text) or _ASKS_OR_ADDS.search(text):
        return False
    return any(message.all(detail) for detail in _DETAILS) or bool(find_problems(text))


def says_contrast(message: Understood) -> bool:
    """Whether a message is worded as a correction, whatever it gives instead: 地址改成那边."""
    return bool(_CONTRAST.search(message.plain)) or "换成" in message.plain


def only_says_wrong(message: Understood) -> bool:
    """Whether a message says no more than that something is wrong: 错了错了."""
    return bool(_BARE.search(message.plain))


def field_at_fault(text: str) -> str | None:
    """The question of the one line of a read-back that normalised `text` says is wrong (时间不对), not what is right."""
    wrong = (q for q, names in _FIELDS.items() if re.fullmatch(_FIELD_WRONG.format(names), text.strip()))
    return next(wrong, None)


def means_the_filed_one(text: str) -> bool:
    """Whether, in the middle of correcting a filed report, normalised `text` takes back that report: 撤了吧."""
    return bool(_TAKES_BACK.search(text))


def place_instead(message: Understood, places: Gazetteer) -> Resolved | None:
    """The place that a message gives instead of one said before (地址改成新街), whether or not it was recognised.

    Without 地址 before it (改成新街) a place must have been recognised, for time and number are changed so too.
    """
    match = _PLACE_INSTEAD.search(message.plain)
    if match is None:
        match = _INSTEAD.search(message.plain) if message.all("place") else None
        if match is None or not any(
            match.start("place") <= found.start < match.end("place") for found in message.all("place")
        ):
            return None
    elif _NO_PLACE.search(match["place"]) and not message.all("place"):
        return None
    if find_problems(match["place"]):
        return None
    said = strip_filler(message.text[match.start("place") : match.end("place")])
    return places.resolve(said) if said else None


def correct(draft: Draft, message: Understood, *, places: Gazetteer, now: datetime) -> Draft:
    """A report that was filed, with the problem, place, time or extent that `message` gives instead."""
    named = message.all("place")
    if "不是" in message.plain and len(named) > 1:  # 不是老街，是新街
        message = replace(
            message, found=tuple(f for f in message.found if f.entity != "place" or f == named[-1])
        )
    changed = fill_problem(draft, message)
    if changed.problems != draft.problems:  # 不是停水，是水浑了
        changed = replace(
            changed, problems=tuple(p for p in changed.problems if p not in draft.problems) or draft.problems
        )
    changed = fill_rest(
        fill_place(changed, message, "outage_correct", places), message, "outage_correct", now
    )
    if changed.township and changed.candidates:
        changed = replace(changed, candidates=())
    return changed
