"""The days that a clerk's message names, and what was or will be done on each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bot.dialogue.turn import Understood
from bot.nlu.numerals import parse

# What is done on a day. A word behind 没, 未 or 不 has not been done.
ROLE = re.compile(
    r"(?<![没未不])(?<!没有)(?:"
    r"(?P<supplement_requested_on>(?:叫|让|要|通知|说|喊|退回).{0,4}?补(?!充协议|贴|偿|助)|asked for more)"
    r"|(?P<supplement_received_on>补(?!充协议|贴|偿|助)|材料.{0,2}齐|supplement)"
    r"|(?P<expert_requested_on>(?:委托|请|找).{0,6}(?:评估|论证|专家))"
    r"|(?P<expert_received_on>(?:收到|拿到|出).{0,4}(?:评估|论证)|(?:评估|论证).{0,6}(?:出来|做完|完成|结束|收到|回来))"
    r"|(?P<signed_on>签(?!证|到)|订立|\bsign)"
    r"|(?P<submitted_on>送(?![货餐饭水达老])|提交|交(?![通易付接流警房钱]|.{0,3}费)|报(?![备告价名酬社废销纸刊警修停])"
    r"|法审|submi|\bhand(?:ed|ing)? ?in|\bsent?\b))"
)
_ONLY_DATE = re.compile(r"(?:改成|改到|换成|不是|不对|应该|日期|时间|就?是|在|吧|的|了|on|[,。.\s])*")
_PLANNED = re.compile(r"要|想|准备|打算|能|行不|得成|来得及|可不可以")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天末]")
_CALENDAR_DAY = re.compile(
    r"\d{2,4}[-/.]\d+[-/.]\d+|(?:(?:\d{4}|二[〇零一二三四五六七八九]{3})年|[今去前明]年)?[\d一二三四五六七八九十]+月[\d一二三四五六七八九十]+[号日]?"
)
_LUNAR = re.compile(r"(?:农历|阴历|旧历)$")
_BARE_DAY = re.compile(
    r"(?<![\d月第.\-/a-z路街道巷栋线弄座区单一二三四五六七八九十])"
    r"(\d{1,2}|三?二?十[一二三四五六七八九]?|[一二三四五六七八九])[号日](?![楼栋线文令院路门店公机泵井码仓标内])"
)


@dataclass(frozen=True)
class SaidDay:
    """A day said at ``start`` to ``end`` of the text; ``on`` is None where there is no such day."""

    start: int
    end: int
    said: str
    on: date | None


def dates_in(
    message: Understood, case: Mapping[str, Any] | None = None, today: date | None = None
) -> dict[str, str]:
    """ISO dates by the key of the case; a date alone is taken as the day of handing in."""
    return {key: day.on.isoformat() for key, day in _dated(message, case or {}, today) if day.on}


def no_such_day(
    message: Understood, case: Mapping[str, Any] | None = None, today: date | None = None
) -> str | None:
    """The words of a date that is in no calendar (2月30日), where the message gives one."""
    return next((day.said for _, day in _dated(message, case or {}, today) if day.on is None), None)


def _dated(message: Understood, case: Mapping[str, Any], today: date | None) -> Iterator[tuple[str, SaidDay]]:
    """Each day with what was done on it: the words up to the next date tell, else those before it.

    Where the message begins with what was done and ends with a date (送审是16日，签是20日), those before tell.
    """
    text, days = message.plain, days_said(message, case, today)
    if not days:
        return
    before = [text[a : b.start] for a, b in zip([0, *(d.end for d in days)], days, strict=False)]
    after = [*before[1:], text[days[-1].end :]]
    leading = bool(ROLE.search(before[0])) and not ROLE.search(after[-1])
    alone = message.intent == "inform" and len(days) == 1 and _ONLY_DATE.fullmatch(before[0] + after[0])
    for day, ahead, behind in zip(days, before, after, strict=True):
        role = _last_role(ahead) if leading else _first_role(behind) or _last_role(ahead)
        if role or alone:
            planned = bool(_PLANNED.search(ahead[-3:] + behind[:6]))
            yield role or "submitted_on", _planned(day, today) if planned else day


def _first_role(text: str) -> str | None:
    found = ROLE.search(text)
    return found.lastgroup if found else None


def _last_role(text: str) -> str | None:
    found = [m.lastgroup for m in ROLE.finditer(text)]
    return found[-1] if found else None


def _planned(day: SaidDay, today: date | None) -> SaidDay:
    """A weekday that is still planned is the next one, not the last as in a report of something past."""
    if today and day.on and day.on < today and _WEEKDAY.match(day.said):
        return replace(day, on=day.on + timedelta(days=7))
    return day


def days_said(
    message: Understood, case: Mapping[str, Any], today: date | None, *, every: bool = False
) -> list[SaidDay]:
    """Days in the order of the text; `every` gives vague times (上个月) and days of no known month too."""
    found = []
    for span in message.all("time"):
        iso = span.data.get("iso")
        said = message.plain[span.start : span.end]
        real = _CALENDAR_DAY.fullmatch(said) and not _LUNAR.search(message.plain[: span.start])
        if iso or real or every:
            on = date.fromisoformat(str(iso)[:10]) if iso else None
            found.append(SaidDay(span.start, span.end, span.value, on))
    known = [day.on for day in found if day.on] + sorted(
        date.fromisoformat(str(case[key])[:10]) for key in ROLE.groupindex if case.get(key)
    )[::-1]
    for m in _BARE_DAY.finditer(message.plain):
        if any(span.start < m.end() and m.start() < span.end for span in message.found):
            continue
        earlier = [day.on for day in found if day.on and day.end <= m.start()]
        month = next(iter([*earlier[::-1], *known]), today)
        if month or every:
            found.append(SaidDay(m.start(), m.end(), m[0], _of_month(m[1], month) if month else None))
    return sorted(found, key=lambda day: day.start)


def _of_month(number: str, month: date) -> date | None:
    said = parse(number)
    try:
        return month.replace(day=int(said.value)) if said else None
    except ValueError:
        return None
