"""Numbers as they are said: exact ones, rough ones, digits read out, and what they count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.nlu import numerals_latin
from bot.nlu.normalise import Normalised, as_normalised
from bot.nlu.spans import Span, cut, resolve

DIGITS = {"零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
          "八": 8, "九": 9}  # fmt: skip
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000, "亿": 100000000}
SEVERAL = (3.0, 9.0, 5.0)  # 几 alone: lowest, highest, taken as

# One number as text, for use inside other patterns. 几 and 半 count; 多, 来 and 把 make it rough.
NUMBER = (
    r"(?:\d+(?:\.\d+)?(?:[~\-至到]\d+(?:\.\d+)?)?几?[十百千万]{0,2}[多几来余]?"
    r"|[十百千万个]把(?!手|儿)|[零〇一二两三四五六七八九十百千万几数半]{1,12}[多来余]?)"
)
SPOKEN_DIGIT = r"[0-9零〇一幺二两三四五六七八九]"
_FRACTION = re.compile(r"([零〇一二两三四五六七八九十]+)点([零〇一二两三四五六七八九]+)")


@dataclass(frozen=True)
class Number:
    """A number said: ``value`` is the best single figure, between ``low`` and ``high`` (may be equal)."""

    value: float
    low: float
    high: float


def digits(text: str) -> str:
    """Digits read out one by one as Arabic digits (幺 is 1); anything else is dropped."""
    return "".join(
        c if c.isascii() and c.isdigit() else str(DIGITS[c]) for c in text if c in DIGITS or c in "0123456789"
    )


def _exact(value: float) -> Number:
    return Number(value, value, value)


def _middle(low: float, high: float) -> Number:
    """A range; its middle, rounded up to a whole where the ends are at least three apart."""
    middle = (low + high) / 2
    return Number(float(int(middle + 0.5)) if high - low >= 3 else middle, low, high)


def _unit_of(text: str, value: float) -> float:
    """Size of the last place said: 10 for 三十 and for 30, 100 for 两百, 1 for 三十五."""
    if text[-1] in UNITS:
        return float(UNITS[text[-1]])
    unit = 1
    while value and value % (unit * 10) == 0:
        unit *= 10
    return float(unit)


def _arabic(text: str) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([十百千万]*)", text)
    if not match:
        return None
    value = float(match[1][:15])
    for unit in match[2]:
        value *= UNITS[unit]
    return value


def _chinese(text: str) -> float | None:
    """An exact Chinese numeral: 两百三十, 一万二 (12000), 三百零五, 二〇二六 (2026), 半."""
    if text == "半":
        return 0.5
    if all(c in DIGITS for c in text):
        return float(digits(text)[:15])
    total, section, last, unit = 0, 0, -1, 1
    for char in text:
        if char in DIGITS:
            last, unit = DIGITS[char], 10 if char in "零〇" else unit
        elif char in ("万", "亿"):
            total += (section + max(last, 0) or 1) * UNITS[char]
            section, last, unit = 0, -1, UNITS[char]
        elif char in UNITS:
            section += (1 if last < 0 else last) * UNITS[char]
            last, unit = -1, UNITS[char]
        else:
            return None
    if text[0] in "百千万亿":
        return None
    tail = max(last, 0) * (unit // 10 if unit > 10 and text[-1] in DIGITS else 1)
    return float(total + section + tail)


def _plain(text: str) -> float | None:
    return _arabic(text) if text[:1].isdigit() else _chinese(text)


def _rough(stem: str, mark: str) -> Number | None:
    """X多 and X来: the stem and a part of its last place."""
    value = _plain(stem)
    if value is None:
        return None
    unit = _unit_of(stem, value)
    if mark == "来":
        return Number(value, value - unit / 10, value + unit / 2)
    return _middle(value, value + unit - 1) if unit > 1 else Number(value, value, value + 1)


def _span_of_two(text: str) -> Number | None:
    """Two neighbours said in one breath: 两三, 三五, 二三十, 十五六, 七八百."""
    match = re.fullmatch(r"(.*?)([一二两三四五六七八九])([二两三四五六七八九])([十百千万]*)", text)
    if not match:
        return None
    first, second = DIGITS[match[2]], DIGITS[match[3]]
    if second - first not in (1, 2) or (second - first == 2 and (first, second) != (3, 5)):
        return None
    if match[1] and match[1][-1] not in UNITS:
        return None
    low, high = _plain(match[1] + match[2] + match[4]), _plain(match[1] + match[3] + match[4])
    return None if low is None or high is None else _middle(low, high)


def _several(text: str) -> Number | None:
    """Numbers with 几 or 数 in them: 几 (3 to 9), 几十 (20 to 99), 十几, 三十几, 一百几十."""
    if text == "几":
        return Number(SEVERAL[2], SEVERAL[0], SEVERAL[1])
    stem, _, unit = text.replace("数", "几").partition("几")
    if not unit and text.endswith("数"):
        return None
    base = _plain(stem) if stem else 0.0
    if base is None or any(c not in UNITS for c in unit):
        return None
    size = 1
    for char in unit:
        size *= UNITS[char]
    if not stem:
        return Number(5.0 * size, 2.0 * size, 10.0 * size - 1)
    return _middle(base, base + 10 * size - 1)


def parse(text: str) -> Number | None:
    """The number that ``text`` says, or None. Takes normalised text such as 三十几, 1.5万, 十来, 半."""
    if not text:
        return None
    if text in ("个把", "十把", "百把", "千把", "万把"):
        size = float(UNITS.get(text[0], 1))
        return Number(size, size, 2.0) if size == 1 else Number(size, size * 0.8, size * 1.2)
    between = re.fullmatch(r"(\d+(?:\.\d+)?)[~\-至到](\d+(?:\.\d+)?)", text)
    if between:
        return _middle(*sorted((float(between[1][:15]), float(between[2][:15]))))
    if text[-1] in "多来余" and len(text) > 1:
        return _rough(text[:-1], text[-1])
    fraction = _FRACTION.fullmatch(text)
    if fraction:
        whole = _chinese(fraction[1])
        return None if whole is None else _exact(float(f"{int(whole)}.{digits(fraction[2])[:6]}"))
    if "几" in text or "数" in text:
        return _several(text)
    two = _span_of_two(text) if not text[0].isdigit() else None
    value = None if two else _plain(text)
    return two or (None if value is None else _exact(value))


_ILL = (
    r"中毒|上吐下泻|又吐又拉|又吐又泻|又拉又吐|拉肚子|腹泻|呕吐|吐了"
    r"|肚子[痛疼]|晕|昏|叫不醒|呛|不舒服|送医|住院"
)
_HURT = r"受伤|重伤|轻伤|砸伤|摔伤|烫伤|伤了|触电|被埋|被困"
_DEAD = r"死亡|死了|去世|遇难|淹死"
_HEADS = r"(?:多?个|名|位|口)?(?:老人家|老人|小孩|孩子|学生|居民|村民|群众|工人|大人|人(?![民工均家为口]))"
_ROLES = {
    "households": rf"{NUMBER}[个多来]*(?:户人家|户人|户|家人家|家住户|住户|家人"
    r"|家(?=都|也|全|没|停|断|受|[,，。！!?？ ]|$))",
    "people": rf"{NUMBER}[个多来]*{_HEADS}",
}
_COUNTS = {
    role: re.compile(rf"(?<![\d.第每])(?P<n>{NUMBER})" + pattern[len(NUMBER) :])
    for role, pattern in _ROLES.items()
}
_AFTER = {role: re.compile(rf"^[^,，。！!?？;；]{{0,8}}?(?:{words})")
          for role, words in (("poisoned", _ILL), ("injured", _HURT), ("dead", _DEAD))}  # fmt: skip
_BEFORE = {
    role: re.compile(rf"(?:{words})(?:了|的|有|人数|达|约|共)*(?P<n>{NUMBER})(?:个|名|位)?人")
    for role, words in (("poisoned", _ILL), ("injured", _HURT), ("dead", _DEAD.replace("死了", "死")))
}


def _quantity(source: Normalised, start: int, end: int, said: str, role: str) -> Span | None:
    number = parse(said)
    if number is None or (said == "半" or number.high < 1):
        return None
    data = {"value": number.value, "low": number.low, "high": number.high, "role": role}
    return cut(source.original, "number", start, end, data)


def _role_after(text: str, end: int) -> str:
    """What happened to the people counted just before ``end``: the nearest of the words, or nothing."""
    found = [
        (m.end(), role) for role, pattern in _AFTER.items() if (m := pattern.match(text[end : end + 14]))
    ]
    return min(found)[1] if found else "people"


def find_quantities(source: str | Normalised) -> list[Span]:
    """Counts with their role, and words of scope.

    ``number``: data ``{"value", "low", "high", "role"}``, role one of households, people, poisoned,
    injured, dead; the span runs from the number to what it counts (三十几户, 四个人, two people).
    ``scope``: see `find_scope`.
    """
    source = as_normalised(source)
    text, found = source.text, find_scope(source)
    for role, pattern in _BEFORE.items():
        found += filter(
            None, (_quantity(source, m.start("n"), m.end(), m["n"], role) for m in pattern.finditer(text))
        )
    taken = [span for span in found if span.entity == "number"]
    for role, pattern in _COUNTS.items():
        for m in pattern.finditer(text):
            meant = role if role == "households" else _role_after(text, m.end())
            span = _quantity(source, *m.span(), m["n"], meant)
            if (
                span
                and not _ASKED.search(text[: m.start()])
                and not any(span.overlaps(other) for other in taken)
            ):
                found.append(span)
    return resolve([*found, *_english(source)])


def _english(source: Normalised) -> list[Span]:
    return [
        cut(
            source.original,
            "number",
            c.start,
            c.end,
            {"value": c.value, "low": c.low, "high": c.high, "role": c.role},
        )
        for c in numerals_latin.find(source.text)
    ]


_ONLY_OURS = "(?:就|只有?|光)是?我们?这?一?"
# Which part of a place is hit. A residential compound counts as a village, a village group as a street.
_SCOPES = {
    "one": r"(?:单单|单独|唯独|只有|只|就|光|仅)是?我们?(?:这|自己)?(?:一[家户]|这一[家户]|家里?|屋里)"
    r"(?!人|[三四五六]口)"
    r"|我一[家户](?!人|[三四五六]口)|(?:邻居|隔壁|别人|别个)(?:家|家里|屋里)?(?:都|还|倒)?是?有水"
    r"|(?:only|just) (?:my|our|this|one|us|me|mine)\b(?! (?:street|village|building|block))(?: (?:own )?(?:house|home|flat|place|household|family))?",
    "building": _ONLY_OURS + r"[栋幢]楼?|"
    r"(?:whole|entire) (?:building|block)|(?:整|全)(?:个)?(?:栋楼?|单元|幢楼?|楼)|这(?:一)?栋楼?都|楼上楼下(?:都|也|全)",
    "street": _ONLY_OURS + r"(?:个组|组|条街|条路|条巷子?)|"
    r"(?:whole|entire) (?:street|road|lane)|(?:整|全|一|半)个?(?:条街|条路|条巷子?|条弄|街)(?!道)|满街|街上都|(?:整个|全)组|组里都",
    "village": _ONLY_OURS + r"个?(?:村(?!里)|小区|院子|屋场)|"
    r"(?:whole|entire) (?:village|estate|compound|community)|全村|(?:整|一|满|半)个?村(?:子|人|里)?|村里(?:人)?[都全]"
    r"|(?:整个|全)?(?:小区|院子|屋场|社区)(?:里|的人)?[都全]"
    r"|(?:整个|全)(?:小区|院子|屋场|社区)",
    "several": r"(?:隔壁|邻居|邻居家|左邻右舍|隔壁邻居|附近|周围|周边|旁边|对面)"
    r"(?:家|几家|几户|的|人家|邻居)*[都也全]"
    r"|好[几多](?:家|户)(?!公司|店)|我们这一?片|这一片",
    "township": r"(?:全|整个|满|半个)(?:镇|乡|街道|县城)|(?:镇上|乡里|街道上)[都全]",
}
_SCOPE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _SCOPES.items()))
_ASKED = re.compile(r"(?:是不是|是否|是不|不知道是|还是)(?:就|只|单单)?(?:有|是)?(?:我们?)?$")


def find_scope(source: str | Normalised) -> list[Span]:
    """Words that tell how much is hit: entity ``scope``, data ``{"scope": ...}``.

    One of one, building, street, village, several, township. A scope that is only asked about
    (是不是就我一家) is left out: it is not known.
    """
    source = as_normalised(source)
    return [
        cut(source.original, "scope", *m.span(), {"scope": m.lastgroup})
        for m in _SCOPE.finditer(source.text)
        if not _ASKED.search(source.text[: m.start()])
    ]
