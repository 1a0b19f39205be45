"""Use cases of outage reports: file one, how it stands, what is known of outages at a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage import attachments
from bot.storage.numbers import number_of_new
from bot.storage.tables import Handover, OutageReport
from bot.texts import word
from bot.water.drill import is_drill
from bot.water.duty.alarms import alarm_at_once
from bot.water.incidents.states import WITHDRAWN
from bot.water.reporting.joining import join
from bot.water.talk import vulnerable
from bot.water.talk.draft import Draft
from bot.water.talk.emergencies import danger_named
from bot.water.talk.readback import full_place

# A phone sent after the report still belongs to it, for this long.
ADD_WITHIN = timedelta(hours=2)
# Of an incident with more reports than this the people are not counted anew for each answer.
_COUNT_PEOPLE = 300


@dataclass(frozen=True)
class Filed:
    """What a person is told once their report is stored.

    Attributes:
        number: of the report.
        others: reports of other people in the same incident.
        urgent: staff were alerted by a handover request.
        vulnerable: it is marked that somebody there cannot wait for water.
    """

    number: str
    incident: str
    others: int
    urgent: bool
    vulnerable: bool = False

    @classmethod
    def of(cls, report: OutageReport, others: int) -> Filed:
        """What is told of a report that has joined its incident."""
        return cls(
            report.number, report.incident.number, others, report.urgent, report.vulnerable is not None
        )


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
    number = number_of_new(session, "HN", now, OutageReport, draft.id)
    if number is None:
        known = _filed_before(session, draft.id)
        return Filed.of(known, other_reports(session, known))
    main, *also = draft.problems or ("bad_water",)
    report = OutageReport(
        number=number,
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
        vulnerable=vulnerable.kept("\n".join(draft.words)),
        channel=channel,
        sender_id=sender,
        created_at=now,
        drill=drill or is_drill(channel, sender),
    )
    joined = join(session, report, draft.detail, into=draft.joins or None, declined=draft.declined)
    if report.urgent:
        alarm(session, report)
    session.flush()
    if draft.photos:
        attachments.attach(session, draft.photos, report_id=report.id, sender=sender)
        attachments.sweep(session, now=now)
    return Filed.of(report, joined.others)


def _filed_before(session: Session, draft_id: str) -> OutageReport:
    found: OutageReport = session.scalars(select(OutageReport).where(OutageReport.draft_id == draft_id)).one()
    return found


def alarm(session: Session, report: OutageReport, *, known: bool = False) -> None:
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
    """What staff read first: number, place, what is wrong, who cannot wait for water, people hurt, phone."""
    wrong = [word(f"problem_{code}", "zh") for code in codes_of(report)]
    danger = danger_named(report.text)
    hurt = report.casualties
    people = "伤了几人没说" if hurt is None else f"{hurt}人受伤或不舒服" if hurt else "没人受伤"
    phone = f"电话{report.phone}" if report.phone else "没留电话"
    first = vulnerable.named(report.vulnerable)
    told = (
        "、".join([*wrong, danger] if danger else wrong),
        *([f"有{first}"] if first else ()),
        people,
        phone,
    )
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


def codes_of(report: OutageReport) -> tuple[str, ...]:
    """What is wrong, the main problem first."""
    return (report.problem, *report.also_problems)
