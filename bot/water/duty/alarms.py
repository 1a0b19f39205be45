"""Who is on duty is told at once: of people in danger, of a grade that waits for staff, of duties that run out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.accounts import Account, staff_accounts
from bot.storage.sealed import fingerprint
from bot.storage.tables import ChannelAccount, DeskUser, Handover, Incident, OutageReport, Staff
from bot.water.drill import is_drill
from bot.water.words import grade_words, words

log = logging.getLogger(__name__)
KIND = "alarm"
STALE = timedelta(days=7)
_NUMBER = re.compile(r"HN\d{6}-\d{3,}")


def on_duty(session: Session, *, now: datetime) -> tuple[Account, ...]:
    """The accounts that alarms go to: of who is on duty; where nobody of them can be reached, of more people.

    First who is marked as on duty at the desk, then everybody of the duty role, then admins, then all staff.
    An account that the platform takes nothing for now (WeChat, two days after the person wrote) is told, for it hears
    of it at its next word, but does not count as reached.
    """
    found: dict[tuple[str, str], Account] = {}
    for names in _circles(session):
        for account in (one for name in names for one in staff_accounts(session, name)):
            found.setdefault((account.channel, account.sender), account)
        if any(_open(account, now) for account in found.values()):
            break
    return tuple(found.values())


def _circles(session: Session) -> Iterable[list[str]]:
    desk = (
        select(Staff.name)
        .join(DeskUser, DeskUser.staff_id == Staff.id)
        .where(DeskUser.disabled_at.is_(None), Staff.removed_at.is_(None))
        .order_by(DeskUser.id)
    )
    for circle in (DeskUser.on_duty.is_(True), DeskUser.role == "duty", DeskUser.role == "admin"):
        yield session.scalars(desk.where(circle)).all()
    bound = select(ChannelAccount.staff_id).where(ChannelAccount.staff_id.is_not(None))
    yield session.scalars(select(Staff.name).where(Staff.removed_at.is_(None), Staff.id.in_(bound))).all()


def _open(account: Account, now: datetime) -> bool:
    window = account.pushes_until is None or account.pushes_until > now
    return window and (account.pushes_left is None or account.pushes_left > 0)


def tell_on_duty(session: Session, *, text: str, kind: str, reference: str, once: str, now: datetime) -> int:
    """Have `text` said to everybody that alarms go to, once under the name `once`; how many accounts that are.

    Of several of one `kind` about one `reference` only the latest is said, so each must tell the whole.
    """
    accounts = on_duty(session, now=now)
    tell(session, accounts, text=text, kind=kind, reference=reference, once=once, now=now)
    return len(accounts)


def tell(
    session: Session, accounts: Iterable[Account], *, text: str, kind: str, reference: str, once: str, now: datetime
) -> None:  # fmt: skip
    """Have `text` said to each of `accounts`, once under the name `once`."""
    for account in accounts:
        name = fingerprint("alarm", f"{kind} {once} {account.channel} {account.sender}")
        outbox.notify(
            session, channel=account.channel, sender=account.sender, text=text, kind=kind, reference=reference,
            now=now, once=name,
        )  # fmt: skip


def alarm_handover(session: Session, handover: Handover, *, now: datetime) -> bool:
    """Tell who is on duty of somebody in danger who waits; again once their report has a number and a place.

    The alarm holds neither their words nor their phone: these are read on the desk. False where nobody can be told.
    """
    session.flush()
    report = _report_of(session, handover)
    form = words()["alarms"]
    place = _place(report.incident) if report and report.incident else form["no_place"]
    made_up = is_drill(handover.channel, handover.sender_id)  # before there is a report too
    text = form["crisis" if handover.reason == "crisis" else "urgent"].format(
        drill=_drill(made_up or bool(report and report.drill)), id=handover.id, place=place
    )
    told = tell_on_duty(
        session, text=text, kind=KIND, reference=f"handover-{handover.id}", now=now,
        # With the moment: SQLite gives the id of a row that was deleted (a drill's, somebody forgotten) out again.
        once=f"{handover.id} {handover.created_at.isoformat()} {report.number if report else ''}",
    )  # fmt: skip
    if told:
        handover.alarmed_at = now
    return bool(told)


def alarm_at_once(session: Session, handover: Handover, *, now: datetime) -> None:
    """As `alarm_handover`, while somebody's words are being stored: these are kept whatever becomes of the alarm.

    What failed is tried again by the desk's clock within a minute.
    """
    try:
        with session.begin_nested():
            alarm_handover(session, handover, now=now)
    except Exception:
        log.exception("an alarm failed; the clock tries again")


def alarm_waiting(session: Session, *, now: datetime) -> int:
    """Alarm of every urgent handover that nobody was told of yet; how many were left because nobody can be told."""
    query = select(Handover).where(
        Handover.status.in_(("open", "taken")), Handover.urgent.is_(True), Handover.alarmed_at.is_(None)
    )
    return sum(
        not alarm_handover(session, row, now=now) for row in session.scalars(query.order_by(Handover.id))
    )


def alarm_grade(session: Session, incident: Incident, grade: str, *, now: datetime) -> bool:
    """Tell who is on duty that `grade` was worked out and waits for them; once a grade between two decisions."""
    text = words()["alarms"]["grade"].format(
        drill=_drill(bool(incident.drill)), number=incident.number, place=_place(incident),
        grade=grade_words(grade), clauses=words()["comma"].join(incident.clauses or ()),
    )  # fmt: skip
    told = tell_on_duty(
        session, text=text, kind="grade", reference=incident.number, now=now,
        once=f"{incident.number} {grade} {incident.confirmed_at or ''}",
    )  # fmt: skip
    return bool(told)


def is_forgotten(incident: Incident, now: datetime) -> bool:
    """Whether nobody reported and no staff did anything for so long that it only stands on the board, and rings nobody.

    Else every old report that nobody closed would ring at a first start, for by hours alone each of them has a grade.
    """
    touched = bool(incident.facts) or incident.confirmed_at is not None
    return not touched and incident.last_report_at <= now - STALE


def heading(incident: Incident) -> dict[str, str]:
    """What begins a message about an incident: the mark of a drill, number and place."""
    return {"drill": _drill(bool(incident.drill)), "number": str(incident.number), "place": _place(incident)}


def _drill(drill: bool) -> str:
    return str(words()["drill"]) if drill else ""


def _place(incident: Incident) -> str:
    """Township and area, which neighbours share; never a house."""
    return f"{incident.township or ''}{incident.area}" or str(words()["alarms"]["no_place"])


def _report_of(session: Session, handover: Handover) -> OutageReport | None:
    """The report that the handover's text begins with, if it was filed yet."""
    number = _NUMBER.match(handover.text or "")
    if number is None:
        return None
    found: OutageReport | None = session.scalars(
        select(OutageReport).where(OutageReport.number == number[0])
    ).first()
    return found
