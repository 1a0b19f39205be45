"""What reached a person without being asked: reminders, news of an outage, words of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.outbox import REPLY, Outgoing, outgoing_of
from bot.storage.tables import OutgoingMessage


@dataclass(frozen=True)
class Told:
    """A message, and when it was said."""

    at: datetime
    message: Outgoing


def told(session: Session, *, channel: str, sender: str, most: int) -> tuple[Told, ...]:
    """The latest `most` of what was said to a person by itself, oldest first; answers are not among it."""
    query = (
        select(OutgoingMessage)
        .where(
            OutgoingMessage.channel == channel, OutgoingMessage.sender_id == sender,
            OutgoingMessage.sent_at.is_not(None), OutgoingMessage.kind != REPLY,
        )
        .order_by(OutgoingMessage.sent_at.desc(), OutgoingMessage.id.desc())
        .limit(most)
    )  # fmt: skip
    return tuple(Told(row.sent_at, outgoing_of(row)) for row in session.scalars(query))[::-1]
