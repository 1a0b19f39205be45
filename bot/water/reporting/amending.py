"""Use cases of a report that is filed: a phone added, put right, taken back, said to be over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.places.gazetteer import Resolved
from bot.storage import attachments
from bot.storage.tables import OutageReport
from bot.water.incidents.assessing import refresh
from bot.water.incidents.incidents import close_if_done
from bot.water.incidents.states import OPEN, RESTORED, WITHDRAWN
from bot.water.plan.hours import latest_start
from bot.water.reporting.households import household_of
from bot.water.reporting.joining import join, start_again
from bot.water.reporting.reports import ADD_WITHIN, Filed, alarm, codes_of, other_reports
from bot.water.talk import vulnerable
from bot.water.talk.areas import is_at
from bot.water.talk.draft import Draft
from bot.water.talk.problems import kind_of
from bot.water.talk.readback import full_place

# A report can be taken back, or said to be over, for this long.
SETTLE_WITHIN = timedelta(days=7)


def add_phone(session: Session, *, sender: str, phone: str, now: datetime) -> str | None:
    """Put a phone sent afterwards to the person's last report; the report's number, or None."""
    report = _latest(session, sender, now)
    if report is None:
        return None
    report.phone = phone
    _count_by_phone(session, report, now)
    return str(report.number)


def _count_by_phone(session: Session, report: OutageReport, now: datetime) -> None:
    """A phone came later: all that the person reported of the incident counts as the household of that phone."""
    session.flush()
    own = household_of(
        phone=report.phone, township=report.township, detail=_detail(report), channel=report.channel,
        sender=report.sender_id,
    )  # fmt: skip
    if report.incident is None or report.household == own:
        return
    session.execute(
        update(OutageReport)
        .where(
            OutageReport.incident_id == report.incident_id, OutageReport.channel == report.channel,
            OutageReport.sender_id == report.sender_id,
        )
        .values(household=own)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.expire(report, ["household"])
    refresh(session, report.incident, now=now)


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
        report.latest_start = latest_start(report.started_at, report.started_grain)
        if report.incident and report.incident.started_at is None:
            report.incident.started_at = said.started
    report.phone, phone_before = said.phone or report.phone, report.phone
    report.name = said.name or report.name
    report.casualties = max(said.casualties or 0, report.casualties or 0) or report.casualties
    report.also_problems = [*report.also_problems, *(p for p in said.problems if p not in codes_of(report))]
    report.text = "\n".join((report.text, *said.words))
    report.vulnerable = vulnerable.kept(report.text)
    alarm(session, report, known=True)
    if report.phone != phone_before:
        _count_by_phone(session, report, now)
    if report.incident:
        refresh(session, report.incident, now=now)
    return str(report.number)


def mark_vulnerable(session: Session, *, sender: str, text: str, now: datetime) -> str | None:
    """Note on the person's last report that somebody there cannot wait for water, where `text` tells of that.

    Returns:
        The report's number, or None where `text` tells of nobody, or no report of theirs is open.
    """
    report = _latest(session, sender, now) if vulnerable.find_vulnerable(text) else None
    if report is None or report.status != OPEN:
        return None
    report.text = "\n".join((report.text, text))
    report.vulnerable = vulnerable.kept(report.text)
    session.flush()
    if report.incident:
        refresh(session, report.incident, now=now)
    return str(report.number)


def _latest(session: Session, sender: str, now: datetime) -> OutageReport | None:
    query = (
        select(OutageReport)
        .where(OutageReport.sender_id == sender, OutageReport.created_at >= now - ADD_WITHIN)
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
    start_before = report.started_at
    main, *also = draft.problems
    report.problem, report.also_problems = main, also
    report.township, report.place, report.lat, report.lon = (
        draft.township,
        full_place(draft),
        draft.lat,
        draft.lon,
    )
    report.started_at, report.started_text = draft.started, draft.started_text
    report.latest_start = latest_start(report.started_at, draft.started_grain)
    phone_before = report.phone
    report.started_grain, report.phone, report.name = draft.started_grain, draft.phone, draft.name
    report.households, report.scope, report.text = draft.households, draft.scope, "\n".join(draft.words)
    report.vulnerable = vulnerable.kept(report.text)
    if before != (report.township, report.place, kind_of(report.problem)):
        left = report.incident
        report.incident = None
        session.flush()
        join(session, report, draft.detail, now=now)
        if left and left is not report.incident:
            close_if_done(left, now)
            start_again(session, left, start_before)
            refresh(session, left, now=now)
    elif report.incident:
        if report.started_at != start_before:
            start_again(session, report.incident, start_before)
        refresh(session, report.incident, now=now)
    if report.phone and report.phone != phone_before:
        _count_by_phone(session, report, now)
    session.flush()
    attachments.attach(session, draft.photos, report_id=report.id, sender=report.sender_id)
    return Filed.of(report, other_reports(session, report))


@dataclass(frozen=True)
class Settled:
    """The report that was settled, where it is, and where else the person has reports that are open still."""

    number: str
    place: str
    others: tuple[str, ...] = ()


def settle(
    session: Session, *, sender: str, now: datetime, restored: bool, place: Resolved | None = None
) -> Settled | None:
    """A person takes their last open report back, or says that the water is back; None where there is none.

    The water is back for all that they reported of that incident: they are one household.
    An incident of which no report is open any more is closed with it.

    Args:
        place: where, if they say so; then a report of somewhere else is left alone.
    """
    query = (
        select(OutageReport)
        .where(
            OutageReport.sender_id == sender, OutageReport.created_at >= now - SETTLE_WITHIN,
            OutageReport.status == OPEN,
        )
        .order_by(OutageReport.id.desc())
    )  # fmt: skip
    reports = session.scalars(query).all()
    report = next((one for one in reports if place is None or is_at(place, str(one.place))), None)
    if report is None:
        return None
    report.status, report.restored_at = (RESTORED, now) if restored else (WITHDRAWN, None)
    if restored and report.incident:
        _restore_the_rest(session, report, now)
    if report.incident:
        close_if_done(report.incident, now)
        if not restored:
            start_again(session, report.incident, report.started_at)
        refresh(session, report.incident, now=now)
    others = dict.fromkeys(str(one.place) for one in reports if one.status == OPEN)
    return Settled(str(report.number), str(report.place), tuple(others))


def _restore_the_rest(session: Session, report: OutageReport, now: datetime) -> None:
    session.execute(
        update(OutageReport)
        .where(
            OutageReport.incident_id == report.incident_id, OutageReport.channel == report.channel,
            OutageReport.sender_id == report.sender_id, OutageReport.status == OPEN,
        )
        .values(status=RESTORED, restored_at=now)
        .execution_options(synchronize_session="fetch")
    )  # fmt: skip
