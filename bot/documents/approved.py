"""Answers that staff approved: they win over what is found in the documents, at once and without a training.

An approved answer is given where the question is one of its wordings, or so like one that nobody would call it
another question: the same figures in it, and as near in words and meaning as `_SAME` says. Of 2,500 questions of the
bank, pairs as near as that ask of the same clause in 99 of 100 cases; the rest ask of two offices by one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.documents.digest import digest
from bot.documents.features import plain
from bot.documents.meaning import encode
from bot.errors import BadInput, NotFound
from bot.nlu.encoder import Floats
from bot.storage.tables import ApprovedAnswer

_SAME = 0.75  # half the cosine of the vectors, half the overlap of pairs and single characters
_LONGEST = 2000  # characters of an answer: what still reads as one message
_FIGURES = re.compile(r"[0-9.]+|[零一二三四五六七八九十百千万两半]+")


@dataclass(frozen=True)
class Approved:
    """An approved answer that holds now."""

    id: int
    questions: tuple[str, ...]
    answer: str
    clauses: tuple[str, ...]


def approve(
    session: Session, *, questions: Sequence[str], answer: str, clauses: Sequence[str], by: str, now: datetime
) -> int:
    """Keep an answer that holds from now on; its id.

    Args:
        questions: the question, and further wordings of it.
        clauses: ids of the clauses it rests on, best first; none where it rests on none.
        by: who approves it.

    Raises:
        BadInput: nothing is asked or answered, it is too long, a clause is not known, or nobody stands for it.
    """
    asked = [question.strip() for question in questions if plain(question)]
    if not asked:
        raise BadInput("没有问题：请用 --question 写一个老百姓会怎么问的问题。")
    if not answer.strip() or len(answer) > _LONGEST:
        raise BadInput(f"答案要写，而且不超过 {_LONGEST} 字：太长了手机上看不完。")
    if not by.strip():
        raise BadInput("没写是谁核定的：答案要有人负责，请用 --by 写名字。")
    unknown = [clause for clause in clauses if digest().get(clause) is None]
    if unknown:
        raise BadInput(
            f"没有这一条：{'、'.join(unknown)}。条款编号写成 contract/14 的样子；不依据条款就不写 --clause。"
        )
    row = ApprovedAnswer(
        questions=asked, answer=answer.strip(), clauses=list(clauses), approved_by=by.strip(), approved_at=now
    )
    session.add(row)
    session.flush()
    return int(row.id)


def withdraw(session: Session, answer_id: int, *, now: datetime) -> None:
    """An approved answer holds no longer.

    Raises:
        NotFound: there is none of this id, or it was withdrawn already.
    """
    row = session.get(ApprovedAnswer, answer_id)
    if row is None or row.withdrawn_at is not None:
        raise NotFound(f"没有编号 {answer_id} 的有效答案。用 wuchang answers list 看都有哪些。")
    row.withdrawn_at = now


def in_force(session: Session) -> tuple[Approved, ...]:
    """The approved answers that hold, the latest first: of two that fit, it wins."""
    query = (
        select(ApprovedAnswer).where(ApprovedAnswer.withdrawn_at.is_(None)).order_by(ApprovedAnswer.id.desc())
    )
    return tuple(
        Approved(row.id, tuple(row.questions), row.answer, tuple(row.clauses))
        for row in session.scalars(query)
    )


def approved_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every approved answer, oldest first, withdrawn ones too."""
    for row in session.scalars(select(ApprovedAnswer).order_by(ApprovedAnswer.id)):
        yield {
            "id": row.id, "questions": row.questions, "answer": row.answer, "clauses": row.clauses,
            "approved_by": row.approved_by, "approved_at": with_offset(row.approved_at),
            "withdrawn_at": with_offset(row.withdrawn_at),
        }  # fmt: skip


def find(question: str, approved: Sequence[Approved]) -> Approved | None:
    """The approved answer to `question`, None where none is to this question."""
    asked = _bare(question)
    if not asked or not approved:
        return None
    exact = next((one for one in approved if asked in map(_bare, one.questions)), None)
    if exact:
        return exact
    best, likeness = None, _SAME
    vector = _vector(question)
    for one in approved:
        for wording in one.questions:
            near = _likeness(asked, _bare(wording), float(vector @ _vector(wording)))
            if near > likeness and _figures(question) == _figures(wording):
                best, likeness = one, near
    return best


def _bare(text: str) -> str:
    return plain(text).replace(" ", "")


def _likeness(one: str, other: str, cosine: float) -> float:
    a, b = _pieces(one), _pieces(other)
    return cosine / 2 + len(a & b) / max(len(a) + len(b), 1)


def _pieces(text: str) -> set[str]:
    return {*text, *(text[i : i + 2] for i in range(len(text) - 1))}


def _figures(text: str) -> list[str]:
    return sorted(_FIGURES.findall(plain(text)))


@lru_cache(maxsize=4096)
def _vector(text: str) -> Floats:
    vector: Floats = encode([text])[0]
    return vector
