"""A file that a resident sends with a report, written anew without what is hidden in it.

Not kept: who made it and when, scripts, forms, attached files, and of its pictures what the telephone wrote into them.
What cannot be written anew is refused.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pypdf
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from bot import textfiles
from bot.apart import read_apart, serve
from bot.errors import BadInput

MAX_BYTES = 10 * 1024 * 1024
TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}
# Keys of a PDF's page and of any of its objects that hold scripts, actions, notes, files, and who made it.
_NOT_OF_PAGES = ("/A", "/AA", "/AF", "/Annots", "/LastModified", "/Thumb")
_NOT_KEPT = ("/EF", "/EmbeddedFiles", "/JavaScript", "/JS", "/Metadata", "/PieceInfo")
_TEMPLATE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
_EMBEDDED = (RELATIONSHIP_TYPE.OLE_OBJECT, RELATIONSHIP_TYPE.PACKAGE, RELATIONSHIP_TYPE.CONTROL)


@dataclass(frozen=True)
class Rewritten:
    """A file as it is kept: MIME type and bytes."""

    content_type: str
    body: bytes


def rewritten(path: Path, name: str) -> Rewritten:
    """The file at `path`, which people know as `name`, without metadata.

    Raises:
        BadInput: larger than `MAX_BYTES`, or it cannot be read as what its name says; the message says what to do.
    """
    textfiles.check_file(path, name)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadInput(f"“{name}”有{size / 2**20:.1f} MB，超过 10 MB，收不了。请只留要紧的几页再发。")
    suffix = Path(name).suffix.lower()
    writer: Callable[[Path, str], bytes] = {".pdf": _pdf, ".docx": _docx}.get(suffix, _text)
    return Rewritten(TYPES[suffix], writer(path, name))


def rewritten_apart(path: Path, name: str) -> Rewritten:
    """As `rewritten`, in a process of its own with bounds on time and memory; blocks until it is there.

    Raises:
        BadInput: as `rewritten`, or it takes too long.
    """
    answer = read_apart("bot.keptfiles", path, name)
    return Rewritten(answer["content_type"], b64decode(answer["body"]))


def without_marks(jpeg: bytes) -> bytes:
    """A JPEG without EXIF, XMP, IPTC and comments, its picture untouched; the bytes as they are where it is none."""
    kept, at = [jpeg[:2]], 2
    while jpeg[at : at + 1] == b"\xff" and at + 4 <= len(jpeg):
        mark, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if mark == 0xDA:  # the picture itself, to the end
            return b"".join([*kept, jpeg[at:]])
        if mark not in (0xE1, 0xED, 0xFE):
            kept.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return jpeg


def _text(path: Path, name: str) -> bytes:
    text = textfiles.read_text(path, name)
    return "".join(char for char in text if char in "\n\t" or char.isprintable()).encode()


def _pdf(path: Path, name: str) -> bytes:
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput(f"“{name}”加了密码，打不开。请去掉密码后再发。")
        if len(reader.pages) > textfiles.MAX_PAGES:
            raise BadInput(f"“{name}”有{len(reader.pages)}页，太长了。请只留要紧的几页再发。")
        writer = pypdf.PdfWriter()
        for page in reader.pages:
            for key in _NOT_OF_PAGES:
                page.pop(key, None)
            writer.add_page(page)
        for one in _dictionaries(writer._objects):
            _clear(one)
        writer.metadata = None
        writer.compress_identical_objects()  # throws away what nothing points to any more
        out = BytesIO()
        writer.write(out)
        return out.getvalue()
    except (PyPdfError, *textfiles.BROKEN_PDF) as error:
        raise BadInput(f"“{name}”打不开：不是完好的 PDF。请重新导出，或者拍照发来。") from error


def _clear(one: DictionaryObject) -> None:
    for key in _NOT_KEPT:
        one.pop(NameObject(key), None)
    if isinstance(one, StreamObject) and one.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        one._data = without_marks(one._data)


def _dictionaries(objects: Any) -> Iterator[DictionaryObject]:
    """All dictionaries of a PDF, those within others too; references are followed by the list of objects alone."""
    waiting = list(objects)
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, ArrayObject):
            waiting.extend(one)


def _docx(path: Path, name: str) -> bytes:
    textfiles.read_text(path, name)  # whole, not locked, not unpacking to an absurd size
    try:
        document = docx.Document(str(path))
        package = document.part.package
        # Beside the document itself the package names who made it, with what, and a small picture of it.
        for key, relation in list(package.rels.items()):
            if relation.reltype != RELATIONSHIP_TYPE.OFFICE_DOCUMENT:
                del package.rels[key]
        for part in package.iter_parts():
            _clear_part(part, name)
        out = BytesIO()
        document.save(out)
        return out.getvalue()
    except (PackageNotFoundError, *textfiles.BROKEN_DOCX) as error:
        raise BadInput(
            f"“{name}”打不开：不是完好的 .docx。请用 Word 或 WPS 另存一份，或者拍照发来。"
        ) from error


def _clear_part(part: Any, name: str) -> None:
    for key, relation in list(part.rels.items()):
        if relation.reltype in _EMBEDDED:
            raise BadInput(f"“{name}”里面还嵌着别的文件，收不了。请把要紧的内容单独存一份，或者拍照发来。")
        if relation.reltype in (RELATIONSHIP_TYPE.CUSTOM_XML, _TEMPLATE):
            del part.rels[key]
    element = getattr(part, "element", None)
    if element is None:
        if part.content_type == "image/jpeg":
            part._blob = without_marks(part.blob)
        return
    for template in element.findall(qn("w:attachedTemplate")):
        element.remove(template)
    for one in element.iter():
        for attribute in (qn("w:author"), qn("w:initials")):
            if attribute in one.attrib:
                one.set(attribute, "")


def _as_json(path: Path, name: str) -> dict[str, Any]:
    kept = rewritten(path, name)
    return {"content_type": kept.content_type, "body": b64encode(kept.body).decode()}


if __name__ == "__main__":
    serve(_as_json)
