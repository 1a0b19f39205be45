"""Browsers that logged in before: a random token in a cookie of each, its hash in the database, with whom it logged in.

Several people may log in from one browser (the computer of the watch); each has a row. The token is a new one after
each log-in, so one that was copied is worth nothing once its owner logged in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.desk.sessions import hash_of, new_token
from bot.desk.tries import Count, take
from bot.storage.tables import DeskDevice, DeskUser

KEPT = timedelta(days=365)  # since the last log-in


@dataclass(frozen=True)
class Try:
    """A try to log in: whether there was one left, and whose counter it was taken from (None: that of strangers)."""

    left: bool
    device_id: int | None = None


def take_try(session: Session, *, name: str, device: str, now: datetime) -> Try:
    """Use up one of the tries to log in from the browser with the token `device`, before anything is checked.

    The caller commits at once: else a hundred guesses sent together would all count as the first. A name that nobody
    has is always let through, and found wrong afterwards.
    """
    locked = session.execute(  # the row is locked by this, on SQLite too
        update(DeskUser)
        .where(DeskUser.name == name)
        .values(failures=DeskUser.failures)
        .execution_options(synchronize_session=False)
    )
    if not locked.rowcount:
        return Try(True)
    user = session.scalars(select(DeskUser).where(DeskUser.name == name)).one()
    known = _known(session, user.id, device)
    left, strangers, own = take(_count(user), _count(known) if known else None, now)
    user.failures, user.locked_until = strangers.failures, strangers.locked_until
    if known is not None and own is not None:
        known.failures, known.locked_until = own.failures, own.locked_until
    return Try(left, known.id if known else None)


def give_back(session: Session, user: DeskUser, taken: Try) -> None:
    """The try was right: the counter that it was taken from begins anew, and no other."""
    counter = user if taken.device_id is None else session.get(DeskDevice, taken.device_id)
    if counter is not None:  # a new password may have come in between
        counter.failures, counter.locked_until = 0, None


def remember(session: Session, *, user_id: int, device: str, now: datetime) -> str:
    """The user logged in, or used their one-time link, from the browser with the token `device`; its new token."""
    token = new_token()
    session.execute(
        update(DeskDevice)
        .where(DeskDevice.token_hash == hash_of(device))
        .values(token_hash=hash_of(token))
        .execution_options(synchronize_session=False)
    )
    row = _known(session, user_id, token)
    if row is None:
        session.add(DeskDevice(token_hash=hash_of(token), user_id=user_id, seen_at=now, failures=0))
    else:
        row.seen_at = now
    return token


def forget_all(session: Session, *, user_id: int) -> None:
    """No browser is known to be the user's any more."""
    _delete(session, DeskDevice.user_id == user_id)


def tidy(session: Session, now: datetime) -> None:
    """Delete those that nobody logged in from for a year."""
    _delete(session, DeskDevice.seen_at < now - KEPT)


def _known(session: Session, user_id: int, device: str) -> DeskDevice | None:
    mine = DeskDevice.token_hash == hash_of(device), DeskDevice.user_id == user_id
    row: DeskDevice | None = session.scalars(select(DeskDevice).where(*mine)).one_or_none()
    return row


def _count(row: DeskUser | DeskDevice) -> Count:
    return Count(row.failures, row.locked_until)


def _delete(session: Session, which: object) -> None:
    session.execute(delete(DeskDevice).where(which).execution_options(synchronize_session=False))
