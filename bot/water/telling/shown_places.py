"""What people other than its reporters read of an incident's place.

A stranger may write anything where their place is asked for. So others read of it what is a known place, what two
households named, and what staff answer for; else the township alone.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.nlu.contacts import find_phones
from bot.places.importer import load_villages
from bot.storage.tables import Incident, OutageReport, SupplyZone
from bot.water.incidents.states import WITHDRAWN
from bot.water.telling import saying

ENOUGH = 2  # households that named it
_LONGEST_AREA = 60


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
    told = readable(
        area,
        known=_known(session, township),
        households=_households(session, incident, area),
        staff=_by_staff(incident),
        said=said,
    )
    return public_area(township, told)


def shown_part(session: Session, part: Incident, whole: Incident) -> str:
    """The area of an incident that was merged into `whole` as anybody may read it; "" for none.

    Staff answer for the place of what they merged only where they confirmed or set something of that itself.
    """
    area = str(part.area)
    told = readable(
        area,
        known=_known(session, part.township),
        households=_households(session, whole, area),
        staff=_by_staff(part),
    )
    return public_area(None, told)


def area_of_incident(incident: Incident) -> str:
    """Township and area of an incident that staff answer for."""
    return public_area(incident.township, incident.area)


def public_area(township: str | None, area: str | None) -> str:
    """Township and area as anybody may read them: without figures of a phone and without control characters."""
    area = saying.plain(area or "")
    for found in sorted(find_phones(area), key=lambda span: -span.start):
        area = area[: found.start] + area[found.end :]
    return f"{township or ''}{area}".strip()[:_LONGEST_AREA]


def place_to_agree_to(
    session: Session, incident: Incident, *, said: str, township: str | None, area: str
) -> str:  # fmt: skip
    """As `shown_place`; "" where that is the township alone though the place is narrower.

    Who says yes to a whole township says nothing of the place in it that they may not read.
    """
    place = shown_place(session, incident, said=said, township=township, area=area)
    return "" if area and place == public_area(township, "") else place


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
