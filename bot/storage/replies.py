"""Answers that go out with the platform's own request: a message is taken from the outbox for it, or given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.storage import accounts
from bot.storage.outbox import REPLY
from bot.storage.tables import OutgoingMessage


def take_reply(session: Session, once: Sequence[str], *, now: datetime, again_for: timedelta) -> str | None:
    """The text of an answer's first message, to be given to the platform in its own request; None where it is gone.

    `once` are the names of the answer's messages in their order; the later ones may be claimed now. A message taken
    so was never claimed, which tells it from one that was pushed: within `again_for` it is given again, for a
    platform that asks once more did not get it.
    """
    session.flush()
    connection = session.connection()
    rows = connection.execute(_OF_REPLY, {"names": list(once)}).all()
    if not rows:
        return None
    first = rows[0]
    if not connection.execute(_TAKE, {"its_id": first.id, "now": now}).rowcount:
        first = connection.execute(_OF_REPLY, {"names": list(once)}).first() or first
        given = first.sent_at is not None and first.claimed_at is None and first.sent_at + again_for >= now
        return first.text if given else None
    if len(rows) > 1:
        release(session, [row.once for row in rows[1:]])
    return str(first.text)


def release(session: Session, once: Sequence[str]) -> None:
    """Messages that were held for the platform's own request may be claimed now."""
    session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.once.in_(once), OutgoingMessage.claimed_at.is_(None), OutgoingMessage.tries == 0
        )
        .values(next_try_at=None)
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, once: Sequence[str], *, held_until: datetime | None) -> None:
    """Messages that were noted as given to the platform's own request, and were not: they wait again."""
    session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.once.in_(once), OutgoingMessage.claimed_at.is_(None),
            OutgoingMessage.sent_at.is_not(None),
        )
        .values(sent_at=None, next_try_at=held_until)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def keep_back(session: Session, *, channel: str, sender: str, until: datetime) -> None:
    """Answers to `sender` that could not be sent are not claimed before `until`; `take_waiting` has them all the same."""
    session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.channel == channel, OutgoingMessage.sender_id == sender, OutgoingMessage.kind == REPLY,
            OutgoingMessage.error.is_not(None), OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.failed_at.is_(None), OutgoingMessage.claimed_at.is_(None),
        )
        .values(next_try_at=until)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def take_waiting(
    session: Session, *, channel: str, sender: str, now: datetime, refused: bool = False
) -> tuple[str, ...]:
    """The answers that wait for `sender`, held ones too, to be given to the platform in its own request.

    `refused`: only those that the platform did not take before. A later delivery of the message that one answers
    gets nothing (`take_reply`), for it is noted as one that went out by itself.
    """
    connection = session.connection()
    waiting = [row for row in _waiting(session, channel, sender) if row.error or not refused]
    taken = [
        row for row in waiting if connection.execute(_TAKE_AS_PUSHED, {"its_id": row.id, "now": now}).rowcount
    ]
    for row in taken:
        accounts.let_go(session, message_id=row.id)
    return tuple(str(row.text) for row in taken)


def waits_since(session: Session, *, channel: str, sender: str) -> datetime | None:
    """When the first of the answers was made that wait for `sender`; None where none waits."""
    waiting = _waiting(session, channel, sender)
    return waiting[0].created_at if waiting else None


def _waiting(session: Session, channel: str, sender: str) -> Sequence[Any]:
    found: Sequence[Any] = (
        session.connection().execute(_WAITING, {"its_channel": channel, "its_sender": sender}).all()
    )
    return found


# Made once: making a statement anew costs more than running it, and each answer needs these.
_TABLE = OutgoingMessage.__table__
_OF_REPLY = (
    select(_TABLE.c.id, _TABLE.c.once, _TABLE.c.text, _TABLE.c.sent_at, _TABLE.c.claimed_at)
    .where(_TABLE.c.once.in_(bindparam("names", expanding=True)))
    .order_by(_TABLE.c.id)
)
_WAITING = (
    select(_TABLE.c.id, _TABLE.c.text, _TABLE.c.created_at, _TABLE.c.error)
    .where(
        _TABLE.c.channel == bindparam("its_channel"), _TABLE.c.sender_id == bindparam("its_sender"),
        _TABLE.c.kind == REPLY, _TABLE.c.sent_at.is_(None), _TABLE.c.failed_at.is_(None),
    )
    .order_by(_TABLE.c.id)
)  # fmt: skip
_FREE = update(_TABLE).where(
    _TABLE.c.id == bindparam("its_id"), _TABLE.c.claimed_at.is_(None), _TABLE.c.sent_at.is_(None),
    _TABLE.c.failed_at.is_(None),
)  # fmt: skip
_TAKE = _FREE.values(sent_at=bindparam("now"))
_TAKE_AS_PUSHED = _FREE.values(sent_at=bindparam("now"), claimed_at=bindparam("now"))
