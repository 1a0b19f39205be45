"""What the map shows: townships, open incidents and the reports of them that have a place. Degrees are WGS-84."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.words import GRADES, KINDS
from bot.storage.tables import Incident, OutageReport, Place, ServicePoint

MOST_REPORTS = 2000  # the latest; more dots than these say no more
MOST_INCIDENTS = 500


@dataclass(frozen=True)
class Spot:
    """Something on the map."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class IncidentSpot(Spot):
    """An incident; `grade` is what staff confirmed, else as worked out; `exact`: from places that people sent."""

    number: str
    grade: str | None
    label: str
    reports: int
    drill: bool
    exact: bool


@dataclass(frozen=True)
class Shown:
    """All of the map; `nowhere` are incidents of which no place is known."""

    townships: tuple[Spot, ...] = ()
    incidents: tuple[IncidentSpot, ...] = ()
    reports: tuple[Spot, ...] = ()
    nowhere: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)


def shown(session: Session) -> Shown:
    """What is open now."""
    townships = _townships(session)
    reports, middles = _reports(session)
    rows = session.execute(
        select(
            Incident.id, Incident.number, Incident.township, Incident.area, Incident.grade, Incident.kind,
            Incident.confirmed_grade, Incident.reports_count, Incident.drill,
        )
        .where(Incident.status == "open")
        .order_by(Incident.id.desc())
        .limit(MOST_INCIDENTS)
    ).all()  # fmt: skip
    spots, nowhere = [], []
    for row in rows:
        at = middles.get(row.id) or townships.get(row.township or "")
        if at is None:
            nowhere.append(row.number)
        else:
            spots.append(_incident(row, at, exact=row.id in middles))
    return Shown(
        tuple(Spot(name, *at) for name, at in sorted(townships.items())),
        tuple(spots),
        reports,
        tuple(nowhere),
    )


def _incident(row: Any, at: tuple[float, float], *, exact: bool) -> IncidentSpot:
    name = f"{row.township or ''}{row.area}" or "地方不明"
    grade = row.confirmed_grade or row.grade
    label = f"{row.number} {name} {GRADES.get(grade or '', '不够级')} {KINDS.get(row.kind, '')}"
    told = f"{'【演练】' if row.drill else ''}{label} 报修 {row.reports_count} 件"
    return IncidentSpot(name, *at, row.number, grade, told, row.reports_count, row.drill, exact)


def _reports(session: Session) -> tuple[tuple[Spot, ...], dict[int, tuple[float, float]]]:
    rows = session.execute(
        select(OutageReport.number, OutageReport.lat, OutageReport.lon, OutageReport.incident_id)
        .join(Incident, Incident.id == OutageReport.incident_id)
        .where(Incident.status == "open", OutageReport.lat.is_not(None), OutageReport.lon.is_not(None))
        .order_by(OutageReport.id.desc())
        .limit(MOST_REPORTS)
    ).all()
    of: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        of[row.incident_id].append((row.lat, row.lon))
    middles = {key: _middle(points) for key, points in of.items()}
    return tuple(Spot(row.number, row.lat, row.lon) for row in rows), middles


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(lat for lat, _ in points) / len(points), sum(lon for _, lon in points) / len(points)


def _townships(session: Session) -> dict[str, tuple[float, float]]:
    """Where the townships are: as imported, else in the middle of the service points there."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for name, lat, lon in session.execute(select(ServicePoint.township, ServicePoint.lat, ServicePoint.lon)):
        points[name].append((lat, lon))
    found = {name: _middle(at) for name, at in points.items() if name}
    imported = select(Place.name, Place.lat, Place.lon).where(
        Place.level == "township", Place.lat.is_not(None), Place.lon.is_not(None)
    )
    return found | {name: (lat, lon) for name, lat, lon in session.execute(imported)}
