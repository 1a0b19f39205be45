"""What the platforms hand in: stored before it is confirmed to them, worked on once, known when it comes again.

Whoever works on a message holds a claim on it, so that of several processes one does. A claim ends with its time
(`LEASE`, renewed while the work goes on), or with the process that held it where that can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from bot.processes import is_gone
from bot.storage.base import insert_new
from bot.storage.tables import IncomingMessage

KNOWN_FOR = timedelta(days=3)  # a platform repeats a message for a day at most
LEASE = timedelta(seconds=15)
# How long after its claim a message rests that was begun so often and never done: at one the process may fall each
# time, and it must not stop all others. One that was begun more often is left.
RESTS = (timedelta(0), timedelta(0), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8))


class Claim(Enum):
    """What somebody who wants to work on a message finds."""

    MINE = "claimed now"
    BUSY = "another one works on it"
    DONE = "done, or no longer known"


@dataclass(frozen=True)
class Incoming:
    """A message whose work is not done: its key, its body as it came, and how often it was begun before."""

    key: str
    body: str
    tries: int


def take_in(
    session: Session, *, channel: str, key: str, body: str, now: datetime, owner: str, sender: str | None = None,
    begun: bool = False,
) -> bool:  # fmt: skip
    """Store a message that came, claimed by `owner`; False where it was here before (done or not).

    Args:
        sender: whose it is; one of nobody known goes with no person who is forgotten (`drop`).
        begun: its work begins in the same transaction.
    """
    return insert_new(
        session, IncomingMessage, channel=channel, key=key, body=body, received_at=now, tries=int(begun),
        claimed_by=owner, claimed_until=now + LEASE, sender_id=sender,
    )  # fmt: skip


def claim(session: Session, *, channel: str, key: str, owner: str, now: datetime) -> Claim:
    """Begin the work on a message that was taken in, unless another one is at it; `owner` is not at it yet."""
    its = {"its_channel": channel, "its_key": key}
    connection = session.connection()
    found = connection.execute(_STATE, its).one_or_none()
    if found is None or found.done_at is not None:
        return Claim.DONE
    if found.claimed_by != owner and not _is_free(found, now):
        return Claim.BUSY
    # Each claim counts, so that one that another made meanwhile is seen; a renewed one by its time.
    seen = {"seen": found.tries, "seen_until": found.claimed_until}
    done = connection.execute(_CLAIM, {**its, **seen, "me": owner, "until": now + LEASE})
    return Claim.MINE if done.rowcount else Claim.BUSY


def renew(session: Session, *, channel: str, keys: list[str], owner: str, now: datetime) -> None:
    """The work on messages goes on."""
    session.connection().execute(
        _RENEW, {"its_channel": channel, "keys": keys, "me": owner, "until": now + LEASE}
    )


def finish(session: Session, *, channel: str, key: str, now: datetime) -> None:
    """The work is done: only the key stays."""
    session.connection().execute(_FINISH, {"its_channel": channel, "its_key": key, "now": now})


def drop(session: Session, *, channel: str, sender: str, now: datetime) -> int:
    """The person wants to be forgotten: what of theirs is not done is left, but for its key; how many messages.

    The one that is worked on at this moment may be the wish itself. It and what came after it stay: they end as any other
    message, and what somebody writes once they are forgotten counts.
    """
    mine = (_TABLE.c.channel == channel, _TABLE.c.sender_id == sender, _TABLE.c.done_at.is_(None))
    columns = (_TABLE.c.id, _TABLE.c.tries, _TABLE.c.claimed_by, _TABLE.c.claimed_until)
    rows = session.execute(select(*columns).where(*mine)).all()
    at_work = [row.id for row in rows if row.tries and not _is_free(row, now)]
    left = [row.id for row in rows if not at_work or row.id < max(at_work)]
    session.execute(update(_TABLE).where(_TABLE.c.id.in_(left)).values(done_at=now, **_NOTHING_LEFT))
    return len(left)


def sweep(session: Session, *, now: datetime) -> int:
    """Forget what came in more than `KNOWN_FOR` ago, done or not; how many of it were never done."""
    old = IncomingMessage.received_at < now - KNOWN_FOR
    undone = select(func.count(IncomingMessage.id)).where(old, IncomingMessage.done_at.is_(None))
    count = int(session.execute(undone).scalar_one())
    session.execute(delete(IncomingMessage).where(old).execution_options(synchronize_session=False))
    return count


def unfinished(session: Session, *, channel: str, now: datetime) -> tuple[Incoming, ...]:
    """What was taken in, is not done, and nobody works on, oldest first; what was begun too often is left."""
    rows = session.connection().execute(_UNDONE, {"its_channel": channel, "most": len(RESTS)})
    return tuple(Incoming(row.key, row.body, row.tries) for row in rows if _is_free(row, now, rests=True))


def received_at(session: Session, *, channel: str, key: str) -> datetime | None:
    """When a message was taken in first; None where it was not."""
    query = select(IncomingMessage.received_at).where(
        IncomingMessage.channel == channel, IncomingMessage.key == key
    )
    at: datetime | None = session.scalars(query).first()
    return at


def _is_free(row: Any, now: datetime, *, rests: bool = False) -> bool:
    """Whether nobody works on a message; with `rests`, and it may be begun once more."""
    if row.claimed_by is None or row.claimed_until is None:
        return True
    if not (row.claimed_until <= now or is_gone(row.claimed_by)):
        return False
    rest = RESTS[min(row.tries, len(RESTS) - 1)]
    return not rests or not rest or row.claimed_until + rest <= now


# Made once: making a statement anew costs more than running it, and each message needs these.
_TABLE = IncomingMessage.__table__
_ITS_ROW = (_TABLE.c.channel == bindparam("its_channel"), _TABLE.c.key == bindparam("its_key"))
_STATE = select(_TABLE.c.done_at, _TABLE.c.tries, _TABLE.c.claimed_by, _TABLE.c.claimed_until).where(
    *_ITS_ROW
)
_CLAIM = (
    update(_TABLE)
    .where(
        *_ITS_ROW, _TABLE.c.done_at.is_(None), _TABLE.c.tries == bindparam("seen"),
        _TABLE.c.claimed_until.is_not_distinct_from(bindparam("seen_until", type_=_TABLE.c.claimed_until.type)),
    )
    .values(tries=_TABLE.c.tries + 1, claimed_by=bindparam("me"), claimed_until=bindparam("until"))
)  # fmt: skip
_RENEW = (
    update(_TABLE)
    .where(
        _TABLE.c.channel == bindparam("its_channel"), _TABLE.c.key.in_(bindparam("keys", expanding=True)),
        _TABLE.c.claimed_by == bindparam("me"), _TABLE.c.done_at.is_(None),
    )
    .values(claimed_until=bindparam("until"))
)  # fmt: skip
_NOTHING_LEFT = {"body": None, "sender_id": None, "claimed_by": None, "claimed_until": None}
_FINISH = update(_TABLE).where(*_ITS_ROW).values(done_at=bindparam("now"), **_NOTHING_LEFT)
_UNDONE = (
    select(_TABLE.c.key, _TABLE.c.body, _TABLE.c.tries, _TABLE.c.claimed_by, _TABLE.c.claimed_until)
    .where(
        _TABLE.c.channel == bindparam("its_channel"), _TABLE.c.done_at.is_(None), _TABLE.c.body.is_not(None),
        _TABLE.c.tries < bindparam("most"),
    )
    .order_by(_TABLE.c.id)
)  # fmt: skip
