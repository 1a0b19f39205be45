"""Buttons and numbered choices: what they stand for stays on the server, and each person can press their own alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from bot.storage.tables import OfferedChoice

PAST = timedelta(
    minutes=10
)  # how long choices that others took the place of still count for what was sent before
# The clock has whole seconds: what came within the second of an offer was sent before anybody could read it.
SEEN_AFTER = timedelta(seconds=1)
_PAST_MARK = "~"  # behind the token of such a choice, before what makes it one of its kind


@dataclass(frozen=True)
class Choice:
    """What a button says and what it stands for."""

    payload: str
    title: str


def offer(
    session: Session, choices: Sequence[Choice], *, channel: str, sender: str, now: datetime, kept: timedelta
) -> tuple[str, ...]:
    """Keep buttons for `kept`; a random token of 22 characters for each, in their order."""
    tokens = tuple(secrets.token_urlsafe(16) for _ in choices)
    _add(session, tokens, choices, channel=channel, sender=sender, now=now, kept=kept)
    return tokens


def offer_numbers(
    session: Session, choices: Sequence[Choice], *, channel: str, sender: str, now: datetime, kept: timedelta
) -> tuple[str, ...]:
    """Keep choices "1", "2" ... for `kept` in place of those that the person had before.

    What they had before, kept under whatever token, counts for `PAST` for what was sent before (`chosen_at`).
    """
    its, connection = {"its_channel": channel, "its_sender": sender}, session.connection()
    if connection.execute(_ANY, its).first():
        connection.execute(_FORGET_THEIR_EXPIRED, {**its, "now": now})
        mark = f"{_PAST_MARK}{secrets.token_hex(4)}"
        connection.execute(_END, {**its, "until": now + PAST, "mark": mark})
    tokens = tuple(str(i) for i in range(1, len(choices) + 1))
    _add(session, tokens, choices, channel=channel, sender=sender, now=now, kept=kept)
    return tokens


def keep(
    session: Session, token: str, choice: Choice, *, channel: str, sender: str, now: datetime, kept: timedelta
) -> None:
    """Keep `choice` under a token of the caller's, in place of what stood there; other tokens stay."""
    forget(session, token, channel=channel, sender=sender)
    _add(session, [token], [choice], channel=channel, sender=sender, now=now, kept=kept)


def forget(session: Session, token: str, *, channel: str, sender: str) -> None:
    """A token stands for nothing any more."""
    session.connection().execute(_FORGET, {"its_channel": channel, "its_sender": sender, "its_token": token})


def chosen(session: Session, token: str, *, channel: str, sender: str, now: datetime) -> Choice | None:
    """What a token stands for, for the person who was offered it and while it is kept; else None."""
    its = {"its_channel": channel, "its_sender": sender, "its_token": token, "now": now}
    row = session.connection().execute(_CHOSEN, its).one_or_none()
    return Choice(row.payload, row.title) if row else None


def chosen_at(
    session: Session, token: str, *, channel: str, sender: str, now: datetime, at: Callable[[], datetime],
    take: bool = False,
) -> Choice | None:  # fmt: skip
    """What a token stood for at the moment `at`, by the choices that the person could have read then; else None.

    `at` is asked only where choices of this token are kept. `take`: it stands for nothing from then on.
    """
    its = {"its_channel": channel, "its_sender": sender, "now": now}
    rows = session.connection().execute(_THEIRS, its).all()
    same = [row for row in rows if row.token.partition(_PAST_MARK)[0] == token]
    moment = at() if same else now
    for row in same:
        ended = row.expires_at - PAST if _PAST_MARK in row.token else None
        if row.created_at + SEEN_AFTER <= moment and (ended is None or moment < ended + SEEN_AFTER):
            found = chosen(session, row.token, channel=channel, sender=sender, now=now)
            if take:
                forget(session, row.token, channel=channel, sender=sender)
            return found
    return None


def offered_since(session: Session, token: str, choice: Choice, *, channel: str, sender: str) -> bool:
    """Whether what `token` stands for was offered to the person once more after it."""
    its = {"its_channel": channel, "its_sender": sender, "its_token": token}
    # What they stand for is encrypted, and so is compared here.
    return choice.payload in session.connection().execute(_OFFERED_SINCE, its).scalars()


def _add(
    session: Session, tokens: Sequence[str], choices: Sequence[Choice], *, channel: str, sender: str, now: datetime,
    kept: timedelta,
) -> None:  # fmt: skip
    if not choices:  # an empty list of rows would be a row of defaults
        return
    rows = [
        {
            "channel": channel, "sender_id": sender, "created_at": now, "token": token, "payload": choice.payload,
            "title": choice.title, "expires_at": now + kept,
        }
        for token, choice in zip(tokens, choices, strict=True)
    ]  # fmt: skip
    session.connection().execute(_ADD, rows)


def sweep(session: Session, *, now: datetime) -> None:
    """Forget what stands for nothing any more, of everybody."""
    session.connection().execute(_FORGET_EXPIRED, {"now": now})


# Made once: making a statement anew costs more than running it, and each answer needs these.
_TABLE = OfferedChoice.__table__
_ITS_PERSON = (_TABLE.c.channel == bindparam("its_channel")) & (_TABLE.c.sender_id == bindparam("its_sender"))
_ITS_ROW = _ITS_PERSON & (_TABLE.c.token == bindparam("its_token"))
_EXPIRED = _TABLE.c.expires_at <= bindparam("now")
_ADD = insert(_TABLE)
_FORGET = delete(_TABLE).where(_ITS_ROW)
_END = (
    update(_TABLE)
    .where(_ITS_PERSON, _TABLE.c.token.not_like(f"%{_PAST_MARK}%"))
    .values(token=_TABLE.c.token + bindparam("mark"), expires_at=bindparam("until"))
)
_THEIRS = select(_TABLE.c.token, _TABLE.c.created_at, _TABLE.c.expires_at).where(
    _ITS_PERSON, _TABLE.c.expires_at > bindparam("now")
)
_ANY = select(_TABLE.c.id).where(_ITS_PERSON).limit(1)
_FORGET_EXPIRED = delete(_TABLE).where(_EXPIRED)
_FORGET_THEIR_EXPIRED = delete(_TABLE).where(_ITS_PERSON, _EXPIRED)
_CHOSEN = select(_TABLE.c.payload, _TABLE.c.title).where(_ITS_ROW, _TABLE.c.expires_at > bindparam("now"))
_PRESSED = _TABLE.alias()
_OFFERED_SINCE = select(_TABLE.c.payload).where(
    _ITS_PERSON,
    _TABLE.c.id > select(_PRESSED.c.id).where(
        _PRESSED.c.channel == bindparam("its_channel"), _PRESSED.c.sender_id == bindparam("its_sender"),
        _PRESSED.c.token == bindparam("its_token"),
    ).scalar_subquery(),
)  # fmt: skip
