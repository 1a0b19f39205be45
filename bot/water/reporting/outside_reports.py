"""Reports that other programs hand over and read (Open311): checked, filed like everybody's, listed without a person."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.nlu.normalise import clean, normalise
from bot.places.current import current_places
from bot.storage.sealed import fingerprint
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents.states import OPEN, WITHDRAWN
from bot.water.reporting.reports import Filed, file_report
from bot.water.talk.draft import Draft
from bot.water.talk.problems import PROBLEMS, find_danger
from bot.water.telling.shown_places import area_of_incident

CHANNEL = "open311"
MOST_WORDS, MOST_PLACE, MOST_NAME = 1000, 255, 40
MOST_HOUSEHOLDS = 100_000
OLDEST, AHEAD = timedelta(days=60), timedelta(minutes=5)  # of a start; a clock may be a little fast
SPAN = timedelta(days=90)  # what is listed at once
COARSE = 2  # decimals of a place that anybody may read: about a kilometre
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")


@dataclass(frozen=True)
class Given:
    """A report as a program hands it over; the strings as they came, `started` county-local."""

    problem: str
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    description: str = ""
    name: str = ""
    phone: str = ""
    person: str = ""  # what the program knows the reporter by: a device or account
    started: datetime | None = None
    households: int | None = None


@dataclass(frozen=True)
class Listed:
    """A report as anybody may read it: neither name, phone, words nor house; the place to about a kilometre."""

    number: str
    problem: str
    is_open: bool
    withdrawn: bool
    place: str
    lat: float | None
    lon: float | None
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None


def file_given(session: Session, given: Given, *, program: str, now: datetime) -> Filed:
    """File a report of a program; people in danger alarm staff as in the chat.

    Raises:
        BadInput: a value cannot be used; the message names it.
    """
    _check(given, now)
    words = clean(given.description).text[:MOST_WORDS]
    phone = given.phone.strip() or None
    draft = Draft(
        problems=(given.problem,), **_place(given, now), lat=given.lat, lon=given.lon,
        started_at=given.started.isoformat() if given.started else None,
        started_text=f"{given.started:%Y-%m-%d %H:%M}" if given.started else None,
        started_grain="minute" if given.started else None, households=given.households, phone=phone,
        name=clean(given.name).text[:MOST_NAME] or None, danger=find_danger(normalise(words).text) if words else None,
        words=(words,) if words else (),
    )  # fmt: skip
    return file_report(session, draft=draft, channel=CHANNEL, sender=_sender(given, program), now=now)


def _check(given: Given, now: datetime) -> None:
    if given.problem not in PROBLEMS:
        raise BadInput("service_code is none of the services")
    if (given.lat is None) != (given.lon is None):
        raise BadInput("lat and long go together")
    if given.lat is not None and given.lon is not None:
        if not (math.isfinite(given.lat) and abs(given.lat) <= 90):
            raise BadInput("lat must be degrees from -90 to 90")
        if not (math.isfinite(given.lon) and abs(given.lon) <= 180):
            raise BadInput("long must be degrees from -180 to 180")
    elif not clean(given.address).text.strip():
        raise BadInput("a location is required: lat and long, or address_string")
    if given.phone.strip() and not _PHONE.fullmatch(given.phone.strip()):
        raise BadInput("phone must be a telephone number")
    if given.started and not now - OLDEST <= given.started <= now + AHEAD:
        raise BadInput(f"attribute[started] must lie within the last {OLDEST.days} days")
    if given.households is not None and not 1 <= given.households <= MOST_HOUSEHOLDS:
        raise BadInput(f"attribute[households] must be a number from 1 to {MOST_HOUSEHOLDS}")


def _place(given: Given, now: datetime) -> dict[str, Any]:
    said = clean(given.address).text.strip()[:MOST_PLACE]
    if not said:
        return {"place": f"{given.lat:.6f},{given.lon:.6f}"}
    found = current_places(now).resolve(said)
    return {"place": found.text or said, "township": found.township, "detail": found.detail}


def _sender(given: Given, program: str) -> str:
    """Whom a report is of: the same for one device, account or phone of a program, so that each counts once."""
    known = given.person.strip() or given.phone.strip()
    return f"{CHANNEL}-{fingerprint('open311', f'{program} {known or secrets.token_hex(16)}')}"


def listed(
    session: Session, *, numbers: Sequence[str] = (), problems: Sequence[str] = (), is_open: bool | None = None,
    since: datetime | None = None, until: datetime | None = None, page: int = 1, page_size: int = 50, now: datetime,
) -> tuple[Listed, ...]:  # fmt: skip
    """Reports by number, else those filed within `SPAN` that fit the rest; the newest first, a page at a time."""
    query = select(OutageReport, Incident).outerjoin(Incident, Incident.id == OutageReport.incident_id)
    query = query.where(OutageReport.drill.is_(False))
    if numbers:
        query = query.where(OutageReport.number.in_([number.upper() for number in numbers]))
    else:
        since, until = _span(since, until, now)
        query = query.where(OutageReport.created_at >= since, OutageReport.created_at <= until)
        if problems:
            query = query.where(OutageReport.problem.in_(problems))
        if is_open is not None:
            query = query.where(OutageReport.status == OPEN if is_open else OutageReport.status != OPEN)
    query = query.order_by(OutageReport.id.desc()).offset((page - 1) * page_size).limit(page_size)
    return tuple(_listed(report, incident) for report, incident in session.execute(query))


def _span(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when: at most `SPAN`, from the given start, else up to the given end, else up to now."""
    if since is None:
        until = until or now
        return _minus_span(until), until
    latest = since + SPAN if since < datetime.max - SPAN else datetime.max
    return since, min(until or latest, latest)


def _minus_span(until: datetime) -> datetime:
    return until - SPAN if until > datetime.min + SPAN else datetime.min


def _listed(report: OutageReport, incident: Incident | None) -> Listed:
    is_open = report.status == OPEN
    place = str(report.township or "")
    if (
        incident is not None and incident.confirmed_at is not None
    ):  # before, the area is a stranger's own words
        place = area_of_incident(incident)
    ended = incident.closed_at if incident is not None and not is_open else None
    return Listed(
        report.number, report.problem, is_open, report.status == WITHDRAWN, place,
        None if report.lat is None else round(report.lat, COARSE),
        None if report.lon is None else round(report.lon, COARSE),
        report.created_at, ended or report.created_at, incident.expected_at if incident and is_open else None,
    )  # fmt: skip
