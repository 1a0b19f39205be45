"""When: points in time said in Chinese (English and pinyin in `time_latin`), and how long (`durations`).

Spans are as long as they were said: 昨天晚上十点多, 两天, without 从, 停了 or 开始.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.nlu import time_latin
from bot.nlu.durations import find_durations
from bot.nlu.moments import VAGUE, Day, Hour, day_of_month, nearest_date, place
from bot.nlu.normalise import Normalised, as_normalised
from bot.nlu.numerals import parse
from bot.nlu.spans import Span, cut, resolve
from bot.nlu.time_patterns import (
    AHEAD,
    FORWARD,
    JUST_NOW,
    MEASURE,
    PART_OF,
    POINT,
    SHORT_PARTS,
    TAIL,
    UNTIL,
    WORDS,
)

_OFFSETS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": None, "那": None, "明": 1, "后": 2, "大后": 3}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六")} | {c: i for i, c in enumerate("123456")}
_WEEKDAYS |= {"日": 6, "天": 6, "7": 6, "末": 5}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_MONTHS = {"元": 1, "正": None, "腊": None, "冬": None}


@dataclass(frozen=True)
class _Said:
    """What the time before named, and where it ended, for an hour that leans on it."""

    end: int
    day: Day | None
    part: str | None
    iso: str


def _number(text: str) -> int:
    found = parse(text.lstrip("大年初零〇过")) if text.strip("零〇") else None
    return int(found.value) if found else 0


def _hour(m: re.Match[str]) -> Hour | None:
    """The clock of a match; of 八九点 the first."""
    if m["two"]:
        first = re.split(r"[、,~\-]", m["two"])[0]
        return Hour(_number(first if first[0].isdigit() or first[0] == "十" else first[0]))
    if not m["h"]:
        return None
    if m["half"]:
        return Hour(_number(m["h"]), 30, True)
    if m["quarter"]:
        return Hour(_number(m["h"]), 15 if m["quarter"] == "一" else 45, True)
    return Hour(_number(m["h"]), _number(m["m"]) if m["m"] else 0, bool(m["m"]))


def _weekday(m: re.Match[str]) -> Day:
    if (m["wk"] or "").startswith("每"):
        return Day()
    weeks = _WEEKS.get(m["wk"] or "")
    return Day(weekday=_WEEKDAYS[m["wd"]], weeks=weeks)


def _iso_date(text: str) -> Day:
    try:
        year, month, day = map(int, re.split(r"[-/.]", text))
        return Day(on=date(year, month, day))
    except ValueError:
        return Day()


def _month_day(m: re.Match[str], now: datetime) -> Day:
    """A month, with its day where said; lunar months and bare months stay unknown."""
    month = _MONTHS.get(m["month"], 0) if m["month"] in _MONTHS else _number(m["month"])
    lunar = re.search(r"(?:农历|阴历|旧历)$", m.string[: m.start()])
    if lunar or not month or not m["dom"] or "初" in m["dom"]:
        return Day()
    years = {"今年": 0, "去年": -1, "前年": -2, "明年": 1}
    year = now.year + years[m["ry"]] if m["ry"] else None
    if m["year"]:
        year = int(m["year"]) if m["year"].isdigit() else _number(m["year"])
    return Day(on=nearest_date(month, _number(m["dom"]), now, year))


def _day(m: re.Match[str], now: datetime) -> Day | None:
    """Which day a match names; None if it names none."""
    if not m["day"]:
        return None
    if m["rel"] or m["stub"]:
        return Day(offset=_OFFSETS.get(m["rel"] or m["stub"]))
    if m["wd"]:
        return _weekday(m)
    if m["iso"]:
        return _iso_date(m["iso"])
    if m["month"]:
        return _month_day(m, now)
    if m["mon"]:
        months = {"上上": -2, "上": -1, "下": 1}.get(m["mon"], 0)
        return Day(on=day_of_month(_number(m["mdom"]), now, months)) if m["mdom"] else Day()
    if m["num"]:
        return Day(on=day_of_month(_number(m["num"]), now))
    return Day(offset=-_number(m["ago"])) if m["ago"] else Day()


def _part(m: re.Match[str], day: Day | None) -> tuple[str | None, Day | None]:
    """The part of the day; 昨晚凌晨三点 lies in the small hours of the day after."""
    first = m["p1"] and (PART_OF.get(m["p1"]) or SHORT_PARTS[m["p1"][0]])
    second = m["p2"] and (PART_OF.get(m["p2"]) or SHORT_PARTS[m["p2"]])
    if first in ("evening", "night") and second == "dawn" and day and day.offset is not None:
        return second, Day(offset=day.offset + 1)
    return second or first, day


def _clock_stands(text: str, m: re.Match[str]) -> bool:
    """Whether 'N点' is a time of day, by what follows and by what else was said."""
    if not m["clock"]:
        return True
    rest, hour = text[m.end("clock") :], m["h"] or ""
    if MEASURE.match(rest) or (m["h"] and _number(hour) > 24):
        return False
    bare = m["clock"].rstrip("点")
    if m["clock"].endswith("点"):
        if re.match(
            r"意见|建议|要求|说明|问题|想法|疑问|原因|水滴|钟头|滴|心|名|评|击|赞|村|组|路|头(?!上)|子", rest
        ):
            return False
        if bare == "一" and re.match(r"[点儿滴]|水|都|也|没|用|办法|小", rest):
            return False
        if bare in ("一", "二", "两", "三") and not m["day"] and not m["p1"] and not m["p2"]:
            before = text[: m.start("clock")]
            starts = bool(re.search(r"(?:从|自|打|到|在|是|约|概|^)$|[,，。 ]$", before))
            goes_on = bool(re.match(r"开始|就|停|左右|前后|以后|之后|前|多|到|起|断|的时候|$|[,，。 ]", rest))
            return starts and goes_on and not re.search(r"[有差早晚快慢好]$", before) and bare != "二"
    return not (":" in m["clock"] and re.match(r"[:\d]", rest))


def _extent(text: str, m: re.Match[str], keep_clock: bool) -> tuple[int, int]:
    starts = [m.start(g) for g in ("day", "p1", "p2") if m[g]] + ([m.start("clock")] if keep_clock else [])
    ends = [m.end(g) for g in ("day", "p1", "p2") if m[g]] + ([m.end("clock")] if keep_clock else [])
    if not starts:
        return 0, 0
    end = max(ends)
    tail = TAIL.match(text, end)
    return min(starts), tail.end() if tail and (keep_clock or tail[0].strip()[0] not in "之以") else end


def _point(source: Normalised, m: re.Match[str], now: datetime, before: _Said) -> tuple[Span, _Said] | None:
    """The span of a match and the day and part it names; 到九点 takes them from ``before``."""
    text = source.text
    keep = bool(m["clock"]) and _clock_stands(text, m)
    start, end = _extent(text, m, keep)
    if end <= start or (m["stub"] and not (m["p1"] or m["p2"])) or _is_name(text, m, start, end):
        return None
    day = _day(m, now)
    part, day = _part(m, day)
    leans = bool(before.end and UNTIL.fullmatch(text, before.end, start))
    if leans and (keep or part) and day is None:
        day, part = before.day, part or before.part
    hour = _hour(m) if keep else None
    ahead = bool(FORWARD.search(text[max(0, start - 4) : start]) or AHEAD.match(text, end))
    data = place(day, part, hour, now, ahead)
    iso = str(data["iso"] or "")
    if leans and iso < before.iso and (day is None or day.weekday is not None):
        data = place(day, part, hour, now, True)  # the end of a stretch does not come before its beginning
    return cut(source.original, "time", start, end, data), _Said(end, day, part, iso)


def _is_name(text: str, m: re.Match[str], start: int, end: int) -> bool:
    """Words that only look like a day: 先后天, a surname 周, 五月花路, a street number."""
    if m["rel"] == "后" and text[:start].endswith(("先", "先天", "以", "最")):
        return True
    if (
        m["month"]
        and not m["dom"]
        and (
            re.match(
                r"[路街村花]"
                r"|[一二两三\d]+[次回趟]",
                text[end:],
            )
            or (m["month"] in "正元" and not m["third"])
        )
    ):
        return True
    return bool(m["wd"] and text[start - 1 : start] in ("老", "小") and text[start] == "周")


def _points(source: Normalised, now: datetime) -> list[Span]:
    found, at, text, before = [], 0, source.text, _Said(0, None, None, "")
    while at < len(text) and (m := POINT.search(text, at)):
        point = _point(source, m, now, before) if m.end() > m.start() else None
        if point:
            found.append(point[0])
            before = point[1]
        at = before.end if point else m.start() + 1
    return found


def find_times(source: str | Normalised, now: datetime) -> list[Span]:
    """Times and durations in the order of the text, without overlaps.

    ``time``: data ``{"iso": local ISO datetime or None, "grain": minute|hour|part|day|vague,
    "kind": past|future|either}``. ``duration``: data ``{"hours": float}``. ``now`` is local.
    """
    source, now = as_normalised(source), now.replace(tzinfo=None)
    found = [*_points(source, now), *find_durations(source, now)]
    found += [cut(source.original, "time", *m.span(), VAGUE) for m in WORDS.finditer(source.text)]
    if time_latin.HAS_LATIN.search(source.text):
        found += time_latin.find(source, now)
    return resolve(found)


def just_now(source: str | Normalised) -> bool:
    """Whether the message says that it has only just happened (刚才, 刚停); that is no span."""
    return bool(JUST_NOW.search(as_normalised(source).text))


_GRAINS = {"minute": 0, "hour": 1, "part": 2, "day": 3}


def started_at(spans: Sequence[Span], now: datetime) -> datetime | None:
    """When an outage began, as far as the spans tell: a point that has come, or now less a duration.

    The finest point wins, the first among equals; a duration under a day is finer than a whole day.
    None if nothing tells.
    """
    now = now.replace(tzinfo=None)
    points = []
    for span in spans:
        iso = span.data.get("iso")
        if span.entity == "time" and isinstance(iso, str) and datetime.fromisoformat(iso) <= now:
            points.append((_GRAINS.get(str(span.data["grain"]), 9), datetime.fromisoformat(iso)))
    lengths = [float(str(s.data["hours"])) for s in spans if s.entity == "duration"]
    best = min(points, key=lambda p: p[0], default=None)
    if lengths and (best is None or (best[0] == _GRAINS["day"] and lengths[0] < 24)):
        return now - timedelta(hours=lengths[0])
    return best[1] if best else None
