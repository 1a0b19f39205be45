"""Who is logged in: a random token in a cookie, its hash in the database."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bot.settings import settings
from bot.storage.tables import DeskSession, DeskUser

LONGEST = timedelta(hours=12)
# Seen is written this often at most: a page that is read needs no write each time.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class LoggedIn:
    """Somebody who is logged in: `id` of the user, `csrf` what each of their changes must carry."""

    id: int
    name: str
    role: str
    on_duty: bool
    session_id: int
    csrf: str


def new_token() -> str:
    """256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of a token: 64 hexadecimal digits. It is random, so it needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def begin(session: Session, *, user_id: int, now: datetime) -> str:
    """Log somebody in; the token for their cookie, always a new one."""
    token = new_token()
    session.add(
        DeskSession(token_hash=hash_of(token), user_id=user_id, csrf=new_token(), created_at=now, seen_at=now)
    )
    return token


def find(session: Session, token: str, *, now: datetime, touch: bool = True) -> LoggedIn | None:
    """Who has this token; None where nobody has, the session is over or the user may not log in any more.

    `touch`: this is a person's click, and the minutes without one begin anew.
    """
    query = (
        select(DeskSession, DeskUser)
        .join(DeskUser, DeskUser.id == DeskSession.user_id)
        .where(DeskSession.token_hash == hash_of(token), DeskUser.disabled_at.is_(None))
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    if row is None or _is_over(row.DeskSession, now):
        return None
    kept, user = row
    if touch and now - kept.seen_at >= SEEN_EVERY:
        session.execute(
            update(DeskSession)
            .where(DeskSession.id == kept.id)
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )
    return LoggedIn(user.id, user.name, user.role, user.on_duty, kept.id, kept.csrf)


def end(session: Session, token: str) -> None:
    """Log out; nothing where nobody has this token."""
    _delete(session, DeskSession.token_hash == hash_of(token))


def end_all(session: Session, *, user_id: int, but: int | None = None) -> None:
    """End every session of a user, but the one of the id `but`."""
    _delete(session, DeskSession.user_id == user_id, DeskSession.id != (but or 0))


def tidy(session: Session, now: datetime) -> None:
    """Delete the sessions that are over."""
    over = or_(DeskSession.created_at < now - LONGEST, DeskSession.seen_at < now - idle())
    _delete(session, over)


def idle() -> timedelta:
    """How long a session lives without a click."""
    return timedelta(minutes=int(settings().desk_idle_minutes))


def _is_over(kept: DeskSession, now: datetime) -> bool:
    return bool(now - kept.created_at >= LONGEST or now - kept.seen_at >= idle())


def _delete(session: Session, *which: object) -> None:
    session.execute(delete(DeskSession).where(*which).execution_options(synchronize_session=False))
