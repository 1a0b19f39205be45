"""What a question asks besides a grade that is told in words: 氯气漏得凶，是几级，谁批启动.

Which clause of parts 4 to 6 answers it hangs on the grade, and no search can tell these clauses apart: they are worded
alike. So the grade is that of the clause of 3.2 that was found, or the one that the question names.
"""

from __future__ import annotations

from dataclasses import replace

from bot.asked_who import clause_id, matters_of, words
from bot.documents.answers import Answer
from bot.documents.digest import Entry, digest
from bot.grade_words import ASKS_GRADE, named_grade
from bot.nlu.normalise import normalise
from bot.water.plan.clauses import grading_law


def with_besides(question: str, found: Answer, limit: int) -> Answer:
    """`found` with the clause beside it that tells, for the grade at hand, what else is asked; told too where the question
    asks for the grade and for that. `found` itself where nothing else is.
    """
    if not found.entries or found.said or found.entries[0].document.id != "water":
        return found
    text = normalise(question).text
    best = found.entries[0]
    grade = _grade_of(best) or named_grade(question)
    if grade is None:
        return found
    for matter in matters_of(text):
        rule = matter.rule(grade)
        entry = digest().get(clause_id(rule)) if rule else None
        if entry is not None and entry.id != best.id and not best.id.startswith(f"{entry.id}/"):
            others = (one for one in found.entries[1:] if one.id != entry.id)
            told = found.answered and _grade_of(best) is not None and bool(ASKS_GRADE.search(text))
            cited = replace(found, entries=(best, entry, *others)[:limit])
            return _told(cited, str(rule), grade) if told else cited
    return found


def _told(found: Answer, rule: str, grade: str) -> Answer:
    best = found.entries[0]
    return replace(
        found, both=2, said=f"{best.answer}\n{words(rule, grade)}",
        said_en=f"{best.answer_en or best.answer}\n{words(rule, grade, 'en')}",
    )  # fmt: skip


def _grade_of(entry: Entry) -> str | None:
    """The grade that a clause of 3.2 describes."""
    for clause in grading_law().clauses:
        if clause.id == entry.id or (entry.id.count(".") == 2 and clause.id.startswith(f"{entry.id}/")):
            return str(clause.grade)
    return None
