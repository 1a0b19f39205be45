"""How reports and outages stand: for the person who asks, for everybody, and as lines for staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.storage import attachments
from bot.storage.sealed import phone_fingerprint
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents.states import OPEN
from bot.water.reporting.reports import other_reports
from bot.water.talk.areas import area_of
from bot.water.telling.notices import known_to_the_hour
from bot.water.telling.planned import Planned, coming
from bot.water.telling.shown_places import shown_place

_MOST = 5  # more than a person listens to


@dataclass(frozen=True)
class Standing:
    """How a report stands."""

    number: str
    place: str
    problem: str
    status: str
    reported_at: datetime
    others: int


@dataclass(frozen=True)
class News:
    """What is registered for a place.

    Attributes:
        incidents: open ones as (place as anybody may read it, reports, start, start known to the hour, when staff expect the water).
        planned: announced outages that are not over, the next one first.
    """

    township: str | None
    incidents: tuple[tuple[str, int, datetime | None, bool, datetime | None], ...]
    planned: tuple[Planned, ...] = ()


def find_reports(
    session: Session, *, sender: str, number: str | None = None, phone: str | None = None, limit: int = 3
) -> list[Standing]:
    """Reports by number, by phone, or those of the person who asks; newest first.

    Anybody who knows the whole number, or the phone given with a report, may ask how it stands; the
    answer holds neither name nor phone, and the place as it was told only for the reporter (`shown_places`).
    """
    query = select(OutageReport).order_by(OutageReport.id.desc()).limit(limit)
    if number:
        query = query.where(_number_matches(number, sender))
    elif phone:
        query = query.where(OutageReport.phone_hash == phone_fingerprint(phone))
    else:
        query = query.where(OutageReport.sender_id == sender)
    return [
        Standing(
            r.number,
            _place_for(session, r, sender),
            r.problem,
            r.status,
            r.created_at,
            other_reports(session, r),
        )
        for r in session.scalars(query)
    ]


def _place_for(session: Session, report: OutageReport, sender: str) -> str:
    if report.sender_id == sender or report.incident is None:
        return str(report.place)
    return shown_place(session, report.incident)


def _number_matches(number: str, sender: str) -> Any:
    wanted = number.upper().replace(" ", "")
    if wanted.isdigit():  # only the last digits were given
        short = OutageReport.number.like(f"%-{wanted.zfill(3)}")
        return and_(short, OutageReport.sender_id == sender)
    return OutageReport.number == wanted


def outage_news(session: Session, *, township: str | None, detail: str, now: datetime) -> News:
    """Open incidents and planned outages of a township, those of the named area first; of the whole county without one."""
    query = (
        select(Incident)
        .where(Incident.status == OPEN, Incident.drill.is_(False))
        .order_by(Incident.id.desc())
        .limit(20)
    )
    if township:
        query = query.where(Incident.township == township)
    elif detail:
        query = query.where(Incident.area.contains(detail, autoescape=True))
    rows = sorted(
        session.scalars(query), key=lambda i: not (detail and (detail in i.area or i.area in detail))
    )
    found = tuple(
        (
            shown_place(session, i, said=area_of(detail)),
            len(i.reports),
            i.started_at,
            known_to_the_hour(session, i),
            i.expected_at,
        )
        for i in rows[:_MOST]
    )
    planned = coming(session, township=township, detail=detail, now=now)[:_MOST]
    return News(township, found, planned)


def report_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every report as `wuchang reports` prints it for staff, oldest first; `photos` counts its files too."""
    photos = attachments.counts(session)
    for r in session.scalars(select(OutageReport).order_by(OutageReport.id)):
        yield {
            "id": r.id, "number": r.number, "township": r.township, "lat": r.lat, "lon": r.lon, "place": r.place, "problem": r.problem,
            "also_problems": r.also_problems, "started_at": with_offset(r.started_at),
            "reported_at": with_offset(r.created_at), "channel": r.channel, "status": r.status,
            "incident": r.incident.number if r.incident else None, "households": r.households, "scope": r.scope,
            "casualties": r.casualties, "urgent": r.urgent, "phone": r.phone, "name": r.name, "text": r.text,
            "photos": photos.get(r.id, 0),
        }  # fmt: skip
