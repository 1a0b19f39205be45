"""What the JSON API changes: the use cases of `bot.water`, each answered with the incident as it is then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.desk.api import as_json, takes, whole
from bot.desk.api_types import Confirmed, Done, Fact, IncidentWhole, Merged, Overridden, Split, Undone, Why
from bot.desk.openapi import Operation, Table, routes_of
from bot.desk.web import changes, current_user, noted
from bot.errors import BadInput, NotFound
from bot.water.duty import duty_lines
from bot.water.incidents import decisions, merging


@changes("duty", "api.fact", read=takes(Fact))
def set_fact(request: Request, session: Session) -> Response:
    """A fact is set, or taken back; the grade is worked out anew."""
    number, given = _number(request), request.state.given
    decisions.set_fact(
        session,
        number=number,
        name=given.name,
        value=given.value,
        reason=given.reason,
        **_who_and_when(request),
    )
    return _told(request, session, number, name=given.name, value=given.value)


@changes("duty", "api.grade.confirm", read=takes(Confirmed))
def confirm(request: Request, session: Session) -> Response:
    """Staff answer for the grade."""
    number, given = _number(request), request.state.given
    decisions.confirm_grade(session, number=number, seen=given.seen, **_who_and_when(request))
    return _told(request, session, number)


@changes("duty", "api.grade.override", read=takes(Overridden))
def override(request: Request, session: Session) -> Response:
    """Staff give another grade."""
    number, given = _number(request), request.state.given
    decisions.override_grade(
        session, number=number, grade=given.grade, reason=given.reason, **_who_and_when(request)
    )
    return _told(request, session, number, grade=given.grade, reason=given.reason)


@changes("duty", "api.merge", read=takes(Merged))
def merge(request: Request, session: Session) -> Response:
    """Incidents that are one are put together."""
    number, given = _number(request), request.state.given
    merging.merge(session, into=number, numbers=given.numbers, **_who_and_when(request))
    return _told(request, session, number, numbers=given.numbers)


@changes("duty", "api.split", read=takes(Split))
def split(request: Request, session: Session) -> Response:
    """Reports become an incident of their own, which is the answer."""
    number, given = _number(request), request.state.given
    new = merging.split(session, number=number, reports=given.reports, **_who_and_when(request))
    session.flush()
    noted(request, subject=number, into=new.number, reports=given.reports)
    return as_json(whole(session, new.number))


@changes("duty", "api.undo", read=takes(Undone))
def undo(request: Request, session: Session) -> Response:
    """A merging or splitting of this incident is taken back."""
    number, event_id = _number(request), int(request.state.given.event)
    if event_id not in {event.id for event in whole(session, number).history}:
        raise NotFound(f"{number} 没有这一条记录。")
    merging.undo(session, event_id=event_id, **_who_and_when(request))
    return _told(request, session, number, event=event_id)


@changes("duty", "api.duty.tick", read=takes(Done))
def tick(request: Request, session: Session) -> Response:
    """A duty is done."""
    number, key, given = _number(request), request.path_params["key"], request.state.given
    line = duty_lines.tick(
        session, incident=number, key=key, how=given.how, at=_local(given.at), **_who_and_when(request)
    )
    return _told(request, session, number, key=line.key)


@changes("duty", "api.duty.untick", read=takes(Why))
def untick(request: Request, session: Session) -> Response:
    """A duty was ticked by mistake."""
    number, key, given = _number(request), request.path_params["key"], request.state.given
    line = duty_lines.untick(session, incident=number, key=key, reason=given.reason, **_who_and_when(request))
    return _told(request, session, number, key=line.key)


def _number(request: Request) -> str:
    return str(request.path_params["number"]).upper()


def _who_and_when(request: Request) -> dict[str, Any]:
    return {"by": current_user(request).name, "now": clock.now()}


def _told(request: Request, session: Session, number: str, **detail: Any) -> Response:
    session.flush()
    noted(request, subject=number, **detail)
    return as_json(whole(session, number))


def _local(at: datetime | None) -> datetime | None:
    """A moment with its zone as the county's own time."""
    if at is None:
        return None
    try:
        return clock.at_timestamp(at.timestamp())
    except (OverflowError, ValueError, OSError):
        raise BadInput("这个时间不对。") from None


def _changed(path: str, summary: str, body: Any) -> Operation:
    return Operation("POST", path, summary, IncidentWhole, takes=body)


_ONE = "/api/incidents/{number}"
_DUTY = f"{_ONE}/duties/{{key}}"
_TABLE: Table = (
    (_changed(f"{_ONE}/merge", "Other incidents are one with this one", Merged), merge),
    (_changed(f"{_ONE}/split", "Reports become an incident of their own, which is the answer", Split), split),
    (_changed(f"{_ONE}/undo", "Take a merging or splitting back", Undone), undo),
    (_changed(f"{_ONE}/facts", "Set a fact, or take it back; graded anew at once", Fact), set_fact),
    (_changed(f"{_ONE}/confirm", "Confirm the grade as it was worked out", Confirmed), confirm),
    (_changed(f"{_ONE}/override", "Give another grade, with a reason", Overridden), override),
    (_changed(f"{_DUTY}/done", "A duty is done; done twice, the first time counts", Done), tick),
    (_changed(f"{_DUTY}/undone", "A duty was ticked by mistake", Why), untick),
)
OPERATIONS = [one for one, _does in _TABLE]
ROUTES = routes_of(_TABLE)
