"""Where the plan says two things, both are told with both clauses."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import answers
from bot.documents.contradictions import CONTRADICTIONS, read_contradictions
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("question", "clauses", "said"),
    [
        (
            "供电公司到底是国网衡阳还是国网衡南",
            {"water/2.2/工程抢险组", "water/2.1.4/15"},
            ("国网衡阳", "国网衡南"),
        ),
        (
            "抢险的时候国网哪个公司管供电",
            {"water/2.2/工程抢险组", "water/2.1.4/15"},
            ("国网衡阳", "国网衡南"),
        ),
        (
            "供水事故由哪个牵头调查",
            {"water/2.2/事故调查评估组", "water/2.1.4/4"},
            ("消防大队", "住房和城乡建设局"),
        ),
        ("物资保障是财政局还是商粮局", {"water/2.2/物资保障组", "water/2.1.4/18"}, ("财政局", "商粮局")),
        (
            "一般事故是自来水公司启动还是住建局启动",
            {"water/5.1.1", "water/5.2.2/2"},
            ("自来水有限公司", "住房和城乡建设局"),
        ),
        ("三级事故到底谁牵头", {"water/5.1.2", "water/6.1.1"}, ("住房和城乡建设局", "自来水有限公司")),
    ],
)
def test_both_are_told(question: str, clauses: set[str], said: tuple[str, ...]) -> None:
    found = answers.answer(question)
    assert {entry.id for entry in found.entries} == clauses
    assert all(words in found.text for words in said)


@pytest.mark.parametrize(
    "question", ["工程抢险组里有哪些单位", "消防大队负责什么", "三级响应要报给哪里备案", "合同谁审查"]
)
def test_other_questions_on_these_clauses_are_answered_as_ever(question: str) -> None:
    assert not answers.answer(question).said


def test_every_contradiction_is_told_in_both_languages() -> None:
    for one in read_contradictions(CONTRADICTIONS):
        assert len(one.entries) == 2
        assert one.said
        assert one.said_en
        assert " " not in one.said


@pytest.mark.parametrize(
    "row",
    [
        "{clauses: [water/99], asks: x, said: y, said_en: z}",
        "{clauses: [water/1.1], asks: '(', said: y, said_en: z}",
        "{clauses: [water/1.1], said: y}",
    ],
)
def test_a_row_that_cannot_be_used_is_told(tmp_path: Path, row: str) -> None:
    (tmp_path / "x.yml").write_text(f"- {row}\n", encoding="utf8")
    with pytest.raises(BadInput, match=r"x\.yml"):
        read_contradictions(tmp_path / "x.yml")
