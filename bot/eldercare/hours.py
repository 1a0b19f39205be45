"""When a service point is open, as far as its opening hours say it.

Very modest: what is not understood to the last character gives None, never a guess.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

import chinese_calendar

_DAY = r"(?:周|星期|礼拜)?[一二三四五六日天]"
_TO = r"\s*(?:至|到|-|－|—|–|~|～)+\s*"
_DAYS = re.compile(
    rf"(?P<every>每天|每日|天天|全年)|(?P<work>工作日)|(?P<end>周末|双休日)"
    rf"|(?P<first>(?:周|星期|礼拜)[一二三四五六日天]){_TO}(?P<last>{_DAY})"
    rf"|(?P<list>(?:周|星期|礼拜)[一二三四五六日天](?:[、和]?{_DAY})*)"
)
_CLOCK = (
    r"(?P<half{0}>上午|早上|中午|下午|晚上)?\s*(?P<hour{0}>\d{{1,2}})"
    r"(?:[:：](?P<minute{0}>\d{{2}})|[点时](?P<thirty{0}>半)?)"
)
_SPAN = re.compile(_CLOCK.format(1) + _TO + _CLOCK.format(2))
_ALL_DAY = re.compile(r"24\s*小时|全天")
_HOLIDAYS_SHUT = re.compile(r"(?:国家)?(?:法定)?(?:节假日|节日|假日)(?:除外|休息|不开放?|关门|不营业|放假)")
_SHUT = re.compile(r"休息|不开放?|关门")
_STATEMENTS = re.compile(r"[；;]|[，,](?=\s*(?:周|星期|礼拜|每|天天|工作日|双休))")
_NOISE = re.compile(r"[\s,，、()（）:：。]|开放|营业|时间|开门")
_NUMBERS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_MINUTES_A_DAY = 24 * 60
# An old person's walk: about 3.6 km/h, on ways about 1.4 times as long as the straight line.
_DETOUR, _METRES_A_MINUTE = 1.4, 60.0


@dataclass(frozen=True)
class DayHours:
    """One day: `open`, and from when to when in minutes after midnight; () where the hours are not said."""

    open: bool
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def text(self) -> str:
        """`8:00-11:30、14:00-17:00`; "" where the day is closed or its hours are not said."""
        return "、".join(f"{_clock_text(start)}-{_clock_text(end)}" for start, end in self.spans)


@dataclass(frozen=True)
class _Part:
    """One statement: on these weekdays (0 is Monday), `open` in these spans."""

    days: frozenset[int]
    open: bool
    spans: tuple[tuple[int, int], ...]


def open_on(opening_hours: str | None, when: date | datetime) -> bool | None:
    """Whether a point is open on a day, or at a time (naive, county-local); None where that is not known."""
    hours = answer_for_day(opening_hours, when)
    if hours is None or not isinstance(when, datetime) or not hours.open:
        return hours.open if hours else None
    if not hours.spans:
        return None
    minute = when.hour * 60 + when.minute
    return any(start <= minute < end for start, end in hours.spans)


def answer_for_day(opening_hours: str | None, day: date) -> DayHours | None:
    """The hours of `day` (`周一至周五 8:00-17:00；周六 9:00-12:00`), or None where they are not known.

    On a public holiday, and on a weekend day worked in its stead, weekdays say nothing sure: None,
    unless the point is open every day. A note like 节假日休息 closes holidays. In a year whose
    holidays are not known, only points open every day, without such a note, have an answer.
    """
    if not opening_hours:
        return None
    rest, shut_on_holidays = _HOLIDAYS_SHUT.subn("", opening_hours)
    parts = _parts(rest)
    if not parts:
        return None
    if shut_on_holidays or not all(len(part.days) == 7 for part in parts):
        special = _special(day)
        if special is None or (special and not (shut_on_holidays and chinese_calendar.is_holiday(day))):
            return None
        if special:
            return DayHours(open=False)
    todays = [part for part in parts if day.weekday() in part.days]
    if any(not part.open for part in todays):
        return DayHours(open=False)
    if not todays and not any(part.open for part in parts):
        return None  # only 周日休息: what of the other days is not said
    return DayHours(bool(todays), tuple(sorted({span for part in todays for span in part.spans})))


def walking_minutes(distance_m: float) -> int:
    """About how many minutes an old person walks, for a distance in a straight line (metres)."""
    return math.ceil(distance_m * _DETOUR / _METRES_A_MINUTE)


def _special(day: date) -> bool | None:
    """Whether `day` is a public holiday or a day worked in its stead; None where the year is not known."""
    try:
        _free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return name is not None


def _parts(text: str) -> list[_Part]:
    """The statements of opening hours; [] where any of them is not understood."""
    parts = []
    for statement in _STATEMENTS.split(text):
        if not _NOISE.sub("", statement):
            continue
        part = _part(statement)
        if part is None:
            return []
        parts.append(part)
    return parts


def _part(statement: str) -> _Part | None:
    days: set[int] = set()
    for match in _DAYS.finditer(statement):
        days |= _weekdays(match)
    rest = _DAYS.sub("", statement)
    spans: list[tuple[int, int]] = []
    for match in _SPAN.finditer(rest):
        start, end = _minutes(match, "1"), _minutes(match, "2")
        if start is None or end is None or not start < end:
            return None
        spans.append((start, end))
    rest, all_day = _ALL_DAY.subn("", _SPAN.sub("", rest))
    rest, shut = _SHUT.subn("", rest)
    if not days or _NOISE.sub("", rest) or (shut and (spans or all_day)):
        return None
    return _Part(frozenset(days), not shut, ((0, _MINUTES_A_DAY),) if all_day else tuple(spans))


def _weekdays(match: re.Match[str]) -> set[int]:
    if match["every"]:
        return set(range(7))
    if match["work"]:
        return set(range(5))
    if match["end"]:
        return {5, 6}
    if match["first"]:
        first, last = _NUMBERS[match["first"][-1]], _NUMBERS[match["last"][-1]]
        return {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return {_NUMBERS[char] for char in re.sub("周|星期|礼拜", "", match["list"]) if char in _NUMBERS}


def _minutes(match: re.Match[str], which: str) -> int | None:
    hour = int(match["hour" + which])
    minute = 30 if match["thirty" + which] else int(match["minute" + which] or 0)
    # 下午2:00-5:00: the half of the day goes for both ends.
    half = match["half" + which] or match["half1"] or ""
    if half in ("下午", "晚上") and hour < 12:
        hour += 12
    total = hour * 60 + minute
    return total if minute < 60 and total <= _MINUTES_A_DAY else None


def _clock_text(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
