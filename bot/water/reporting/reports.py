"""Use cases of outage reports: file one, how it stands, what is known of outages at a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage import attachments
from bot.storage.numbers import next_number
from bot.storage.tables import Handover, OutageReport
from bot.texts import word
from bot.water.drill import is_drill
from bot.water.duty.alarms import alarm_at_once
from bot.water.incidents.assessing import refresh
from bot.water.incidents.incidents import close_if_done
from bot.water.incidents.states import OPEN, RESTORED, WITHDRAWN
from bot.water.plan.hours import latest_start
from bot.water.reporting.households import household_of
from bot.water.reporting.joining import join, start_again
from bot.water.talk.draft import Draft
from bot.water.talk.emergencies import danger_named
from bot.water.talk.problems import kind_of
from bot.water.talk.readback import full_place

# A phone sent after the report still belongs to it, for this long.
ADD_WITHIN = timedelta(hours=2)
# A report can be taken back, or said to be over, for this long.
SETTLE_WITHIN = timedelta(days=7)
# Of an incident with more reports than this the people are not counted anew for each answer.
_COUNT_PEOPLE = 300


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


def file_report(
    session: Session, *, draft: Draft, channel: str, sender: str, now: datetime, drill: bool = False
) -> Filed:
    """Store a report, join it to its incident, and alert staff where people are in danger.

    Args:
        drill: made up for a drill: it meets no report of life.

    Raises:
        BadInput: the draft has neither a problem nor a danger.
    """
    if not draft.problems and not draft.danger:
        raise BadInput("a report needs to say what is wrong; ask for the problem first")
    known = _filed_before(session, draft.id)
    if known:
        return Filed(known.number, known.incident.number, other_reports(session, known), known.urgent)
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
        drill=drill or is_drill(channel, sender),
    )
    joined = join(session, report, draft.detail, into=draft.joins or None, declined=draft.declined)
    if report.urgent:
        _alarm(session, report)
    session.flush()
    if draft.photos:
        attachments.attach(session, draft.photos, report_id=report.id, sender=sender)
        attachments.sweep(session, now=now)
    return Filed(report.number, joined.incident.number, joined.others, report.urgent)


def _filed_before(session: Session, draft_id: str) -> OutageReport | None:
    if not draft_id:
        return None
    found: OutageReport | None = session.scalars(
        select(OutageReport).where(OutageReport.draft_id == draft_id)
    ).first()
    return found


def _alarm(session: Session, report: OutageReport, *, known: bool = False) -> None:
    """Who is on duty is told of an urgent report at once; what stood there from its first word is filled in.

    `known`: only an alarm that they have already is brought up to date.
    """
    waiting = session.scalars(
        select(Handover).where(
            Handover.sender_id == report.sender_id, Handover.reason == "emergency", Handover.status == "open",
            Handover.created_at >= report.created_at - ADD_WITHIN,
        )
    )  # fmt: skip
    texts = ((one, one.text or "") for one in waiting)
    own = next(
        (o for o, text in texts if text and (report.text.startswith(text) or text.startswith(report.number))),
        None,
    )
    if known and own is None:
        return
    alarm = own or Handover(
        reason="emergency", urgent=True, channel=report.channel, sender_id=report.sender_id,
        created_at=report.created_at,
    )  # fmt: skip
    alarm.text, alarm.phone = f"{_alarm_line(report)}\n{report.text}", report.phone or alarm.phone
    session.add(alarm)
    session.flush()
    alarm_at_once(session, alarm, now=report.created_at)


def _alarm_line(report: OutageReport) -> str:
    """What staff read first: number, place, what is wrong, people hurt, phone."""
    wrong = [word(f"problem_{code}", "zh") for code in _codes(report)]
    danger = danger_named(report.text)
    hurt = report.casualties
    people = "伤了几人没说" if hurt is None else f"{hurt}人受伤或不舒服" if hurt else "没人受伤"
    phone = f"电话{report.phone}" if report.phone else "没留电话"
    told = ("、".join([*wrong, danger] if danger else wrong), people, phone)
    return f"{report.number} {report.place or '地点没说'}：{'；'.join(told)}"


def other_reports(session: Session, report: OutageReport) -> int:
    """How many other people reported the same incident; of one with many, households as they were added up last."""
    incident = report.incident
    if incident is not None and incident.reports_count > _COUNT_PEOPLE:
        return max(0, int(incident.households_count) - 1)
    session.flush()
    asked = {"incident": report.incident_id, "sender": report.sender_id}
    return int(session.connection().scalar(_OTHERS, asked) or 0)


_OTHERS = select(func.count(OutageReport.sender_id.distinct())).where(
    OutageReport.incident_id == bindparam("incident"), OutageReport.sender_id != bindparam("sender"),
    OutageReport.status != WITHDRAWN,
)  # fmt: skip


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
    report.also_problems = [*report.also_problems, *(p for p in said.problems if p not in _codes(report))]
    report.text = "\n".join((report.text, *said.words))
    _alarm(session, report, known=True)
    if report.phone != phone_before:
        _count_by_phone(session, report, now)
    if report.incident:
        refresh(session, report.incident, now=now)
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
    return Filed(report.number, report.incident.number, other_reports(session, report), report.urgent)


def settle(session: Session, *, sender: str, now: datetime, restored: bool) -> str | None:
    """A person takes their last open report back, or says that the water is back; its number.

    An incident of which no report is open any more is closed with it.
    """
    report = _latest(session, sender, now, within=SETTLE_WITHIN)
    if report is None or report.status != OPEN:
        return None
    report.status, report.restored_at = (RESTORED, now) if restored else (WITHDRAWN, None)
    if report.incident:
        close_if_done(report.incident, now)
        if not restored:
            start_again(session, report.incident, report.started_at)
        refresh(session, report.incident, now=now)
    return str(report.number)
