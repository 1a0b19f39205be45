"""What the platforms hand in: stored before it is confirmed to them, worked on once, known when it comes again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from bot.storage.base import insert_new
from bot.storage.tables import IncomingMessage

KNOWN_FOR = timedelta(days=3)  # a platform repeats a message for a day at most
MAX_TRIES = 3  # a message at which the process falls each time must not stop all others


@dataclass(frozen=True)
class Incoming:
    """A message whose work is not done: its key, its body as it came, and how often it was begun before."""

    key: str
    body: str
    tries: int


def take_in(session: Session, *, channel: str, key: str, body: str, now: datetime) -> bool:
    """Store a message that came; False where it was here before (done or not)."""
    return insert_new(session, IncomingMessage, channel=channel, key=key, body=body, received_at=now, tries=0)


def begin(session: Session, *, channel: str, key: str) -> None:
    """Note that the work on a message begins."""
    session.connection().execute(_BEGIN, {"its_channel": channel, "its_key": key})


def finish(session: Session, *, channel: str, key: str, now: datetime) -> None:
    """The work is done: only the key stays."""
    session.connection().execute(_FINISH, {"its_channel": channel, "its_key": key, "now": now})


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what came in more than `KNOWN_FOR` ago, done or given up."""
    session.execute(
        delete(IncomingMessage)
        .where(IncomingMessage.received_at < now - KNOWN_FOR)
        .execution_options(synchronize_session=False)
    )


def is_done(session: Session, *, channel: str, key: str) -> bool:
    """Whether the work on a message that was taken in is done."""
    query = select(IncomingMessage.done_at).where(
        IncomingMessage.channel == channel, IncomingMessage.key == key
    )
    return session.scalars(query).first() is not None


def received_at(session: Session, *, channel: str, key: str) -> datetime | None:
    """When a message was taken in first; None where it was not."""
    query = select(IncomingMessage.received_at).where(
        IncomingMessage.channel == channel, IncomingMessage.key == key
    )
    at: datetime | None = session.scalars(query).first()
    return at


def unfinished(session: Session, *, channel: str, before: datetime | None = None) -> tuple[Incoming, ...]:
    """What was taken in (earlier than `before`) and not done, oldest first; what failed `MAX_TRIES` times is left."""
    query = select(IncomingMessage).where(
        IncomingMessage.channel == channel,
        IncomingMessage.done_at.is_(None),
        IncomingMessage.tries < MAX_TRIES,
        True if before is None else IncomingMessage.received_at < before,
    )
    return tuple(
        Incoming(row.key, row.body, row.tries)
        for row in session.scalars(query.order_by(IncomingMessage.id))
        if row.body is not None
    )


def last_key(session: Session, *, channel: str) -> str | None:
    """The key that was taken in last; None where there is none."""
    query = select(IncomingMessage.key).where(IncomingMessage.channel == channel)
    key: str | None = session.scalars(query.order_by(IncomingMessage.id.desc()).limit(1)).first()
    return key


# Made once: making a statement anew costs more than running it, and each message needs these.
_TABLE = IncomingMessage.__table__
_ITS_ROW = (_TABLE.c.channel == bindparam("its_channel"), _TABLE.c.key == bindparam("its_key"))
_BEGIN = update(_TABLE).where(*_ITS_ROW).values(tries=_TABLE.c.tries + 1)
_FINISH = update(_TABLE).where(*_ITS_ROW).values(done_at=bindparam("now"), body=None)
