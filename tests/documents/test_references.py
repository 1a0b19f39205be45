"""Clauses named by their number: what is read in a question, and which clause answers it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot import answering
from bot.documents import answers, by_number
from bot.documents.answers import Answer
from bot.documents.digest import Entry, digest
from bot.documents.references import Asked, read, without

CASES = yaml.safe_load((Path(__file__).parent / "references.yml").read_text(encoding="utf8"))
_BARE = "一二三四3678"  # printed labels that are no reference without the title before them


def _read(question: str) -> list[str]:
    return [f"{one.document or '-'}/{one.path}" for one in read(question).references]


def _by_number(question: str, *documents: str) -> Answer:
    """The answer by number alone: the search finds nothing."""
    return by_number.answer(question, lambda _: Answer(False, ()), documents=documents)


def _ids(found: Answer) -> list[str]:
    return [entry.id for entry in found.entries]


@pytest.mark.parametrize("case", CASES["alone"], ids=lambda case: case["question"])
def test_a_clause_asked_by_its_number_is_the_answer(case: dict[str, Any]) -> None:
    assert _read(case["question"]) == case["reads"]
    found = answering.answer(case["question"])
    assert found.answered
    assert _ids(found) == case["clauses"]


@pytest.mark.parametrize("case", CASES["none"], ids=lambda case: case["question"])
def test_a_number_that_there_is_not_is_refused_with_the_range(case: dict[str, Any]) -> None:
    line = answering.answer_line({"question": case["question"]})
    assert line["answered"] is False
    assert [words for words in ("没有这一条", *case["says"]) if words not in line["answer"]] == []
    assert [cited["id"] for cited in line["citations"]] == case["near"]


@pytest.mark.parametrize("case", CASES["longer"], ids=lambda case: case["question"])
def test_a_longer_question_is_searched_with_the_clause_named_first(case: dict[str, Any]) -> None:
    assert (_read(case["question"]), read(case["question"]).alone) == (case["reads"], False)
    found = answering.answer(case["question"])
    assert found.answered
    assert _ids(found)[0] == case["first"]


@pytest.mark.parametrize("question", CASES["no_reference"])
def test_figures_and_counts_are_no_references(question: str) -> None:
    assert read(question) == Asked((), False)


def test_a_number_of_two_documents_gives_both_told_apart() -> None:
    found = answering.answer("三（一）")
    assert found.both == 2
    assert [line.partition("：")[0] for line in found.text.split("\n")] == [e.citation for e in found.entries]
    assert [line.partition(": ")[0] for line in found.said_en.split("\n")] == [
        e.citation for e in found.entries
    ]


def test_what_is_there_is_told_beside_what_is_not() -> None:
    found = answering.answer("第六条和第三十条分别讲什么")
    assert _ids(found) == ["contract/6"]
    assert "没有这一条：第三十条" in found.text


def test_the_clause_is_moved_only_from_among_the_first_three() -> None:
    entries = tuple(
        e for e in map(digest().get, ("contract/1", "contract/2", "contract/14", "contract/3")) if e
    )
    third = by_number.answer("按第十四条要几天", lambda _: Answer(True, entries))
    assert _ids(third) == ["contract/14", "contract/1", "contract/2", "contract/3"]
    fourth = by_number.answer("按第三条要几天", lambda _: Answer(True, entries))
    assert fourth.entries == entries


def test_only_the_documents_asked_for_are_looked_in() -> None:
    assert _ids(_by_number("三（一）", "eldercare")) == ["eldercare/3/1"]
    assert not _by_number("第十四条", "eldercare").answered
    assert not _by_number("第十四条", "eldercare").said


def test_without_references_the_search_alone_answers() -> None:
    assert answering.answer("合同送审要几天") == answers.answer("合同送审要几天")


@pytest.mark.parametrize("entry", {e.id: e for e in digest().entries}.values(), ids=lambda entry: entry.id)
def test_every_clause_is_found_by_its_id_and_by_how_it_is_printed(entry: Entry) -> None:
    names = [entry.id, entry.citation, *([entry.clause] if entry.clause not in _BARE else [])]
    assert [name for name in names if entry.id not in _ids(_by_number(name))] == []


@given(st.text())
def test_any_text_can_be_read(question: str) -> None:
    _check(question)


@given(
    st.lists(
        st.sampled_from(
            [*"第十三四一二百0129.条项款章之（）()/、，的", "部分", "办法", "预案", "》", "water/", "组"]
        )
    )
)
def test_any_jumble_of_numbers_can_be_read(parts: list[str]) -> None:
    _check("".join(parts))


def _check(question: str) -> None:
    """The references stand in the question, in order and apart, and are looked up without a fault."""
    references = read(question).references
    assert [one for one in references if one.said not in question] == []
    assert all(one.end <= other.start for one, other in pairwise(references))
    kept = len(question) - sum(one.end - one.start for one in references)
    assert len(without(question, references)) == kept
    _by_number(question)
