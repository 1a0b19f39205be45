"""Files as people really send them: renamed, locked, packed, edited with change tracking."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from bot import textfiles
from bot.errors import BadInput
from bot.textfiles import read_text
from tests.files import write_docx, write_pdf

__all__ = ["write_docx", "write_pdf"]  # fixtures

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("照片.docx", b"\x89PNG\r\n\x1a\n" + bytes(100), "其实是一张图片"),
        ("扫描.pdf", b"\xff\xd8\xff\xe0" + bytes(100), "其实是一张图片"),
        ("图.txt", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "其实是一张图片"),
        ("手机照片.docx", b"\x00\x00\x00\x18ftypheic", "其实是一张图片"),
        ("旧的.docx", OLE + "WordDocument".encode("utf-16-le"), "另存为 .docx"),
        ("锁了.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
        ("改名.txt", b"%PDF-1.7\n", "后缀改成 .pdf"),
        ("改名.docx", b"%PDF-1.7\n", "后缀改成 .pdf"),
        ("改名.md", b"PK\x03\x04" + bytes(50), "后缀改成 .docx"),
        ("文字.pdf", "合同".encode(), "内容不是 PDF"),
        ("坏的.docx", b"PK\x03\x04" + bytes(50), "打不开"),
        ("表格.xlsx", b"PK\x03\x04", "只认"),
        ("没有后缀", b"x", "只认"),
    ],
)
def test_a_file_that_is_not_what_it_is_called_says_so(
    name: str, content: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says) as caught:
        read_text(path)
    assert name in str(caught.value)


def test_the_name_that_people_know_is_the_one_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "0123.docx"
    path.write_bytes(b"not a zip")
    with pytest.raises(BadInput, match="“采购合同.docx”打不开"):
        read_text(path, "采购合同.docx")


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("part", ["word/document.xml", "word/media/a.png"])
def test_a_small_file_that_unpacks_to_a_huge_one_is_not_opened(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfiles, "MAX_UNPACKED", 1_000_000)
    monkeypatch.setattr(textfiles, "MAX_UNPACKED_XML", 100_000)
    path = packed(tmp_path / "bomb.docx", {part: bytes(1_000_001)})
    assert path.stat().st_size < 10_000
    with pytest.raises(BadInput, match="大得不正常"):
        read_text(path)


@pytest.mark.parametrize("error", [zlib.error, RuntimeError, TypeError, AttributeError, IndexError, EOFError])
def test_whatever_word_files_raise_is_told_in_words(
    error: type[Exception], write_docx: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: str) -> None:
        raise error

    path = write_docx(["合同"])
    monkeypatch.setattr(docx, "Document", broken)
    with pytest.raises(BadInput, match="打不开"):
        read_text(path)


def test_entities_of_xml_are_not_opened(tmp_path: Path, write_docx: Callable[..., Path]) -> None:
    good = write_docx(["合同"])
    with zipfile.ZipFile(good) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    evil = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    body = parts["word/document.xml"]
    at = body.index(b"?>") + 2
    parts["word/document.xml"] = body[:at] + evil + body[at:].replace("合同".encode(), b"&a;")
    path = packed(tmp_path / "evil.docx", parts)
    assert "root:" not in read_text(path)


# Word


def paragraph(inner: str) -> object:
    return parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>")


def word_file(tmp_path: Path, *elements: object) -> Path:
    document = docx.Document()
    body = document.element.body
    for element in elements:
        body.insert(len(body) - 1, element)
    path = tmp_path / "word.docx"
    document.save(str(path))
    return path


def text(words: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


@pytest.mark.parametrize(
    ("inner", "read"),
    [
        (f'{text("总价")}<w:ins w:id="1" w:author="a">{text("五万元")}</w:ins>', "总价五万元"),
        (f'{text("总价")}<w:del w:id="1" w:author="a"><w:r><w:delText>六万元</w:delText></w:r></w:del>', "总价"),
        (f"<w:sdt><w:sdtContent>{text('甲方')}</w:sdtContent></w:sdt>", "甲方"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>' + text("是"), "□是"),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>' + text("否"), "☑否"),
        (text("交货期") + '<w:r><w:rPr><w:u w:val="single"/></w:rPr><w:t xml:space="preserve">    </w:t></w:r>' + text("日"), "交货期____日"),
        ('<w:r><w:rPr><w:u w:val="none"/></w:rPr><w:t xml:space="preserve">a   b</w:t></w:r>', "a   b"),
        ("<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r>", "甲\t乙\n丙"),
        (f'<w:hyperlink>{text("网址")}</w:hyperlink>', "网址"),
    ],
)  # fmt: skip
def test_what_a_reader_sees_is_read(inner: str, read: str, tmp_path: Path) -> None:
    assert read_text(word_file(tmp_path, paragraph(inner))).strip("\n") == read


def test_a_block_in_a_content_control_is_read(tmp_path: Path) -> None:
    block = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p>{text('第一条')}</w:p></w:sdtContent></w:sdt>"
    )
    assert "第一条" in read_text(word_file(tmp_path, block))


def test_merged_cells_are_given_once_sideways_and_again_downwards(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "货物"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "甲方"
    table.cell(1, 1).text, table.cell(1, 2).text = "名称", "某某局"
    table.cell(2, 1).text, table.cell(2, 2).text = "地址", "某某路"
    path = tmp_path / "table.docx"
    document.save(str(path))
    assert read_text(path).splitlines()[-3:] == ["货物", "甲方 | 名称 | 某某局", "甲方 | 地址 | 某某路"]


def test_a_cell_that_claims_to_stand_over_a_thousand_million_columns_does_no_harm(tmp_path: Path) -> None:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr><w:p>{text("甲")}</w:p></w:tc>'
    table = parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tr>{cell}<w:tc><w:p>{text('乙')}</w:p></w:tc></w:tr></w:tbl>"
    )
    assert "甲 | 乙" in read_text(word_file(tmp_path, table))


def test_page_numbers_of_a_pdf_are_left_out(write_pdf: Callable[..., Path]) -> None:
    lines = ["第一条甲方。", "- 3 -", "第 3 页 共 9 页", "3/9", "第二条乙方。"]
    assert read_text(write_pdf(lines)).split() == ["第一条甲方。", "第二条乙方。"]


def test_a_pdf_of_more_pages_than_any_contract_is_refused(
    write_pdf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfiles, "MAX_PAGES", 0)
    with pytest.raises(BadInput, match="超过0页"):
        read_text(write_pdf(["合同"]))
