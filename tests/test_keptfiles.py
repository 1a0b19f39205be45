"""Files that come with a report, written anew: nothing hidden in them is left, and their words are."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zlib import compress

import docx
import pypdf
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from bot import textfiles
from bot.errors import BadInput
from bot.keptfiles import MAX_BYTES, rewritten, rewritten_apart
from bot.photos import is_image
from tests.files import write_docx, write_pdf  # noqa: F401
from tests.test_barepictures import png_with_marks
from tests.test_photos import SECRET, opened, with_gps

WORDS = "San Tang old street: the pipe burst"


def told(tmp_path: Path, name: str, body: bytes) -> str:
    """The words of what was kept."""
    path = tmp_path / f"kept-{name}"
    path.write_bytes(body)
    return textfiles.read_text(path)


def with_all_that_hides(path: Path) -> Path:
    """A PDF with an author, XMP, a script, a note, an attached file, and a photo that knows where it was taken."""
    writer = pypdf.PdfWriter(clone_from=str(path))
    writer.add_metadata({"/Author": SECRET.decode()})
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject(f"alert('{SECRET.decode()}')"),
        }
    )
    writer.add_attachment("hidden.txt", SECRET)
    writer.add_annotation(0, FreeText(text=SECRET.decode(), rect=(0, 0, 50, 50)))
    photo, mark = StreamObject(), StreamObject()
    photo._data, mark._data = with_gps(), SECRET
    photo.update(
        {NameObject("/Filter"): NameObject("/DCTDecode"), NameObject("/Subtype"): NameObject("/Image")}
    )
    photo[NameObject("/Metadata")] = writer._add_object(mark)
    resources = writer.pages[0]["/Resources"].get_object()
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/A"): writer._add_object(photo)})
    writer.write(str(path))
    return path


def test_of_a_pdf_the_pages_alone_are_kept(write_pdf: Callable[..., Path], tmp_path: Path) -> None:  # noqa: F811
    path = with_all_that_hides(write_pdf([WORDS]))
    assert path.read_bytes().count(SECRET) >= 3
    kept = rewritten(path, "a.pdf")
    assert kept.content_type == "application/pdf"
    assert SECRET not in kept.body
    for mark in (b"/JS", b"/JavaScript", b"/EmbeddedFile", b"/Annots", b"/Metadata", b"GPS"):
        assert mark not in kept.body
    reader = pypdf.PdfReader(BytesIO(kept.body))
    assert not reader.metadata
    assert WORDS in told(tmp_path, "a.pdf", kept.body)
    photo = reader.pages[0]["/Resources"]["/XObject"]["/A"].get_object()
    assert opened(photo._data).size == (640, 480)


@pytest.mark.parametrize(
    "filters", [["/DCTDecode"], ["/FlateDecode", "/DCTDecode"], ["/ASCIIHexDecode", "/DCTDecode"]]
)
def test_a_picture_in_a_pdf_is_cleaned_within_other_filters(
    write_pdf: Callable[..., Path],  # noqa: F811
    filters: list[str],
) -> None:
    path = write_pdf([WORDS])
    writer = pypdf.PdfWriter(clone_from=str(path))
    photo, jpeg = StreamObject(), with_gps() + with_gps()
    photo._data = {"/FlateDecode": compress(jpeg), "/ASCIIHexDecode": jpeg.hex().encode() + b">"}.get(
        filters[0], jpeg
    )
    photo[NameObject("/Filter")] = writer._add_object(ArrayObject(NameObject(each) for each in filters))
    photo[NameObject("/Subtype")] = NameObject("/Image")
    resources = writer.pages[0]["/Resources"].get_object()
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/A"): writer._add_object(photo)})
    writer.write(str(path))
    reader = pypdf.PdfReader(BytesIO(rewritten(path, "a.pdf").body))
    kept = reader.pages[0]["/Resources"]["/XObject"]["/A"].get_object()
    assert SECRET not in kept._data
    assert opened(kept._data).size == (640, 480)


def test_a_picture_in_a_pdf_that_cannot_be_read_is_refused(write_pdf: Callable[..., Path]) -> None:  # noqa: F811
    path = write_pdf([WORDS])
    writer = pypdf.PdfWriter(clone_from=str(path))
    photo = StreamObject()
    photo._data = b"no picture, but " + SECRET
    photo[NameObject("/Filter")] = NameObject("/DCTDecode")
    resources = writer.pages[0]["/Resources"].get_object()
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/A"): writer._add_object(photo)})
    writer.write(str(path))
    with pytest.raises(BadInput, match="有一张图打不开"):
        rewritten(path, "a.pdf")


def with_author(path: Path) -> Path:
    """A .docx that names its author, has a comment's author, and holds a photo that knows where it was taken."""
    document = docx.Document(str(path))
    document.core_properties.author = SECRET.decode()
    document.add_picture(BytesIO(with_gps()))
    document.save(str(path))
    return path


def test_of_a_word_file_nobody_can_tell_who_made_it(
    write_docx: Callable[..., Path],  # noqa: F811
    tmp_path: Path,
) -> None:
    path = with_author(write_docx([WORDS, [["量", "价"]]]))
    kept = rewritten(path, "a.docx")
    with ZipFile(BytesIO(kept.body)) as archive:
        names = archive.namelist()
        parts = {name: archive.read(name) for name in names}
    assert not [name for name in names if name.startswith(("docProps", "customXml"))]
    assert [name for name, body in parts.items() if SECRET in body] == []
    (photo,) = (body for body in parts.values() if is_image(body))
    assert not dict(opened(photo).getexif())
    assert told(tmp_path, "a.docx", kept.body).strip() == f"{WORDS}\n量 | 价"


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PEOPLE = (
    '<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
    f'<w15:person w15:author="{SECRET.decode()}"/></w15:people>'
)
WRITTEN = f'w:author="{SECRET.decode()}" w:initials="{SECRET.decode()}" w:date="2019-08-07T06:05:04Z"'


def related(document: Any, kind: str, name: str, content_type: str, body: bytes) -> None:
    part = Part(PackURI(f"/word/{name}"), content_type, body, document.part.package)
    document.part.relate_to(part, kind)


def test_of_changes_and_comments_neither_who_nor_when_is_kept(
    write_docx: Callable[..., Path],  # noqa: F811
    tmp_path: Path,
) -> None:
    path = write_docx([WORDS])
    document = docx.Document(str(path))
    run = f'<w:ins xmlns:w="{W}" {WRITTEN}><w:r><w:t>added</w:t></w:r></w:ins>'
    document.paragraphs[0]._p.append(parse_xml(run))
    notes = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="1"><w:p>{run}</w:p></w:footnote></w:footnotes>'
    xml = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
    related(document, RELATIONSHIP_TYPE.FOOTNOTES, "footnotes.xml", xml.format("footnotes"), notes.encode())
    people = "http://schemas.microsoft.com/office/2011/relationships/people"
    related(document, people, "people.xml", xml.format("people"), PEOPLE.encode())
    related(document, RELATIONSHIP_TYPE.IMAGE, "media/a.png", "image/png", png_with_marks())
    document.save(str(path))
    kept = rewritten(path, "a.docx").body
    with ZipFile(BytesIO(kept)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert "word/people.xml" not in parts
    assert {"word/footnotes.xml", "word/media/a.png"} <= set(parts)
    assert [name for name, body in parts.items() if SECRET in body or b"2019-08-07" in body] == []
    assert "added" in parts["word/document.xml"].decode()


@pytest.mark.parametrize(
    ("content_type", "body", "says"),
    [
        ("image/x-emf", SECRET, "有一张图打不开"),
        ("image/svg+xml", b"<svg/>", "有一张图打不开"),
        ("image/png", SECRET, "有一张图打不开"),
        ("audio/mpeg", SECRET, "嵌着别的文件"),
    ],
)
def test_a_word_file_with_what_cannot_be_cleaned_is_refused(
    write_docx: Callable[..., Path],  # noqa: F811
    content_type: str,
    body: bytes,
    says: str,
) -> None:
    path = write_docx([WORDS])
    document = docx.Document(str(path))
    related(document, RELATIONSHIP_TYPE.IMAGE, "media/a.bin", content_type, body)
    document.save(str(path))
    with pytest.raises(BadInput, match=says):
        rewritten(path, "a.docx")


def test_a_word_file_with_another_file_in_it_is_refused(write_docx: Callable[..., Path]) -> None:  # noqa: F811
    path = write_docx([WORDS])
    document = docx.Document(str(path))
    embedded = Part(
        PackURI("/word/embeddings/a.bin"), "application/octet-stream", b"MZ", document.part.package
    )
    document.part.relate_to(embedded, RELATIONSHIP_TYPE.OLE_OBJECT)
    document.save(str(path))
    with pytest.raises(BadInput, match="嵌着别的文件"):
        rewritten(path, "a.docx")


def test_a_text_is_kept_in_utf_8_without_what_does_not_show(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("三塘老街\x07爆管\u202e了\n两天".encode("gb18030"))
    assert rewritten(path, "a.txt").body.decode() == "三塘老街爆管了\n两天"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"%PDF-1.7\nnothing", "不是完好的 PDF"),
        ("a.docx", b"PK\x03\x04nothing", "不是完好的 .docx"),
        ("a.docx", b"\xd0\xcf\x11\xe0", "旧格式"),
        ("a.txt", b"\xff\xd8\xff", "图片"),
        ("a.txt", b"", "空文件"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "超过 10 MB"),
        ("a.exe", b"MZ", "格式读不了"),
    ],
)
def test_what_cannot_be_written_anew_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says):
        rewritten(path, name)


def test_a_locked_pdf_is_refused(write_pdf: Callable[..., Path]) -> None:  # noqa: F811
    with pytest.raises(BadInput, match="加了密码"):
        rewritten(write_pdf([WORDS], "secret"), "a.pdf")


def test_in_a_process_of_its_own_it_is_the_same(write_docx: Callable[..., Path]) -> None:  # noqa: F811
    path = write_docx([WORDS])
    kept = rewritten_apart(path, "a.docx")
    assert kept.content_type == rewritten(path, "a.docx").content_type
    assert docx.Document(BytesIO(kept.body)).paragraphs[0].text == WORDS
    path.write_bytes(with_gps())
    with pytest.raises(BadInput, match="“b.txt”其实是一张图片"):
        rewritten_apart(path, "b.txt")
