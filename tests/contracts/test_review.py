"""The first look at a draft, measured on drafts of our own with planted defects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.draft_text import draft_of, read_draft
from bot.contracts.review import Finding, review, review_draft
from bot.contracts.review_rules import review_rules
from bot.errors import BadInput, NotFound

DRAFTS = Path(__file__).parent / "drafts"
EXPECTED = yaml.safe_load((DRAFTS / "expected.yml").read_text(encoding="utf-8"))
SENTENCES = yaml.safe_load((Path(__file__).parent / "review_sentences.yml").read_text(encoding="utf-8"))
HEAD = "购销合同\n甲方：衡南县某某局\n乙方：某某有限公司\n"


def findings(path: Path) -> dict[str, Finding]:
    return {finding.clause: finding for finding in review(path).findings}


def judged(text: str) -> dict[str, str]:
    return {finding.clause: finding.status for finding in review_draft(draft_of(text, "x.txt")).findings}


@pytest.mark.parametrize("want", EXPECTED, ids=lambda want: want["file"])
def test_planted_defects_are_found_and_nothing_else_is_alarmed(want: dict) -> None:
    got = findings(DRAFTS / want["file"])
    planted = {**dict.fromkeys(want["missing"], "missing"), **dict.fromkeys(want["violations"], "violation")}
    assert {clause: got[clause].status if clause in got else None for clause in planted} == planted
    alarms = {clause for clause, finding in got.items() if finding.status in {"missing", "violation"}}
    assert alarms - set(planted) - set(want["unclear_ok"]) == set()


@pytest.mark.parametrize("want", EXPECTED, ids=lambda want: want["file"])
def test_every_term_is_judged_and_the_evidence_stands_in_the_draft(want: dict) -> None:
    text = (DRAFTS / want["file"]).read_text(encoding="utf-8")
    got = findings(DRAFTS / want["file"])
    assert {f"contract/11/{n}" for n in range(1, 11)} <= set(got)
    for finding in got.values():
        if finding.status == "missing":
            assert finding.evidence is None
        else:
            assert finding.evidence
            assert finding.evidence in text


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case["name"])
def test_a_sentence_is_taken_for_what_it_says(case: dict) -> None:
    got = judged(case.get("head", HEAD) + case["text"])
    assert {clause: got.get(clause) for clause in case["gives"]} == case["gives"]


def test_an_approved_headquarters_is_unclear_with_its_approval_as_evidence() -> None:
    finding = findings(DRAFTS / "supervision-approved.txt")["contract/6/1"]
    assert finding.status == "unclear"
    assert "批准文号" in (finding.evidence or "")


def test_a_review_is_plain_data() -> None:
    answer = review(DRAFTS / "shop-lease.txt").as_dict()
    assert answer["path"].endswith("shop-lease.txt")
    assert {"clause", "item", "status", "evidence"} <= set(answer["findings"][0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_in_any_common_encoding_is_read_the_same(encoding: str, tmp_path: Path) -> None:
    text = (DRAFTS / "sand-office.txt").read_text(encoding="utf-8")
    path = tmp_path / "draft.txt"
    path.write_bytes(text.encode(encoding))
    assert judged(text) == {clause: finding.status for clause, finding in findings(path).items()}


def test_a_word_file_is_read_with_its_tables_in_place(write_docx: Callable[..., Path]) -> None:
    path = write_docx(
        [
            "培训服务合同",
            [
                ["甲方", "衡南县某某镇财政办公室"],
                ["地址", "某某镇正街1号"],
                ["乙方", "某某培训有限公司"],
                ["地址", "衡阳市某某路2号"],
            ],
            "甲方应提供场地，乙方应派教师2名。",
        ]
    )
    got = findings(path)
    assert got["contract/11/1"].status == "present"
    assert got["contract/6/2"].status == "violation"
    assert got["contract/6/2"].evidence == "甲方 | 衡南县某某镇财政办公室"


def test_a_pdf_is_read_and_its_broken_lines_are_joined(write_pdf: Callable[..., Path]) -> None:
    path = write_pdf(
        [
            "培训服务合同",
            "甲方：衡南县某某局",
            "乙方：某某有限公司",
            "双方发生争议的，先由双方协商，协商不成的，向甲方所在地的人民法",
            "院起诉。",
        ]
    )
    finding = findings(path)["contract/11/8"]
    assert finding.status == "present"
    assert finding.evidence == "双方发生争议的，先由双方协商，协商不成的，向甲方所在地的人民法院起诉。"


def test_pdfs_without_readable_text_say_why(write_pdf: Callable[..., Path]) -> None:
    for lines, password, says in (([], None, "扫描件"), (["合同"], "1234", "加了密码")):
        with pytest.raises(Exception, match=says):
            read_draft(write_pdf(lines, password))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.doc", b"x", "另存为 .docx"),
        ("a.txt", b"", "空文件"),
        ("a.txt", b" \n\n ", "没有文字"),
        ("a.txt", "今天天气很好。".encode(), "不像合同"),
        ("a.txt", b"\xff\xfe\x00", "编码认不出来"),
        ("a.docx", b"not a zip", "打不开"),
        ("a.pdf", b"not a pdf", "打不开"),
        ("a.md", b"x" * (20 * 2**20 + 1), "超过 20 MB"),
    ],
)
def test_a_file_that_cannot_be_reviewed_says_why(
    name: str, content: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Exception, match=says) as caught:
        review(path)
    assert caught.type.__module__ == "bot.errors"


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="找不到文件"):
        review(tmp_path / "none.txt")


@given(st.lists(st.sampled_from("甲乙方：（）|，。\n合同价款元年月日 ▁_12张办公室股仲裁"), max_size=200))
def test_any_text_is_judged_with_evidence_that_stands_in_it(chars: list[str]) -> None:
    text = "合同\n" + "".join(chars)
    for finding in review_draft(draft_of(text, "x.txt")).findings:
        assert finding.evidence is None or finding.evidence in text


def test_the_ten_terms_are_those_of_article_11() -> None:
    assert [term.clause for term in review_rules().terms] == [f"contract/11/{n}" for n in range(1, 11)]


def test_a_broken_docx_and_a_name_too_long_are_told_in_words(tmp_path: Path) -> None:
    import zipfile

    broken = tmp_path / "broken.docx"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types><not closed")
    with pytest.raises(BadInput):
        review(broken)
    with pytest.raises(NotFound):
        review("x" * 5000 + ".docx")
    with pytest.raises(NotFound):
        review("a\x00b.docx")
