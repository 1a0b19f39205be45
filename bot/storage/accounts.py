"""Who is who on the platforms: the address that a platform knows, and the sender id that everything else knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, false, or_, select, update
from sqlalchemy.orm import Session

from bot.storage.base import insert_new
from bot.storage.sealed import fingerprint
from bot.storage.tables import ChannelAccount, OutgoingMessage, Staff


@dataclass(frozen=True)
class Account:
    """A person on a channel; `pushes_*` as in the table (null: the platform sets no limit).

    Attributes:
        last_message_at: when they wrote last; with it `lost` and `close_window` know what they have to go by.
    """

    channel: str
    sender: str
    address: str
    language: str
    pushes_until: datetime | None
    pushes_left: int | None
    reachable: bool
    last_message_at: datetime


def sender_of(channel: str, address: str) -> str:
    """The sender id of an address: the same each time, and nobody can turn it back."""
    return f"{channel}-{fingerprint('account', f'{channel} {address}')}"


def note(
    session: Session, *, channel: str, address: str, now: datetime, language: str | None = None,
    pushes_until: datetime | None = None, pushes_left: int | None = None,
) -> tuple[str, str]:  # fmt: skip
    """Note that somebody wrote: the account is made or brought up to date; their sender id and language.

    A window (`pushes_*`) that is still open is never made smaller: a click on a menu leaves the 48 hours be.
    """
    sender = sender_of(channel, address)
    mine = {"its_channel": channel, "its_sender": sender}
    connection = session.connection()
    before = connection.execute(_BEFORE, mine).one_or_none()
    language = language or (before.language if before else "zh")
    if before and before.pushes_until and pushes_until and before.pushes_until > now:
        pushes_until = max(before.pushes_until, pushes_until)
        pushes_left = max(before.pushes_left or 0, pushes_left or 0)
    noted = {"now": now, "until": pushes_until, "left": pushes_left, "spoken": language}
    # It may have gone since it was looked for: who wanted to be forgotten writes again just as they are let go.
    if before is None or not connection.execute(_SEEN, {**mine, **noted}).rowcount:
        insert_new(
            session, ChannelAccount, channel=channel, sender_id=sender, address=address, created_at=now,
            last_message_at=now, language=language, pushes_until=pushes_until, pushes_left=pushes_left,
        )  # fmt: skip
    return sender, language


def find(session: Session, *, channel: str, sender: str) -> Account | None:
    """The account of a sender id; None where the channel does not know it (any more)."""
    row = _row(session, channel, sender)
    return None if row is None else _account(row)


def known(session: Session, *, channel: str, sender: str, now: datetime) -> ChannelAccount:
    """The row of a sender; where the channel keeps no addresses (web, REST) the sender id itself stands for one."""
    row = _row(session, channel, sender)
    if row is None:
        row = ChannelAccount(
            channel=channel, sender_id=sender, address=sender, language="zh", created_at=now, last_message_at=now,
            wrong_codes=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
    return row


def staff_accounts(session: Session, name: str) -> tuple[Account, ...]:
    """The accounts that a member of staff bound and can be reached on; none where nobody is of this name (any more)."""
    query = (
        select(ChannelAccount)
        .join(Staff, Staff.id == ChannelAccount.staff_id)
        .where(Staff.name == name, Staff.removed_at.is_(None), ChannelAccount.unreachable_at.is_(None))
        .order_by(ChannelAccount.id)
    )
    return tuple(_account(row) for row in session.scalars(query))


def staff_name(session: Session, *, channel: str, sender: str) -> str | None:
    """The member of staff that an account is bound to; None for everybody else."""
    query = (
        select(Staff.name)
        .join(ChannelAccount, ChannelAccount.staff_id == Staff.id)
        .where(
            ChannelAccount.channel == channel, ChannelAccount.sender_id == sender, Staff.removed_at.is_(None)
        )
    )
    name: str | None = session.scalars(query).first()
    return name


def let_go(session: Session, *, message_id: int) -> None:
    """After a message was pushed or given up: an account whose person wanted to be forgotten goes with its last one."""
    row = session.connection().execute(_OF_FORGOTTEN, {"its_message": message_id}).first()
    if row is not None and not _awaits(session, row):
        _delete(session, row)


def let_go_told(session: Session, *, channel: str, told_before: datetime) -> None:
    """Those who wanted to be forgotten go, where the last message to them was sent before `told_before`.

    One that went out within the platform's own request stays for so long, for it may have to be given again.
    """
    for row in (
        session.connection().execute(_FORGOTTEN_LONG, {"its_channel": channel, "before": told_before}).all()
    ):
        if not _awaits(session, row, since=told_before):
            _delete(session, row)


def _awaits(session: Session, row: Any, since: datetime | None = None) -> bool:
    """Whether something is still to be sent to the account of `row`, or was sent `since` then."""
    is_open = OutgoingMessage.sent_at.is_(None) & OutgoingMessage.failed_at.is_(None)
    lately = OutgoingMessage.sent_at >= since if since else false()
    found = select(OutgoingMessage.id).where(*_theirs(row), or_(is_open, lately)).limit(1)
    return session.execute(found).first() is not None


def _delete(session: Session, row: Any) -> None:
    """An account and what was said to it, unless the person has written again since it was looked for."""
    account = delete(ChannelAccount).where(
        ChannelAccount.id == row.id, ChannelAccount.forgotten_at.is_not(None)
    )
    if session.execute(account.execution_options(synchronize_session=False)).rowcount:
        theirs = delete(OutgoingMessage).where(*_theirs(row))
        session.execute(theirs.execution_options(synchronize_session=False))


def _theirs(row: Any) -> tuple[Any, Any]:
    return OutgoingMessage.channel == row.channel, OutgoingMessage.sender_id == row.sender_id


def count_push(session: Session, *, channel: str, sender: str) -> None:
    """One of the messages that the platform allows is used up; nothing where it sets no limit."""
    mine = (ChannelAccount.channel == channel, ChannelAccount.sender_id == sender)
    session.execute(
        update(ChannelAccount)
        .where(*mine, ChannelAccount.pushes_left > 0)
        .values(pushes_left=ChannelAccount.pushes_left - 1)
        .execution_options(synchronize_session=False)
    )


def close_window(session: Session, *, channel: str, sender: str, seen: datetime) -> None:
    """The platform takes no more messages to this person until they write again.

    `seen`: when they had written last as the message was sent that it refused; where they have written since, that
    refusal says nothing any more.
    """
    _note_on(session, channel, sender, seen, pushes_left=0)


def lost(session: Session, *, channel: str, sender: str, now: datetime, seen: datetime | None = None) -> None:
    """Note that the person cannot be reached any more (until they write again); `seen` as in `close_window`."""
    _note_on(session, channel, sender, seen or now, unreachable_at=now)


def _note_on(session: Session, channel: str, sender: str, seen: datetime, **values: Any) -> None:
    session.execute(
        update(ChannelAccount)
        .where(
            ChannelAccount.channel == channel, ChannelAccount.sender_id == sender,
            ChannelAccount.last_message_at <= seen,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _account(row: ChannelAccount) -> Account:
    return Account(
        row.channel, row.sender_id, row.address, row.language, row.pushes_until, row.pushes_left,
        row.unreachable_at is None, row.last_message_at,
    )  # fmt: skip


def _row(session: Session, channel: str, sender: str) -> ChannelAccount | None:
    query = select(ChannelAccount).where(
        ChannelAccount.channel == channel, ChannelAccount.sender_id == sender
    )
    # `note` writes past the session's own rows.
    fresh = query.execution_options(populate_existing=True)
    row: ChannelAccount | None = session.scalars(fresh).one_or_none()
    return row


# Made once: making a statement anew costs more than running it, and each message needs these.
_TABLE = ChannelAccount.__table__
_ITS_ROW = (_TABLE.c.channel == bindparam("its_channel"), _TABLE.c.sender_id == bindparam("its_sender"))
_BEFORE = select(_TABLE.c.language, _TABLE.c.pushes_until, _TABLE.c.pushes_left).where(*_ITS_ROW)
_SEEN = (
    update(_TABLE)
    .where(*_ITS_ROW)
    .values(
        last_message_at=bindparam("now"), unreachable_at=None, forgotten_at=None, pushes_until=bindparam("until"),
        pushes_left=bindparam("left"), language=bindparam("spoken"),
    )
)  # fmt: skip
_SENT = OutgoingMessage.__table__
_FORGOTTEN = (
    select(_TABLE.c.id, _TABLE.c.channel, _TABLE.c.sender_id)
    .join(_SENT, (_SENT.c.channel == _TABLE.c.channel) & (_SENT.c.sender_id == _TABLE.c.sender_id))
    .where(_SENT.c.created_at >= _TABLE.c.forgotten_at)
)
_OF_FORGOTTEN = _FORGOTTEN.where(_SENT.c.id == bindparam("its_message"))
# An account to which nothing went out since is still to be told, and waits for that.
_FORGOTTEN_LONG = (
    _FORGOTTEN.where(
        _TABLE.c.channel == bindparam("its_channel"), _TABLE.c.forgotten_at.is_not(None),
        _SENT.c.sent_at < bindparam("before"),
    )
    .distinct()
)  # fmt: skip
