"""One incident: what it is, what has to be done by when, what staff decide; its papers and its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk.pages.given import number_of, path_of
from bot.desk.web import page, shows
from bot.storage.tables import Incident, OutageReport
from bot.water.duty import duty_lines
from bot.water.incidents import decisions, response
from bot.water.incidents.answered import answers_of
from bot.water.incidents.assessing import assess, outside_supply_area
from bot.water.incidents.history import EventLine, events_of
from bot.water.incidents.moments import find_incident
from bot.water.incidents.states import OPEN
from bot.water.papers import papers

REPORTS_AT_ONCE = 50
_MOST_EVENTS = 200
_MOST_VULNERABLE = 10


@shows("viewer", live=True)
def incident(request: Request, session: Session) -> Response:
    """The whole page, the clocks first."""
    now = clock.now()
    one = find_incident(session, number_of(request))
    assessed = assess(one, now)
    board = duty_lines.duty_board(session, one, now)
    grades = duty_lines.grades_of(one)
    events = events_of(session, one.id)
    course = response.response_of(session, one)
    return page(
        request, "incident.html", one=one, assessed=assessed, grades=grades, board=_urgent_first(board),
        rise=decisions.next_rise(one, now), facts=decisions.facts_with_sources(session, one, now),
        missing=decisions.missing_for(assessed), response=course, runs_at=response.runs_at(session, course),
        inside=outside_supply_area(one.township) is not True, events=tuple(reversed(events))[:_MOST_EVENTS],
        others=_others(session, one), into=_merged_into(session, one), merges=_merges(events),
        answers=answers_of(session, one), papers=papers.KINDS, at=path_of(one.number),
        vulnerable=_vulnerable(session, one), **_reports(request, session, one),
    )  # fmt: skip


def _urgent_first(board: tuple[duty_lines.DutyLine, ...]) -> tuple[duty_lines.DutyLine, ...]:
    """Overdue lines, then those that are due next, those without a time, and what is done or dropped."""
    places = {"overdue": 0, "open": 1, "done": 2, "dropped": 3}

    def place(line: duty_lines.DutyLine) -> tuple[int, bool, Any]:
        return places.get(line.state, 1), line.due_at is None, line.due_at or line.added_at

    return tuple(sorted(board, key=place))


def _reports(request: Request, session: Session, one: Incident) -> dict[str, Any]:
    """A page of the reports, the latest first; before them urgent ones, and who cannot wait for water."""
    given = request.query_params.get("reports", "1")
    number = int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 6 and int(given) else 1
    query = (
        select(OutageReport)
        .where(OutageReport.incident_id == one.id)
        .order_by(OutageReport.urgent.desc(), OutageReport.vulnerable.is_(None), OutageReport.id.desc())
        .offset((number - 1) * REPORTS_AT_ONCE)
        .limit(REPORTS_AT_ONCE + 1)
    )
    rows = list(session.scalars(query))
    total = session.scalar(select(func.count(OutageReport.id)).where(OutageReport.incident_id == one.id))
    return {
        "reports": rows[:REPORTS_AT_ONCE],
        "reports_page": number,
        "reports_more": len(rows) > REPORTS_AT_ONCE,
        "reports_total": total,
    }


def _vulnerable(session: Session, one: Incident) -> list[OutageReport]:
    """The reports that tell of somebody who cannot wait for water, and are open; the latest, as many as are named."""
    if not one.vulnerable_count:
        return []
    query = (
        select(OutageReport)
        .where(
            OutageReport.incident_id == one.id, OutageReport.vulnerable.is_not(None), OutageReport.status == OPEN,
        )
        .order_by(OutageReport.id.desc())
        .limit(_MOST_VULNERABLE)
    )  # fmt: skip
    return list(session.scalars(query))


def _others(session: Session, one: Incident) -> list[Incident]:
    """Open incidents that may be the same: of the same kind, those of the township first."""
    query = (
        select(Incident)
        .where(
            Incident.status == OPEN, Incident.kind == one.kind, Incident.id != one.id, Incident.drill.is_(one.drill)
        )
        .order_by(Incident.township != one.township, Incident.last_report_at.desc())
        .limit(30)
    )  # fmt: skip
    return list(session.scalars(query))


def _merged_into(session: Session, one: Incident) -> Incident | None:
    return session.get(Incident, one.merged_into_id) if one.merged_into_id else None


def _merges(events: tuple[EventLine, ...]) -> frozenset[int]:
    """Ids of the mergers and splits of this incident that were not undone."""
    undone = {event.detail.get("event") for event in events if event.kind == "undone"}
    made = (
        event.id
        for event in events
        if event.kind == "split" or (event.kind == "merged" and "merged" in event.detail)
    )
    return frozenset(made) - undone


ROUTES = [Route("/incidents/{number}", incident, methods=["GET"])]
