"""Use cases of outage reports: file one, how it stands, what is known of outages at a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.errors import BadInput
from bot.storage import attachments
from bot.storage.numbers import next_number
from bot.storage.sealed import phone_fingerprint
from bot.storage.tables import Handover, Incident, OutageReport, Subscription
from bot.water.draft import Draft
from bot.water.incidents import EXACT, OPEN, WITHDRAWN, close_if_done, join
from bot.water.problems import kind_of
from bot.water.readback import full_place

# A phone sent after the report still belongs to it, for this long.
ADD_WITHIN = timedelta(hours=2)
# A report can be taken back, or said to be over, for this long.
SETTLE_WITHIN = timedelta(days=7)
RESTORED = "restored"


@dataclass(frozen=True)
class Filed:
    """What a person is told once their report is stored.

    Attributes:
        number: of the report.
        others: reports of other people in the same incident.
        urgent: staff were alerted by a handover request.
    """

    number: str
    incident: str
    others: int
    urgent: bool


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
    """What is registered for a place: open incidents as (area, reports, start, start known to the hour)."""

    township: str | None
    incidents: tuple[tuple[str, int, datetime | None, bool], ...]


def file_report(session: Session, *, draft: Draft, channel: str, sender: str, now: datetime) -> Filed:
    """Store a report, join it to its incident, and alert staff where people are in danger.

    Raises:
        BadInput: the draft has neither a problem nor a danger.
    """
    if not draft.problems and not draft.danger:
        raise BadInput("a report needs to say what is wrong; ask for the problem first")
    known = _filed_before(session, draft.id)
    if known:
        return Filed(known.number, known.incident.number, _others(session, known), known.urgent)
    main, *also = draft.problems or ("bad_water",)
    report = OutageReport(
        number=next_number(session, "HN", now),
        draft_id=draft.id or None,
        township=draft.township,
        lat=draft.lat,
        lon=draft.lon,
        place=full_place(draft),
        problem=main,
        also_problems=also,
        started_at=draft.started,
        started_grain=draft.started_grain,
        started_text=draft.started_text,
        households=draft.households,
        scope=draft.scope,
        phone=draft.phone,
        name=draft.name,
        casualties=draft.casualties,
        urgent=draft.danger is not None,
        text="\n".join(draft.words),
        channel=channel,
        sender_id=sender,
        created_at=now,
    )
    session.add(report)
    incident = join(session, report, draft.detail)
    if report.urgent:
        _alarm(session, report)
    session.flush()
    attachments.attach(session, draft.photos, report_id=report.id, sender=sender)
    attachments.sweep(session, now=now)
    return Filed(report.number, incident.number, _others(session, report), report.urgent)


def _filed_before(session: Session, draft_id: str) -> OutageReport | None:
    if not draft_id:
        return None
    found: OutageReport | None = session.scalars(
        select(OutageReport).where(OutageReport.draft_id == draft_id)
    ).first()
    return found


def _alarm(session: Session, report: OutageReport) -> None:
    """Staff are told of an urgent report; what they were told at its first word is filled in, and no other alarm."""
    waiting = session.scalars(
        select(Handover).where(
            Handover.sender_id == report.sender_id, Handover.reason == "emergency", Handover.status == "open",
            Handover.created_at >= report.created_at - ADD_WITHIN,
        )
    )  # fmt: skip
    own = next((one for one in waiting if one.text and report.text.startswith(one.text)), None)
    alarm = own or Handover(
        reason="emergency", urgent=True, channel=report.channel, sender_id=report.sender_id,
        created_at=report.created_at,
    )  # fmt: skip
    alarm.text, alarm.phone = f"{report.number} {report.place}\n{report.text}", report.phone or alarm.phone
    session.add(alarm)


def _others(session: Session, report: OutageReport) -> int:
    """How many other people reported the same incident."""
    query = select(func.count(OutageReport.sender_id.distinct())).where(
        OutageReport.incident_id == report.incident_id, OutageReport.sender_id != report.sender_id
    )
    return int(session.scalar(query) or 0)


def find_reports(
    session: Session, *, sender: str, number: str | None = None, phone: str | None = None, limit: int = 3
) -> list[Standing]:
    """Reports by number, by phone, or those of the person who asks; newest first.

    Anybody who knows the whole number, or the phone given with a report, may ask how it stands; the
    answer holds neither name nor phone, and the house only for the reporter.
    """
    query = select(OutageReport).order_by(OutageReport.id.desc()).limit(limit)
    if number:
        query = query.where(_number_matches(number, sender))
    elif phone:
        query = query.where(OutageReport.phone_hash == phone_fingerprint(phone))
    else:
        query = query.where(OutageReport.sender_id == sender)
    return [
        Standing(r.number, _place_for(r, sender), r.problem, r.status, r.created_at, _others(session, r))
        for r in session.scalars(query)
    ]


def _place_for(report: OutageReport, sender: str) -> str:
    if report.sender_id == sender or report.incident is None:
        return str(report.place)
    return f"{report.township or ''}{report.incident.area}"


def _number_matches(number: str, sender: str) -> Any:
    wanted = number.upper().replace(" ", "")
    if wanted.isdigit():  # only the last digits were given
        short = OutageReport.number.like(f"%-{wanted.zfill(3)}")
        return and_(short, OutageReport.sender_id == sender)
    return OutageReport.number == wanted


def outage_news(session: Session, *, township: str | None, detail: str) -> News:
    """Open incidents of a township, those of the named area first; of the whole county without one."""
    query = select(Incident).where(Incident.status == OPEN).order_by(Incident.id.desc()).limit(20)
    if township:
        query = query.where(Incident.township == township)
    elif detail:
        query = query.where(Incident.area.contains(detail, autoescape=True))
    rows = sorted(
        session.scalars(query), key=lambda i: not (detail and (detail in i.area or i.area in detail))
    )
    found = tuple(
        ((i.township or "") + i.area, len(i.reports), i.started_at, _to_the_hour(i)) for i in rows[:5]
    )
    return News(township, found)


def _to_the_hour(incident: Incident) -> bool:
    first = next((r for r in incident.reports if r.started_at == incident.started_at), None)
    return first is not None and first.started_grain in EXACT


def add_phone(session: Session, *, sender: str, phone: str, now: datetime) -> str | None:
    """Put a phone sent afterwards to the person's last report; the report's number, or None."""
    report = _latest(session, sender, now)
    if report is None:
        return None
    report.phone = phone
    return str(report.number)


def amend_report(session: Session, *, sender: str, said: Draft, now: datetime) -> str | None:
    """Add what a person says later to their urgent report (time, phone, people hurt, words).

    Returns:
        The report's number, or None where there is no such report or `said` is about another township
        or area.
    """
    report = _latest(session, sender, now)
    if report is None or not report.urgent:
        return None
    if said.township and report.township and said.township != report.township:
        return None
    if report.started_at is None and said.started:
        report.started_at, report.started_text = said.started, said.started_text
        report.started_grain = said.started_grain
        if report.incident and report.incident.started_at is None:
            report.incident.started_at = said.started
    report.phone = said.phone or report.phone
    report.name = said.name or report.name
    report.casualties = max(said.casualties or 0, report.casualties or 0) or report.casualties
    report.also_problems = [*report.also_problems, *(p for p in said.problems if p not in _codes(report))]
    report.text = "\n".join((report.text, *said.words))
    return str(report.number)


def _codes(report: OutageReport) -> tuple[str, ...]:
    return (report.problem, *report.also_problems)


def _latest(
    session: Session, sender: str, now: datetime, within: timedelta = ADD_WITHIN
) -> OutageReport | None:
    query = (
        select(OutageReport)
        .where(OutageReport.sender_id == sender, OutageReport.created_at >= now - within)
        .order_by(OutageReport.id.desc())
        .limit(1)
    )
    found: OutageReport | None = session.scalars(query).first()
    return found


def filed_draft(session: Session, *, sender: str, said: str, now: datetime) -> Draft | None:
    """A filed report as a draft again, to be corrected: the one whose place is in `said`, else the last.

    None where there is none that is open, not urgent, and younger than `ADD_WITHIN`.
    """
    query = (
        select(OutageReport)
        .where(
            OutageReport.sender_id == sender, OutageReport.created_at >= now - ADD_WITHIN,
            OutageReport.status == OPEN, OutageReport.urgent.is_(False),
        )
        .order_by(OutageReport.id.desc())
    )  # fmt: skip
    reports = session.scalars(query).all()
    named = (r for r in reports if r.place in said or (_detail(r) and _detail(r) in said))
    report = next(named, reports[0] if reports else None)
    return _as_draft(report) if report else None


def _detail(report: OutageReport) -> str:
    return str(report.place).removeprefix(report.township or "").strip()


def _as_draft(report: OutageReport) -> Draft:
    return Draft(
        replaces=report.number, problems=(report.problem, *report.also_problems), township=report.township,
        place=report.place, detail=_detail(report), lat=report.lat, lon=report.lon,
        started_at=report.started_at.isoformat() if report.started_at else None,
        started_text=report.started_text, started_grain=report.started_grain, households=report.households,
        scope=report.scope, phone=report.phone, name=report.name, words=tuple(report.text.split("\n")),
        asked=("outage_time", "outage_time", "outage_households", "outage_phone"),
    )  # fmt: skip


def revise(session: Session, *, draft: Draft, now: datetime) -> Filed:
    """Put a corrected draft into the report that it replaces; number, time of filing and facts of staff stay.

    Where place or kind changed the report moves to the incident it belongs to now.

    Raises:
        BadInput: the report is not there, or no longer open.
    """
    query = select(OutageReport).where(OutageReport.number == draft.replaces, OutageReport.status == OPEN)
    report = session.scalars(query).first()
    if report is None:
        raise BadInput("that report is no longer open; report it anew")
    before = (report.township, report.place, kind_of(report.problem))
    main, *also = draft.problems
    report.problem, report.also_problems = main, also
    report.township, report.place, report.lat, report.lon = (
        draft.township,
        full_place(draft),
        draft.lat,
        draft.lon,
    )
    report.started_at, report.started_text = draft.started, draft.started_text
    report.started_grain, report.phone, report.name = draft.started_grain, draft.phone, draft.name
    report.households, report.scope, report.text = draft.households, draft.scope, "\n".join(draft.words)
    if before != (report.township, report.place, kind_of(report.problem)):
        left = report.incident
        report.incident = None
        session.flush()
        join(session, report, draft.detail)
        if left and left is not report.incident:
            close_if_done(left)
    session.flush()
    attachments.attach(session, draft.photos, report_id=report.id, sender=report.sender_id)
    return Filed(report.number, report.incident.number, _others(session, report), report.urgent)


def settle(session: Session, *, sender: str, now: datetime, restored: bool) -> str | None:
    """A person takes their last open report back, or says that the water is back; its number.

    An incident of which no report is open any more is closed with it.
    """
    report = _latest(session, sender, now, within=SETTLE_WITHIN)
    if report is None or report.status != OPEN:
        return None
    report.status = RESTORED if restored else WITHDRAWN
    if report.incident:
        close_if_done(report.incident)
    return str(report.number)


def subscribe(
    session: Session, *, channel: str, sender: str, township: str | None, place: str, now: datetime
) -> None:
    """Remember that a person wants to hear of outages at `place`; a second time changes nothing."""
    query = select(Subscription).where(Subscription.sender_id == sender, Subscription.place == place)
    known = session.scalars(query).first()
    if known:
        known.active = True
        return
    session.add(
        Subscription(channel=channel, sender_id=sender, township=township, place=place, created_at=now)
    )


def unsubscribe(session: Session, *, sender: str, township: str | None = None) -> int:
    """End a person's subscriptions (of one township, or all); how many were ended."""
    query = select(Subscription).where(Subscription.sender_id == sender, Subscription.active.is_(True))
    if township:
        query = query.where(Subscription.township == township)
    ended = session.scalars(query).all()
    for subscription in ended:
        subscription.active = False
    return len(ended)


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
