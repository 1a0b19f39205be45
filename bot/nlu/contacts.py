"""Phone numbers, report numbers and coordinates, typed or read out."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.nlu.normalise import Normalised, as_normalised
from bot.nlu.numerals import SPOKEN_DIGIT, digits
from bot.nlu.spans import Span, cut, resolve

_D, _GAP = SPOKEN_DIGIT, r"[ \-–—.,、]?"
_END = rf"(?!{_GAP}\d|{_D})"
_HAN_DIGIT = "[零〇一幺二两三四五六七八九]"
# Digits go on behind a number, other than a second mobile or a count (13912345678，3户没水; ...78两个人).
_ON = rf"(?:\d|(?<={_HAN_DIGIT}){_HAN_DIGIT}|[ \-–—.,、](?!1[3-9]\d{{9}})\d+(?![\d\u4e00-\u9fffa-z]))"
_MOBILE = re.compile(
    rf"(?<![\da-z])(?:(?:\+|00)?86[ \-]?)?(?!\d{{10}}{_HAN_DIGIT})"
    rf"(?P<n>[1一幺][3-9三四五六七八九](?:{_GAP}{_D}){{9}})(?!{_ON})"
)
# The same with wider gaps, also between the first two, in the groups in which people say a phone.
_WIDE_GAP = r"[\s\-–—._/~·,、，]{0,3}"
_WIDE_MOBILE = re.compile(
    rf"(?<![\da-z])(?<!{_HAN_DIGIT})(?!\d{{10}}{_HAN_DIGIT})(?P<n>[1一幺]{_WIDE_GAP}[3-9三四五六七八九](?:{_WIDE_GAP}{_D}){{9}})"
    rf"(?!{_ON}|[.:/]\d|[\-–—] ?\d|[年月日])"
)
# Behind digits with gaps between them: numbers of things, not a phone.
_UNIT = re.compile(r" ?[号栋元块吨户方万米%]")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+")
_LIST = 4  # so many numbers, each but the last greater than the one before, count something: 13、14、15、16号
_GROUPS = frozenset({
    (11,), (3, 8), (7, 4), (3, 4, 4), (4, 4, 3), (3, 3, 5), (3, 5, 3), (5, 6), (6, 5), (3, 2, 2, 2, 2), (3, 2, 2, 4),
    (3, 4, 2, 2), (3, 2, 3, 3), (3, 3, 3, 2),
})  # fmt: skip
# An answer to the question for a phone with so many digits on end is meant as one.
_MEANT = re.compile(rf"{_D}(?:{_WIDE_GAP}{_D}){{6,}}")
# Ten or twelve digits that begin like a mobile number and stand alone: one is missing or too many.
_FAULTY = re.compile(
    r"(?<![\da-z.+])(?:\+?86[ \-]?)?(?P<n>1[3-9]\d[ \-]?\d{4}[ \-]?(?:\d{5}|\d{3})"
    rf"|[一幺][三四五六七八九](?: ?{_HAN_DIGIT}){{8}}(?:(?: ?{_HAN_DIGIT}){{2}})?)"
    rf"(?!{_ON}|[.:/年月元块吨户人万米%a-z]|{_HAN_DIGIT}{{2}})"
)
# The last digits of a phone that is being put right: the whole number is still to be asked for.
_PHONE_TAIL = re.compile(
    rf"(?:电话|手机|号码)[^0-9。！？!?]{{0,8}}?(?:错|不对|不是|改|换)[^0-9]{{0,8}}?尾号[是为:： ]{{0,2}}(?P<n>{_D}{{2,6}})(?!{_D})"
)
_LANDLINE = re.compile(
    rf"(?<![\d.])\(?(?P<area>[0零〇](?:7[ \-]?34|七三四|10|2\d"
    rf"|[3-9]\d\d))[)) \-–—]{{0,2}}(?P<n>[2-8二两三四五六七八](?:[ \-]?{_D}){{6,7}}){_END}"
    r"(?P<ext>(?:转| ?ext\.? ?)\d{1,5})?"
)
_LOCAL = re.compile(
    r"(?<![\d.a-z\-:/年#])(?P<n>[2-8]\d{2,3}[ \-]?\d{4})(?![\d.:/年元块吨户人万米%a-z])(?!-\d)"
)
_SERVICE = re.compile(r"(?<![\d.])(?P<n>[48]00[ \-]?\d{3,4}[ \-]?\d{3,4})(?!\d)")
_SPOKEN_LOCAL = re.compile(
    rf"(?:电话|座机|号码|打)[是为:：, ]{{0,3}}(?P<n>[二三四五六七八]{_D}{{6,7}}){_END}"
)
_NOT_LOCAL_BEFORE = re.compile(
    r"(?:单号|编号|工单|单子|流水号|受理号|报修号|hn|身份证|账号|户号|表号|卡号|qq)[号是为:： ]{0,2}$"
)
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def find_phones(source: str | Normalised) -> list[Span]:
    """Phones as ``phone`` with data ``{"number"}``: digits only, a landline as area-number.

    Mobile numbers with gaps, +86 or read out (一三九...), landlines with their area code, and seven or
    eight local digits. Digits inside a longer run are no phone, nor are dates and report numbers.
    """
    source = as_normalised(source)
    text, found = source.text, []
    for m in _MOBILE.finditer(text):
        if counts_things(m["n"]) or (not m["n"].isalnum() and _UNIT.match(text, m.end())):
            continue
        found.append(cut(source.original, "phone", *m.span(), {"number": digits(m["n"])}))
    for m in _WIDE_MOBILE.finditer(text):
        gaps = not m["n"].isalnum()
        if (
            gaps
            and _said_as_phone(m["n"])
            and not _UNIT.match(text, m.end())
            and not _NOT_LOCAL_BEFORE.search(text[: m.start("n")])
        ):
            found.append(cut(source.original, "phone", *m.span("n"), {"number": digits(m["n"])}))
    for m in _LANDLINE.finditer(text):
        number = f"{digits(m['area'])}-{digits(m['n'])}{'-' + digits(m['ext']) if m['ext'] else ''}"
        found.append(cut(source.original, "phone", *m.span(), {"number": number}))
    for pattern in (_LOCAL, _SERVICE, _SPOKEN_LOCAL):
        for m in pattern.finditer(text):
            number = digits(m["n"])
            if not _DATE.fullmatch(number) and not _NOT_LOCAL_BEFORE.search(text[: m.start("n")]):
                found.append(cut(source.original, "phone", m.start("n"), m.end("n"), {"number": number}))
    return resolve(found)


def counts_things(said: str) -> bool:
    """Whether Arabic digits with gaps are a list of numbers or one sum: 13、14、15、16、17号, 18,000,000,000."""
    numbers = [int(each) for each in re.findall(r"\d+", said)][:-1]
    rises = len(numbers) >= _LIST - 1 and all(one < other for one, other in pairwise(numbers))
    return rises or bool(_THOUSANDS.fullmatch(said))


def _said_as_phone(said: str) -> bool:
    """Whether digits with gaps stand in groups of a phone; digits that stand alone make up a group together."""
    groups: list[int] = []
    alone = False
    for group in re.findall(rf"{_D}+", said):
        if len(group) == 1 and alone:
            groups[-1] += 1
        else:
            groups.append(len(group))
        alone = len(group) == 1
    return tuple(groups) in _GROUPS


def means_a_phone(source: str | Normalised) -> bool:
    """Whether an answer to the question for a phone gives one, if a wrong one: seven digits or more on end."""
    return bool(_MEANT.search(as_normalised(source).text))


def find_faulty_phones(source: str | Normalised) -> list[Span]:
    """Numbers meant as a phone that cannot be one, as ``phone_fault``.

    Data ``{"number", "digits", "faulty": True, "fault"}``: the digits given, how many, and what is wrong:
    "short" (10 of 11), "long" (12) or "tail" (only the last ones, 电话错了 尾号是2222).
    """
    source = as_normalised(source)
    found = []
    for pattern in (_FAULTY, _PHONE_TAIL):
        for m in pattern.finditer(source.text):
            number = digits(m["n"])
            if _NOT_LOCAL_BEFORE.search(source.text[: m.start("n")]):
                continue
            fault = {10: "short", 12: "long"}.get(len(number), "tail")
            data = {"number": number, "digits": len(number), "faulty": True, "fault": fault}
            found.append(cut(source.original, "phone_fault", m.start("n"), m.end("n"), data))
    return resolve(found)


# Voice input and thumbs put spaces into a number, read the dash as 一 or 杠, and write digits in Chinese.
_DASH = r" {0,2}(?:[\-–—_]|横?杠|(?<=[\d ])一(?= ?\d))? {0,2}"
_OURS = re.compile(
    rf"(?<![a-z\d])h ?n ?[\-–—_:]? ?(?P<day>{_D}(?: ?{_D}){{5}}){_DASH}"
    rf"(?P<n>(?:\d{{3,6}}|\d ?\d ?\d)(?![\da-z])|{_HAN_DIGIT}(?: ?{_HAN_DIGIT}){{2}})"
)
_NO_PREFIX = re.compile(
    r"(?<![\d.\-a-z])(?:20)?(?P<day>2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d"
    r"|3[01]))(?:[\-–—_一]|横?杠)(?P<n>\d{3,6})(?![\d\-])"
)
_RUN = re.compile(
    r"(?<![\d.\-a-z])20(?P<day>2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d"
    r"|3[01]))(?P<n>\d{3,6})(?![\d\-])"
)
_TOLD = re.compile(
    rf"(?:(?:单子?|报修|受理|流水|工单|查询|登记|报单)的?(?:号码|编号|号)?|编号|(?<![话机])尾号|(?<![话机帐账户证房门表])号(?:码)?(?=是|为|:))"
    rf"(?:是|为|:|叫| |#|no\.?)*(?P<n>{_D}{{2,10}})(?!{_D}|[年月日点天个栋组户元块人])"
)
_ENGLISH = re.compile(
    r"\b(?:report|ticket|case|ref(?:erence)?)(?: ?(?:no\.?|num(?:ber)?|id|is|#"
    r"|:))* ?#?(?P<n>\d{2,10})(?![\d.])|#(?P<n2>\d{2,10})(?!\d)"
)
_LEADING_ZERO = re.compile(
    rf"(?<![\d.\-:路街道巷])(?P<n>0\d{{2,6}}|[零〇]{_D}{{2,6}})(?=号(?!楼|栋|房|门|线))"
)
_MOBILE_NUMBER = re.compile(r"1[3-9]\d{9}")


def find_report_numbers(source: str | Normalised) -> list[Span]:
    """Report numbers as ``report_number`` with data ``{"number"}``.

    Our own ``HN261123-007`` in any spelling (also with the year in full, without HN, with stray spaces
    or Chinese digits: HN26112 3一007) is given in that form; otherwise the digits as told: 007号, 单号 00412, 我的号是23. The span holds no 号.
    """
    source = as_normalised(source)
    text, found = source.text, []
    for pattern in (_OURS, _NO_PREFIX, _RUN):
        for m in pattern.finditer(text):
            data = {"number": f"HN{digits(m['day'])}-{digits(m['n'])}"}
            found.append(cut(source.original, "report_number", *m.span(), data))
    for pattern in (_TOLD, _ENGLISH, _LEADING_ZERO):
        for m in pattern.finditer(text):
            group = "n" if m["n"] else "n2"
            number = digits(m[group])
            faulty = any(t.span("n") == m.span(group) for t in _PHONE_TAIL.finditer(text))
            if not _MOBILE_NUMBER.fullmatch(number) and not faulty:
                found.append(cut(source.original, "report_number", *m.span(group), {"number": number}))
    return resolve(found)


_DEGREE = r"\d{1,3}\.\d{1,12}"
_COORDINATES = re.compile(
    rf"(?<![\d.])(?P<a>{_DEGREE}) ?[°度]? ?[nesw]? ?[,;/、和 ] ?(?:东经|北纬|经度|纬度|lat|lon"
    rf"|lng)?[:= ]*(?P<b>{_DEGREE})(?![\d]|\.\d)"
)
_DMS = r"\d{1,3} ?[°度] ?\d{1,2}(?:\.\d{1,6})? ?(?:['’′]|分)(?: ?\d{1,2}(?:\.\d{1,4})? ?(?:[\"”″]|''|秒))?"
_MINUTES = re.compile(
    rf"(?<![\d.])(?P<a>{_DMS}) ?[nesw]?[ ,;/、和]{{0,3}}(?:东经|北纬|经度|纬度|lat|lon|lng|[nesw])?[是为:= ]*"
    rf"(?P<b>{_DMS})(?: ?[nesw]\b)?"
)
_SEXAGESIMAL = 60.0
_LAT, _LON = (3.0, 54.0), (73.0, 136.0)  # China's extent in degrees


def find_coordinates(source: str | Normalised) -> list[Span]:
    """Pairs of degrees as ``coordinates`` with data ``{"lat", "lon"}``, in either order.

    Decimal (26.815,112.534) or with minutes and seconds (26度47分 112度30分). In China a latitude is never
    a longitude (3 to 54, 73 to 136), so the order needs no guess; a pair outside is left alone.
    """
    source = as_normalised(source)
    found = []
    for pattern in (_COORDINATES, _MINUTES):
        for m in pattern.finditer(source.text):
            low, high = sorted((_degrees(m["a"]), _degrees(m["b"])))
            if _LAT[0] <= low <= _LAT[1] and _LON[0] <= high <= _LON[1]:
                found.append(cut(source.original, "coordinates", *m.span(), {"lat": low, "lon": high}))
    return resolve(found)


def _degrees(said: str) -> float:
    """Degrees, minutes and seconds as degrees, to the centimetre."""
    parts = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", said)]
    return round(sum(part / _SEXAGESIMAL**power for power, part in enumerate(parts)), 7)
