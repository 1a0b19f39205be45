"""What the JSON API changes: the use cases of `bot.water`, each answered with the incident as it is then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk.api import as_json, takes, whole
from bot.desk.api_types import Done, IncidentWhole, Why
from bot.desk.openapi import Operation
from bot.desk.web import changes, current_user, noted
from bot.errors import BadInput
from bot.water import duty_lines


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


_ONE = "/api/incidents/{number}"
_DUTY = f"{_ONE}/duties/{{key}}"
OPERATIONS = [
    Operation(
        "POST",
        f"{_DUTY}/done",
        "A duty is done; done twice, the first time counts",
        IncidentWhole,
        takes=Done,
    ),
    Operation("POST", f"{_DUTY}/undone", "A duty was ticked by mistake", IncidentWhole, takes=Why),
]
ROUTES = [
    Route(f"{_DUTY}/done", tick, methods=["POST"]),
    Route(f"{_DUTY}/undone", untick, methods=["POST"]),
]
