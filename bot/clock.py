"""The county's clock.

All times in this project are naive and local to the county (no daylight saving there), so
that what a person says, what is stored and what staff read are the same figures.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.settings import settings

BEIJING = ZoneInfo("Asia/Shanghai")


def _zone() -> ZoneInfo | None:
    """The configured zone; None stands for the machine's own."""
    return ZoneInfo(settings().timezone) if settings().timezone else None


def is_beijing_time() -> bool:
    """Whether the clock runs on UTC+8, as every county's should."""
    return datetime.now(_zone()).astimezone(_zone()).utcoffset() == timedelta(hours=8)


def now() -> datetime:
    """Local time of the county, without zone, to the second."""
    return datetime.now(_zone()).replace(tzinfo=None, microsecond=0)


def at_timestamp(seconds: float) -> datetime:
    """Local time of the county at a POSIX timestamp, to the second."""
    return datetime.fromtimestamp(seconds, _zone()).replace(tzinfo=None, microsecond=0)


def with_offset(local: datetime | None) -> str | None:
    """A stored local time as ISO 8601 with its offset (``2026-11-23T20:00:00+08:00``)."""
    return None if local is None else local.replace(tzinfo=_zone()).astimezone(_zone()).isoformat()
