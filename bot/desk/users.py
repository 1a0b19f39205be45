"""Users of the desk: who there is, and whether a name, a password and a code let somebody in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.desk import audit, devices, passwords, sessions
from bot.desk.devices import Try
from bot.desk.roles import ADMIN, ROLES
from bot.errors import BadInput, NotFound
from bot.storage.tables import DeskUser, Staff

_NAME = re.compile(r"[\w.\-@]{1,64}")
_SECRET = re.compile(r"[A-Z2-7]{32}")
_DIGITS = re.compile(r"[0-9]{6}")
_STEP = 30  # seconds that a one-time code holds
_DRIFT = 1  # steps that a phone's clock may be wrong by


@dataclass(frozen=True)
class User:
    """A user as the desk shows them; `ready`: has set a password, `totp`: needs a one-time code too."""

    id: int
    name: str
    role: str
    on_duty: bool
    ready: bool
    totp: bool
    disabled: bool
    locked_until: datetime | None
    staff: str | None


def add(session: Session, *, name: str, role: str, now: datetime) -> User:
    """A new user, who can log in once a link (`bot.desk.links`) has set their password.

    Raises:
        BadInput: the name is taken or none, or there is no such role.
    """
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise BadInput("用户名用汉字、字母、数字和 . - _ @，最多 64 个，中间没有空格。")
    _check_role(role)
    if _row(session, name) is not None:
        raise BadInput(f"已经有叫 {name} 的用户了，请换一个名字。")
    row = DeskUser(name=name, role=role, created_at=now, on_duty=False, failures=0)
    session.add(row)
    session.flush()
    return _user(row, None)


def find(session: Session, name: str) -> User:
    """The user of this name.

    Raises:
        NotFound: there is none.
    """
    row = _existing(session, name)
    return _user(row, _staff_name(session, row))


def all_users(session: Session) -> tuple[User, ...]:
    """Every user, those who may not log in any more last."""
    query = (
        select(DeskUser, Staff.name)
        .outerjoin(Staff, Staff.id == DeskUser.staff_id)
        .order_by(DeskUser.disabled_at.is_not(None), DeskUser.name)
    )
    return tuple(_user(row, staff) for row, staff in session.execute(query))


def user_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every user as a line of JSON; nothing secret is in it."""
    for user in all_users(session):
        yield {
            "name": user.name, "role": user.role, "on_duty": user.on_duty, "ready": user.ready, "totp": user.totp,
            "disabled": user.disabled, "locked_until": with_offset(user.locked_until), "staff": user.staff,
        }  # fmt: skip


def let_in(session: Session, *, name: str, password: str, code: str, taken: Try, at: float) -> int | None:
    """The id of the user whom name, password and code belong to; None where they let nobody in.

    Takes as long whichever of them is wrong. A right log-in gives the tries back. `taken`: what
    `bot.desk.devices.take_try` said; `at`: seconds since 1970, for the code.
    """
    row = _row(session, name)
    usable = row is not None and row.disabled_at is None
    right = passwords.is_right(password, row.password_hash if row is not None and usable else None)
    if row is None or not (right and taken.left):
        return None
    audit.lock(session)  # before any row is changed, as every change does: else two could wait for each other
    if not _code_is_right(session, row, code, at):
        return None
    devices.give_back(session, row, taken)
    return int(row.id)


def set_password(session: Session, *, user_id: int, password: str) -> User:
    """Set a password; ends every session of the user, opens a lock, and forgets the browsers that were known.

    Raises:
        BadInput: it will not do.
    """
    row = session.get(DeskUser, user_id)
    passwords.check_new(password, row.name)
    row.password_hash = passwords.hashed(password)
    row.failures, row.locked_until = 0, None
    devices.forget_all(session, user_id=user_id)
    sessions.end_all(session, user_id=user_id)
    return _user(row, None)


def has_password(session: Session, *, user_id: int, password: str) -> bool:
    """Whether this is the user's password: asked before they change it or their one-time codes."""
    row = session.get(DeskUser, user_id)
    return passwords.is_right(password, row.password_hash)


def new_secret() -> str:
    """A new secret for one-time codes, base32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether it looks like a secret of `new_secret`."""
    return bool(_SECRET.fullmatch(text))


def totp_address(secret: str, name: str) -> str:
    """What an authenticator app takes the secret from (otpauth://…)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="屋场助手")


def set_totp(session: Session, *, user_id: int, secret: str, code: str, at: float) -> None:
    """From now on the user needs a code of this secret, one of which (`code`) shows that they can make them.

    Raises:
        BadInput: the code is none of this secret.
    """
    step = _step_of(secret, code, at) if is_secret(secret) else None
    if step is None:
        raise BadInput("动态码不对：请看手机上的时间准不准，再输一遍现在的 6 位数字。")
    row = session.get(DeskUser, user_id)
    row.totp_secret, row.totp_step = secret, step
    sessions.end_all(session, user_id=user_id)


def drop_totp(session: Session, *, name: str) -> None:
    """The user needs no code any more: their phone is lost. Ends their sessions."""
    row = _existing(session, name)
    row.totp_secret = row.totp_step = None
    sessions.end_all(session, user_id=row.id)


def set_role(session: Session, *, name: str, role: str) -> None:
    """Give another role; the user logs in anew.

    Raises:
        BadInput: there is no such role, or nobody would be an admin any more.
    """
    _check_role(role)
    row = _existing(session, name)
    if role != ADMIN:
        _keep_an_admin(session, row)
    row.role = role
    sessions.end_all(session, user_id=row.id)


def set_duty(session: Session, *, name: str, on_duty: bool) -> None:
    """Note whether the user is on duty now: reminders and alarms go to them."""
    _existing(session, name).on_duty = on_duty


def set_staff(session: Session, *, name: str, staff: str) -> None:
    """Note whose accounts on the channels reminders go to; "": nobody's.

    Raises:
        NotFound: there is no such member of staff.
    """
    row = _existing(session, name)
    found = None
    if staff:
        query = select(Staff.id).where(Staff.name == staff, Staff.removed_at.is_(None))
        found = session.scalars(query).first()
        if found is None:
            raise NotFound(f"没有叫 {staff} 的工作人员。先用 wuchang staff add 记下。")
    row.staff_id = found


def set_disabled(session: Session, *, name: str, disabled: bool, now: datetime) -> None:
    """Keep somebody out, their running sessions too, or let them in again.

    Raises:
        BadInput: nobody would be an admin any more.
    """
    row = _existing(session, name)
    if disabled:
        _keep_an_admin(session, row)
        row.on_duty = False
    row.disabled_at = now if disabled else None
    sessions.end_all(session, user_id=row.id)


def has_admin(session: Session) -> bool:
    """Whether somebody can log in as admin."""
    query = select(DeskUser.id).where(
        DeskUser.role == ADMIN, DeskUser.disabled_at.is_(None), DeskUser.password_hash.is_not(None)
    )
    return session.execute(query.limit(1)).first() is not None


def _keep_an_admin(session: Session, row: DeskUser) -> None:
    # Locked until the caller commits: two admins must not put each other out at once.
    query = select(DeskUser.id).where(
        DeskUser.role == ADMIN, DeskUser.disabled_at.is_(None), DeskUser.password_hash.is_not(None)
    )
    admins = set(session.scalars(query.order_by(DeskUser.id).with_for_update()))
    if admins == {row.id}:
        raise BadInput("这是最后一个管理员：请先让另一个人当管理员。")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise BadInput(f"没有 {role} 这个角色；有 viewer（只看）、duty（值班）、admin（管理员）。")


def _code_is_right(session: Session, row: DeskUser, code: str, at: float) -> bool:
    """Whether the code is one of now, and none that was taken before; it is used up with that."""
    if row.totp_secret is None:
        return True
    step = _step_of(row.totp_secret, code, at)
    if step is None:
        return False
    done = session.execute(
        update(DeskUser)
        .where(DeskUser.id == row.id, or_(DeskUser.totp_step.is_(None), DeskUser.totp_step < step))
        .values(totp_step=step)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def _step_of(secret: str, code: str, at: float) -> int | None:
    """The time step that a code belongs to, of those around `at`."""
    code = re.sub(r"\s", "", code)
    if not _DIGITS.fullmatch(code):
        return None
    totp = pyotp.TOTP(secret)
    steps = range(int(at) // _STEP - _DRIFT, int(at) // _STEP + _DRIFT + 1)
    # Each is compared in constant time; the latest counts.
    found = [step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), code)]
    return max(found, default=None)


def _row(session: Session, name: str) -> DeskUser | None:
    row: DeskUser | None = session.scalars(
        select(DeskUser).where(DeskUser.name == name).execution_options(populate_existing=True)
    ).one_or_none()
    return row


def _existing(session: Session, name: str) -> DeskUser:
    row = _row(session, name)
    if row is None:
        raise NotFound(f"没有叫 {name} 的用户。")
    return row


def _staff_name(session: Session, row: DeskUser) -> str | None:
    name: str | None = session.scalars(select(Staff.name).where(Staff.id == row.staff_id)).first()
    return name


def _user(row: DeskUser, staff: str | None) -> User:
    return User(
        row.id, row.name, row.role, row.on_duty, row.password_hash is not None, row.totp_secret is not None,
        row.disabled_at is not None, row.locked_until, staff,
    )  # fmt: skip
