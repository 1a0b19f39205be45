"""Phone numbers, report numbers and coordinates, typed or read out."""

from __future__ import annotations

import re

from bot.nlu.normalise import Normalised, as_normalised
from bot.nlu.numerals import SPOKEN_DIGIT, digits
from bot.nlu.spans import Span, cut, resolve

_D, _GAP = SPOKEN_DIGIT, r"[ \-–—.,、]?"
_END = rf"(?!{_GAP}\d|{_D})"
_MOBILE = re.compile(
    rf"(?<![\da-z])(?:(?:\+|00)?86[ \-]?)?(?P<n>[1一幺][3-9三四五六七八九](?:{_GAP}{_D}){{9}}){_END}"
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
    r"(?:单号|编号|工单|单子|流水号|受理号|报修号|hn|身份证|账号|户号|表号)[是为:： ]{0,2}$"
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
        found.append(cut(source.original, "phone", *m.span(), {"number": digits(m["n"])}))
    for m in _LANDLINE.finditer(text):
        number = f"{digits(m['area'])}-{digits(m['n'])}{'-' + digits(m['ext']) if m['ext'] else ''}"
        found.append(cut(source.original, "phone", *m.span(), {"number": number}))
    for pattern in (_LOCAL, _SERVICE, _SPOKEN_LOCAL):
        for m in pattern.finditer(text):
            number = digits(m["n"])
            if not _DATE.fullmatch(number) and not _NOT_LOCAL_BEFORE.search(text[: m.start("n")]):
                found.append(cut(source.original, "phone", m.start("n"), m.end("n"), {"number": number}))
    return resolve(found)


_OURS = re.compile(r"(?<![a-z\d])hn ?[\-–—_]? ?(?P<day>\d{6}) ?[\-–—_]? ?(?P<n>\d{3,6})(?![\da-z])")
_NO_PREFIX = re.compile(
    r"(?<![\d.\-a-z])(?:20)?(?P<day>2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d"
    r"|3[01]))[\-–—_](?P<n>\d{3,6})(?![\d\-])"
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

    Our own ``HN261123-007`` in any spelling (also with the year in full and without HN) is given in
    that form; otherwise the digits as told: 007号, 单号 00412, 我的号是23. The span holds no 号.
    """
    source = as_normalised(source)
    text, found = source.text, []
    for pattern in (_OURS, _NO_PREFIX, _RUN):
        for m in pattern.finditer(text):
            data = {"number": f"HN{m['day']}-{m['n']}"}
            found.append(cut(source.original, "report_number", *m.span(), data))
    for pattern in (_TOLD, _ENGLISH, _LEADING_ZERO):
        for m in pattern.finditer(text):
            group = "n" if m["n"] else "n2"
            number = digits(m[group])
            if not _MOBILE_NUMBER.fullmatch(number):
                found.append(cut(source.original, "report_number", *m.span(group), {"number": number}))
    return resolve(found)


_DEGREE = r"\d{1,3}\.\d{1,12}"
_COORDINATES = re.compile(
    rf"(?<![\d.])(?P<a>{_DEGREE}) ?[°度]? ?[nesw]? ?[,;/、和 ] ?(?:东经|北纬|经度|纬度|lat|lon"
    rf"|lng)?[:= ]*(?P<b>{_DEGREE})(?![\d]|\.\d)"
)
_LAT, _LON = (3.0, 54.0), (73.0, 136.0)  # China's extent in degrees


def find_coordinates(source: str | Normalised) -> list[Span]:
    """Pairs of degrees as ``coordinates`` with data ``{"lat", "lon"}``, in either order.

    In China a latitude is never a longitude (3 to 54, 73 to 136), so the order needs no guess; a pair
    outside is left alone.
    """
    source = as_normalised(source)
    found = []
    for m in _COORDINATES.finditer(source.text):
        low, high = sorted((float(m["a"]), float(m["b"])))
        if _LAT[0] <= low <= _LAT[1] and _LON[0] <= high <= _LON[1]:
            found.append(cut(source.original, "coordinates", *m.span(), {"lat": low, "lon": high}))
    return found
