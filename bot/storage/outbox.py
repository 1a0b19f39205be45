"""The one outgoing path: messages that go to a person, once their time has come.

Whoever wants to tell somebody something puts it here as ready text (`notify`). A channel that pushes claims what is
due, sends it and says how it went; the web chat's page asks for it each minute, and the actions before each answer.

Nothing is said twice: a message is claimed in the database before it is sent. One that was claimed and never
confirmed (the process fell in between) may have arrived, so it is given up and listed for staff, not sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, true, update
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.storage import accounts
from bot.storage.base import insert_new
from bot.storage.tables import ChannelAccount, OutgoingMessage

REPLY = "reply"  # the kind of an answer: each counts, and none is a newer version of another
ENGLISH = "en"  # in `Outgoing.content`: text and buttons for a conversation that goes on in English
LEASE = timedelta(minutes=2)  # no channel takes longer to send one message
MAX_TRIES = 8
OLDEST = timedelta(days=1)  # what could not be sent for so long is no answer any more
FIRST_PAUSE = timedelta(seconds=5)  # doubled with each try: 5, 10, 20 … 320 s
REPLIES_KEPT = timedelta(days=7)  # answers that were sent; what was told without being asked stays on record
_AT_ONCE = 200


@dataclass(frozen=True)
class Outgoing:
    """A message as a channel needs it.

    Attributes:
        kind, reference: what it is about (filing, HT261126-001).
        content: what is beside the text, as JSON (`bot.channels.model.Reply`).
        tries: how often sending it has failed.
    """

    id: int
    sender: str
    text: str
    due_at: datetime
    kind: str
    reference: str
    content: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 0


def outgoing_of(row: OutgoingMessage) -> Outgoing:
    """The message of a row."""
    return Outgoing(
        row.id, row.sender_id, row.text, row.due_at, row.kind, row.reference, row.content or {}, row.tries
    )


def notify(
    session: Session, *, channel: str, sender: str, text: str, kind: str, reference: str, now: datetime,
    due_at: datetime | None = None, content: Mapping[str, Any] | None = None, once: str | None = None,
    held_until: datetime | None = None, given: bool = False,
) -> bool:  # fmt: skip
    """Have `text` said to `sender` on `channel`, from `due_at` on (None: now).

    Until `held_until` no channel claims it: it is to go out with the platform's own request (`bot.storage.replies`).
    `given`: it goes out with such a request at this moment, and is noted as sent.
    `once` names the message: under a name that was used before nothing is put, and False comes back.
    """
    return insert_new(
        session, OutgoingMessage,
        channel=channel, sender_id=sender, text=text, due_at=due_at or now, kind=kind, reference=reference,
        created_at=now, content=dict(content) if content else None, once=once, tries=0, next_try_at=held_until,
        sent_at=now if given else None,
    )  # fmt: skip


def known(session: Session, names: Iterable[str]) -> set[str]:
    """Those of `names` under which a message was put (`once` of `notify`)."""
    asked, found = list(names), set[str]()
    for start in range(0, len(asked), _AT_ONCE):
        some = OutgoingMessage.once.in_(asked[start : start + _AT_ONCE])
        found.update(session.scalars(select(OutgoingMessage.once).where(some)))
    return found


def drop(session: Session, *, reference: str, kinds: Sequence[str] | None = None) -> None:
    """Forget what has not been sent yet about `reference` (of `kinds` alone, where they are named).

    What is on its way or was given up stays listed.
    """
    of_kind = OutgoingMessage.kind.in_(kinds) if kinds is not None else true()
    session.execute(
        delete(OutgoingMessage)
        .where(
            OutgoingMessage.reference == reference,
            of_kind,
            OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.claimed_at.is_(None),
            OutgoingMessage.failed_at.is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def due(session: Session, *, channel: str, sender: str, now: datetime) -> tuple[Outgoing, ...]:
    """What is to be said to `sender` now, oldest first; answers go their own way and are not among it.

    Of several of one kind about one thing only the latest counts: who was away for a week is reminded once.
    """
    query = select(OutgoingMessage).where(is_due(channel, sender, now))
    return _latest(session.scalars(query.order_by(OutgoingMessage.due_at, OutgoingMessage.id)))


def is_due(channel: Any, sender: Any, now: Any) -> Any:
    """The condition on a row that it is one of `due`; the arguments are values, or parameters of a statement."""
    return and_(_waits(channel, now), OutgoingMessage.sender_id == sender, OutgoingMessage.kind != REPLY)


def claim(session: Session, *, channel: str, now: datetime, most: int) -> tuple[Outgoing, ...]:
    """Take up to `most` messages that are due on `channel`, the first of each person; nobody else gets them then.

    A person whose message is on its way, or waits for another try, gets no later one before it. Where the platform
    takes no message to a person at present (`accounts`), theirs wait until they write again.
    """
    _give_up_unsure(session, channel, now)
    query = (
        select(OutgoingMessage)
        .where(_waits(channel, now))
        .order_by(OutgoingMessage.due_at, OutgoingMessage.id)
        .limit(_AT_ONCE)
    )
    busy = select(OutgoingMessage.sender_id).where(_open(channel), _held(now))
    taken: list[Outgoing] = []
    begun: set[str] = set()
    shut = select(ChannelAccount.sender_id).where(
        ChannelAccount.channel == channel,
        or_(ChannelAccount.pushes_until <= now, ChannelAccount.pushes_left <= 0),
    )
    query = query.where(OutgoingMessage.sender_id.not_in(busy), OutgoingMessage.sender_id.not_in(shut))
    for message in _latest(session.scalars(query)):
        if message.sender in begun or len(taken) == most:
            continue
        begun.add(message.sender)
        if _claim_one(session, message, now):
            taken.append(message)
    return tuple(taken)


def confirm(session: Session, message: Outgoing, *, now: datetime) -> None:
    """The message was sent, though it may be listed as unsure meanwhile (the clock was put forward, say)."""
    _set(session, message.id, sent_at=now, failed_at=None, error=None)
    _drop_earlier(session, message)
    accounts.let_go(session, message_id=message.id)


def put_off(
    session: Session, message: Outgoing, *, now: datetime, error: str, after: timedelta | None = None,
    counts: bool = True, since: datetime | None = None,
) -> None:  # fmt: skip
    """Sending failed for sure: again later (`after`, or longer each time).

    Given up after `MAX_TRIES` tries that count, and `OLDEST` after it was due and could be sent at all (`since`).
    """
    tries = message.tries + counts
    if tries >= MAX_TRIES or now - max(message.due_at, since or message.due_at) > OLDEST:
        give_up(session, message, now=now, error=error)
        return
    pause = after or FIRST_PAUSE * 2**message.tries
    again = {"claimed_at": None, "failed_at": None, "next_try_at": now + pause}
    _set(session, message.id, tries=tries, error=error, **again)


def give_up(session: Session, message: Outgoing, *, now: datetime, error: str) -> None:
    """The message cannot be sent, or nobody knows whether it was: it goes to the list for staff."""
    _set(session, message.id, failed_at=now, error=error)
    accounts.let_go(session, message_id=message.id)


def leave(session: Session, message: Outgoing, *, error: str) -> None:
    """The platform takes no message to this person now: it waits as before, and no try is counted."""
    _set(session, message.id, claimed_at=None, failed_at=None, error=error)


def retry(session: Session, message_id: int, *, now: datetime) -> bool:
    """Have a message that was given up tried again; False where there is none of this id."""
    done = session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.id == message_id,
            OutgoingMessage.failed_at.is_not(None),
            OutgoingMessage.sent_at.is_(None),
        )
        .values(failed_at=None, claimed_at=None, next_try_at=None, tries=0, due_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def sweep(session: Session, *, now: datetime) -> None:
    """Forget answers of more than `REPLIES_KEPT` ago, and accounts to be forgotten whose last message never went out."""
    session.execute(
        delete(OutgoingMessage)
        .where(OutgoingMessage.kind == REPLY, OutgoingMessage.created_at < now - REPLIES_KEPT)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(ChannelAccount)
        .where(ChannelAccount.forgotten_at < now - OLDEST)
        .execution_options(synchronize_session=False)
    )


def mark_sent(session: Session, message: Outgoing, *, now: datetime) -> bool:
    """Note that `message` is being said in an answer; False where somebody else took it first."""
    if not _claim_one(session, message, now):
        return False
    confirm(session, message, now=now)
    return True


def collect(session: Session, *, channel: str, sender: str, now: datetime) -> tuple[str, ...]:
    """The texts to be said to `sender` now, marked as sent in the caller's transaction, so that each is said once."""
    return tuple(message.text for message in take(session, channel=channel, sender=sender, now=now))


def take(session: Session, *, channel: str, sender: str, now: datetime) -> tuple[Outgoing, ...]:
    """As `collect`, with what stands beside the texts (`Outgoing.content`)."""
    messages = due(session, channel=channel, sender=sender, now=now)
    return tuple(message for message in messages if mark_sent(session, message, now=now))


def in_language(message: Outgoing, language: str | None) -> dict[str, Any]:
    """Text and buttons of a message, in English where it has them and the conversation goes on in English."""
    other = message.content.get(ENGLISH) if language == ENGLISH else None
    return dict(other) if other else {**message.content, "text": message.text}


def outgoing_lines(session: Session, *, failed: bool = False) -> Iterator[dict[str, Any]]:
    """Every message that waits or was sent, the next one due first, those that were sent last; or only `failed` ones."""
    order = (OutgoingMessage.sent_at.is_not(None), OutgoingMessage.due_at, OutgoingMessage.id)
    query = select(OutgoingMessage).where(OutgoingMessage.failed_at.is_not(None) if failed else True)
    for row in session.scalars(query.order_by(*order)):
        yield {
            "id": row.id, "kind": row.kind, "reference": row.reference, "text": row.text,
            "due_at": with_offset(row.due_at), "sent_at": with_offset(row.sent_at),
            "failed_at": with_offset(row.failed_at), "error": row.error, "tries": row.tries,
            "channel": row.channel, "sender": row.sender_id, "created_at": with_offset(row.created_at),
        }  # fmt: skip


def _open(channel: Any) -> Any:
    """Neither sent nor given up."""
    return (
        (OutgoingMessage.channel == channel)
        & OutgoingMessage.sent_at.is_(None)
        & OutgoingMessage.failed_at.is_(None)
    )


def _held(now: datetime) -> Any:
    """On its way, or waiting for another try."""
    return or_(OutgoingMessage.claimed_at.is_not(None), OutgoingMessage.next_try_at > now)


def _give_up_unsure(session: Session, channel: str, now: datetime) -> None:
    """What was claimed and never confirmed. Looked for first, so that looking alone takes no lock for writing."""
    fallen = (_open(channel), OutgoingMessage.claimed_at < now - LEASE)
    if session.execute(select(OutgoingMessage.id).where(*fallen).limit(1)).first():
        session.execute(
            update(OutgoingMessage)
            .where(*fallen)
            .values(failed_at=now, error="unsure: the process ended while it was sent")
            .execution_options(synchronize_session=False)
        )


def _waits(channel: Any, now: Any) -> Any:
    """Due, and not held."""
    return and_(
        _open(channel),
        OutgoingMessage.due_at <= now,
        OutgoingMessage.claimed_at.is_(None),
        or_(OutgoingMessage.next_try_at.is_(None), OutgoingMessage.next_try_at <= now),
    )


def _latest(rows: Iterable[OutgoingMessage]) -> tuple[Outgoing, ...]:
    """`rows` without those that a later one of the same person, thing and kind has overtaken; answers all stay."""
    kept = {(row.sender_id, row.reference, row.kind, row.id if row.kind == REPLY else 0): row for row in rows}
    return tuple(outgoing_of(row) for row in sorted(kept.values(), key=lambda row: (row.due_at, row.id)))


def _claim_one(session: Session, message: Outgoing, now: datetime) -> bool:
    taken = session.execute(
        update(OutgoingMessage)
        # All of it once more: since it was looked for, another one may have had it, put it off or given it up.
        .where(OutgoingMessage.id == message.id, _waits(OutgoingMessage.channel, now))
        .values(claimed_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)


def _set(session: Session, message_id: int, **values: Any) -> None:
    session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.id == message_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _drop_earlier(session: Session, message: Outgoing) -> None:
    """Earlier ones of its kind to the same person about the same thing are over with it."""
    if message.kind == REPLY:
        return
    session.execute(
        delete(OutgoingMessage)
        .where(
            OutgoingMessage.sender_id == message.sender,
            OutgoingMessage.reference == message.reference,
            OutgoingMessage.kind == message.kind,
            OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.failed_at.is_(None),
            # One that was put there in the same second, while this one was on its way, is a later one.
            or_(
                OutgoingMessage.due_at < message.due_at,
                and_(OutgoingMessage.due_at == message.due_at, OutgoingMessage.id < message.id),
            ),
        )
        .execution_options(synchronize_session=False)
    )
