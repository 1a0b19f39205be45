"""Who is who on the platforms: the address that a platform knows, and the sender id that everything else knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.storage.sealed import fingerprint
from bot.storage.tables import ChannelAccount


@dataclass(frozen=True)
class Account:
    """A person on a channel; `pushes_*` as in the table (null: the platform sets no limit)."""

    channel: str
    sender: str
    address: str
    language: str
    pushes_until: datetime | None
    pushes_left: int | None
    reachable: bool


def sender_of(channel: str, address: str) -> str:
    """The sender id of an address: the same each time, and nobody can turn it back."""
    return f"{channel}-{fingerprint('account', f'{channel} {address}')}"


def seen(
    session: Session, *, channel: str, address: str, now: datetime, language: str | None = None,
    pushes_until: datetime | None = None, pushes_left: int | None = None,
) -> str:  # fmt: skip
    """Note that somebody wrote: the account is made or brought up to date; their sender id.

    A window (`pushes_*`) that is still open is never made smaller: a click on a menu leaves the 48 hours be.
    """
    sender = sender_of(channel, address)
    row = _row(session, channel, sender)
    if row is None:
        row = ChannelAccount(channel=channel, sender_id=sender, address=address, created_at=now)
        session.add(row)
    row.last_message_at, row.unreachable_at = now, None
    if row.pushes_until and pushes_until and row.pushes_until > now:
        pushes_until = max(row.pushes_until, pushes_until)
        pushes_left = max(row.pushes_left or 0, pushes_left or 0)
    row.pushes_until, row.pushes_left = pushes_until, pushes_left
    row.language = language or row.language or "zh"
    session.flush()
    return sender


def find(session: Session, *, channel: str, sender: str) -> Account | None:
    """The account of a sender id; None where the channel does not know it (any more)."""
    row = _row(session, channel, sender)
    if row is None:
        return None
    return Account(
        channel, sender, row.address, row.language, row.pushes_until, row.pushes_left, row.unreachable_at is None
    )  # fmt: skip


def count_push(session: Session, *, channel: str, sender: str) -> None:
    """One of the messages that the platform allows is used up; nothing where it sets no limit."""
    mine = (ChannelAccount.channel == channel, ChannelAccount.sender_id == sender)
    session.execute(
        update(ChannelAccount)
        .where(*mine, ChannelAccount.pushes_left > 0)
        .values(pushes_left=ChannelAccount.pushes_left - 1)
        .execution_options(synchronize_session=False)
    )


def close_window(session: Session, *, channel: str, sender: str) -> None:
    """The platform takes no more messages to this person until they write again."""
    row = _row(session, channel, sender)
    if row is not None:
        row.pushes_left = 0


def lost(session: Session, *, channel: str, sender: str, now: datetime) -> None:
    """Note that the person cannot be reached any more (until they write again)."""
    row = _row(session, channel, sender)
    if row is not None:
        row.unreachable_at = now


def _row(session: Session, channel: str, sender: str) -> ChannelAccount | None:
    query = select(ChannelAccount).where(
        ChannelAccount.channel == channel, ChannelAccount.sender_id == sender
    )
    row: ChannelAccount | None = session.scalars(query).one_or_none()
    return row
