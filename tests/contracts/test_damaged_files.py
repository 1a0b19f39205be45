"""Word files that are really damaged, or are something else: each gets a clear answer, nothing is raised raw."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.contracts.apart import review_apart
from bot.contracts.review import review
from bot.errors import BadInput
from bot.textfiles import MAX_UNPACKED_XML
from tests.files import write_docx

__all__ = ["write_docx"]  # fixture

LINES = [
    "购销合同",
    "甲方：衡南县某某局",
    "乙方：某某有限公司",
    "第一条 乙方卖纸。",
    "第二条 甲方付款500元。",
]
DOCUMENT = "word/document.xml"
CANNOT_OPEN, TOO_BIG, LOCKED, OLD = "打不开", "大得不正常", "加了密码", "另存为 .docx"
# The head of a compound file (OLE), its version, byte order and sector sizes, then sectors of which a few hold names.
_OLE = (
    bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600") + bytes(6)
).ljust(512, b"\xff")


def ole(*names: str) -> bytes:
    """A compound file with directory entries of these names."""
    return _OLE + b"".join(
        name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names)
    ).ljust(2048, b"\0")


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def without_document(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in parts.items() if name != DOCUMENT}


def without_types(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in parts.items() if name != "[Content_Types].xml"}


def without_relations(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in parts.items() if name != "_rels/.rels"}


def broken_xml(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, DOCUMENT: parts[DOCUMENT][: len(parts[DOCUMENT]) // 2]}


def empty_document(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, DOCUMENT: b""}


def no_characters(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, DOCUMENT: b"\x00\x01\xfe" * 300}


def another_root(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, DOCUMENT: b'<?xml version="1.0"?><workbook/>'}


def a_table_of_excel(_parts: dict[str, bytes]) -> dict[str, bytes]:
    return {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


def deep_xml(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, DOCUMENT: b"<a>" * 100_000 + b"</a>" * 100_000}


def bomb(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, DOCUMENT: b" " * (MAX_UNPACKED_XML + 1)}


DAMAGES = [
    (without_document, CANNOT_OPEN),
    (without_types, CANNOT_OPEN),
    (without_relations, CANNOT_OPEN),
    (broken_xml, CANNOT_OPEN),
    (empty_document, CANNOT_OPEN),
    (no_characters, CANNOT_OPEN),
    (another_root, CANNOT_OPEN),
    (a_table_of_excel, CANNOT_OPEN),
    (deep_xml, CANNOT_OPEN),
    (bomb, TOO_BIG),
]


@pytest.mark.parametrize(("damage", "says"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_package_with_a_part_gone_or_spoilt_is_told_in_words(
    damage: Callable[[dict[str, bytes]], dict[str, bytes]],
    says: str,
    tmp_path: Path,
    write_docx: Callable[..., Path],
) -> None:
    path = pack(tmp_path / "坏的.docx", damage(parts_of(write_docx(LINES))))
    with pytest.raises(BadInput, match=says) as caught:
        review(path)
    assert "“坏的.docx”" in str(caught.value)


@pytest.mark.parametrize("kept", [5, 40, 0.1, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_short_on_its_way(
    kept: float, tmp_path: Path, write_docx: Callable[..., Path]
) -> None:
    whole = write_docx(LINES).read_bytes()
    path = tmp_path / "断了.docx"
    path.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    with pytest.raises(BadInput, match=CANNOT_OPEN):
        review(path)


@pytest.mark.parametrize("seed", range(40))
def test_a_few_spoilt_bytes_are_read_over_or_told_in_words(
    seed: int, tmp_path: Path, write_docx: Callable[..., Path]
) -> None:
    chance = random.Random(seed)
    spoilt = bytearray(write_docx(LINES).read_bytes())
    for _ in range(8):
        spoilt[chance.randrange(4, len(spoilt))] = chance.randrange(256)
    path = tmp_path / "花了.docx"
    path.write_bytes(spoilt)
    said = ""
    try:
        said = review(path).path
    except BadInput as error:
        said = str(error)
    assert "花了.docx" in said


def test_a_bomb_that_lies_about_its_size_is_no_harm(tmp_path: Path, write_docx: Callable[..., Path]) -> None:
    path = pack(tmp_path / "假的.docx", bomb(parts_of(write_docx(LINES))))
    size = (MAX_UNPACKED_XML + 1).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(BadInput, match=CANNOT_OPEN):
        review(path)


def test_a_part_with_a_zip_password(tmp_path: Path, write_docx: Callable[..., Path]) -> None:
    raw = bytearray(write_docx(LINES).read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # where each header has its flags
        at = raw.find(mark)
        while at >= 0:
            raw[at + flags] |= 1
            at = raw.find(mark, at + 4)
    path = tmp_path / "压缩密码.docx"
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=LOCKED):
        review(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ole("WordDocument", "1Table"), OLD),
        (ole("EncryptionInfo", "EncryptedPackage"), LOCKED),
        (_OLE[:60], OLD),
    ],
    ids=["a renamed .doc", "with a password", "a renamed .doc cut short"],
)
def test_a_compound_file_called_docx(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "旧的.docx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says):
        review(path)


def test_the_chat_gets_the_same_answers(tmp_path: Path, write_docx: Callable[..., Path]) -> None:
    path = pack(tmp_path / "a1b2.docx", broken_xml(parts_of(write_docx(LINES))))
    with pytest.raises(BadInput, match="“采购合同.docx”打不开"):
        review_apart(path, "采购合同.docx")
    path = pack(tmp_path / "c3d4.docx", bomb(parts_of(write_docx(LINES))))
    with pytest.raises(BadInput, match=TOO_BIG):
        review_apart(path, "采购合同.docx")


def test_the_whole_file_is_read(write_docx: Callable[..., Path]) -> None:
    assert review(write_docx(LINES)).findings
