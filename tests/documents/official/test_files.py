"""The same clauses out of .txt, .docx and .pdf, with what each kind of file does to a text."""

from __future__ import annotations

import zipfile
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from bot.documents.official.cut import Cut, cut, words
from bot.documents.official.lines import squeezed
from bot.errors import BadInput, NotFound
from bot.textfiles import MAX_UNPACKED, read_pages, read_text
from tests.pdf import write_pages

TEXT = """青石县人民政府
关于印发《青石县水库管理办法》的通知
青石政发〔2024〕7号
现印发给你们。
青石县水库管理办法
第一章 总则
第一条 为了管好全县的水库，保障下游群众的安全，制定本办法。
第二条 水库由下列单位管理：
（一）大型水库由县水利局管理；
（二）其他水库由所在乡镇管理。
跨乡镇的水库由县水利局指定。
第三条 本办法自公布之日起施行。
青石县人民政府
2024年5月1日"""
IDS = ["1", "2", "2/1", "2/2", "3"]


def cut_file(path: Path) -> Cut:
    return cut(read_pages(path), name=path.name)


def ids(done: Cut) -> list[str | None]:
    return [clause.path for document in done.documents for clause in document.clauses]


def own(done: Cut, path: str) -> str:
    return "\n".join(piece.text for piece in done.documents[0].pieces if piece.path == path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "办法.txt"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode(encoding))
    done = cut_file(path)
    assert ids(done) == IDS
    assert words(done.documents[0]) == squeezed(TEXT)


def test_a_word_file(tmp_path: Path) -> None:
    document = docx.Document()
    for line in TEXT.split("\n"):
        document.add_paragraph(line)
    document.save(str(tmp_path / "a.docx"))
    done = cut_file(tmp_path / "a.docx")
    assert ids(done) == IDS
    assert words(done.documents[0]) == squeezed(TEXT)


def test_a_pdf_with_heads_feet_and_broken_lines(tmp_path: Path) -> None:
    lines = [part for line in TEXT.split("\n") for part in (line[:24], line[24:]) if part]
    cuts = [0, 5, 9, len(lines)]
    pages = [["青石县政府文件", *lines[a:b], f"— {n} —"] for n, (a, b) in enumerate(pairwise(cuts), 1)]
    done = cut_file(write_pages(tmp_path / "a.pdf", pages))
    assert ids(done) == IDS
    assert done.left_out == ("— 1 —", "青石县政府文件", "— 2 —", "青石县政府文件", "— 3 —")
    assert words(done.documents[0]) == "青石县政府文件" + squeezed(TEXT)
    assert own(done, "1") == "第一条 为了管好全县的水库，保障下游群众的安全，制定本办法。"
    assert own(done, "2").endswith("\n跨乡镇的水库由县水利局指定。")


# what Word hides


def numbered(document: docx.document.Document, levels: list[tuple[str, str]]) -> str:
    """A list of these levels (form of numerals, pattern) in the document's numbering part; its number id."""
    root = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
        for n, (form, pattern) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{inner}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    return "77"


def add_numbered(document: docx.document.Document, text: str, number: str, level: int) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )


def test_numbers_that_word_makes_itself(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("青石县水库管理办法")
    list_id = numbered(
        document, [("chineseCounting", "第%1条"), ("chineseCounting", "（%2）"), ("bullet", "·")]
    )
    for text, level in [("为了管好水库。", 0), ("分工如下：", 0), ("水利局管水；", 1), ("乡镇管堤。", 1),
                        ("堤上不种树。", 2), ("罚则如下：", 0), ("警告。", 1)]:  # fmt: skip
        add_numbered(document, text, list_id, level)
    document.save(str(tmp_path / "a.docx"))
    done = cut_file(tmp_path / "a.docx")
    assert ids(done) == ["1", "2", "2/1", "2/2", "3", "3/1"]
    assert own(done, "3") == "第三条 罚则如下："
    assert "·" not in read_text(tmp_path / "a.docx")


@pytest.mark.parametrize(
    ("form", "pattern", "shown"),
    [("decimal", "%1.%2", ["1.1", "1.2"]), ("ideographDigital", "%2、", ["一、", "二、"]),
     ("decimalEnclosedCircleChinese", "%2", ["①", "②"]), ("upperLetter", "%2)", ["A)", "B)"])],
)  # fmt: skip
def test_forms_of_numerals(form: str, pattern: str, shown: list[str], tmp_path: Path) -> None:
    document = docx.Document()
    list_id = numbered(document, [("decimal", "%1"), (form, pattern)])
    add_numbered(document, "上", list_id, 0)
    for _ in shown:
        add_numbered(document, "下", list_id, 1)
    document.save(str(tmp_path / "a.docx"))
    assert read_text(tmp_path / "a.docx").split("\n")[1:] == [f"{label} 下" for label in shown]


def test_a_table_in_an_annex_stays_with_it(tmp_path: Path) -> None:
    document = docx.Document()
    for line in TEXT.split("\n"):
        document.add_paragraph(line)
    document.add_paragraph("附件：水库名单")
    table = document.add_table(rows=2, cols=3)
    for row, cells in zip(table.rows, [["水库", "乡镇", "备注"], ["1.长塘", "无", "无"]]):
        for cell, text in zip(row.cells, cells):
            cell.text = text
    document.save(str(tmp_path / "a.docx"))
    done = cut_file(tmp_path / "a.docx")
    assert next(path for path in ids(done) if path not in IDS) == "附件"
    assert "无 | 无" in read_text(tmp_path / "a.docx")
    assert squeezed("1.长塘 | 无 | 无") in words(done.documents[0])


def test_insertions_and_footnotes_are_read(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("青石县水库管理办法")
    paragraph = document.add_paragraph("第一条 甲")
    inserted = parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="x"><w:r><w:t>乙</w:t></w:r></w:ins>')
    deleted = parse_xml(
        f'<w:del {nsdecls("w")} w:id="2" w:author="x"><w:r><w:delText>丙</w:delText></w:r></w:del>'
    )
    paragraph._p.extend([inserted, deleted])
    run = paragraph.add_run("。")
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), "1")
    run._r.append(mark)
    plain = tmp_path / "plain.docx"
    document.save(str(plain))
    path = with_footnote(plain, tmp_path / "a.docx", "丁。")
    assert read_text(path).split("\n")[1:] == ["第一条 甲乙。[1]", "[1] 丁。"]
    assert [piece.kind for piece in cut_file(path).documents[0].pieces] == ["title", "clause", "note"]


def with_footnote(source: Path, target: Path, text: str) -> Path:
    """The Word file with a part of footnotes, which python-docx cannot make."""
    notes = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        f'<w:footnote w:id="1"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    part = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/_rels/document.xml.rels":
                relation = f'<Relationship Id="rNotes" Type="{kind}" Target="footnotes.xml"/></Relationships>'
                data = data.replace(b"</Relationships>", relation.encode())
            if name == "[Content_Types].xml":
                override = f'<Override PartName="/word/footnotes.xml" ContentType="{part}"/></Types>'
                data = data.replace(b"</Types>", override.encode())
            new.writestr(name, data)
        new.writestr("word/footnotes.xml", notes)
    return target


# files that cannot be read


def test_why_a_file_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "old.doc").write_bytes(b"x")
    (tmp_path / "broken.docx").write_bytes(b"PK not a zip")
    (tmp_path / "empty.txt").write_bytes(b"")
    write_pages(tmp_path / "scan.pdf", [[], []])
    write_pages(tmp_path / "locked.pdf", [["第一条"]], password="s")
    for name, said in {"old.doc": ".docx", "broken.docx": "打不开", "empty.txt": "空文件", "scan.pdf": "扫描件",
                       "locked.pdf": "密码"}.items():  # fmt: skip
        with pytest.raises(BadInput, match=said):
            read_pages(tmp_path / name)
    with pytest.raises(NotFound, match="找不到"):
        read_pages(tmp_path / "none.pdf")


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (MAX_UNPACKED + 1))
    with pytest.raises(BadInput, match="解开后"):
        read_pages(path)
