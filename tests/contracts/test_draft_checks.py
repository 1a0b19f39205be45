"""What is found beside Article 11 and Article 6, sentence by sentence and on whole drafts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.check_rules import CHECKS_FILE, RepealedLaw, check_rules
from bot.contracts.checks import CHECKS
from bot.contracts.draft_text import MAX_CHARS, draft_of
from bot.contracts.findings import Finding
from bot.contracts.review import review, review_draft
from bot.documents.digest import digest
from bot.errors import BadInput
from tests.timing import seconds
from tools.measure_review import Gold, measure, read_gold

HERE = Path(__file__).parent
WHOLE = HERE / "drafts" / "whole"
CASES = yaml.safe_load((HERE / "check_cases.yml").read_text(encoding="utf-8"))
GOLD = read_gold(WHOLE)
HEAD = "购销合同\n甲方：衡南县某某局\n乙方：湖南某某贸易有限公司\n"
TAIL = "\n甲方（盖章）：          乙方（盖章）：\n代表（签字）：          代表（签字）：\n日期：    年  月  日    日期：    年  月  日\n"


def found(text: str) -> tuple[Finding, ...]:
    return review_draft(draft_of(text, "x.txt")).findings


# one sentence after the other


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['check']}: {case['name']}")
def test_a_check_says_what_it_should_and_no_more(case: dict) -> None:
    end = (TAIL if case.get("tail", True) else "\n") + case.get("end", "")
    text = case.get("head", HEAD) + case["text"] + end
    said = [finding for finding in found(text) if finding.check == case["check"]]
    assert [finding.status for finding in said] == case["gives"], said


def test_every_check_has_cases_of_a_fault_and_of_what_only_looks_like_one() -> None:
    raw = yaml.safe_load(CHECKS_FILE.read_text(encoding="utf-8"))
    for name in (key for key, entry in raw.items() if isinstance(entry, dict)):
        given_ = [case["gives"] for case in CASES if case["check"] == name]
        assert any(given_), f"{name}: no case that finds"
        assert not all(given_), f"{name}: no case that finds nothing"


def test_the_clause_of_the_checks_is_in_the_digest() -> None:
    assert {check.clause for check in check_rules().checks.values()} == {"contract/13/3"}
    entry = digest().get("contract/13/3")
    assert entry is not None
    assert entry.clause == "第十三条（三）"


@pytest.mark.parametrize("law", check_rules().repealed, ids=lambda law: law.name)
def test_every_repealed_law_is_found_with_its_successor(law: RepealedLaw) -> None:
    text = f"{HEAD}依据《中华人民共和国{law.name}》的规定。{TAIL}"
    (said,) = [finding for finding in found(text) if finding.check == "repealed"]
    assert said.status == "violation"
    assert law.successor in (said.suggestion or "")


def test_every_finding_has_its_words_in_english_too() -> None:
    for check in check_rules().checks.values():
        for name, words in check.words.items():
            if not name.endswith("_en"):
                english = check.words[f"{name}_en"]
                assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", english)), name
    for gold in GOLD:
        for finding in review(WHOLE / gold["file"]).findings:
            assert finding.item_en
            assert re.match("[A-Z]", finding.item_en)
            assert (finding.suggestion is None) == (finding.suggestion_en is None)


def test_a_repealed_law_and_a_place_to_sign_are_told_in_english() -> None:
    said = found(f"{HEAD}依据《合同法》订立。\n甲方（盖章）： 乙方（盖章）：\n")
    advice = {finding.check: finding.suggestion_en or "" for finding in said}
    assert advice["repealed"].startswith("《合同法》 was repealed on 2021-01-01; cite ")
    assert advice["signing"] == (
        "See whether to add a place for the signature of a representative, a place for the date."
    )


# whole drafts


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["file"])
def test_what_was_planted_is_found_and_nothing_else_is_alarmed(gold: Gold) -> None:
    got = measure(WHOLE, gold)
    assert got.missed == ()
    assert got.false_alarms == ()


def test_every_whole_draft_has_its_gold() -> None:
    drafts = {path.name for path in WHOLE.iterdir() if path.suffix in (".txt", ".md")}
    assert {gold["file"] for gold in GOLD} == drafts


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["file"])
def test_every_finding_but_missing_quotes_the_draft_with_its_line(gold: Gold) -> None:
    path = WHOLE / gold["file"]
    lines = path.read_text(encoding="utf-8").splitlines()
    for finding in review(path).findings:
        if finding.status == "missing":
            assert (finding.evidence, finding.at) == (None, None)
            continue
        assert finding.evidence
        assert finding.at
        assert finding.evidence in lines[finding.at - 1]
        assert finding.also is None or any(finding.also in line for line in lines)


@pytest.mark.parametrize(
    "name", ["road-works.txt", "culture-hall.txt", "printer-purchase.txt", "estate-service.txt"]
)
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_draft_is_judged_the_same_as_word_and_pdf(
    name: str, kind: str, write_docx: Callable[..., Path], write_pdf: Callable[..., Path]
) -> None:
    lines = (WHOLE / name).read_text(encoding="utf-8").splitlines()
    path = {"docx": write_docx, "pdf": write_pdf}[kind](lines)
    gold = next(gold for gold in GOLD if gold["file"] == name)
    got = measure(path.parent, {**gold, "file": path.name})
    assert got.missed == ()
    assert got.false_alarms == ()


# any text at all


PIECES = [
    *"甲乙方：（）|，。；\n ▁_□☑/×=¥.、12", "第三条", "年", "月", "日", "合同法", "壹", "万", "元整", "提交仲裁",
    "向人民法院起诉", "（盖章）", "本合同",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=120))
def test_any_text_is_judged_with_evidence_that_stands_in_it(pieces: list[str]) -> None:
    text = "合同\n" + "".join(pieces)
    for finding in found(text):
        assert finding.evidence is None or finding.evidence in text
        assert finding.also is None or finding.also in text
        assert (finding.evidence is None) == (finding.status == "missing")


def long_draft(chars: int) -> str:
    """As many characters as asked for, of drafts that are whole; 50 pages have about 40,000."""
    whole = "".join((WHOLE / gold["file"]).read_text(encoding="utf-8") for gold in GOLD)
    return ("合同\n" + whole * (chars // len(whole) + 1))[:chars]


def test_fifty_pages_take_little_time() -> None:
    draft = long_draft(45_000)
    assert seconds(lambda: found(draft)) < 3  # about 0.3 s on a quiet machine


HOSTILE = [
    "（", "（（）", "____", "_ ", "1", "1,", "壹万", "1.", "¥1", "第一条", "□", "甲方：", "年 月 ", "×X", "【 】", "合同法",
    "|1", "自", "提交仲裁", "甲。", "  元", "（一）", "12×3=", "2026年1月",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_draft_does_not_hang(piece: str) -> None:
    start = time.process_time()
    found("合同\n" + (piece * 100_000)[:100_000])
    assert time.process_time() - start < 10  # quadratic matching took minutes; now 3 s at the very worst


def test_two_megabytes_are_refused_at_once() -> None:
    with pytest.raises(BadInput, match="不像一份合同"):
        draft_of("合同" + "（" * (MAX_CHARS + 1), "x.txt")


def test_the_checks_are_those_of_the_data() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(CHECKS[0].__code__.co_filename).parent).glob("*.py")
    )
    used = set(re.findall(r'(?:rules|check_rules\(\))\["(\w+)"\]', source))
    assert used == set(check_rules().checks)


# what is no contract


@pytest.mark.parametrize(
    "text",
    [
        "衡南县政府合同管理办法\n第一条 为了加强政府合同管理，制定本办法。",
        "关于做好合同归档工作的通知\n各单位：请于月底前完成。",
        "会议记录\n今天讨论了采购合同的事情，下周再定。",
        "个人简历\n张某，合同管理岗位三年。",
    ],
)
def test_a_paper_about_contracts_is_no_contract(text: str) -> None:
    with pytest.raises(BadInput, match="不像合同"):
        found(text)


@pytest.mark.parametrize(
    "title", ["审计服务约定书", "投资意向书", "合作备忘录", "安置补偿协议书（草案）", "租赁契约"]
)
def test_contracts_have_many_names(title: str) -> None:
    assert found(f"{title}\n为明确责任，订立条款如下。")
