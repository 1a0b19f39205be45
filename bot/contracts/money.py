"""Amounts of money as contracts write them: ¥150,000.00, 15万元, 壹拾伍万元整. Works on plain forms.

Amounts are whole cents (分), so that nothing is lost in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_DIGITS = {c: i for i, row in enumerate(("零〇", "壹一", "贰貳二两", "叁參三", "肆四", "伍五", "陆陸六", "柒七", "捌八", "玖九"))
           for c in row}  # fmt: skip
_TENS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_GROUPS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_FACTORS = {"": 1, "万": 10**4, "亿": 10**8, "百万": 10**6, "千": 1000}
_NUMERAL = "".join({**_DIGITS, **_TENS, **_GROUPS})
_CAPITALS = re.compile(rf"[{_NUMERAL}]{{1,30}}[元圆圓](?:[{_NUMERAL}]角)?(?:[零〇]?[{_NUMERAL}]分)?[整正]?")
_FIGURES = re.compile(
    r"(?P<sign>(?:¥|RMB)[:▁]{0,2})?(?<![\d.,])(?P<number>\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,4})?|\d{1,15}(?:\.\d{1,4})?)(?![\d])"
    r"(?P<factor>百万|千|万|亿)?(?P<unit>元|圆|\(万元\)|\(元\))?"
)
_JOINED_BEFORE = re.compile(r"[A-Za-z第〔\-/×*+=.]")
_ENDS = re.compile(r"[整正]?(?:$|[\n()|,。;、:▁\]】\"”])")


@dataclass(frozen=True)
class Amount:
    """An amount and where it stands: ``cents`` is None where the numerals make no number.

    ``marked`` is False for mere figures, without ¥ or 元, which may count something else.
    """

    start: int
    end: int
    cents: int | None
    text: str
    marked: bool = True


def number(text: str) -> int | None:
    """The value of Chinese numerals, ordinary or capital, or of digits; None where they make no number.

    >>> number("壹拾伍万"), number("一百零五"), number("28"), number("伍拾伍拾")
    (150000, 105, 28, None)
    """
    if text.isascii() and text.isdigit():
        return int(text)
    total = group = 0
    digit: int | None = None
    below = 10**12  # units must get smaller from left to right, within a group and over all of them
    tens_below = 10_000
    for char in text:
        if char in _DIGITS:
            if digit:  # two digits in a row: 二三, not a number with units
                return None
            digit = _DIGITS[char]
        elif char in _TENS:
            if _TENS[char] >= tens_below:
                return None
            tens_below = _TENS[char]
            group += (1 if digit is None else digit) * _TENS[char]
            digit = None
        elif char in _GROUPS:
            if _GROUPS[char] >= below:
                return None
            below, tens_below = _GROUPS[char], 10_000
            total += (group + (digit or 0)) * _GROUPS[char]
            group, digit = 0, None
        else:
            return None
    return total + group + (digit or 0)


def capitals(plain: str) -> Iterator[Amount]:
    """Amounts written in Chinese numerals with 元 behind them."""
    for found in _CAPITALS.finditer(plain):
        yield Amount(found.start(), found.end(), _cents_of_capitals(found.group()), found.group())


def figures(plain: str, *, bare: bool = False) -> Iterator[Amount]:
    """Amounts written in figures, with ¥ before or 元 behind them; `bare` ones too where these are wanted."""
    for found in _FIGURES.finditer(plain):
        marked = bool(found["sign"] or found["unit"])
        if not (marked or (bare and _stands_alone(plain, found))):
            continue
        factor = _FACTORS[found["factor"] or ""] * (10**4 if found["unit"] == "(万元)" else 1)
        cents = cents_of(found["number"], factor)
        yield Amount(found.start(), found.end(), cents, found.group(), marked)


def _stands_alone(plain: str, found: re.Match[str]) -> bool:
    """Figures with neither a letter before nor a unit behind: not 第3条, HN-2026, 12台."""
    return not _JOINED_BEFORE.search(plain, max(found.start() - 1, 0), found.start()) and bool(
        _ENDS.match(plain, found.end())
    )


def cents_of(text: str, factor: int = 1) -> int | None:
    """Figures with or without thousands' commas, times `factor`, in cents; None where they are no number."""
    try:
        value = Decimal(text.replace(",", "")) * factor * 100
    except InvalidOperation:
        return None
    return int(value) if value == int(value) else round(value)


def _cents_of_capitals(text: str) -> int | None:
    parts = re.fullmatch(
        rf"([{_NUMERAL}]+)[元圆圓](?:([{_NUMERAL}])角)?(?:[零〇]?([{_NUMERAL}])分)?[整正]?", text
    )
    if parts is None:
        return None
    yuan, tenth, cent = (number(part or "零") for part in parts.groups())
    if yuan is None or tenth is None or cent is None or max(tenth, cent) > 9:
        return None
    return yuan * 100 + tenth * 10 + cent
