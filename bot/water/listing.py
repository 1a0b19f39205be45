"""The list of incidents: columns of the incident alone, however many reports there are, with its duties counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage.tables import Incident, IncidentDuty
from bot.water.assessing import outside_supply_area, pass_on_to
from bot.water.rising import GRADES, Rise

ORDERS = ("grade", "overdue", "time")
_COLUMNS = (
    Incident.id, Incident.number, Incident.status, Incident.kind, Incident.township, Incident.area, Incident.started_at,
    Incident.opened_at, Incident.last_report_at, Incident.closed_at, Incident.expected_at, Incident.grade,
    Incident.clauses, Incident.highest_possible, Incident.basis, Incident.confirmed_grade, Incident.confirmed_at,
    Incident.next_grade, Incident.next_grade_at, Incident.next_clause, Incident.reports_count,
    Incident.households_count, Incident.drill,
)  # fmt: skip
_WAITS = (IncidentDuty.done_at.is_(None), IncidentDuty.dropped_at.is_(None))


@dataclass(frozen=True)
class IncidentLine:
    """An incident as the list shows it; what it has in common with the table means the same there.

    Attributes:
        rise: the next higher grade by time alone, of an open incident.
        plan_applies: whether the place lies in the county town's supply area (1.4); None: unknown.
        pass_on_to: who is to hear of it instead, where the plan does not apply.
        waiting, overdue: duties not done yet, and those of them whose time is over.
    """

    number: str
    status: str
    kind: str
    township: str | None
    area: str
    started_at: datetime | None
    opened_at: datetime
    last_report_at: datetime
    closed_at: datetime | None
    expected_at: datetime | None
    grade: str | None
    clauses: tuple[str, ...]
    highest_possible: str | None
    basis: str | None
    confirmed_grade: str | None
    confirmed_at: datetime | None
    rise: Rise | None
    plan_applies: bool | None
    pass_on_to: tuple[str, ...]
    reports: int
    households: int
    drill: bool
    waiting: int
    overdue: int


def list_incidents(
    session: Session, *, status: str | None, township: str | None, order: str, limit: int, offset: int, now: datetime
) -> tuple[IncidentLine, ...]:  # fmt: skip
    """A page of incidents, of one status and township or (None) of all.

    Args:
        order: "grade": the gravest first, by what was confirmed or worked out; "overdue": most overdue duties first;
            "time": the last report first, which is the second order of the others too.

    Raises:
        BadInput: there is no such order.
    """
    query = select(*_COLUMNS)
    if status is not None:
        query = query.where(Incident.status == status)
    if township is not None:
        query = query.where(Incident.township == township)
    page = query.order_by(*_order(order, now)).limit(limit).offset(offset)
    rows = session.execute(page).all()
    waiting = _duties(session, [row.id for row in rows], now)
    return tuple(_line(row, *waiting.get(row.id, (0, 0))) for row in rows)


def _order(order: str, now: datetime) -> tuple[Any, ...]:
    latest = (Incident.last_report_at.desc(), Incident.id.desc())
    if order == "time":
        return latest
    if order == "grade":
        ranks = [
            case(*((column == name, GRADES.index(name)) for name in GRADES if name), else_=len(GRADES))
            for column in (Incident.grade, Incident.confirmed_grade)
        ]
        return (case((ranks[0] < ranks[1], ranks[0]), else_=ranks[1]), *latest)
    if order == "overdue":
        late = (
            select(func.count(IncidentDuty.id))
            .where(IncidentDuty.incident_id == Incident.id, *_WAITS, IncidentDuty.due_at < now)
            .scalar_subquery()
        )
        return (late.desc(), *latest)
    raise BadInput(f"没有这种排法 {order}，可用的是 {'、'.join(ORDERS)}。")


def _duties(session: Session, ids: list[int], now: datetime) -> dict[int, tuple[int, int]]:
    """Of each of these incidents, duties that wait and those overdue."""
    if not ids:
        return {}
    late = func.sum(case((IncidentDuty.due_at < now, 1), else_=0))
    query = (
        select(IncidentDuty.incident_id, func.count(IncidentDuty.id), late)
        .where(IncidentDuty.incident_id.in_(ids), *_WAITS)
        .group_by(IncidentDuty.incident_id)
    )
    return {incident: (int(waiting), int(overdue)) for incident, waiting, overdue in session.execute(query)}


def _line(row: Any, waiting: int, overdue: int) -> IncidentLine:
    outside = outside_supply_area(row.township)
    rise = (
        Rise(row.next_grade, row.next_grade_at, row.next_clause)
        if row.next_grade and row.status == "open"
        else None
    )
    return IncidentLine(
        number=row.number, status=row.status, kind=row.kind, township=row.township, area=row.area,
        started_at=row.started_at, opened_at=row.opened_at, last_report_at=row.last_report_at, closed_at=row.closed_at,
        expected_at=row.expected_at, grade=row.grade, clauses=tuple(row.clauses or ()),
        highest_possible=row.highest_possible, basis=row.basis, confirmed_grade=row.confirmed_grade,
        confirmed_at=row.confirmed_at, rise=rise, plan_applies=None if outside is None else not outside,
        pass_on_to=pass_on_to(row.township),
        reports=row.reports_count, households=row.households_count, drill=row.drill, waiting=waiting, overdue=overdue,
    )  # fmt: skip
