"""Times and durations in English and in pinyin without tones: last night, yesterday 8pm, zuotian wanshang."""

from __future__ import annotations

import re
from datetime import datetime

from bot.nlu.moments import VAGUE, Day, Hour, moment, nearest_date, place, shift
from bot.nlu.normalise import Normalised
from bot.nlu.numerals_latin import COUNTED, WORDS, value
from bot.nlu.spans import Span, cut

HAS_LATIN = re.compile(r"[a-z]{2}|\d ?[ap]\.?m|\d[hd]\b")

_NUMBERS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0,
    "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "twenty": 20.0,
    "thirty": 30.0, "half a": 0.5, "half an": 0.5, "a couple of": 2.0, "couple of": 2.0, "a few": 3.0,
    "several": 4.0, "a whole": 1.0,
}  # fmt: skip
_HOURS = {"day": 24.0, "hour": 1.0, "hr": 1.0, "h": 1.0, "minute": 1 / 60, "min": 1 / 60, "week": 168.0,
          "month": 720.0, "year": 8760.0, "night": 12.0}  # fmt: skip
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_PARTS = {"early morning": "early", "morning": "morning", "afternoon": "afternoon", "evening": "evening",
          "night": "evening", "noon": "noon", "midday": "noon", "midnight": "midnight"}  # fmt: skip
_N = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_CLOCK = (
    r"(?:(?:at|around|about|from) )*(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))? ?(?P<half>[ap]\.?m\b\.?|o'?clock)?"
)
_DAY = (
    r"the day before yesterday|the day after tomorrow|yesterday|today|tomorrow|tonight|last night"
    rf"|(?:(?:last|next|this) )?(?:{'|'.join(_WEEKDAYS)})|this(?= (?:early )?(?:morning|afternoon"
    rf"|evening))|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b"
)
_ENGLISH = re.compile(
    rf"(?:(?P<before>early )?\b(?P<day>{_DAY})\b(?: (?P<part>{_PART})\b)?,?(?: {_CLOCK}(?![\d.:-]|{COUNTED}))?)"
    r"|\b(?:(?:at|around|about) )?(?P<h2>\d{1,2})(?:[:.](?P<m2>[0-5]\d))? ?(?P<half2>[ap]\.?m\b\.?"
    r"|o'?clock)(?P<p2> (?:in the (?:morning|afternoon|evening)|at night))?"
    r"|\b(?:in )?the (?P<part3>early morning|morning|afternoon|evening)\b|\bat (?P<part4>night|noon"
    r"|midnight)\b"
    r"|(?P<vague>\b(?:last|next|this) (?:week(?:end)?|month|year)\b|\b(?:on )?(?:the )?weekends?\b"
    r"|\bthe other day\b|\bevery (?:night|morning|evening|day)\b|\bmidnight\b|\bnoon\b)"
)
_LENGTH = re.compile(
    rf"(?<![\d.-])(?:\b(?P<n>{_N}|{WORDS}|\d{{1,3}}(?:\.\d)?)(?: and a half)?[ -]?(?P<unit>day|hour|hr"
    rf"|minute|min|week|month|year|night|h(?=\b))s?\b(?: and a half\b)?"
    r"|\b(?P<all>all (?:day|night|morning|afternoon)|(?:the )?whole (?:day|night)))(?P<ago> ago\b)?"
)

_PY_DIGITS = {"yi": 1, "liang": 2, "er": 2, "san": 3, "si": 4, "wu": 5, "liu": 6, "qi": 7, "ba": 8, "jiu": 9,
              "shi": 10, "shiyi": 11, "shier": 12, "shi yi": 11, "shi er": 12, "ban": 0.5}  # fmt: skip
_PY_DAYS = {"daqian": -3, "qian": -2, "zuo": -1, "jin": 0, "ming": 1, "hou": 2}
_PY_PARTS = {"lingchen": "dawn", "zaoshang": "early", "zao shang": "early", "zaochen": "early",
             "zao": "early",
             "shangwu": "morning", "shang wu": "morning", "zhongwu": "noon", "zhong wu": "noon",
             "xiawu": "afternoon", "xia wu": "afternoon", "bangwan": "dusk", "wanshang": "evening",
             "wan shang": "evening", "wan": "evening", "yeli": "night", "ye li": "night", "ye": "night",
             "banye": "midnight", "ban ye": "midnight"}  # fmt: skip
_PY_PART = "|".join(sorted((p for p in _PY_PARTS if len(p) > 4), key=len, reverse=True))
_PY_N = "|".join(sorted(_PY_DIGITS, key=len, reverse=True))
_PY_CLOCK = rf"(?P<h>\d{{1,2}}|{_PY_N}) ?dian(?:zhong| zhong)?(?: ?(?P<half>ban))?(?: ?(?:duo|zuoyou))?\b"
_PINYIN = re.compile(
    rf"\b(?:(?:(?P<day>da ?qian|qian|zuo|jin|ming|hou) ?(?:tian|ri)|(?P<stub>zuo|jin|ming"
    rf"|qian)(?= ?(?:wan|zao|ye)))(?: ?(?P<part>{_PY_PART}|zao|wan|ye)\b)?"
    rf"|(?P<wk>shang |xia )?(?:ge )?(?:xing ?qi|li ?bai|zhou) ?(?P<wd>yi|er|san|si|wu|liu|tian|ri"
    rf"|mo)\b(?: ?(?P<part2>{_PY_PART})\b)?"
    rf"|(?P<part3>{_PY_PART})\b)(?: ?{_PY_CLOCK})?"
)
_PY_ALONE = re.compile(rf"\b{_PY_CLOCK}")
_PY_LENGTH = re.compile(
    rf"\b(?P<n>\d{{1,3}}|{_PY_N}|ji) ?(?P<unit>(?:ge )?(?:xiao ?shi|zhong ?tou)|ge(?:xiaoshi"
    rf"|zhongtou)|tian|fen ?zhong|ge ?yue|ge ?(?:xing ?qi|li ?bai)|zhou)"
    r"(?P<night> ?yi ?ye)?(?: ?(?P<ago>(?:yi|zhi)? ?qian))?\b"
)
_PY_FIXED = re.compile(r"\b(?:da ?)?ban ?tian\b")
_PY_WEEKDAYS = {"yi": 0, "er": 1, "san": 2, "si": 3, "wu": 4, "liu": 5, "mo": 5, "tian": 6, "ri": 6}


def _english_day(said: str, now: datetime) -> Day:
    offsets = {"the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0,
               "this": 0, "tomorrow": 1, "the day after tomorrow": 2}  # fmt: skip
    if said in offsets:
        return Day(offset=offsets[said])
    which, _, name = said.rpartition(" ")
    if name in _WEEKDAYS:
        return Day(weekday=_WEEKDAYS.index(name), weeks=1 if which == "next" else None)
    number, month = re.search(r"\d+", said), re.search(r"[a-z]{3,}", re.sub(r"\d+(?:st|nd|rd|th)?", "", said))
    if not number or not month:
        return Day()
    return Day(on=nearest_date(_MONTHS.index(month[0][:3]) + 1, int(number[0]), now))


def _english_hour(h: str, m: str | None, half: str | None) -> Hour | None:
    hour, mark = int(h), (half or "")[:1]
    if hour > 24 or (mark in ("a", "p") and hour > 12):
        return None
    if mark == "p" and hour < 12:
        hour += 12
    elif mark == "a":
        hour = hour % 12
    return Hour(hour, int(m or 0), bool(m))


def _fixed(hour: Hour, half: str | None, part: str | None) -> str | None:
    """The part that makes an hour with am or pm exact; else the part said."""
    if (half or "")[:1] == "a":
        return "early"
    return None if hour.hour > 12 else "noon" if (half or "")[:1] == "p" else part


def _english(source: Normalised, m: re.Match[str], now: datetime) -> Span | None:
    if m["vague"]:
        return cut(source.original, "time", m.start(), m.end(), VAGUE)
    part = next((_PARTS[m[g]] for g in ("part", "part3", "part4") if m[g]), None)
    day, hour, start, end = None, None, m.start(), m.end()
    if m["day"]:
        day = _english_day(m["day"], now)
        part = part or ("evening" if m["day"] in ("last night", "tonight") else None)
        hour = _english_hour(m["h"], m["m"], m["half"]) if m["h"] else None
        part = _fixed(hour, m["half"], part) if hour else part
        said_last = "part" if m["part"] else "day"
        end = m.end() if hour or not m["h"] else m.end(said_last)
    elif m["h2"]:
        hour = _english_hour(m["h2"], m["m2"], m["half2"])
        if hour is None:
            return None
        start = m.start("h2")
        said = (m["p2"] or "").split()
        part = _fixed(hour, m["half2"], _PARTS[said[-1]] if said else None)
    end = start + len(source.text[start:end].rstrip(" ,"))
    return cut(source.original, "time", start, end, place(day, part, hour, now))


def _counted(source: Normalised, start: int, end: int, hours: float, ago: bool, now: datetime) -> Span:
    if not ago:
        return cut(source.original, "duration", start, end, {"hours": round(hours, 4)})
    grain = "minute" if hours < 1 else "hour" if hours < 24 else "day"
    return cut(source.original, "time", start, end, moment(shift(now, hours=-hours), grain, "past"))


def _length(said: str) -> float:
    if said in _NUMBERS:
        return _NUMBERS[said]
    return value(said) if said[0].isalpha() else float(said)


def _english_lengths(source: Normalised, now: datetime) -> list[Span]:
    found = []
    for m in _LENGTH.finditer(source.text):
        if m["all"]:
            lengths = {"night": 12.0, "morning": 5.0, "afternoon": 5.0, "day": 24.0}
            hours = lengths[m["all"].split()[-1]]
        else:
            hours = (_length(m["n"]) + (0.5 if "and a half" in m[0] else 0)) * _HOURS[m["unit"]]
        if not re.match(r" ?(?:old|hotline|service|a (?:day|week))", source.text[m.end() :]):
            found.append(_counted(source, *m.span(), hours, bool(m["ago"]), now))
    return found


def _pinyin_hour(m: re.Match[str]) -> Hour | None:
    if not m["h"]:
        return None
    hour = int(m["h"]) if m["h"].isdigit() else int(_PY_DIGITS[m["h"]])
    return Hour(hour, 30 if m["half"] else 0, bool(m["half"])) if 0 < hour <= 24 else None


def _pinyin(source: Normalised, m: re.Match[str], now: datetime) -> Span | None:
    said = m["part"] or m["part2"] or m["part3"]
    day = None
    if m["day"] or m["stub"]:
        day = Day(offset=_PY_DAYS[(m["day"] or m["stub"]).replace(" ", "")])
    elif m["wd"]:
        day = Day(weekday=_PY_WEEKDAYS[m["wd"]], weeks={"shang ": -1, "xia ": 1}.get(m["wk"] or ""))
    if m["stub"] and not said:
        return None
    part = _PY_PARTS[said] if said else None
    return cut(source.original, "time", m.start(), m.end(), place(day, part, _pinyin_hour(m), now))


def _pinyin_lengths(source: Normalised, now: datetime) -> list[Span]:
    found = [cut(source.original, "duration", *m.span(), {"hours": 8.0 if m[0].startswith("da") else 6.0})
             for m in _PY_FIXED.finditer(source.text)]  # fmt: skip
    for m in _PY_LENGTH.finditer(source.text):
        value = float(m["n"]) if m["n"].isdigit() else float({"ji": 5, **_PY_DIGITS}[m["n"]])
        unit = m["unit"].replace(" ", "")
        size = next(h for key, h in (("xiaoshi", 1.0), ("zhongtou", 1.0), ("tian", 24.0), ("fen", 1 / 60),
                                     ("yue", 720.0), ("", 168.0)) if key in unit)  # fmt: skip
        found.append(_counted(source, *m.span(), value * size, bool(m["ago"]), now))
    return found


def find(source: Normalised, now: datetime) -> list[Span]:
    """English and pinyin times and durations (they may overlap)."""
    found = [_english(source, m, now) for m in _ENGLISH.finditer(source.text)]
    found += [_pinyin(source, m, now) for m in _PINYIN.finditer(source.text)]
    for m in _PY_ALONE.finditer(source.text):
        hour = _pinyin_hour(m)
        if hour and (m["h"] not in ("yi", "liang", "er", "san", "ban", "ji") or m["half"]):
            found.append(cut(source.original, "time", *m.span(), place(None, None, hour, now)))
    return [s for s in found if s] + _english_lengths(source, now) + _pinyin_lengths(source, now)
