"""The one outgoing path: messages that go to a person by themselves, once their time has come.

Whoever wants to tell somebody something later puts it here as ready text; a channel asks for what is due (the web
chat's page each minute, the actions before each answer) or, where it can, pushes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.storage.tables import OutgoingMessage


@dataclass(frozen=True)
class Outgoing:
    """A message as a channel needs it; `kind` and `reference` say what it is about (filing, HT261126-001)."""

    id: int
    text: str
    due_at: datetime
    kind: str
    reference: str


def schedule(
    session: Session, *, channel: str, sender: str, text: str, due_at: datetime, kind: str, reference: str,
    now: datetime,
) -> None:  # fmt: skip
    """Have `text` said to `sender` on `channel` from `due_at` on."""
    row = OutgoingMessage(
        channel=channel, sender_id=sender, text=text, due_at=due_at, kind=kind, reference=reference, created_at=now
    )  # fmt: skip
    session.add(row)
    session.flush()


def drop(session: Session, *, reference: str) -> None:
    """Forget what has not been sent yet about `reference`."""
    waiting = (OutgoingMessage.reference == reference, OutgoingMessage.sent_at.is_(None))
    session.execute(delete(OutgoingMessage).where(*waiting))


def due(session: Session, *, channel: str, sender: str, now: datetime) -> tuple[Outgoing, ...]:
    """What is to be said to `sender` now, oldest first.

    Of several of one kind about one thing only the latest counts: who was away for a week is reminded once.
    """
    query = select(OutgoingMessage).where(
        OutgoingMessage.channel == channel,
        OutgoingMessage.sender_id == sender,
        OutgoingMessage.sent_at.is_(None),
        OutgoingMessage.due_at <= now,
    )
    rows = session.scalars(query.order_by(OutgoingMessage.due_at, OutgoingMessage.id))
    latest = {(row.reference, row.kind): row for row in rows}
    return tuple(
        Outgoing(row.id, row.text, row.due_at, row.kind, row.reference)
        for row in sorted(latest.values(), key=lambda row: (row.due_at, row.id))
    )


def mark_sent(session: Session, message: Outgoing, *, now: datetime) -> bool:
    """Note that `message` is being said; False where somebody else took it first.

    Earlier ones of its kind about the same thing are over with it.
    """
    taken = session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.id == message.id, OutgoingMessage.sent_at.is_(None))
        .values(sent_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(OutgoingMessage)
        .where(
            OutgoingMessage.reference == message.reference,
            OutgoingMessage.kind == message.kind,
            OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.due_at <= message.due_at,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)


def collect(session: Session, *, channel: str, sender: str, now: datetime) -> tuple[str, ...]:
    """The texts to be said to `sender` now, marked as sent in the caller's transaction, so that each is said once."""
    messages = due(session, channel=channel, sender=sender, now=now)
    return tuple(message.text for message in messages if mark_sent(session, message, now=now))


def outgoing_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every message that waits or was sent, the next one due first, those that were sent last."""
    order = (OutgoingMessage.sent_at.is_not(None), OutgoingMessage.due_at, OutgoingMessage.id)
    for row in session.scalars(select(OutgoingMessage).order_by(*order)):
        yield {
            "id": row.id, "kind": row.kind, "reference": row.reference, "text": row.text,
            "due_at": with_offset(row.due_at), "sent_at": with_offset(row.sent_at),
            "channel": row.channel, "sender": row.sender_id, "created_at": with_offset(row.created_at),
        }  # fmt: skip
