"""PDF files with text, made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject


def write_pages(path: Path, pages: Sequence[Sequence[str]], password: str | None = None) -> Path:
    """A PDF whose pages have these lines of text; a page of none is blank like a scan, a password encrypts it."""
    writer = PdfWriter()
    for lines in pages:
        page = writer.add_blank_page(width=595, height=842)
        if lines:
            shown = " T* ".join("<" + "".join(f"{ord(c):04X}" for c in line) + "> Tj" for line in lines)
            fonts = DictionaryObject({NameObject("/F1"): _font(writer, "".join(lines))})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
            page[NameObject("/Contents")] = _stream(writer, f"BT /F1 10 Tf 14 TL 40 800 Td {shown} ET")
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


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
