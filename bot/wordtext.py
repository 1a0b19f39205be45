"""The text of a Word document as a reader sees it, and not only what python-docx gives.

Besides plain runs: text that was put in with change tracking (what was struck out is left out), content controls,
boxes to tick that are symbols, and gaps to fill in that are underlined spaces ("____" here).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

_SPAN = 64  # columns that one cell may stand over; Word itself allows 63
# Wingdings and Wingdings 2, by which Word and WPS draw boxes.
_SYMBOLS = {"F0A8": "□", "F06F": "□", "F0A3": "□", "F02A": "□", "F0FE": "☑", "F052": "☑", "F0FC": "√", "F050": "√", "F0FD": "☒", "F051": "☒"}  # fmt: skip
_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def text_of(document: Document) -> str:
    """Paragraphs a line each, rows of tables a line each with " | " between the cells."""
    return "\n".join(_blocks(document.element.body))


def _blocks(parent: Any) -> Iterator[str]:
    for child in parent:
        if child.tag == qn("w:p"):
            yield _paragraph(child)
        elif child.tag == qn("w:tbl"):
            yield from _rows(child)
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _blocks(child)


def _paragraph(paragraph: Any) -> str:
    return "".join(_pieces(paragraph))


def _pieces(parent: Any) -> Iterator[str]:
    for child in parent:
        if child.tag == qn("w:r"):
            yield _run(child)
        elif child.tag not in (qn("w:del"), qn("w:moveFrom"), qn("w:pPr")):
            yield from _pieces(child)


def _run(run: Any) -> str:
    text = ""
    for child in run:
        if child.tag == qn("w:t"):
            text += child.text or ""
        elif child.tag == qn("w:sym"):
            text += _SYMBOLS.get(str(child.get(qn("w:char"))).upper(), "")
        else:
            text += _BREAKS.get(child.tag, "")
    underlined = run.find(f"{qn('w:rPr')}/{qn('w:u')}")
    if underlined is not None and underlined.get(qn("w:val")) != "none":
        text = re.sub(
            r"[ \u3000\xa0\t]{2,}|^[ \u3000\xa0\t]+$", lambda gap: "_" * max(len(gap.group()), 2), text
        )
    return text


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
        " ".join(_paragraph(paragraph).strip() for paragraph in cell.iter(qn("w:p")))
        .strip()
        .replace("\n", " ")
    )


def _goes_on(cell: Any) -> bool:
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merged is not None and merged.get(qn("w:val")) != "restart"


def _width(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    given = span.get(qn("w:val")) if span is not None else "1"
    return min(int(given), _SPAN) if str(given).isdigit() else 1
