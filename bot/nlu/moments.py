"""From the parts of a time expression (which day, which part of it, which hour) to a local datetime.

A report lies in the past: without a day, or with a bare weekday, the latest moment that is not in the
future is taken, unless the words say otherwise. All datetimes are local and without a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Parts of a day in minutes after midnight of the day they are named after: when it begins, and the
# moment that stands for it. The night belongs to the day on which it begins, so it may pass 24:00.
PARTS: dict[str, tuple[int, int]] = {
    "dawn": (0, 3 * 60),  # 凌晨
    "early": (5 * 60, 7 * 60),  # 早上, 清早, 天亮
    "morning": (8 * 60, 9 * 60),  # 上午
    "noon": (11 * 60, 12 * 60),  # 中午
    "afternoon": (12 * 60, 15 * 60),  # 下午
    "dusk": (17 * 60, 18 * 60),  # 傍晚, 天黑
    "evening": (18 * 60, 20 * 60),  # 晚上
    "night": (20 * 60, 22 * 60),  # 夜里
    "midnight": (23 * 60, 24 * 60),  # 半夜, 深夜
    "small": (24 * 60, 26 * 60),  # 后半夜
}
_SOON = timedelta(days=45)  # 12月3号 said in November is a planned date, 3月5日 is last spring


@dataclass(frozen=True)
class Day:
    """Which day: ``offset`` days from today, or a fixed ``on``, or a ``weekday`` (0 is Monday).

    ``weeks`` shifts a weekday by calendar weeks; None is a bare weekday. All empty: some day, unknown.
    """

    offset: int | None = None
    on: date | None = None
    weekday: int | None = None
    weeks: int | None = None

    @property
    def known(self) -> bool:
        """True if the day can be worked out."""
        return self.offset is not None or self.on is not None or self.weekday is not None


@dataclass(frozen=True)
class Hour:
    """A time on the clock as said; ``precise`` if minutes were given."""

    hour: int
    minute: int = 0
    precise: bool = False


def moment(iso: datetime | None, grain: str, kind: str) -> dict[str, object]:
    """The data of a ``time`` span."""
    text = (
        None
        if iso is None
        else iso.replace(tzinfo=None, second=0, microsecond=0).isoformat(timespec="minutes")
    )
    return {"iso": text, "grain": grain, "kind": kind}


VAGUE = moment(None, "vague", "either")


def shift(start: datetime, *, hours: float) -> datetime | None:
    """``start`` moved by ``hours``; None outside the calendar."""
    try:
        return start + timedelta(seconds=round(hours * 3600))
    except OverflowError:
        return None


def nearest_date(month: int, day: int, now: datetime, year: int | None = None) -> date | None:
    """The month and day said; without a year the latest that has come, or one due within `_SOON` days."""
    found = []
    for candidate in (year,) if year else range(now.year - 4, now.year + 2):
        try:
            found.append(date(candidate, month, day))
        except ValueError:
            continue
    return max((d for d in found if year or d - now.date() <= _SOON), default=None)


def day_of_month(day: int, now: datetime, months: int | None = None) -> date | None:
    """The 15th and the like: of this month shifted by ``months``, or the latest that has come."""
    for back in (months,) if months is not None else (0, -1, -2):
        index = now.year * 12 + now.month - 1 + back
        try:
            found = date(index // 12, index % 12 + 1, day)
        except ValueError:
            continue
        if months is not None or found <= now.date():
            return found
    return None


def _minutes(hour: Hour, part: str | None) -> list[int]:
    """Minutes after midnight that the clock may mean in this part of a day, the likeliest first."""
    h, m = hour.hour, hour.minute
    if part is None:
        both = [h * 60 + m, (h + 12) * 60 + m] if 1 <= h <= 12 else [h * 60 + m]
        return both[::-1] if 1 <= h <= 5 else both
    if h > 12 or part in ("dawn", "early", "morning"):
        return [(0 if part == "dawn" and h == 12 else h) * 60 + m]
    if part == "noon":
        return [(h + 12 if h <= 4 else h) * 60 + m]
    if part in ("afternoon", "dusk"):
        return [(h + 12 if h < 12 else h) * 60 + m]
    late = part in ("evening", "night", "midnight", "small")
    return [(h + 24 if late and h <= 4 else h + 12) * 60 + m]


def _at(day: date, minutes: int) -> datetime | None:
    return shift(datetime(day.year, day.month, day.day), hours=minutes / 60)


def _day_of(day: Day, now: datetime, ahead: bool) -> date | None:
    """The date of a day that is known."""
    today = now.date()
    try:
        if day.offset is not None:
            return today + timedelta(days=day.offset)
        if day.weekday is not None:
            days = day.weekday - today.weekday()
            if day.weeks is not None:
                return today + timedelta(days=days + 7 * day.weeks)
            days += (7 if days < 0 else 0) if ahead else (-7 if days > 0 else 0)
            return today + timedelta(days=days)
    except OverflowError:
        return None
    return day.on


def _choose(moments: list[datetime], now: datetime, ahead: bool) -> datetime | None:
    """The latest that has come (or, looking ahead, the next to come)."""
    past, future = [m for m in moments if m <= now], [m for m in moments if m > now]
    if ahead:
        return min(future) if future else max(past, default=None)
    return max(past) if past else min(future, default=None)


def _part_on(day: date, part: str, now: datetime) -> datetime | None:
    """The moment for a part of a day; now, if that part has begun and its moment is still to come."""
    begin, stands = _at(day, PARTS[part][0]), _at(day, PARTS[part][1])
    if begin is None or stands is None:
        return None
    return now if begin <= now < stands else stands


def _kind(day: Day | None, found: datetime, now: datetime, ahead: bool) -> str:
    if day is not None and (day.offset is not None or day.weeks is not None):
        return "past" if found <= now else "future"
    return "future" if ahead else "either"


def _on_day(day: Day, hour: Hour | None, part: str | None, now: datetime, ahead: bool) -> datetime | None:
    date_ = _day_of(day, now, ahead)
    if date_ is None:
        return None
    if hour is None:
        found = _part_on(date_, part, now) if part else _at(date_, 0)
        # 今天半夜 in a report is the night just gone
        late = part in ("midnight", "small") and day.offset == 0 and not ahead
        return shift(found, hours=-24) if late and found is not None and found > now else found
    said = [m for minutes in _minutes(hour, part) if (m := _at(date_, minutes)) is not None]
    return _choose(said, now, ahead) if date_ == now.date() else next(iter(said), None)


def _any_day(hour: Hour | None, part: str | None, now: datetime, ahead: bool) -> datetime | None:
    days = [now.date() + timedelta(days=d) for d in ((0, 1, -1) if ahead else (0, -1, -2))]
    if hour is None:
        return _choose([m for d in days if part and (m := _part_on(d, part, now)) is not None], now, ahead)
    options = _minutes(hour, part)
    return _choose([m for d in days for o in options if (m := _at(d, o)) is not None], now, ahead)


def place(
    day: Day | None, part: str | None, hour: Hour | None, now: datetime, ahead: bool = False
) -> dict[str, object]:
    """Data of a time span: ``iso`` (local, or None), ``grain`` and ``kind``.

    ``ahead`` when the sentence looks forward. ``grain`` is minute, hour, part, day or vague; a whole day
    has the iso of its midnight, a part of a day the hour in `PARTS`.
    """
    grain = ("minute" if hour.precise else "hour") if hour else "part" if part else "day"
    if day is not None and not day.known:
        return VAGUE
    found = _any_day(hour, part, now, ahead) if day is None else _on_day(day, hour, part, now, ahead)
    if found is None:
        return VAGUE
    if day is not None and grain == "day" and day.offset == 0:
        return moment(found, grain, "either")
    return moment(found, grain, _kind(day, found, now, ahead))
