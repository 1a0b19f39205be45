"""Staff, and their accounts on the channels: a one-time code from the desk, sent in the chat, binds whoever sends it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.errors import BadInput, NotFound
from bot.storage import accounts
from bot.storage.sealed import fingerprint
from bot.storage.tables import ChannelAccount, Staff, StaffCode

# Digits and capitals that are not mistaken for one another when read out or copied from paper.
LETTERS = "23456789ACDEFGHJKMNPQRTUWXY"
CODE_LENGTH = 8
CODE_LASTS = timedelta(hours=24)
WRONG_CODES = (
    5  # of one account, each less than `REFUSED_FOR` after the one before; then all are refused for so long
)
REFUSED_FOR = timedelta(hours=1)
BOUND, WRONG, TOO_MANY = "bound", "wrong", "too_many"
_LONGEST_NAME = 64


@dataclass(frozen=True)
class Binding:
    """What came of a code: `outcome` is BOUND (then `name` is whose account it is now), WRONG or TOO_MANY."""

    outcome: str
    name: str | None = None


def add(session: Session, *, name: str, role: str | None, now: datetime) -> None:
    """Note a member of staff; one who was removed is one again.

    Raises:
        BadInput: the name is empty, too long, or in use.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise BadInput(f"名字要写，而且不超过 {_LONGEST_NAME} 个字。")
    row = session.scalars(select(Staff).where(Staff.name == name)).first()
    if row is not None and row.removed_at is None:
        raise BadInput(f"已经有工作人员 {name} 了。同名的人请加上单位，比如“{name}（水厂）”。")
    if row is None:
        row = Staff(name=name)
        session.add(row)
    row.role, row.created_at, row.removed_at = role, now, None
    session.flush()


def new_code(session: Session, *, name: str, now: datetime) -> str:
    """A code that binds one account to `name` within `CODE_LASTS`, as XXXX-XXXX; an earlier one that nobody used is void.

    Raises:
        NotFound: there is nobody of this name.
    """
    row = _staff(session, name)
    _void_code(session, row)
    code = _made()
    session.add(StaffCode(staff_id=row.id, code_hash=_hash(code), expires_at=now + CODE_LASTS))
    session.flush()
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def bind(session: Session, code: str, *, channel: str, sender: str, now: datetime) -> Binding:
    """Bind the account of `sender` with a code (capitals and digits alone); a wrong one is counted."""
    account = accounts.known(session, channel=channel, sender=sender, now=now)
    recent = account.wrong_code_at is not None and now - account.wrong_code_at < REFUSED_FOR
    if recent and account.wrong_codes >= WRONG_CODES:
        return Binding(TOO_MANY)
    staff = _taken(session, code, now)
    if staff is None:
        account.wrong_codes, account.wrong_code_at = (account.wrong_codes + 1 if recent else 1), now
        return Binding(WRONG)
    account.staff_id, account.wrong_codes, account.wrong_code_at = staff.id, 0, None
    return Binding(BOUND, staff.name)


def unbind(session: Session, *, name: str) -> int:
    """Unbind every account of `name`, and void a code not used yet; how many accounts it were.

    Raises:
        NotFound: there is nobody of this name.
    """
    row = _staff(session, name)
    _void_code(session, row)
    done = session.execute(
        update(ChannelAccount).where(ChannelAccount.staff_id == row.id).values(staff_id=None)
    )
    return int(done.rowcount)


def remove(session: Session, *, name: str, now: datetime) -> None:
    """`name` is no member of staff any more: unbound, told nothing, their codes void; the name stays in the records.

    Raises:
        NotFound: there is nobody of this name.
    """
    unbind(session, name=name)
    _staff(session, name).removed_at = now


def staff_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every member of staff, in the order they were added, with the accounts bound and a code that waits."""
    for row in session.scalars(select(Staff).where(Staff.removed_at.is_(None)).order_by(Staff.id)):
        bound = select(ChannelAccount).where(ChannelAccount.staff_id == row.id).order_by(ChannelAccount.id)
        waiting = select(StaffCode.expires_at).where(
            StaffCode.staff_id == row.id, StaffCode.used_at.is_(None)
        )
        yield {
            "name": row.name, "role": row.role, "created_at": with_offset(row.created_at),
            "accounts": [
                {"channel": one.channel, "sender": one.sender_id, "reachable": one.unreachable_at is None}
                for one in session.scalars(bound)
            ],
            "code_until": with_offset(session.scalars(waiting).first()),
        }  # fmt: skip


def _void_code(session: Session, row: Staff) -> None:
    """The code of `row` that nobody used is none any more."""
    session.execute(
        delete(StaffCode)
        .where(StaffCode.staff_id == row.id, StaffCode.used_at.is_(None))
        .execution_options(synchronize_session=False)
    )


def _staff(session: Session, name: str) -> Staff:
    query = select(Staff).where(Staff.name == name.strip(), Staff.removed_at.is_(None))
    row: Staff | None = session.scalars(query).first()
    if row is None:
        raise NotFound(f"没有工作人员 {name}。用 wuchang staff list 看都有谁，wuchang staff add 加一个。")
    return row


def _taken(session: Session, code: str, now: datetime) -> Staff | None:
    """The member of staff whose code it is, the code being used up with it; None where it is none (any more)."""
    mine = (StaffCode.code_hash == _hash(code), StaffCode.used_at.is_(None), StaffCode.expires_at > now)
    staff_id = session.scalars(select(StaffCode.staff_id).where(*mine)).first()
    if staff_id is None:
        return None
    used = session.execute(
        update(StaffCode).where(*mine).values(used_at=now).execution_options(synchronize_session=False)
    )
    return (
        session.get(Staff, staff_id) if used.rowcount else None
    )  # two that send it at once: the first has it


def _made() -> str:
    """Random letters, a digit among them: by it a code is told from a word."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        if any(letter.isdigit() for letter in code):
            return code


def _hash(code: str) -> str:
    return fingerprint("staff code", code)
