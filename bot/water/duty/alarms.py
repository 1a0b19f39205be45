"""Who is on duty is told at once: of people in danger, of a grade that waits for staff, of duties that run out."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.accounts import Account, staff_accounts
from bot.storage.sealed import fingerprint
from bot.storage.tables import ChannelAccount, DeskUser, Handover, Incident, OutageReport, Staff
from bot.water.drill import is_drill
from bot.water.plan.duty_clocks import GRAVE, rank
from bot.water.words import grade_words, short_grade, words

log = logging.getLogger(__name__)
KIND = "alarm"
STALE = timedelta(days=7)
GRADES_SHOWN = 10  # incidents that one message about grades names; those of I and II all the same
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
        outbox.notify(
            session, channel=account.channel, sender=account.sender, text=text, kind=kind, reference=reference,
            now=now, once=_once(kind, once, account),
        )  # fmt: skip


def _once(kind: str, once: str, account: Account) -> str:
    return fingerprint("alarm", f"{kind} {once} {account.channel} {account.sender}")


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


def alarm_grades(session: Session, waiting: Sequence[tuple[Incident, str]], *, now: datetime) -> None:
    """Tell who is on duty of each grade that was worked out and waits for them; once a grade between two decisions.

    What is new to somebody in one go is one message, the gravest first, and no grave one is left out of it: a phone
    that rings twenty times is put away.
    """
    accounts = on_duty(session, now=now) if waiting else ()
    for drill in (False, True):
        some = sorted(
            (one for one in waiting if bool(one[0].drill) is drill), key=lambda one: (rank(one[1]), one[0].id)
        )
        for account in accounts:
            names = {_once("grade", _grade_name(*one), account): one for one in some}
            told = outbox.known(session, names)
            _tell_grades(session, account, {name: names[name] for name in names if name not in told}, now)


def _tell_grades(
    session: Session, account: Account, fresh: Mapping[str, tuple[Incident, str]], now: datetime
) -> None:
    """Have the grades said to one account, in one message; each is noted under its name in `fresh`."""
    about: dict[str, Any] = {
        "channel": account.channel,
        "sender": account.sender,
        "kind": "grade",
        "now": now,
    }
    many = list(fresh.values()) if len(fresh) > 1 else []
    for name, (incident, grade) in fresh.items():
        text, number = _grade_text(incident, grade), str(incident.number)
        outbox.notify(session, text=text, reference=number, once=name, given=bool(many), **about)
    if many:
        # A reference of its own: a later alarm of the first incident must not take the place of all of them.
        reference = f"{many[0][0].number} {now.isoformat()}"
        outbox.notify(
            session, text=_text_of_grades(many), reference=reference, once=_once("grades", " ".join(fresh), account),
            **about,
        )  # fmt: skip


def _grade_name(incident: Incident, grade: str) -> str:
    return f"{incident.number} {grade} {incident.confirmed_at or ''}"


def _grade_text(incident: Incident, grade: str) -> str:
    clauses = words()["comma"].join(incident.clauses or ())
    form: str = words()["alarms"]["grade"]
    return form.format(**heading(incident), grade=grade_words(grade), clauses=clauses)


def _text_of_grades(many: Sequence[tuple[Incident, str]]) -> str:
    """One message for several incidents, the gravest first: how many of each grade, then which."""
    form, comma = words()["alarms"], words()["comma"]
    counted = Counter(grade for _incident, grade in many)
    counts = comma.join(
        form["of_grade"].format(grade=short_grade(grade), n=n) for grade, n in counted.items()
    )
    lines = [form["grades"].format(drill=heading(many[0][0])["drill"], n=len(many), counts=counts)]
    shown = max(GRADES_SHOWN, sum(counted[grade] for grade in GRAVE))
    for incident, grade in many[:shown]:
        clauses = comma.join(incident.clauses or ())
        head = {**heading(incident), "drill": ""}
        lines.append(form["one_grade"].format(**head, grade=short_grade(grade), clauses=clauses))
    if len(many) > shown:
        lines.append(form["more_incidents"].format(n=len(many) - shown))
    return "\n".join(lines)


def is_forgotten(incident: Incident, now: datetime) -> bool:
    """Whether nobody reported and no staff did anything for so long that it only stands on the board, and rings nobody.

    Else every old report that nobody closed would ring at a first start, for by hours alone each of them has a grade.
    """
    touched = bool(incident.facts) or incident.confirmed_at is not None
    return not touched and incident.last_report_at <= now - STALE


def heading(incident: Incident) -> dict[str, str]:
    """What begins a message about an incident: the mark of a drill, number, place, how many cannot wait for water."""
    some = incident.vulnerable_count
    first = words()["alarms"]["vulnerable"].format(n=some) if some else ""
    drill = _drill(bool(incident.drill))
    return {"drill": drill, "number": str(incident.number), "place": f"{_place(incident)}{first}"}


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
