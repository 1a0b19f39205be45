"""Who waits for staff, or has them, and since when: what the desk lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Handover, HandoverMessage
from bot.storage.talk_lines import CLOSED, OPEN, TAKEN, handover_of

_Said = tuple[datetime, bool]  # when, and whether staff said it


@dataclass(frozen=True)
class Waiting:
    """A person who waits for staff, or has them.

    Attributes:
        id: of the handover that stands for the person's open ones, the most urgent, then the first.
        reasons: asked | water_wanted | emergency | crisis | not_understood, each once.
        phone: whole; whoever shows it masks it.
        unanswered_since: of the oldest words that nobody has answered yet; None where all are answered.
        requests: how many handovers it stands for.
    """

    id: int
    status: str
    urgent: bool
    reasons: tuple[str, ...]
    text: str
    phone: str | None
    channel: str
    sender: str
    created_at: datetime
    taken_by: str | None
    taken_at: datetime | None
    unanswered_since: datetime | None
    requests: int


def find(session: Session, handover_id: int) -> Waiting:
    """One person's conversation, closed ones too.

    Raises:
        NotFound: there is no such handover.
    """
    row = handover_of(session, handover_id)
    same = [row]
    if row.status != CLOSED:
        same = [one for one in _unsettled(session) if _person(one) == _person(row)]
    return _waiting(same, _words(session, same), chosen=row)


def waiting(session: Session) -> tuple[Waiting, ...]:
    """Everybody who waits for staff or has them: urgent and untaken ones first, then who waits longest."""
    rows = list(_unsettled(session))
    words = _words(session, rows)
    people: dict[tuple[str, str], list[Handover]] = {}
    for row in rows:
        people.setdefault(_person(row), []).append(row)
    found = [_waiting(same, words) for same in people.values()]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.status != OPEN and one.unanswered_since is None,
                not one.urgent,
                one.unanswered_since or one.created_at,
            ),
        )
    )


def _unsettled(session: Session) -> list[Handover]:
    query = select(Handover).where(Handover.status.in_((OPEN, TAKEN)))
    return list(session.scalars(query.order_by(Handover.urgent.desc(), Handover.id)))


def _person(row: Handover) -> tuple[str, str]:
    return row.channel, row.sender_id


def _waiting(
    same: list[Handover], words: Mapping[int, list[_Said]], chosen: Handover | None = None
) -> Waiting:
    first = same[0]
    return Waiting(
        id=(chosen or first).id, status=first.status, urgent=any(row.urgent for row in same),
        reasons=tuple(dict.fromkeys(row.reason for row in same)),
        text="\n".join(dict.fromkeys(row.text for row in same if row.text)),
        phone=next((row.phone for row in reversed(same) if row.phone), None), channel=first.channel,
        sender=first.sender_id, created_at=min(row.created_at for row in same), taken_by=first.taken_by,
        taken_at=first.taken_at, unanswered_since=_unanswered_since(same, words), requests=len(same),
    )  # fmt: skip


def _unanswered_since(same: list[Handover], words: Mapping[int, list[_Said]]) -> datetime | None:
    status = same[0].status
    said = [one for row in same for one in words.get(row.id, ())]
    answered = max((at for at, by_staff in said if by_staff), default=None)
    if status == OPEN or (status == TAKEN and answered is None):
        first: datetime = min(row.created_at for row in same)
        return first
    if status == TAKEN and answered is not None:
        # The first of them: who writes again is not to wait anew.
        return min((at for at, by_staff in said if not by_staff and at > answered), default=None)
    return None


def _words(session: Session, rows: Iterable[Handover]) -> Mapping[int, list[_Said]]:
    """When something was said in the talks that staff have, by handover."""
    said: dict[int, list[_Said]] = defaultdict(list)
    query = select(HandoverMessage.handover_id, HandoverMessage.at, HandoverMessage.by.is_not(None)).where(
        HandoverMessage.handover_id.in_([row.id for row in rows if row.status == TAKEN])
    )
    for handover_id, at, by_staff in session.execute(query):
        said[handover_id].append((at, by_staff))
    return said
