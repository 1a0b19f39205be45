"""All words of a Word document: paragraphs with their automatic numbers, tables, insertions, footnotes.

Boxes to tick that are symbols are given as such, gaps to fill in that are underlined spaces as "____".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.text.paragraph import Paragraph

from bot.docxnumbers import list_numbers

_SPAN = 64  # columns that one cell may stand over; Word itself allows 63
# Wingdings and Wingdings 2, by which Word and WPS draw boxes.
_SYMBOLS = {
    **dict.fromkeys(("F0A8", "F06F", "F0A3", "F02A"), "□"), **dict.fromkeys(("F0FE", "F052"), "☑"),
    **dict.fromkeys(("F0FC", "F050"), "√"), **dict.fromkeys(("F0FD", "F051"), "☒"),
}  # fmt: skip
_GAP = re.compile(r"[ \u3000\xa0\t]{2,}|^[ \u3000\xa0\t]+$")
_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_NOTE = qn("w:footnoteReference")
_NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def document_text(document: Document) -> str:
    """The words of a document, a line a paragraph or row of a table; footnotes at the end as "[1] …"."""
    numbers = list_numbers(document)
    lines: list[str] = []
    for block in _blocks(document.element.body):
        if block.tag == qn("w:tbl"):
            lines.extend(_rows(block))
        else:
            label, words = numbers.label(Paragraph(block, document)), _words(block)
            lines.append(f"{label} {words}" if label else words)
    return "\n".join([*lines, *_footnotes(document)])


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, those within content controls too."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _blocks(child)


def _words(paragraph: Any) -> str:
    """Its text as `Paragraph.text` gives it, and what that leaves out: tracked insertions, marks of notes."""
    return "".join(_pieces(paragraph))


def _pieces(node: Any) -> Iterator[str]:
    for child in node:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag == qn("w:r"):
            yield _run(child)
        elif child.tag == qn("w:sym"):
            yield _SYMBOLS.get(str(child.get(qn("w:char"))).upper(), "")
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag == _NOTE:
            yield f"[{child.get(qn('w:id'))}]"
        elif child.tag in _WITHIN:
            yield from _pieces(child)


def _run(run: Any) -> str:
    text = "".join(_pieces(run))
    line = run.find(f"{qn('w:rPr')}/{qn('w:u')}")
    if line is None or line.get(qn("w:val")) == "none":
        return text
    return _GAP.sub(lambda gap: "_" * max(len(gap.group()), 2), text)


_WITHIN = {
    qn(f"w:{tag}") for tag in ("hyperlink", "ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple")
}


def _rows(table: Any) -> Iterator[str]:
    """A cell that is merged downwards is given in each of its rows, one merged sideways once."""
    above: dict[int, str] = {}
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(qn("w:tbl"))) is not table:
            continue  # of a table within a cell, whose text the cell has
        cells: list[str] = []
        column = 0
        for cell in row.iter(qn("w:tc")):
            if next(cell.iterancestors(qn("w:tr"))) is not row:
                continue
            text = above.get(column, "") if _goes_on(cell) else _cell(cell)
            above[column] = text
            cells.append(text)
            column += _width(cell)
        yield " | ".join(cells)


def _cell(cell: Any) -> str:
    return (
        " ".join(_words(paragraph).strip() for paragraph in cell.iter(qn("w:p"))).strip().replace("\n", " ")
    )


def _goes_on(cell: Any) -> bool:
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merged is not None and merged.get(qn("w:val")) != "restart"


def _width(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    given = span.get(qn("w:val")) if span is not None else "1"
    return min(int(given), _SPAN) if str(given).isdigit() else 1


def _footnotes(document: Document) -> Iterator[str]:
    for relation in document.part.rels.values():
        if relation.reltype != _NOTES:
            continue
        for note in parse_xml(relation.target_part.blob).findall(qn("w:footnote")):
            if note.get(qn("w:type")) is None:  # the others are the line above the notes
                words = " ".join("".join(_pieces(p)).strip() for p in note.findall(qn("w:p")))
                yield f"[{note.get(qn('w:id'))}] {words}"
