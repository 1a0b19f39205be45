"""Answers to questions on the documents: approved by staff, by figures, grade or number where these are given, else searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bot.asked_besides import with_besides
from bot.asked_grade import Asked, asked_grade, by_figures
from bot.asked_level import of_named_grade, of_time_alone
from bot.documents import answers, approved, by_number
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
    on_water = not documents or "water" in documents
    graded = asked_grade(question) if on_water else None
    if graded:
        return _graded(graded, limit)
    search = partial(answers.answer, limit=limit, documents=documents)
    found = by_number.answer(question, search, limit=limit, documents=documents)
    corrected = by_figures(question, found.entries[0].id) if on_water and found.answered else None
    if corrected:
        return _graded(corrected, limit)
    return with_besides(question, of_time_alone(question, of_named_grade(question, found)), limit)


def _graded(asked: Asked, limit: int) -> Answer:
    """The clauses of a grade, and beside them that of the four grades."""
    entries = (digest().get(clause) for clause in dict.fromkeys((*asked.clauses, _WHOLE)))
    cited = tuple(entry for entry in entries if entry)[:limit]
    return Answer(True, cited, said=asked.said, said_en=asked.said_en, both=min(asked.needed, len(cited)))


def answer_line(line: Mapping[str, Any], *, by_staff: Sequence[Approved] = ()) -> dict[str, Any]:
    """One line of `wuchang ask`, see `bot.documents.answers.answer_line`."""
    return answers.answer_line(line, lambda question: answer(question, by_staff=by_staff))


def cite(clause_id: str) -> str:
    """A clause as it is cited within its document: contract/12/1 is 第十二条（一）; an unknown id stays as it is."""
    entry = digest().get(clause_id)
    return entry.clause if entry else clause_id
