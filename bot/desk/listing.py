"""The list of incidents: one query on the incidents' own columns, however many reports there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, case, func, or_, select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, IncidentDuty
from bot.water.duty.duty_lines import grades_of
from bot.water.plan.duty_clocks import GRADES

PAGE = 100
ORDERS = ("urgent", "grade", "overdue", "time")
STATUSES = ("open", "closed", "merged")
KINDS = ("supply", "quality")
_SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Wanted:
    """What the list is to show.

    Attributes:
        status, kind, township, grade: only these; "" for all.
        words: a part of the number, township or area; "" for all.
        order: one of `ORDERS`.
        page: from 1.
        vulnerable: only those with somebody who cannot wait for water.
    """

    status: str = "open"
    kind: str = ""
    township: str = ""
    grade: str = ""
    words: str = ""
    order: str = "urgent"
    page: int = 1
    vulnerable: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """From an address; what makes no sense there counts as not given."""

        def one_of(name: str, allowed: tuple[str, ...], otherwise: str) -> str:
            value = query.get(name, otherwise)
            return value if value in allowed or (value == "" and name != "order") else otherwise

        page = query.get("page", "1")
        return cls(
            one_of("status", STATUSES, "open"), one_of("kind", KINDS, ""), query.get("township", "")[:64].strip(),
            one_of("grade", GRADES, ""), query.get("q", "")[:64].strip(), one_of("order", ORDERS, "urgent"),
            int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page) else 1,
            query.get("vulnerable") == "1",
        )  # fmt: skip


@dataclass(frozen=True)
class ListLine:
    """An incident in the list.

    Attributes:
        grade: as worked out; `confirmed` what staff answer for.
        awaits: a grade was worked out that is graver than what staff have decided, and seen when they did.
        vulnerable: households with somebody who cannot wait for water.
        overdue: duties whose time is over; `due_at` the next one that is not.
        rises_at: when time alone brings `next_grade`, if it will.
    """

    number: str
    status: str
    kind: str
    township: str | None
    area: str
    started_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    expected_at: datetime | None
    last_report_at: datetime
    grade: str | None
    clauses: tuple[str, ...]
    confirmed: str | None
    confirmed_at: datetime | None
    awaits: bool
    next_grade: str | None
    rises_at: datetime | None
    rises_soon: bool
    reports: int
    households: int
    vulnerable: int
    overdue: int
    due_at: datetime | None
    drill: bool


@dataclass(frozen=True)
class Listed:
    """One page of the list; `more`: there is another page after it."""

    lines: tuple[ListLine, ...]
    more: bool


def list_incidents(session: Session, wanted: Wanted, *, now: datetime) -> Listed:
    """The incidents of `wanted`, `PAGE` at a time."""
    query = (
        select(*_COLUMNS)
        .where(*_conditions(wanted))
        .order_by(*_order(wanted, now))
        .limit(PAGE + 1)
        .offset((wanted.page - 1) * PAGE)
    )
    rows = session.execute(query).all()
    shown = rows[:PAGE]
    duties = _duties(session, [row.id for row in shown if row.status == "open"], now)
    return Listed(tuple(_line(row, now, *duties.get(row.id, (0, None))) for row in shown), len(rows) > PAGE)


def rank_of(grade: Any) -> Any:
    """A column's grade as a figure, the gravest first."""
    return case(*((grade == name, place) for place, name in enumerate(GRADES)), else_=len(GRADES))


# Neither done nor dropped. As one expression, so that no index on it lures the database away from that of the incident:
# read by it, the duties of all incidents there ever were would be looked at.
_WAITS = func.coalesce(IncidentDuty.done_at, IncidentDuty.dropped_at).is_(None)


def _late(now: datetime) -> Any:
    """How many duties of an incident are overdue."""
    return (
        select(func.count(IncidentDuty.id))
        .where(IncidentDuty.incident_id == Incident.id, _WAITS, IncidentDuty.due_at < now)
        .scalar_subquery()
    )


def _duties(session: Session, ids: list[int], now: datetime) -> dict[int, tuple[int, datetime | None]]:
    """Of each of these incidents, how many duties are overdue, and when the next one is due."""
    late = IncidentDuty.due_at < now
    query = (
        select(
            IncidentDuty.incident_id,
            func.sum(case((late, 1), else_=0)),
            func.min(case((late, None), else_=IncidentDuty.due_at), type_=DateTime),
        )
        .where(IncidentDuty.incident_id.in_(ids), _WAITS, IncidentDuty.due_at.is_not(None))
        .group_by(IncidentDuty.incident_id)
    )
    rows = session.execute(query) if ids else ()
    return {incident: (int(overdue), due_at) for incident, overdue, due_at in rows}


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    for column, value in (
        (Incident.status, wanted.status), (Incident.kind, wanted.kind), (Incident.township, wanted.township),
    ):  # fmt: skip
        if value:
            found.append(column == value)
    if wanted.grade:
        found.append(or_(Incident.confirmed_grade == wanted.grade, Incident.grade == wanted.grade))
    if wanted.vulnerable:
        found.append(Incident.vulnerable_count > 0)
    if wanted.words:
        part = wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        place = func.coalesce(Incident.township, "").concat(Incident.area)
        found.append(
            or_(Incident.number.ilike(f"%{part}%", escape="\\"), place.ilike(f"%{part}%", escape="\\"))
        )
    return found


def _order(wanted: Wanted, now: datetime) -> tuple[Any, ...]:
    latest = Incident.last_report_at.desc(), Incident.id.desc()
    if wanted.order == "time" or (wanted.status != "open" and wanted.order != "grade"):
        return latest  # nothing is urgent any more, and the index has this order
    gravest = case(
        (rank_of(Incident.grade) < rank_of(Incident.confirmed_grade), rank_of(Incident.grade)),
        else_=rank_of(Incident.confirmed_grade),
    )
    if wanted.order == "grade":
        return (gravest, *latest)
    if wanted.order == "overdue":
        return (_late(now).desc(), gravest, *latest)
    cannot_wait = case((Incident.vulnerable_count > 0, 0), else_=1)
    return (case((_late(now) > 0, 0), else_=1), gravest, cannot_wait, *latest)


_COLUMNS = (
    Incident.id, Incident.number, Incident.status, Incident.kind, Incident.township, Incident.area, Incident.started_at,
    Incident.opened_at, Incident.closed_at, Incident.expected_at, Incident.last_report_at, Incident.grade,
    Incident.clauses, Incident.confirmed_grade, Incident.confirmed_at, Incident.next_grade, Incident.next_grade_at,
    Incident.reports_count, Incident.households_count, Incident.drill, Incident.seen_grade,
    Incident.vulnerable_count,
)  # fmt: skip


def _line(row: Any, now: datetime, overdue: int, due_at: datetime | None) -> ListLine:
    open_ = row.status == "open"
    return ListLine(
        number=row.number, status=row.status, kind=row.kind, township=row.township, area=row.area,
        started_at=row.started_at, opened_at=row.opened_at, closed_at=row.closed_at, expected_at=row.expected_at,
        last_report_at=row.last_report_at, grade=row.grade, clauses=tuple(row.clauses or ()),
        confirmed=row.confirmed_grade, confirmed_at=row.confirmed_at,
        awaits=open_ and grades_of(row).pending is not None, next_grade=row.next_grade,
        rises_at=row.next_grade_at if open_ else None,
        rises_soon=bool(open_ and row.next_grade_at and row.next_grade_at - now < _SOON),
        reports=row.reports_count, households=row.households_count, vulnerable=row.vulnerable_count, overdue=overdue,
        due_at=due_at, drill=row.drill,
    )  # fmt: skip
