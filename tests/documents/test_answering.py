"""A question with figures that asks for the grade is graded; all others go to the search."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import answering
from bot.asked_grade import asked_grade
from bot.documents import answers
from bot.errors import BadInput

CASES = yaml.safe_load((Path(__file__).parent / "asked_grade.yml").read_text(encoding="utf8"))


@pytest.mark.parametrize("case", [*CASES["graded"], *CASES["besides"]], ids=lambda case: case["question"])
def test_figures_are_graded(case: dict[str, Any]) -> None:
    found = asked_grade(case["question"])
    assert found
    assert list(found.clauses) == case["clauses"]
    assert [words for words in case["says"] if words not in found.said] == []


@pytest.mark.parametrize("case", [*CASES["graded"], *CASES["besides"]], ids=lambda case: case["question"])
def test_the_same_is_said_in_english(case: dict[str, Any]) -> None:
    """Same grades, clauses and figures; nothing Chinese but what has no English name."""
    found = asked_grade(case["question"])
    assert found
    assert set(re.findall(r"\d\.\d(?:\.\d)?\(\d\)", found.said_en)) >= set(
        re.findall(r"依据(\d[\d.()]+)", found.said)
    )
    assert re.findall(r"（(I+V?|IV)级）", found.said.split("。")[0]) == re.findall(
        r"\(grade (I+V?|IV)\)", found.said_en.split(". ")[0]
    )
    assert not re.search(r"[一-鿿]{13,}", found.said_en)


@pytest.mark.parametrize("question", CASES["searched"])
def test_what_gives_no_figure_or_asks_for_something_else_is_searched(question: str) -> None:
    assert asked_grade(question) is None
    found, searched = answering.answer(question), answers.answer(question)
    assert (found.answered, found.both, found.text) == (searched.answered, searched.both, searched.text)
    assert found.entries[:1] == searched.entries[:1]  # what hangs on the grade may be cited beside it


def test_a_grade_is_cited_with_its_clause_first_and_the_rule_of_the_grades() -> None:
    line = answering.answer_line({"question": "三千户停水一天半是几级"})
    assert line["answered"] is True
    assert [cited["id"] for cited in line["citations"]] == ["water/3.2.2/5", "water/3.2"]
    assert "重大（II级）" in line["answer"]


def test_who_approves_is_cited_before_what_makes_the_grade_and_both_are_needed() -> None:
    found = answering.answer("6000户停水两天归谁批准")
    assert [entry.id for entry in found.entries] == ["water/5.1.4", "water/3.2.1/7", "water/3.2"]
    assert found.both == 2


@pytest.mark.parametrize("case", CASES["corrected"], ids=lambda case: case["question"])
def test_the_search_never_chooses_among_the_grades_by_figures(case: dict[str, str]) -> None:
    searched = answers.answer(case["question"])
    assert searched.answered
    assert searched.entries[0].id.startswith("water/3.2.")
    assert searched.entries[0].id != case["clause"]
    assert answering.answer(case["question"]).entries[0].id == case["clause"]


def test_a_grade_is_not_told_where_only_other_documents_are_asked() -> None:
    found = answering.answer("三千户停水一天半是几级", documents=("eldercare",))
    assert not found.said
    assert all(entry.document.id == "eldercare" for entry in found.entries)


def test_a_line_without_question_is_an_error() -> None:
    with pytest.raises(BadInput, match="question"):
        answering.answer_line({"question": " "})
