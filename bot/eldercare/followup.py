"""What is asked about the points that were just found: opening, way on foot, phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_WALK = re.compile(
    r"走(路|过去|起去)?.{0,6}(多久|好久|多长|几分钟|远)|(好|多|几)远|how far|how long.{0,10}walk"
)
_OPEN = re.compile(r"开不开|开门|开放|营业|几点(开|关)|关门|上班|休息|开着|时间|open|close|hours")
_PHONE = re.compile(r"电话|号码|怎么联系|phone|number")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DAYS = {"今天": 0, "明天": 1, "后天": 2, "today": 0, "tomorrow": 1}
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_LOCATION = re.compile(r"定位|位置|不(知道|清楚).{0,6}(哪|地方|叫)|location")


@dataclass(frozen=True)
class Followup:
    """`what` is "walk", "hours" or "phone"; `day` the day that opening is asked for, if one was named."""

    what: str
    day: datetime | None = None


def followup(text: str, now: datetime) -> Followup | None:
    """What normalised `text` asks about a point, or None where it asks nothing of the kind."""
    if _WALK.search(text):
        return Followup("walk")
    if _OPEN.search(text):
        return Followup("hours", _day(text, now))
    if _PHONE.search(text):
        return Followup("phone")
    return None


def _day(text: str, now: datetime) -> datetime | None:
    weekday = _WEEKDAY.search(text)
    wanted = "一二三四五六日".find(weekday.group(1).replace("天", "日")) if weekday else -1
    if wanted < 0:
        wanted = next((i for i, name in enumerate(_ENGLISH) if name in text), -1)
    if wanted >= 0:
        return now + timedelta(days=(wanted - now.weekday()) % 7)
    return next((now + timedelta(days=n) for word, n in _DAYS.items() if word in text), None)


def wants_to_send_location(text: str) -> bool:
    """True where the person cannot name the place, or says that a location will be sent."""
    return bool(_LOCATION.search(text))
