"""Answers that staff approved: they win over what is found in the documents, at once and without a training.

An approved answer is given where the question is one of its wordings once particles are left out and question words
put alike (好多年, 多少年). Nothing nearer than that is safe: 较大事故谁批准 and 重大事故谁批准 differ in one character. Staff
add the wordings that people use.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.documents.digest import digest
from bot.documents.features import plain
from bot.errors import BadInput, NotFound
from bot.storage.database import address, session_scope
from bot.storage.tables import ApprovedAnswer

logger = logging.getLogger(__name__)
_LONGEST = 2000  # characters of an answer: what still reads as one message
_ALIKE = tuple(
    (usual, re.compile(words))
    for usual, words in (
        ("多久", "多长时间|好久|好长时间|几久|多少时间"), ("多少", "好多|几多|几个"), ("谁", "哪一?个|哪位|么子人"),
        ("什么", "么子|啥子?"), ("怎么", "何式|咋样?|如何|怎样"),
    )
)  # fmt: skip
_PARTICLES = re.compile("请问|想问|问一下|我想|到底|究竟|[的了呢啊呀嘛吧哦]|要(?=多久|多少|保存|存|留)")


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
    asked = essence(question)
    return next((one for one in approved if asked and asked in map(essence, one.questions)), None)


@lru_cache(maxsize=4096)
def essence(question: str) -> str:
    """A question without marks and particles, its question words put alike: equal for the same question only."""
    text = plain(question).replace(" ", "")
    for usual, words in _ALIKE:
        text = words.sub(usual, text)
    return _PARTICLES.sub("", text) or text


def current(state: object = None) -> tuple[Approved, ...]:
    """`in_force`, or what was in force last where the database cannot be read: the documents answer all the same.

    Args:
        state: `bot.storage.glance.Glance.answers` of this moment where it is known; they are read where it changed.
    """
    global _last
    url = address()
    if state is not None and _last[:2] == (url, state):
        return _last[2]
    try:
        with session_scope(url) as session:
            _last = (url, state, in_force(session))
    except SQLAlchemyError as error:
        logger.warning("approved answers could not be read: %s", type(error).__name__)
    return _last[2] if _last[0] == url else ()


# The address, what tells of changes, and the answers that were in force then.
_last: tuple[str, object, tuple[Approved, ...]] = ("", None, ())
