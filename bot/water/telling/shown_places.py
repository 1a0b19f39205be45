"""What people other than its reporters read of an incident's place.

A stranger may write anything where their place is asked for. So others read of it what is a known place, what two
households named, and what staff answer for; else the township alone.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.places.importer import load_villages
from bot.storage.tables import Incident, OutageReport, SupplyZone
from bot.water.incidents.states import WITHDRAWN
from bot.water.telling.notices import public_area

ENOUGH = 2  # households that named it


def readable(area: str, *, known: Collection[str], households: int, staff: bool, said: str = "") -> str:
    """The part of `area` that others may read; "" for none.

    Args:
        known: names of villages, estates and streets of its township.
        households: how many named this area, or a place in it.
        staff: they confirmed or set something of its incident, and so have read it.
        said: what the reader named themselves, which is no news to them.
    """
    if staff or households >= ENOUGH or any(name.startswith(area) for name in (*known, said)):
        return area
    return max((name for name in (*known, said) if area.startswith(name)), key=len, default="")


def shown_place(
    session: Session,
    incident: Incident,
    *,
    said: str = "",
    township: str | None = None,
    area: str | None = None,
) -> str:
    """Township and area of an incident as somebody else may read them.

    `township` and `area` are those of one that was merged into it, where that is meant.
    """
    township, area = (incident.township, incident.area) if area is None else (township, area)
    if not area:
        return public_area(township, "")
    known = _known(session, township)
    told = readable(
        area,
        known=known,
        households=_households(session, incident, area),
        staff=_by_staff(incident),
        said=said,
    )
    return public_area(township, told)


def _by_staff(incident: Incident) -> bool:
    return bool(incident.facts) or incident.confirmed_at is not None or incident.expected_at is not None


def _known(session: Session, township: str | None) -> set[str]:
    if not township:
        return set()
    zones = session.scalars(select(SupplyZone.areas).where(SupplyZone.township == township))
    return {name for areas in zones for name in areas} | {
        name for name, where in load_villages(session) if where == township
    }


def _households(session: Session, incident: Incident, area: str) -> int:
    """How many households named the area, counted no further than `ENOUGH`."""
    query = (
        select(OutageReport.household)
        .where(
            OutageReport.incident_id == incident.id, OutageReport.household.is_not(None),
            OutageReport.status != WITHDRAWN, func.substr(OutageReport.area, 1, len(area)) == area,
        )
        .distinct()
        .limit(ENOUGH)
    )  # fmt: skip
    return len(session.execute(query).all())
