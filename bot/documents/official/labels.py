"""The forms in which clauses are numbered: 第十四条, 一、, （三）, 4.2.1, 1., (1), ①, 综合协调组：.

A line can be read in more than one way ("6. 1.1" is a section with a space in it or item 6): `labels_of` gives every
reading, and `bot.documents.official.numbering` takes the one that follows what was numbered before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_PREFIX = 80  # characters of a line in which its label must end
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class Kind(Enum):
    """What is numbered; the value is its name in messages."""

    PART = "章"  # 章, 编, 篇, 部分
    SUBPART = "节"
    ARTICLE = "条"
    HAN = "一、"
    HAN_BRACKET = "（一）"
    FIGURE = "1."  # 1. or 1、; also the chapters of a text whose sections are numbered 1.1
    SECTION = "1.1"
    BRACKET = "(1)"
    CIRCLED = "①"
    GROUP = "组"
    ANNEX = "附件"
    NOTE = "[1]"


@dataclass(frozen=True)
class Label:
    """One reading of the beginning of a line.

    Attributes:
        numbers: (14,) for 第十四条, (10, 1) for 第十条之一, (4, 2, 1) for 4.2.1; () for a group.
        printed: as printed, without spaces, digits and brackets in one form: 第十四条, 三, （三）, 4.2.1, (3).
        firm: it cannot well be anything else, such as the middle of a sentence.
        bare: a figure without a dot ("1 总则").
    """

    kind: Kind
    numbers: tuple[int, ...]
    printed: str
    firm: bool = True
    bare: bool = False


def ordinal(text: str) -> int | None:
    """The value of digits or of a Chinese numeral below ten thousand; None where it is neither.

    >>> ordinal("二十四"), ordinal("一百〇五"), ordinal("14"), ordinal("二〇")
    (24, 105, 14, 20)
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(character not in _DIGITS and character not in _UNITS for character in text):
        return None
    if not any(character in _UNITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total, digit = 0, 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total += (digit or 1) * _UNITS[character]
            digit = 0
    return total + digit


_S = r"\s{0,4}"
_HAN = rf"[零〇○一二三四五六七八九十百千两](?:{_S}[零〇○一二三四五六七八九十百千两]){{0,7}}"
_NUMBER = rf"(?:{_HAN}|\d(?:{_S}\d){{0,3}})"
# What follows a reference to an article in the middle of a sentence: 第十三条规定的, 第五条、第六条.
_REFERENCE = re.compile(r"规定|所列|所称|所述|的|[、,。;(]|第|[和至及与]\s?[第(]|[款项]")
_FORMS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.ARTICLE, re.compile(rf"第{_S}({_NUMBER}){_S}条(?:{_S}之{_S}({_HAN}))?(?!例)")),
    (Kind.PART, re.compile(rf"第{_S}({_NUMBER}){_S}(?:章|编|篇|部{_S}分)")),
    (Kind.SUBPART, re.compile(rf"第{_S}({_NUMBER}){_S}节")),
    (Kind.HAN, re.compile(rf"({_HAN}){_S}[、.,]")),
    (Kind.HAN_BRACKET, re.compile(rf"[(〔【]{_S}({_HAN}){_S}[)〕】]")),
    (Kind.BRACKET, re.compile(rf"[(〔【]{_S}(\d{{1,3}}){_S}[)〕】]")),
    (Kind.BRACKET, re.compile(rf"(\d{{1,3}}){_S}\)")),
    (Kind.NOTE, re.compile(rf"\[{_S}(\d{{1,3}}){_S}\]")),
    (Kind.SECTION, re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,4})\.?(?![\d%‰])")),
    (Kind.FIGURE, re.compile(r"(\d{1,3})[、.](?![\d%‰])")),
    (Kind.SECTION, re.compile(rf"(\d{{1,2}}(?:{_S}\.{_S}\d{{1,2}}){{1,4}})\.?(?![\d%‰])")),
    (Kind.FIGURE, re.compile(r"(\d{1,3})\s{1,4}[、.](?![\d%‰])")),
    (Kind.FIGURE, re.compile(r"(\d{1,2})(?=\s{0,4}[\u4e00-\u9fff])")),
    (Kind.GROUP, re.compile(r"([\u4e00-\u9fff]{1,12}组)\s{0,4}:")),
    (Kind.ANNEX, re.compile(rf"附{_S}(?:件|录|表)(?:{_S}({_NUMBER}))?{_S}(?=$|[:《\s\u4e00-\u9fff])")),
)  # fmt: skip
_HEADING = 40  # characters: longer lines are no headings


def labels_of(line: str) -> Iterator[Label]:
    """Every reading of the beginning of a line, likely ones first; nothing where it has no number."""
    if line[:1] and line[0] in _CIRCLED:
        yield Label(Kind.CIRCLED, (_CIRCLED.index(line[0]) + 1,), line[0])
        return
    plain = unicodedata.normalize("NFKC", line[:_PREFIX])
    given: set[tuple[Kind, tuple[int, ...]]] = set()
    for kind, form in _FORMS:
        found = form.match(plain)
        label = _label(kind, found, plain[found.end() :], is_whole=len(line) <= _HEADING) if found else None
        if label is not None and (kind, label.numbers) not in given:
            given.add((kind, label.numbers))
            yield label


def is_heading(text: str) -> bool:
    """Whether a line only names a matter: short, and without a stop."""
    return len(text) <= _HEADING and not re.search(r"[。；;，,！!？?：:]", text)


def _label(kind: Kind, found: re.Match[str], rest: str, *, is_whole: bool) -> Label | None:
    printed = "".join(found[0].split())
    said = ["".join(group.split()) for group in found.groups() if group]
    if kind is Kind.GROUP:
        return Label(kind, (), said[0])
    numbers = tuple(n for group in said for part in group.split(".") if (n := ordinal(part)) is not None)
    if kind is Kind.ANNEX:
        names = re.match(r"$|[:《\s]", rest) or printed[-1].isdigit()  # 附件一览表 does not
        return Label(kind, numbers, printed) if names and is_whole and not re.search(r"[。;]", rest) else None
    if not numbers:
        return None
    if kind in (Kind.PART, Kind.SUBPART):
        return Label(kind, numbers, printed) if is_whole and is_heading(rest) else None
    bare = kind is Kind.FIGURE and found[0] == found[1]
    if bare:
        return Label(kind, numbers, printed, firm=False, bare=True) if is_whole and is_heading(rest) else None
    if kind is Kind.HAN and re.match(r"[一二三四五六七八九十]{1,3}[、级等楼层年月日项]", rest):
        return None  # 一、二级响应
    if kind in (Kind.HAN, Kind.FIGURE, Kind.SECTION):
        printed = printed.rstrip("、.,")
        return Label(kind, numbers, printed, firm=not re.match(r"\s?[%‰万亿元米吨]", rest))
    if kind in (Kind.HAN_BRACKET, Kind.BRACKET):
        printed = f"（{said[0]}）" if kind is Kind.HAN_BRACKET else f"({said[0]})"
    return Label(kind, numbers, printed, firm=not _REFERENCE.match(rest))
