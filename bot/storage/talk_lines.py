"""What was said in the talks of staff with a person, as staff and as the person saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotFound
from bot.storage import attachments
from bot.storage.tables import Attachment, Handover, HandoverMessage

KIND = "staff"  # of staff's words in the outbox
OPEN, TAKEN, CLOSED = "open", "taken", "closed"  # of a handover
_ABOVE_IDS = 2**31  # what PostgreSQL numbers rows with


@dataclass(frozen=True)
class Line:
    """One thing said in a talk; `by` is None for the person, else the name of the desk's user.

    `photo`: id of the photo that came with it.
    """

    at: datetime
    by: str | None
    text: str
    photo: int | None = None


def lines_of(session: Session, handover_id: int) -> tuple[Line, ...]:
    """What was said in the talks of one handover's person, oldest first.

    Raises:
        NotFound: there is no such handover.
    """
    query = select(HandoverMessage).where(
        HandoverMessage.handover_id.in_(_talks_of(handover_of(session, handover_id)))
    )
    lines = session.scalars(query.order_by(HandoverMessage.id)).all()
    photos = attachments.of_messages(session, [line.id for line in lines])
    return tuple(Line(line.at, line.by, line.text, photos.get(line.id)) for line in lines)


def photo_of(session: Session, handover_id: int, photo_id: int) -> attachments.Kept:
    """A photo that the person of this handover sent to staff.

    Raises:
        NotFound: there is no such handover, or the photo is none of its person's talks.
    """
    row = handover_of(session, handover_id)
    query = (
        select(Attachment)
        .join(HandoverMessage, HandoverMessage.id == Attachment.message_id)
        .where(
            Attachment.id == min(photo_id, _ABOVE_IDS - 1), HandoverMessage.handover_id.in_(_talks_of(row))
        )
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound("没有这张照片；也可能本人要求删除了。")
    return attachments.Kept(found.name, found.content_type, found.body)


def said_by(session: Session, *, channel: str, sender: str, most: int) -> tuple[Line, ...]:
    """The latest of what a person said to staff, oldest first; what they heard of staff went through the outbox
    (`bot.storage.told`)."""
    mine = select(Handover.id).where(Handover.channel == channel, Handover.sender_id == sender)
    own = select(HandoverMessage).where(HandoverMessage.handover_id.in_(mine), HandoverMessage.by.is_(None))
    rows = session.scalars(own.order_by(HandoverMessage.id.desc()).limit(most)).all()
    return tuple(Line(row.at, None, row.text) for row in rows[::-1])


def handover_of(session: Session, handover_id: int) -> Handover:
    """The request for staff of this id.

    Raises:
        NotFound: there is none.
    """
    row: Handover | None = session.get(Handover, handover_id) if handover_id < _ABOVE_IDS else None
    if row is None:
        raise NotFound("没有这段对话；也可能本人要求删除了。")
    return row


def _talks_of(row: Handover) -> Any:
    """The ids of all handovers of the same person."""
    return select(Handover.id).where(Handover.channel == row.channel, Handover.sender_id == row.sender_id)
