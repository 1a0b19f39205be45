"""How long: 两天, 三个小时, 一天一夜, 大半天, and points counted from now: 十分钟前, 两天后."""

from __future__ import annotations

import re
from datetime import datetime

from bot.nlu.moments import VAGUE, moment, shift
from bot.nlu.normalise import Normalised
from bot.nlu.numerals import NUMBER, parse
from bot.nlu.spans import Span, cut

# Hours of a unit; a month counts 30 days, half a day 6 hours of daylight.
UNITS = {
    "年": 8760.0, "个月": 720.0, "月": 720.0, "个星期": 168.0, "星期": 168.0, "个礼拜": 168.0, "礼拜": 168.0,
    "个周": 168.0, "周": 168.0, "天": 24.0, "日": 24.0, "个夜": 12.0, "夜": 12.0, "个晚上": 12.0,
    "晚上": 12.0, "晚": 12.0, "个小时": 1.0, "小时": 1.0, "个钟头": 1.0, "钟头": 1.0, "个钟": 1.0,
    "刻钟": 0.25, "分钟": 1 / 60, "秒钟": 1 / 3600, "秒": 1 / 3600, "上午": 4.0, "个上午": 4.0,
    "下午": 5.0, "个下午": 5.0, "早上": 3.0, "个早上": 3.0,
    "h": 1.0, "hr": 1.0, "hrs": 1.0, "min": 1 / 60, "mins": 1 / 60,
}  # fmt: skip
_LONGEST = 200 * 8760.0
_FIXED = {"大半天": 8.0, "小半天": 3.0, "老半天": 6.0, "半天": 6.0, "一整天": 24.0, "整晚": 12.0,
          "整夜": 12.0, "一整夜": 12.0, "一整晚": 12.0, "通宵": 12.0, "一通宵": 12.0,
          "整个晚上": 12.0, "整个上午": 4.0,
          "整个下午": 5.0, "一整个晚上": 12.0, "一整个上午": 4.0, "一整个下午": 5.0}  # fmt: skip
_UNIT = (
    r"(?:个?(?:小时|钟头|星期|礼拜|晚上|上午|下午|早上)|个月|个?周(?![一二三四五六日末边围岁])"
    r"|个夜|年(?![级代纪龄来])"
    r"|天(?![一二两三四五六七八九十\d]?[餐顿趟片次]|多少|下|气(?!死))|(?<!半)夜(?!班)|(?<!半)晚(?!饭|餐|点)"
    r"|(?<=[半多来])月|分钟|刻钟|秒钟?"
    r"|个钟(?!头)|hrs?(?![a-z])|h(?![a-z])|mins?(?![a-z]))"
)
_SEGMENT = rf"(?:{NUMBER})(?:个?[半多来])?{_UNIT}(?:半(?!夜|路|个)|多(?![少久长]))?"
_FIXED_TEXT = "|".join(sorted(_FIXED, key=len, reverse=True))
DURATION = re.compile(
    r"(?<![\d.第每前那这哪某大])(?<!有那么)"
    rf"(?:(?<![赶尽凉爽])(?:快(?:要|到)?|将近|近|好|大(?=半))?(?P<long>{_SEGMENT}(?:[零又]?{_SEGMENT}){{0,2}})"
    rf"|(?P<fixed>{_FIXED_TEXT})(?!前)|(?P<ten>十天半个?月)|(?P<days>[一两二三]日(?=了|没|未|停|$)))"
)
_PART = re.compile(rf"(?P<n>{NUMBER})(?P<mid>个?[半多来])?(?P<unit>{_UNIT})(?P<tail>半|多)?")
_AGO = re.compile(r"(?:之前|以前|前(?![后面头门往台]))")
_LATER = re.compile(r"(?:之后|以后|后(?![面头门台院]|来(?!水)))")
# Rates, habits and questions that look like a duration
_NOT_AFTER = re.compile(
    r"(?:.{1,2}[一二两三四五六几好\d]+[次回趟遍]|到晚|两头|到头|四季|[一二两三\d]+[餐顿趟次回遍片]|多少|几[餐顿次]|制|内?服务热线|热线|客服|在线|营业|值班电话)"
)
_NOT_BEFORE = re.compile(r"(?:[每第哪某这那]|20\d\d)$")
_ASKED = re.compile(r"^几")


def hours_of(text: str) -> float | None:
    """Hours of a duration such as 两天一夜, 一个半小时, 大半天, 2h; None if it is none."""
    text = re.sub(r"^(?:快(?:要|到)?|将近|近|好)", "", text)
    if text in _FIXED:
        return _FIXED[text]
    if text.startswith("十天半"):
        return 300.0
    factor = 4 / 3 if text.startswith("大") else 1.0
    parts = list(_PART.finditer(re.sub(r"^([一两二三])日$", r"\1天", text).lstrip("大")))
    around = any("天" in m["unit"] for m in parts) and any(m["unit"] in ("夜", "晚") for m in parts)
    total = 0.0
    for m in parts:
        number = parse(m["n"])
        if number is None:
            return None
        extra = (m["mid"] or "") + (m["tail"] or "")
        value = number.value + (0.5 if "半" in extra else 0.25 if "多" in extra else 0)
        # with nights beside them, days are daylight: 一天一夜 is 24 hours
        total += value * (12.0 if around else UNITS[m["unit"]])
    total *= factor
    return round(total, 4) if parts and total <= _LONGEST else None


def _stands(text: str, start: int, end: int) -> bool:
    """Whether what looks like a duration is one, by its neighbours."""
    said = text[start:end]
    if _NOT_BEFORE.search(text[:start]) or _NOT_AFTER.match(text, end):
        return False
    if said == "一天" and text[:start].endswith("有") and not text.startswith("了", end):
        return False
    if _ASKED.match(said) and text[start - 1 : start] not in ("好", "了", "有", "这"):
        return bool(re.match(r"了|没|前|之前|以前", text[end:]))
    year = re.match(r"([零〇一二三四五六七八九]{2,})年", said)  # 九八年 is a year, 七八年 seven or eight
    if year and (number := parse(year[1])) and number.low == number.high:
        return False
    return not re.match(r"\d{3,}年|20\d\d", said)


def _counted(source: Normalised, m: re.Match[str], hours: float, now: datetime) -> Span:
    """The duration, or the point of time that lies so long ago or ahead."""
    text, end = source.text, m.end()
    fine = "minute" if hours < 1 else "hour" if hours < 24 else "day"
    vague = "几" in m[0] and hours >= 24
    for pattern, sign, kind in ((_AGO, -1, "past"), (_LATER, 1, "future")):
        suffix = pattern.match(text, end)
        if suffix:
            at = None if vague else shift(now, hours=sign * hours)
            data = moment(at, fine, kind) if at else {**VAGUE, "kind": kind}
            return cut(source.original, "time", m.start(), suffix.end(), data)
    return cut(source.original, "duration", m.start(), end, {"hours": hours})


def find_durations(source: Normalised, now: datetime) -> list[Span]:
    """Durations as ``duration`` with data ``{"hours": float}``, and X前 / X后 as ``time``."""
    found = []
    for m in DURATION.finditer(source.text):
        hours = hours_of(m[0])
        if hours and _stands(source.text, *m.span()):
            found.append(_counted(source, m, hours, now))
    return found
