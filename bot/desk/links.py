"""One-time links that set a password: of the first admin, of a new user, of somebody who forgot theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain, count
from urllib.parse import urlencode

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.desk import audit, users
from bot.desk.roles import ADMIN
from bot.desk.sessions import hash_of, new_token
from bot.errors import BadInput, NotFound
from bot.settings import settings
from bot.storage.tables import DeskLink, DeskUser

VALID = timedelta(hours=24)
FIRST_ADMIN = "admin"
STARTING = "(wuchang desk serve)"  # who the audit says made the first admin's link


def make(session: Session, *, name: str, now: datetime) -> str:
    """A link for a user, whole; the one before it holds no more.

    Raises:
        NotFound: there is no such user.
    """
    user = users.find(session, name)
    _drop(session, user.id)
    token = new_token()
    session.add(DeskLink(token_hash=hash_of(token), user_id=user.id, expires_at=now + VALID))
    # In the query: what writes addresses down (proxies, browsers' histories of the path) leaves it out more often.
    return f"{settings().desk_address}link?{urlencode({'token': token})}"


def first_admin(session: Session, *, now: datetime) -> str | None:
    """A link for the first admin, who is made with it; None where somebody can log in as admin already."""
    if users.has_admin(session):
        return None
    audit.lock(session)
    query = select(DeskUser.name).where(DeskUser.role == ADMIN, DeskUser.disabled_at.is_(None))
    name = session.scalars(query.order_by(DeskUser.id)).first()
    if name is None:
        taken = set(session.scalars(select(DeskUser.name)))
        names = chain([FIRST_ADMIN], (f"{FIRST_ADMIN}-{number}" for number in count(2)))
        free = next(name for name in names if name not in taken)
        name = users.add(session, name=free, role=ADMIN, now=now).name
    audit.note(session, by=STARTING, action="user.link", subject=name)
    return make(session, name=name, now=now)


def for_admin(session: Session, *, name: str, by: str, drop_totp: bool, now: datetime) -> str:
    """A link for an admin, made from the machine's own command line; a name that is new becomes one. Noted under `by`.

    Raises:
        BadInput: somebody of another role has this name.
    """
    audit.lock(session)
    try:
        user, new = users.find(session, name), {}
    except NotFound:
        user, new = users.add(session, name=name, role=ADMIN, now=now), {"new": True}
    if user.role != ADMIN or user.disabled:
        raise BadInput(f"{name} 不是管理员，或者停用了。请换一个名字，再在值班台上改这个人的角色。")
    if drop_totp:
        users.drop_totp(session, name=user.name)
    audit.note(session, by=by, action="user.link", subject=user.name, drop_totp=drop_totp, **new)
    return make(session, name=user.name, now=now)


def whose(session: Session, token: str, *, now: datetime) -> tuple[int, str]:
    """Id and name of the user that a link is for; it is not used up by looking.

    Raises:
        NotFound: it is none, was used or is too old.
    """
    query = (
        select(DeskUser.id, DeskUser.name)
        .join(DeskLink, DeskLink.user_id == DeskUser.id)
        .where(DeskUser.disabled_at.is_(None), *_good(token, now))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise _not_good()
    return int(row.id), str(row.name)


def use(session: Session, token: str, *, now: datetime) -> tuple[int, str]:
    """As `whose`, and the link is used up.

    Raises:
        NotFound: it is none, was used (a moment ago by somebody else, say) or is too old.
    """
    found = whose(session, token, now=now)
    done = session.execute(
        update(DeskLink)
        .where(*_good(token, now))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        raise _not_good()
    return found


def tidy(session: Session, now: datetime) -> None:
    """Delete the links that hold no more."""
    old = DeskLink.expires_at <= now
    session.execute(delete(DeskLink).where(old).execution_options(synchronize_session=False))


def _good(token: str, now: datetime) -> tuple[object, ...]:
    return DeskLink.token_hash == hash_of(token), DeskLink.used_at.is_(None), DeskLink.expires_at > now


def _drop(session: Session, user_id: int) -> None:
    mine = DeskLink.user_id == user_id
    session.execute(delete(DeskLink).where(mine).execution_options(synchronize_session=False))


def _not_good() -> NotFound:
    return NotFound("这个链接不能用了：用过、过期（24 小时）或者不完整。请管理员再发一个。")
