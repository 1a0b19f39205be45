"""Putting right a report that was filed: which messages do that, and what they change."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.dialogue.turn import Understood
from bot.places.gazetteer import Gazetteer
from bot.water.draft import Draft
from bot.water.filling import fill_place, fill_problem, fill_rest
from bot.water.problems import find_problems

# A contrast said outright; a bare 不是 or 错 stands in too much else (是不是也停了, 今天不错, 接错了).
_CONTRAST = re.compile(
    r"(说|写|报|讲|记|打|搞|弄)错了?|^错了|不是[^，,。是]{1,12}[，,。 ]*(而?是|应该是)|应该是|改(成|为)|更正|(说|写|讲)反了"
    r"|\bwrong\b|mistake|should be|correction|\bnot\b.{1,30}\bbut\b",
    re.IGNORECASE,
)
_ASKS_OR_ADDS = re.compile(r"是不是|[?？吗]|也(停|没|断|是)|(接|装|关|开)错|撤|取消|不用(来|修|派)")
_BARE = re.compile(r"^[，,。！!\s]*((说|写|报|讲|搞|弄)?错了|不对)+(错了|啊|哦|呢|了)*[，,。！!\s]*$")
_DETAILS = ("place", "coordinates", "time", "duration", "number", "scope")


def corrects(message: Understood) -> bool:
    """Whether a message puts right what was said before: 说错了，是泉溪镇; 不是老街，是新街."""
    text = message.plain
    if not _CONTRAST.search(text) or _ASKS_OR_ADDS.search(text):
        return False
    return any(message.all(detail) for detail in _DETAILS) or bool(find_problems(text))


def only_says_wrong(message: Understood) -> bool:
    """Whether a message says no more than that something is wrong: 错了错了."""
    return bool(_BARE.search(message.plain))


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
