"""Files that come with a report, written anew: nothing hidden in them is left, and their words are."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pypdf
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from PIL import Image
from pypdf.annotations import FreeText
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from bot import textfiles
from bot.errors import BadInput
from bot.keptfiles import MAX_BYTES, rewritten, rewritten_apart, without_marks
from bot.photos import is_image
from tests.files import write_docx, write_pdf  # noqa: F401
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


def test_only_the_marks_of_a_photo_go() -> None:
    given = with_gps()
    bare = without_marks(given)
    assert SECRET not in bare
    assert not dict(opened(bare).getexif())
    assert list(opened(bare).getdata())[:50] == list(opened(given).getdata())[:50]
    assert without_marks(b"no jpeg") == b"no jpeg"
    assert Image.open(BytesIO(bare)).size == (640, 480)


def test_in_a_process_of_its_own_it_is_the_same(write_docx: Callable[..., Path]) -> None:  # noqa: F811
    path = write_docx([WORDS])
    kept = rewritten_apart(path, "a.docx")
    assert kept.content_type == rewritten(path, "a.docx").content_type
    assert docx.Document(BytesIO(kept.body)).paragraphs[0].text == WORDS
    path.write_bytes(with_gps())
    with pytest.raises(BadInput, match="“b.txt”其实是一张图片"):
        rewritten_apart(path, "b.txt")
