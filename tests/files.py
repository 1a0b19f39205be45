"""Fixtures: files in the forms that are read, made on the spot (a conftest imports what it needs)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject


def _stream(writer: PdfWriter, data: str) -> object:
    stream = StreamObject()
    stream.set_data(data.encode("ascii"))
    return writer._add_object(stream)


def _font(writer: PdfWriter, text: str) -> object:
    chars = "\n".join(f"<{ord(c):04X}> <{ord(c):04X}>" for c in sorted(set(text)))
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        f"{len(set(text))} beginbfchar\n{chars}\nendbfchar endcmap end"
    )
    descendant = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType2"),
            NameObject("/BaseFont"): NameObject("/Test"),
            NameObject("/DW"): NumberObject(1000),
        }
    )
    return writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type0"),
                NameObject("/BaseFont"): NameObject("/Test"),
                NameObject("/Encoding"): NameObject("/Identity-H"),
                NameObject("/DescendantFonts"): ArrayObject([writer._add_object(descendant)]),
                NameObject("/ToUnicode"): _stream(writer, cmap),
            }
        )
    )


@pytest.fixture
def write_pdf(tmp_path: Path) -> Callable[..., Path]:
    """A PDF with these lines of text; none is a scan, a password encrypts it."""

    def write(lines: list[str], password: str | None = None) -> Path:
        writer = PdfWriter()
        page = writer.add_blank_page(width=595, height=842)
        if lines:
            shown = " T* ".join("<" + "".join(f"{ord(c):04X}" for c in line) + "> Tj" for line in lines)
            fonts = DictionaryObject({NameObject("/F1"): _font(writer, "".join(lines))})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
            page[NameObject("/Contents")] = _stream(writer, f"BT /F1 10 Tf 14 TL 40 800 Td {shown} ET")
        if password:
            writer.encrypt(password, algorithm="RC4-128")
        path = tmp_path / "draft.pdf"
        writer.write(path)
        return path

    return write


@pytest.fixture
def write_docx(tmp_path: Path) -> Callable[..., Path]:
    """A .docx whose lists of lists are tables and whose strings are paragraphs."""

    def write(blocks: list[str | list[list[str]]]) -> Path:
        document = docx.Document()
        for block in blocks:
            if isinstance(block, str):
                document.add_paragraph(block)
                continue
            table = document.add_table(rows=0, cols=len(block[0]))
            for row in block:
                for cell, text in zip(table.add_row().cells, row):
                    cell.text = text
        path = tmp_path / "draft.docx"
        document.save(str(path))
        return path

    return write
