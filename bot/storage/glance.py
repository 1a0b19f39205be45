"""What a turn must know of the database before it answers, in one query: whether there is anything to read at all.

For nearly everybody nothing is due and no case is open, and the approved answers and official texts are those of the
turn before. The query is made anew at each turn, so what another process has just written counts at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select, true
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.database import address, engine_for
from bot.storage.tables import ApprovedAnswer, ContractCase, OfficialDocument, OutgoingMessage

State = tuple[Any, ...]
ASKED = "told_restored"  # the kind of the message that asks whether the water is back
ASKED_FOR = timedelta(days=1)  # so long plain words count as its answer


@dataclass(frozen=True)
class Glance:
    """What there is for one person at one moment.

    Attributes:
        due: whether messages are to be said to the person now.
        cases: whether the person has open cases at the contract desk.
        asked: whether the person was asked within a day whether the water is back (`bot.water.incidents.closing`).
        answers: another value after each change of the approved answers.
        texts: another value after each change of the official texts.
    """

    due: bool
    cases: bool
    asked: bool
    answers: State
    texts: State


def glance(*, channel: str, sender: str, now: datetime) -> Glance:
    """Look, on a connection of its own: a session would cost as much again.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
    """
    mine = {"channel": channel, "sender": sender, "now": now, "asked_since": now - ASKED_FOR}
    with engine_for(address()).connect() as connection:
        row = connection.execute(_EVERYTHING, mine).one()
    due, cases, asked, *states = row
    return Glance(
        bool(due), bool(cases), bool(asked), tuple(states[:_OF_ANSWERS]), tuple(states[_OF_ANSWERS:])
    )


def texts(session: Session) -> State:
    """`Glance.texts` for who needs nothing else."""
    return tuple(session.execute(_TEXTS).one())


_ANSWERS = select(
    func.max(ApprovedAnswer.id).label("a"), func.count(ApprovedAnswer.id).label("b"),
    func.count(ApprovedAnswer.withdrawn_at).label("c"), func.max(ApprovedAnswer.approved_at).label("d"),
)  # fmt: skip
_TEXTS = select(
    func.max(OfficialDocument.id).label("e"), func.count(OfficialDocument.id).label("f"),
    func.count(OfficialDocument.valid_until).label("g"), func.max(OfficialDocument.imported_at).label("h"),
)  # fmt: skip
_OF_ANSWERS = 4
_CHANNEL, _SENDER = bindparam("channel"), bindparam("sender")
_BOTH = _ANSWERS.subquery(), _TEXTS.subquery()
# Made once: putting a statement together takes longer than running it.
_EVERYTHING = select(
    exists().where(outbox.is_due(_CHANNEL, _SENDER, bindparam("now"))),
    exists().where(
        ContractCase.channel == _CHANNEL, ContractCase.sender_id == _SENDER, ContractCase.status == "open"
    ),
    exists().where(
        OutgoingMessage.channel == _CHANNEL, OutgoingMessage.sender_id == _SENDER,
        OutgoingMessage.sent_at >= bindparam("asked_since"), OutgoingMessage.kind == ASKED,
    ),
    *_BOTH,
).select_from(_BOTH[0].join(_BOTH[1], true()))  # fmt: skip
