"""Matters that a question names in one breath are all told."""

from __future__ import annotations

import pytest

from bot.documents import answers
from bot.documents.digest import digest
from bot.documents.matters import Matters

MATTERS = Matters(digest().entries)


def told(question: str, clause: str) -> list[str]:
    best = digest().get(clause)
    assert best
    return [matter.part for matter in MATTERS.named_together(question, best)]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("六有和六统一是什么", ["六有", "六统一"]),
        ("六统一、六有各是哪些", ["六统一", "六有"]),
        ("驿站六有还要六统一 都讲讲", ["六有", "六统一"]),
        ("六有六统一跟五个有人", ["六有", "六统一", "五个有人"]),
        ("六有是什么", []),
        ("六有是六有吗", []),
        ("六有做好了以后要不要六统一", []),  # what stands between says more than "and"
        ("四化和时间银行", []),  # neither is of the clause that was found
    ],
)
def test_matters_named_side_by_side_are_found(question: str, parts: list[str]) -> None:
    assert told(question, "eldercare/3/1") == parts


def test_the_longer_of_two_names_is_meant() -> None:
    assert told("园区指标和一企一策", "report/2/1") == ["园区指标", "一企一策"]


def test_a_document_without_matters_names_none() -> None:
    assert told("六有和六统一", "contract/14") == []


@pytest.mark.parametrize(
    "question", ["六有和六统一是什么", "养老驿站的六有六统一分别指什么", "六有、六统一具体内容"]
)
def test_both_are_said_and_their_clause_is_cited_once(question: str) -> None:
    found = answers.answer(question)
    assert found.answered
    assert "公共厕所" in found.text
    assert "统一标识标牌" in found.text
    ids = [entry.id for entry in found.entries]
    assert ids[0] == "eldercare/3/1"
    assert len(ids) == len(set(ids))
    assert found.both == 1
    assert "public toilet" in found.said_en.lower()


def test_matters_of_two_clauses_are_both_cited_first() -> None:
    found = answers.answer("四个结合和五个有人是哪些")
    assert found.answered
    assert {entry.id for entry in found.entries[:2]} == {"eldercare/1", "eldercare/3/1"}
    assert "医养" in found.text
    assert "有人陪" in found.text
