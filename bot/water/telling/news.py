"""What staff say of an incident, for its reporters, its neighbours and the public page: confirmed, cause, when, where."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage.tables import Incident
from bot.water.incidents.moments import find_incident
from bot.water.incidents.states import OPEN
from bot.water.telling import notices, saying, telling

LONGEST = 100  # characters of a cause or a place: it is heard, not read
FARTHEST = timedelta(days=60)  # a later time is a slip in the date


def confirmed(session: Session, incident: Incident, *, by: str | None, now: datetime) -> None:
    """To be called when staff confirmed or overrode the grade: the public page has it, subscribers hear of it once."""
    notices.publish(session, incident, by=by, now=now)
    telling.tell_subscribers(session, incident, what=telling.NEWS, now=now)


def set_expected(session: Session, *, number: str, at: datetime | None, by: str, now: datetime) -> int:
    """When the water is to be back, as staff say; None takes it back. How many reporters are told.

    Raises:
        NotFound, BadInput: no such incident, not open, or a time that cannot be.
    """
    incident = open_incident(session, number)
    if at is not None and not now < at <= now + FARTHEST:
        raise BadInput(f"预计来水时间要在现在之后、{FARTHEST.days}天之内。")
    before, incident.expected_at = incident.expected_at, at
    if at is None and before is None:
        return 0
    told = telling.tell_reporters(session, incident, what=telling.EXPECTED, at=at, by=by, now=now)
    notices.publish(session, incident, by=by, now=now)
    return told


def tell_cause(session: Session, *, number: str, cause: str, by: str, now: datetime) -> int:
    """What the cause was, in words for residents; how many reporters are told.

    Raises:
        NotFound, BadInput: no such incident, not open, or nothing, or too much said.
    """
    incident = open_incident(session, number)
    text = _short(cause, "原因")
    return telling.tell_reporters(session, incident, what=telling.CAUSE, cause=text, by=by, now=now)


def tell_trucks(
    session: Session, *, number: str, where: str, at: datetime | None, by: str, now: datetime
) -> int:
    """Where water trucks stand, and from when (None: now); how many reporters are told.

    Raises:
        NotFound, BadInput: as `tell_cause`, or a time that cannot be.
    """
    incident = open_incident(session, number)
    text = _short(where, "送水地点")
    if at is not None and not now <= at <= now + FARTHEST:
        raise BadInput(f"送水时间要在现在之后、{FARTHEST.days}天之内。")
    return telling.tell_reporters(session, incident, what=telling.TRUCKS, where=text, at=at, by=by, now=now)


def open_incident(session: Session, number: str) -> Incident:
    """As `find_incident`, open.

    Raises:
        NotFound, BadInput: there is none, or it is not open.
    """
    incident = find_incident(session, number)
    if incident.status != OPEN:
        raise BadInput(f"事件 {incident.number} 已经结束或并入别的事件。")
    return incident


def _short(text: str, what: str) -> str:
    said = " ".join(saying.plain(text).split()).rstrip("。.")
    if not said or len(said) > LONGEST:
        raise BadInput(f"{what}要写，最长{LONGEST}个字。")
    return said
