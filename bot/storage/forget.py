"""A person wants to be forgotten: all that is about them goes, in one transaction.

What others need stays without them: an outage report as township and area, which the incident's grade rests on; an
emergency that waits, as its place; questions nobody could answer; the office's record of what was said on a contract.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.orm import Session

from bot.nlu.contacts import find_phones
from bot.storage import accounts, inbound
from bot.storage.database import engine_for
from bot.storage.tables import (
    AnswerVote,
    Attachment,
    CareRequest,
    ChannelAccount,
    ContractCase,
    ContractRecord,
    ContractTick,
    Feedback,
    Handover,
    HandoverMessage,
    Incident,
    OfferedChoice,
    OutageReport,
    OutgoingMessage,
    RestoredAnswer,
    SharedFile,
    Subscription,
    UnansweredQuestion,
    Volunteer,
)

OPEN = "open"
NOBODY = "forgotten-"  # what the sender of a row that stays without its person begins with
# Staff see why a waiting emergency has no phone.
NO_MORE_KNOWN = "（本人要求删除了姓名、电话和原话）"
GONE: tuple[Any, ...] = (
    Attachment, CareRequest, Volunteer, Subscription, Feedback, AnswerVote, OutgoingMessage, SharedFile,
    OfferedChoice, RestoredAnswer,
)  # fmt: skip
WITHOUT_THEM: tuple[Any, ...] = (OutageReport, Handover, UnansweredQuestion, ContractRecord)
# Each table of people is one of these; a test walks them all.
HANDLED: tuple[Any, ...] = (*GONE, *WITHOUT_THEM, ContractCase, ChannelAccount)


@dataclass(frozen=True)
class Held:
    """What stays or ends where a person is forgotten, to be told beforehand.

    Attributes:
        reports, questions, records: whether there are any; they stay without the person.
        care: numbers of care requests that wait and end with it.
        urgent: an emergency of theirs waits; nobody can call them any more.
        staff: the member of staff that the account is bound to, None where it is none.
    """

    reports: bool
    questions: bool
    records: bool
    care: tuple[str, ...]
    urgent: bool
    staff: str | None


@dataclass(frozen=True)
class Forgotten:
    """How many rows of each table (by its name) were deleted, and how many stay without the person."""

    deleted: Mapping[str, int]
    anonymous: Mapping[str, int]


def held(session: Session, *, channel: str, sender: str) -> Held:
    """What is to be told to a person before they are forgotten."""

    def any_of(table: Any, *more: Any) -> bool:
        return (
            session.execute(select(table.id).where(*_mine(table, channel, sender), *more)).first() is not None
        )

    waiting = select(CareRequest.number).where(
        *_mine(CareRequest, channel, sender), CareRequest.status == OPEN
    )
    return Held(
        reports=any_of(OutageReport), questions=any_of(UnansweredQuestion), records=any_of(ContractRecord),
        care=tuple(session.scalars(waiting.order_by(CareRequest.id))),
        urgent=any_of(Handover, Handover.urgent.is_(True), Handover.status == OPEN),
        staff=accounts.staff_name(session, channel=channel, sender=sender),
    )  # fmt: skip


def forget(
    session: Session, *, channel: str, sender: str, now: datetime, told_after: bool = False,
    gist: Callable[[str], str] = lambda _words: "", area: Callable[[str], str] = lambda known: known,
) -> Forgotten:  # fmt: skip
    """Delete what is about a person, and make the rest anonymous.

    The conversation itself is not among it: the assistant restarts it (`bot.runtime.tracker_store`), a command
    deletes it with `forget_conversation`.

    Args:
        gist: where and what an emergency is, of the words it was told in (`bot.water.talk.emergencies`).
        area: an incident's area without anybody's name (`bot.water.incidents.incidents.area_of`); it is put right where the
            person's reports are the only ones of the incident.
        told_after: they are told so in a message that is still to be sent; where a platform needs their address for
            it, the account goes with that message (`accounts.let_go`).
    """
    _delete_talks(session, channel, sender)
    _clean_areas(session, channel, sender, area)
    photos = _delete_photos(session, channel, sender)
    anonymous = {
        "handover": _keep_emergencies(session, channel, sender, gist),
        "outage_report": _keep_reports(session, channel, sender),
        "unanswered_question": _keep_questions(session, channel, sender),
        "contract_record": _keep_records(session, channel, sender),
    }
    deleted = {"handover": _delete(session, Handover, channel, sender)}
    deleted["contract_case"] = _delete_cases(session, channel, sender)
    deleted.update((table.__tablename__, _delete(session, table, channel, sender)) for table in GONE)
    deleted["attachment"] += photos
    deleted["incoming_message"] = inbound.drop(session, channel=channel, sender=sender, now=now)
    deleted["channel_account"] = _leave(session, channel, sender, now if told_after else None)
    session.flush()
    return Forgotten(deleted, anonymous)


def forget_conversation(url: str, sender: str) -> int:
    """Delete the stored events of a conversation in the database at `url`; how many there were."""
    engine = engine_for(url)
    if not inspect(engine).has_table("events"):
        return 0
    with engine.begin() as connection:
        done = connection.execute(text("DELETE FROM events WHERE sender_id = :sender"), {"sender": sender})
        return int(done.rowcount)


def sender_of_number(session: Session, number: str) -> tuple[str, str] | None:
    """Channel and sender of a report, care request or volunteer by number; None where there is none."""
    for table in (OutageReport, CareRequest, Volunteer):
        row = session.scalars(select(table).where(table.number == number.strip().upper())).first()
        if row:
            return row.channel, row.sender_id
    return None


def _mine(table: Any, channel: str, sender: str) -> tuple[Any, Any]:
    return table.channel == channel, table.sender_id == sender


def _nobody() -> str:
    return f"{NOBODY}{secrets.token_hex(8)}"


def _delete(session: Session, table: Any, channel: str, sender: str) -> int:
    done = session.execute(
        delete(table).where(*_mine(table, channel, sender)).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def _delete_talks(session: Session, channel: str, sender: str) -> None:
    """What was said in conversations that staff had taken over."""
    theirs = select(Handover.id).where(*_mine(Handover, channel, sender))
    # Photos that came with these words go with all of the person's; until then they are nobody's words'.
    session.execute(
        update(Attachment)
        .where(*_mine(Attachment, channel, sender), Attachment.message_id.is_not(None))
        .values(message_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(HandoverMessage)
        .where(HandoverMessage.handover_id.in_(theirs))
        .execution_options(synchronize_session=False)
    )


def _clean_areas(session: Session, channel: str, sender: str, area: Callable[[str], str]) -> None:
    """Incidents opened before names were left out of areas may still bear one."""
    mine = select(OutageReport.incident_id).where(*_mine(OutageReport, channel, sender))
    for incident in session.scalars(select(Incident).where(Incident.id.in_(mine))):
        if all((report.channel, report.sender_id) == (channel, sender) for report in incident.reports):
            incident.area = area(incident.area)
    session.flush()


def _delete_photos(session: Session, channel: str, sender: str) -> int:
    """Photos and files of the person's reports, whoever sent them; how many."""
    reports = select(OutageReport.id).where(*_mine(OutageReport, channel, sender))
    done = session.execute(
        delete(Attachment)
        .where(Attachment.report_id.in_(reports))
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def _keep_reports(session: Session, channel: str, sender: str) -> int:
    """Of each report township and area stay; those of one incident are still known as one person's, and no others."""
    reports = session.scalars(select(OutageReport).where(*_mine(OutageReport, channel, sender))).all()
    names: dict[int | None, str] = {}
    _rename_households(session, reports)
    for report in reports:
        report.place = f"{report.township or ''}{_area(report)}"
        report.phone = report.name = report.lat = report.lon = report.started_text = report.draft_id = None
        report.text = ""
        if (
            report.vulnerable
            and report.status == OPEN
            and report.incident_id not in names
            and report.incident
        ):
            report.incident.vulnerable_count = max(0, report.incident.vulnerable_count - 1)
        report.vulnerable = None  # of somebody's health, and nobody can call them any more
        same = report.incident_id if report.incident_id is not None else -report.id
        report.sender_id = names.setdefault(same, _nobody())
    session.flush()
    return len(reports)


def _area(report: OutageReport) -> str:
    """What of its place neighbours share; of an old report what its incident says."""
    if report.area is not None:
        return str(report.area)
    return str(report.incident.area) if report.incident else ""


def _rename_households(session: Session, reports: Sequence[OutageReport]) -> None:
    """Their households get another name each, with all who share them: nothing of a phone or house is left in it."""
    for incident_id, household in {(report.incident_id, report.household) for report in reports}:
        if household is not None:
            session.execute(
                update(OutageReport)
                .where(OutageReport.incident_id == incident_id, OutageReport.household == household)
                .values(household=_nobody())
                .execution_options(synchronize_session="fetch")
            )


def _keep_emergencies(session: Session, channel: str, sender: str, gist: Callable[[str], str]) -> int:
    """An urgent handover that waits stays open: where and what it is, and the numbers of the person's open reports."""
    waiting = select(Handover).where(
        *_mine(Handover, channel, sender), Handover.urgent.is_(True), Handover.status == OPEN
    )
    rows = session.scalars(waiting).all()
    if not rows:
        return 0
    reports = session.scalars(
        select(OutageReport).where(
            *_mine(OutageReport, channel, sender), OutageReport.urgent.is_(True), OutageReport.status == OPEN
        )
    )
    places = [f"{report.number} {report.township or ''}{_area(report)}".strip() for report in reports]
    for row in rows:
        row.phone, row.sender_id = None, _nobody()
        row.text = "\n".join(part for part in (gist(row.text), *places, NO_MORE_KNOWN) if part)
    session.flush()
    return len(rows)


def _keep_questions(session: Session, channel: str, sender: str) -> int:
    rows = session.scalars(
        select(UnansweredQuestion).where(*_mine(UnansweredQuestion, channel, sender))
    ).all()
    for row in rows:
        row.sender_id, row.question = _nobody(), _without_phones(row.question)
    session.flush()
    return len(rows)


def _keep_records(session: Session, channel: str, sender: str) -> int:
    """All under one name: which of them belong together is the office's to know."""
    done = session.execute(
        update(ContractRecord)
        .where(*_mine(ContractRecord, channel, sender))
        .values(sender_id=_nobody())
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def _delete_cases(session: Session, channel: str, sender: str) -> int:
    cases = select(ContractCase.id).where(*_mine(ContractCase, channel, sender))
    session.execute(
        delete(ContractTick)
        .where(ContractTick.case_id.in_(cases))
        .execution_options(synchronize_session=False)
    )
    return _delete(session, ContractCase, channel, sender)


def _leave(session: Session, channel: str, sender: str, told_at: datetime | None) -> int:
    """The account goes, or, while a message to it is still to be sent, is nobody's but for its address."""
    row = session.scalars(select(ChannelAccount).where(*_mine(ChannelAccount, channel, sender))).first()
    if row is None:
        return 0
    if told_at is None or row.address == row.sender_id:
        session.delete(row)
    else:
        row.forgotten_at, row.staff_id = told_at, None
    return 1


def _without_phones(question: str) -> str:
    for span in sorted(find_phones(question), key=lambda span: -span.start):
        question = f"{question[: span.start]}…{question[span.end :]}"
    return question
