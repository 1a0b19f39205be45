"""Answers to questions on the documents: approved by staff, graded where figures are given, else searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.asked_grade import asked_grade
from bot.documents import answers, approved
from bot.documents.answers import Answer
from bot.documents.approved import Approved
from bot.documents.digest import digest

_WHOLE = "water/3.2"  # the four grades, and that 以上 includes the number: cited beside a grade


def answer(
    question: str, *, limit: int = 3, documents: tuple[str, ...] = (), by_staff: Sequence[Approved] = ()
) -> Answer:
    """Answer `question` from the documents.

    Args:
        limit: how many clauses are cited at the most.
        documents: ids of the documents to look in; () for all.
        by_staff: answers that staff approved, see `bot.documents.approved.in_force`; they win.
    """
    question = question[: answers.MAX_QUESTION]
    known = approved.find(question, by_staff)
    if known:
        entries = (digest().get(clause) for clause in known.clauses)
        return Answer(True, tuple(e for e in entries if e)[:limit], said=known.answer, approved=known.id)
    if not documents or "water" in documents:
        graded = asked_grade(question)
        if graded:
            entries = (digest().get(clause) for clause in (*graded.clauses, _WHOLE))
            return Answer(True, tuple(entry for entry in entries if entry)[:limit], said=graded.said)
    return answers.answer(question, limit=limit, documents=documents)


def answer_line(line: Mapping[str, Any], *, by_staff: Sequence[Approved] = ()) -> dict[str, Any]:
    """One line of `wuchang ask`, see `bot.documents.answers.answer_line`."""
    return answers.answer_line(line, lambda question: answer(question, by_staff=by_staff))


def cite(clause_id: str) -> str:
    """A clause as it is cited within its document: contract/12/1 is 第十二条（一）; an unknown id stays as it is."""
    entry = digest().get(clause_id)
    return entry.clause if entry else clause_id
