"""The digest is whole: every clause of the documents, each with an answer and questions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.documents.digest import Entry, digest, read_digest
from bot.errors import BadInput

EXPECTED = yaml.safe_load((Path(__file__).parent / "clauses.yml").read_text(encoding="utf8"))
LONGEST_ANSWER = 400  # characters: what an old person reads in one piece


def expected_ids() -> list[str]:
    numbered = [f"{above}/{n}" for above, last in EXPECTED["numbered"].items() for n in range(1, last + 1)]
    sections = [
        f"water/{above}.{n}" for above, last in EXPECTED["sections"].items() for n in range(1, last + 1)
    ]
    return [*numbered, *sections, *(f"water/2.2/{group}" for group in EXPECTED["groups"])]


def named(entry: Entry) -> str:
    return f"{entry.id} {entry.part}".strip()


def test_every_article_and_numbered_clause_is_there() -> None:
    there = {entry.id for entry in digest().entries}
    assert [clause for clause in expected_ids() if clause not in there] == []


def test_no_clause_is_made_up() -> None:
    known = {*expected_ids(), *(f"water/{n}" for n in range(1, 10))}
    assert sorted({entry.id for entry in digest().entries} - known) == []


def test_no_clause_and_part_stands_twice() -> None:
    times = Counter((entry.id, entry.part) for entry in digest().entries)
    assert [key for key, n in times.items() if n > 1] == []


def test_every_near_of_a_question_without_answer_is_a_clause() -> None:
    there = {entry.id for entry in digest().entries}
    assert [row for row in digest().unanswerable if row.near is not None and row.near not in there] == []


def test_each_clause_has_three_questions_at_the_least() -> None:
    assert [named(entry) for entry in digest().entries if len(set(entry.questions)) < 3] == []


def test_each_answer_says_something_and_is_short() -> None:
    assert [named(e) for e in digest().entries if not 0 < len(e.answer) < LONGEST_ANSWER] == []


def test_no_question_is_said_to_be_answered_and_not_to_be() -> None:
    asked = {question for entry in digest().entries for question in entry.questions}
    assert [row.question for row in digest().unanswerable if row.question in asked] == []


def test_a_citation_names_document_and_clause() -> None:
    entry = digest().get("contract/14")
    assert entry is not None
    assert entry.citation == "《衡南县政府合同管理办法》第十四条"


def test_a_clause_that_stands_twice_is_refused_with_its_name(tmp_path: Path) -> None:
    row = {"id": "x/1", "clause": "一", "title": "t", "answer": "a", "questions": ["q"]}
    document = {"id": "x", "title": "t", "short": "t", "number": "1", "date": "2021-01-01"}
    text = yaml.safe_dump({"document": document, "clauses": [row, row]}, allow_unicode=True)
    (tmp_path / "x.yml").write_text(text, encoding="utf8")
    with pytest.raises(BadInput, match="x/1"):
        read_digest(tmp_path)
