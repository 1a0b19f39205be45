"""The numbers that Word makes itself (第一条, （二）, 1.2): they stand in no paragraph's text, only on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_DIGITS = "〇一二三四五六七八九"
_BULLET = "bullet"


@dataclass(frozen=True)
class _Level:
    start: int
    form: str  # Word's name of the numerals: decimal, chineseCounting …
    pattern: str  # "第%1条", "%1.%2"


@dataclass
class ListNumbers:
    """Counts the numbered paragraphs of one document; they must be handed over in their order."""

    lists: Mapping[str, tuple[str, Mapping[int, _Level]]]  # number id -> (what is counted together, levels)
    styles: Mapping[str, tuple[str, int]]  # style id -> number id and level
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, paragraph: Paragraph) -> str:
        """The number that Word shows before this paragraph; "" where there is none, or only a dot."""
        numbered, depth = self._place(paragraph)
        together, levels = self.lists.get(numbered, ("", {}))
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(together, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        if level.form == _BULLET:
            return ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            above = levels.get(at, level)
            return _numeral(counts.get(at, above.start), above.form)

        return re.sub(r"%([1-9])", shown, level.pattern)

    def _place(self, paragraph: Paragraph) -> tuple[str, int]:
        properties = paragraph._p.pPr
        style = paragraph.style.style_id if paragraph.style is not None else ""
        numbered, depth = self.styles.get(style, ("", 0))
        own = properties.find(qn("w:numPr")) if properties is not None else None
        if own is not None:
            numbered = _value(own.find(qn("w:numId")), numbered)
            depth = int(_value(own.find(qn("w:ilvl")), str(depth)))
        return numbered, depth


def list_numbers(document: Document) -> ListNumbers:
    """The numbering of a document as it stands in its numbering part; without one, nothing has a number."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return ListNumbers({}, {})
    abstract = {_get(node, "abstractNumId"): _levels(node) for node in root.findall(qn("w:abstractNum"))}
    lists = {}
    for node in root.findall(qn("w:num")):
        number, base = _get(node, "numId"), _value(node.find(qn("w:abstractNumId")), "")
        restarts = {
            int(_get(over, "ilvl") or 0): int(_value(over.find(qn("w:startOverride")), "1"))
            for over in node.findall(qn("w:lvlOverride"))
        }
        levels = {
            at: _Level(restarts.get(at, level.start), level.form, level.pattern)
            for at, level in abstract.get(base, {}).items()
        }
        lists[number] = (number if restarts else f"abstract {base}", levels)
    return ListNumbers(lists, _styles(document))


def _styles(document: Document) -> dict[str, tuple[str, int]]:
    found = {}
    for style in document.styles.element.findall(qn("w:style")):
        numbered = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if numbered is not None:
            number = _value(numbered.find(qn("w:numId")), "")
            found[_get(style, "styleId")] = (number, int(_value(numbered.find(qn("w:ilvl")), "0")))
    return found


def _levels(node: Any) -> dict[int, _Level]:
    return {
        int(_get(level, "ilvl") or 0): _Level(
            int(_value(level.find(qn("w:start")), "1")),
            _value(level.find(qn("w:numFmt")), "decimal"),
            _value(level.find(qn("w:lvlText")), ""),
        )
        for level in node.findall(qn("w:lvl"))
    }


def _get(node: Any, name: str) -> str:
    return str(node.get(qn(f"w:{name}")) or "")


def _value(node: Any, default: str) -> str:
    return default if node is None else _get(node, "val") or default


def _numeral(number: int, form: str) -> str:
    return _FORMS.get(form, str)(number)


def _han(number: int) -> str:
    """12 as 十二, 105 as 一百〇五; from a thousand on as digits."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        said += "〇"
    return said + (_DIGITS[ones] if ones else "")


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1) if 0 < number <= 20 else str(number)


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26)


_FORMS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _han,
    "chineseCountingThousand": _han,
    "japaneseCounting": _han,  # what Word in Chinese writes for 一、二、三
    "taiwaneseCountingThousand": _han,
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedCircle": _circled,
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
}
