"""An XLSX file (ECMA-376) written row by row: nothing of it is kept, so its first bytes go out at once.

Only what an export needs: text, figures and times, a head that stays in sight. openpyxl makes an object of each cell,
gives out nothing before the end, and takes four times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

MOST_ROWS = 1_000_000  # of a sheet; a spreadsheet takes 1,048,576, and what comes after begins another
_PIECE = 64 * 1024
_LEVEL = 1  # of compression: the last tenth of the size would take most of the time
_EPOCH, _DAY = datetime(1899, 12, 30), timedelta(days=1)
_NO_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOOKS_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # a spreadsheet would read _x0041_ as A
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class _Pieces:
    """What ZipFile writes to: it takes bytes, and gives them on. It cannot go back, and ZipFile does not ask it to."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, given: bytes) -> int:
        self._kept += given
        return len(given)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def take(self) -> bytes:
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def xlsx(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file, piece by piece, with one sheet for each million rows; `rows` hold text, figures, times and None."""
    sink = _Pieces()
    left, sheets = iter(rows), 0
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as book:
        first: Sequence[Any] | None = next(left, None)
        while first is not None or sheets == 0:
            sheets += 1
            here = () if first is None else chain((first,), islice(left, MOST_ROWS - 1))
            with book.open(f"xl/worksheets/sheet{sheets}.xml", "w") as part:
                for text in _sheet(heads, here):
                    part.write(text.encode("utf-8", "replace"))
                    yield sink.take()
            first = next(left, None)
        for path, text in _frame(name, sheets).items():
            book.writestr(path, text)
    yield sink.take()


def _sheet(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    letters = [_letters(number) for number in range(len(heads))]
    parts, size = [_SHEET], 0
    for number, row in enumerate(chain((heads,), rows), 1):
        cells = [
            _cell(f"{letter}{number}", value)
            for letter, value in zip(letters, row, strict=True)
            if value is not None
        ]
        line = f'<row r="{number}">{"".join(cells)}</row>'
        parts.append(line)
        size += len(line)
        if size > _PIECE:
            yield "".join(parts)
            parts, size = [], 0
    parts.append("</sheetData></worksheet>")
    yield "".join(parts)


def _cell(at: str, value: Any) -> str:
    if isinstance(value, str):
        return (
            f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{_escaped(value)}</t></is></c>'
            if value
            else ""
        )
    if isinstance(value, datetime):
        return f'<c r="{at}" s="1"><v>{(value - _EPOCH) / _DAY!r}</v></c>'
    return f'<c r="{at}"><v>{value!r}</v></c>'


def _escaped(text: str) -> str:
    if not text.isprintable():
        text = _NO_XML.sub("", text)  # what XML cannot hold would cost the whole file
    if "_x" in text:
        text = _LOOKS_CODED.sub("_x005F_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _letters(number: int) -> str:
    """The column's name: A for 0, Z for 25, AA for 26."""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _frame(name: str, sheets: int) -> dict[str, str]:
    """The parts beside the sheets."""
    numbers = range(1, sheets + 1)
    types = f"{_PACKAGE}/content-types"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>'
        for n in numbers
    )
    named = "".join(
        f'<sheet name="{name}{n if n > 1 else ""}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
            f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>{parts}</Types>'
        ),
    }  # fmt: skip
