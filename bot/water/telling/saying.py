"""Days, hours and places as they are said to residents who did not ask: in their language, as one would say them aloud."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.texts import one_line, word

# The hour that each part of the day begins with; Chinese says 下午6点, not 18点.
_PARTS = ((19, "evening"), (13, "afternoon"), (12, "noon"), (8, "morning"), (6, "early"), (0, "night"))
_HALF_DAY = 12
_NEXT = 2  # 今天, 明天, 后天 are said with the date


def plain(text: str) -> str:
    """`text` without control characters and line breaks, trimmed: as it may be said and written anywhere."""
    return one_line(text).strip()


def moment(when: datetime, language: str, *, today: date | None) -> str:
    """Day and clock time: 明天（11月24日周二）上午8点."""
    return f"{day(when.date(), language, today=today)}{_gap(language)}{clock(when, language)}"


def span(start: datetime, end: datetime, language: str, *, today: date | None) -> str:
    """From when to when; the day once where it is one: 明天（11月24日周二）上午8点到下午6点."""
    same = start.date() == end.date()
    until = clock(end, language) if same else moment(end, language, today=today)
    return word("said_span", language, start=moment(start, language, today=today), end=until)


def day(when: date, language: str, *, today: date | None) -> str:
    """The day with date and weekday; 今天, 明天 or 后天 before them, counted from `today` (None: what is read on any day)."""
    exact = word("date", language, month=when.month, day=when.day)
    exact = f"{exact}{_gap(language)}{word(f'weekday_{when.weekday()}', language)}"
    ahead = -1 if today is None else (when - today) // timedelta(days=1)
    return (
        word(f"said_day_{ahead}", language, date=exact)
        if 0 <= ahead <= _NEXT
        else word("said_day", language, date=exact)
    )


def clock(when: datetime, language: str) -> str:
    """The clock time: 上午8点, 下午6点30分; 8:00 in English."""
    if language == "en":
        return f"{when:%H:%M}".removeprefix("0")
    part = next(name for hour, name in _PARTS if when.hour >= hour)
    hour = when.hour - _HALF_DAY if when.hour > _HALF_DAY else when.hour
    exact = f"{when.minute:02d}"
    said = (
        word("said_minute", language, hour=hour, minute=exact)
        if when.minute
        else word("said_hour", language, hour=hour)
    )
    return word(f"said_{part}", language) + said


def places(township: str | None, areas: Sequence[str], language: str) -> str:
    """Township with its areas (泉溪镇老街、新街); the whole township where none is named."""
    return f"{township or ''}{word('said_and', language).join(areas)}"


def _gap(language: str) -> str:
    return " " if language == "en" else ""
