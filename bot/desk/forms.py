"""A form of the desk counts once, however often it is sent; and what was typed in one outlives a busy database.

Each form carries a number of its own, `once` (`FIELD`), as it is made. Its hash is kept in the transaction that does it,
so that it is known exactly if that was done: also where the answer got lost and nobody can tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.storage.sealed import keyed_hash
from bot.storage.tables import DeskForm

FIELD, CAME_FROM = "once", "came_from"
KEPT = timedelta(days=1)
_AROUND = ("csrf", CAME_FROM)
_SECRET = frozenset({"password", "again", "old", "code", "secret", "token"})

Fields = Sequence[tuple[str, str]]


def hash_of(fields: Fields, *, user_id: int, path: str) -> str | None:
    """What a form is known by; None where it carries no number (a program's). Another text in it is another form."""
    if not any(name == FIELD and value for name, value in fields):
        return None
    # A browser sends the end of a line as it likes.
    said = [(name, value.replace("\r\n", "\n")) for name, value in fields if name not in _AROUND]
    return keyed_hash("desk-form", json.dumps([user_id, path, said]))


def is_first(session: Session, form: str, *, now: datetime) -> bool:
    """Whether a form of this hash was not done yet; from now on it was, if the caller's transaction holds.

    The caller has the lock of the audit: two that come at once are one after the other.
    """
    if session.get(DeskForm, form) is not None:
        return False
    session.add(DeskForm(hash=form, at=now))
    session.flush()
    return True


def tidy(session: Session, now: datetime) -> None:
    """Forget what nobody sends again."""
    old = delete(DeskForm).where(DeskForm.at < now - KEPT)
    session.execute(old.execution_options(synchronize_session=False))


def to_send_again(fields: Fields) -> Fields | None:
    """The fields with which a form is offered again as it was, but its token; None where there is a password in it."""
    if any(name in _SECRET for name, _value in fields):
        return None
    return [(name, value) for name, value in fields if name not in _AROUND]


def typed(fields: Fields, labels: Iterable[str]) -> list[tuple[str, str]]:
    """What a person wrote in a form, of the fields that `labels` name."""
    known = set(labels)
    return [(name, value) for name, value in fields if name in known and value.strip()]
