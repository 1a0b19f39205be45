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
from docx.opc.oxml import serialize_part_xml
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from pypdf.errors import PyPdfError
from pypdf.filters import decode_stream_data
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, StreamObject

from bot import textfiles
from bot.apart import read_apart, serve
from bot.barepictures import bare
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
_PICTURES = ("/DCTDecode", "/DCT", "/JPXDecode")
# What a Word document is related to that tells of people and their machines; nothing in its text points there.
_NOT_RELATED = frozenset({
    "attachedTemplate", "customXml", "people", "commentsExtended", "commentsIds", "commentsExtensible",
    "documenttasks", "glossaryDocument", "printerSettings", "keyMapCustomizations", "vbaProject", "recipientData",
    "mailMergeSource", "thumbnail",
})  # fmt: skip
_WHO_AND_WHEN = frozenset({"initials", "date", "dateUtc", "userId", "providerId"})
_FONT = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
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
            _clear(one, name)
        writer.metadata = None
        writer.compress_identical_objects()  # throws away what nothing points to any more
        out = BytesIO()
        writer.write(out)
        return out.getvalue()
    except (PyPdfError, *textfiles.BROKEN_PDF) as error:
        raise BadInput(f"“{name}”打不开：不是完好的 PDF。请重新导出，或者拍照发来。") from error


def _clear(one: DictionaryObject, name: str) -> None:
    for key in _NOT_KEPT:
        one.pop(NameObject(key), None)
    if isinstance(one, StreamObject) and "/Filter" in one:
        _clear_picture(one, name)


def _clear_picture(one: StreamObject, name: str) -> None:
    """A JPEG (2000) within a PDF, out of the filters around it and without its marks."""
    given: Any = one["/Filter"]
    filters = [given] if isinstance(given, NameObject) else [each.get_object() for each in given]
    if not filters or filters[-1] not in _PICTURES:
        return
    if len(filters) > 1:
        parms = one.get("/DecodeParms", NullObject()).get_object()
        around = StreamObject()
        around._data = one._data
        around[NameObject("/Filter")] = ArrayObject(filters[:-1])
        if isinstance(parms, ArrayObject):
            around[NameObject("/DecodeParms")] = ArrayObject(parms[:-1])
        try:
            one._data = decode_stream_data(around)
        except NotImplementedError as error:
            raise _unreadable(name) from error
        one[NameObject("/Filter")] = filters[-1]
        one.pop(NameObject("/DecodeParms"), None)
    one._data = _bare(one._data, name)


def _bare(picture: bytes, name: str) -> bytes:
    try:
        return bare(picture)
    except ValueError as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> BadInput:
    return BadInput(f"“{name}”里有一张图打不开，收不了。请把要紧的内容拍照发来。")


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
            raise _embeds(name)
        if relation.reltype.rpartition("/")[2] in _NOT_RELATED:
            del part.rels[key]
    element = getattr(part, "element", None)
    if element is not None:
        _clear_names(element)
    elif part.content_type.endswith("xml") and part.content_type != "image/svg+xml":
        root = parse_xml(part.blob)
        _clear_names(root)
        part._blob = serialize_part_xml(root)
    elif part.content_type.startswith("image/"):
        part._blob = _bare(part.blob, name)
    elif part.content_type != _FONT:
        raise _embeds(name)


def _clear_names(root: Any) -> None:
    """No element tells who wrote or changed it, nor when."""
    for template in root.findall(qn("w:attachedTemplate")):
        root.remove(template)
    for one in root.iter("{*}*"):
        for attribute in list(one.attrib):
            local = attribute.rpartition("}")[2]
            if local == "author" and attribute != local:
                one.set(attribute, "")  # Word wants the attribute
            elif local in _WHO_AND_WHEN and attribute != local:
                del one.attrib[attribute]


def _embeds(name: str) -> BadInput:
    return BadInput(f"“{name}”里面还嵌着别的文件，收不了。请把要紧的内容单独存一份，或者拍照发来。")


def _as_json(path: Path, name: str) -> dict[str, Any]:
    kept = rewritten(path, name)
    return {"content_type": kept.content_type, "body": b64encode(kept.body).decode()}


if __name__ == "__main__":
    serve(_as_json)
