"""The desk's JSON API: the same use cases as the pages, for programs of the office and for tests.

A key for the desk (`Authorization: Bearer …`) reads. What changes something is sent with a person's session and the header
`X-CSRF`, for it is a person who answers for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import with_offset
from bot.desk.api_types import Duty, Event, Incident, IncidentPage, IncidentWhole, Report, Wanted
from bot.desk.openapi import Operation, Table, routes_of
from bot.desk.web import shows
from bot.errors import NotFound
from bot.storage import tables

MOST_EVENTS = 500
_T = TypeVar("_T")


@shows("viewer", keys=True)
def incidents(request: Request, session: Session) -> Response:
    """Incidents, the latest first."""
    wanted = query_of(request, Wanted)
    table = tables.Incident
    asked = {table.status: wanted.status, table.township: wanted.township}
    query = select(*table.__table__.columns).where(
        *(c == value for c, value in asked.items() if value is not UNSET)
    )
    if wanted.before is not UNSET:
        query = query.where(table.id < wanted.before)
    rows = session.execute(query.order_by(table.id.desc()).limit(wanted.limit)).all()
    more = rows[-1].id if len(rows) == wanted.limit else None
    return as_json(IncidentPage([_incident(row) for row in rows], more))


@shows("viewer", keys=True)
def incident(request: Request, session: Session) -> Response:
    """One incident with everything that belongs to it."""
    return as_json(whole(session, request.path_params["number"]))


def whole(session: Session, number: str) -> IncidentWhole:
    """An incident by its number, as the API tells it.

    Raises:
        NotFound: there is none.
    """
    row = session.scalars(select(tables.Incident).where(tables.Incident.number == number.upper())).first()
    if row is None:
        raise NotFound(f"没有编号 {number[:64]} 的事件。")
    report, duty, event = tables.OutageReport, tables.IncidentDuty, tables.IncidentEvent
    # Columns alone: what is sealed of a resident is not even opened.
    reports = session.execute(
        select(
            report.number, report.problem, report.status, report.urgent, report.households, report.started_at,
            report.created_at, report.joined,
        ).where(report.incident_id == row.id).order_by(report.id)
    )  # fmt: skip
    duties = session.scalars(select(duty).where(duty.incident_id == row.id).order_by(duty.id))
    events = session.scalars(
        select(event).where(event.incident_id == row.id).order_by(event.id.desc()).limit(MOST_EVENTS)
    )
    return IncidentWhole(
        incident=_incident(row),
        facts=dict(row.facts or {}),
        reports=[_report(one) for one in reports],
        duties=[_duty(one) for one in duties],
        history=[Event(e.id, _time(e.at), e.kind, e.by, e.detail) for e in events],
    )


def as_json(answer: Any) -> Response:
    """An answer of the API."""
    return Response(msgspec.json.encode(answer), media_type="application/json")


def takes(kind: type[Any]) -> Callable[[Request], None]:
    """What reads a JSON body of this type, for `changes`; `given` has it then.

    Raises:
        HTTPException: it is none, or not of this type.
    """

    def read(request: Request) -> None:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise HTTPException(415, "这里只收 JSON（Content-Type: application/json）。")
        try:
            request.state.given = msgspec.json.decode(request.state.body, type=kind)
        except msgspec.ValidationError as error:
            raise HTTPException(422, f"内容不合要求：{error}") from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise HTTPException(400, f"不是 JSON：{error}") from None

    return read


def query_of(request: Request, kind: type[_T]) -> _T:
    """The query of a request as this type.

    Raises:
        HTTPException: it does not fit.
    """
    try:
        return msgspec.convert(dict(request.query_params), type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise HTTPException(422, f"参数不合要求：{error}") from None


def _incident(row: Any) -> Incident:
    return Incident(
        number=row.number, status=row.status, kind=row.kind, township=row.township, area=row.area, grade=row.grade,
        clauses=list(row.clauses or ()), highest_possible=row.highest_possible, basis=row.basis,
        graded_at=with_offset(row.graded_at), next_grade=row.next_grade, next_grade_at=with_offset(row.next_grade_at),
        next_clause=row.next_clause, confirmed_grade=row.confirmed_grade, confirmed_at=with_offset(row.confirmed_at),
        reports=row.reports_count, households=row.households_count, started_at=with_offset(row.started_at),
        opened_at=_time(row.opened_at), last_report_at=_time(row.last_report_at),
        expected_at=with_offset(row.expected_at), closed_at=with_offset(row.closed_at), drill=row.drill,
        version=row.version,
    )  # fmt: skip


def _report(row: Any) -> Report:
    return Report(
        number=row.number, problem=row.problem, status=row.status, urgent=row.urgent, households=row.households,
        started_at=with_offset(row.started_at), reported_at=_time(row.created_at), joined=row.joined,
    )  # fmt: skip


def _duty(row: Any) -> Duty:
    return Duty(
        key=row.key, grade=row.grade, who=row.who, to=row.to, what=row.what, clause=row.clause,
        due_at=with_offset(row.due_at), done_at=with_offset(row.done_at), done_by=row.done_by, done_how=row.done_how,
        dropped_at=with_offset(row.dropped_at),
    )  # fmt: skip


def _time(at: datetime) -> str:
    told = with_offset(at)
    assert told is not None
    return told


_ONE = "/api/incidents/{number}"
_TABLE: Table = (
    (
        Operation("GET", "/api/incidents", "Incidents, the latest first", IncidentPage, query=Wanted),
        incidents,
    ),
    (Operation("GET", _ONE, "One incident with reports, duties and history", IncidentWhole), incident),
)
OPERATIONS = [one for one, _does in _TABLE]
ROUTES = routes_of(_TABLE)
