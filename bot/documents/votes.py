"""What people thought of the answers, and what was not answered: the list from which staff mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.documents import approved
from bot.documents.approved import Approved
from bot.storage.tables import AnswerVote, UnansweredQuestion

_USEFUL = re.compile(
    r"(?:这个|答得?|很|蛮|真|挺|还)*(?:有用|有帮助|答得好|管用)(?:了|的|啊|哦|谢谢)*|useful|helpful|that helps?"
)
_USELESS = re.compile(
    r"(?:这个|答得?|完全|根本|一点都?)*(?:没有?什?么?用|不管用|没有?帮助|没答到|答非所问|不是问这个)(?:的|啊|哦)*|useless|not helpful"
)


def says_vote(text: str) -> bool | None:
    """Whether normalised `text` finds the last answer useful (True) or not (False); None where it is no vote."""
    bare = text.strip(" 。.!！~，,")
    return True if _USEFUL.fullmatch(bare) else False if _USELESS.fullmatch(bare) else None


def vote(
    session: Session, *, question: str, clause: str | None, approved_id: int | None, useful: bool,
    channel: str, sender: str, now: datetime,
) -> None:  # fmt: skip
    """Keep a person's vote on an answer; voting again on the same question changes it."""
    query = select(AnswerVote).where(AnswerVote.sender_id == sender)  # what is encrypted cannot be asked for
    known = (row for row in session.scalars(query) if row.question == question)
    row = next(known, None) or AnswerVote(question=question, sender_id=sender)
    row.clause, row.approved_id, row.useful = clause, approved_id, useful
    row.channel, row.created_at = channel, now
    session.add(row)


def question_lines(
    session: Session, *, unanswered: bool = False, votes: bool = False
) -> Iterator[dict[str, Any]]:
    """Questions that need staff, oldest first: not answered, and answered but found useless.

    Args:
        unanswered: only those not answered, and for which no answer was approved since.
        votes: only votes, useful ones too.
    """
    in_force = approved.in_force(session)
    if not votes:
        for row in session.scalars(select(UnansweredQuestion).order_by(UnansweredQuestion.id)):
            settled = _settled(row.question, in_force)
            if not (unanswered and settled):
                yield {
                    "kind": "unanswered", "id": row.id, "question": row.question, "nearest": row.nearest,
                    "approved": settled, "created_at": with_offset(row.created_at),
                }  # fmt: skip
    if not unanswered:
        query = select(AnswerVote).order_by(AnswerVote.id)
        for row in session.scalars(query if votes else query.where(AnswerVote.useful.is_(False))):
            yield {
                "kind": "vote", "id": row.id, "question": row.question, "clause": row.clause,
                "approved": row.approved_id, "useful": row.useful, "created_at": with_offset(row.created_at),
            }  # fmt: skip


def _settled(question: str, in_force: Sequence[Approved]) -> int | None:
    """The id of the approved answer that this question gets now."""
    found = approved.find(question, in_force)
    return found.id if found else None
