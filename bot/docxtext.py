"""All words of a Word document: paragraphs with their automatic numbers, tables, insertions, footnotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.table import Table
from docx.text.paragraph import Paragraph

from bot.docxnumbers import list_numbers

_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_NOTE = qn("w:footnoteReference")
_NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def document_text(document: Document) -> str:
    """The words of a document, a line a paragraph or row of a table; footnotes at the end as "[1] …"."""
    numbers = list_numbers(document)
    lines = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            lines.append(_rows(block))
        else:
            label = numbers.label(block)
            lines.append(f"{label} {_words(block)}" if label else _words(block))
    return "\n".join([*lines, *_footnotes(document)])


def _words(paragraph: Paragraph) -> str:
    """Its text as `Paragraph.text` gives it, and what that leaves out: tracked insertions, marks of notes."""
    return "".join(_pieces(paragraph._p))


def _pieces(node: Any) -> Iterator[str]:
    for child in node:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag == _NOTE:
            yield f"[{child.get(qn('w:id'))}]"
        elif child.tag in _WITHIN:
            yield from _pieces(child)


_WITHIN = {
    qn(f"w:{tag}")
    for tag in ("r", "hyperlink", "ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple")
}


def _rows(table: Table) -> str:
    lines = []
    for row in table.rows:
        cells = {id(cell._tc): cell for cell in row.cells}  # a merged cell is given once for each column
        lines.append(" | ".join(cell.text.strip().replace("\n", " ") for cell in cells.values()))
    return "\n".join(lines)


def _footnotes(document: Document) -> Iterator[str]:
    for relation in document.part.rels.values():
        if relation.reltype != _NOTES:
            continue
        for note in parse_xml(relation.target_part.blob).findall(qn("w:footnote")):
            if note.get(qn("w:type")) is None:  # the others are the line above the notes
                words = " ".join("".join(_pieces(p)).strip() for p in note.findall(qn("w:p")))
                yield f"[{note.get(qn('w:id'))}] {words}"
