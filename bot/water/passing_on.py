"""An outage outside the county town's supply area (1.4) is passed on: to its township and the offices of `outside.yml`.

An office is reached through the members of staff whose unit (`wuchang staff add NAME --role 三塘镇`) is its name; for
one without a bound account, who is on duty is asked to tell it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.accounts import Account, staff_accounts
from bot.storage.sealed import fingerprint
from bot.storage.tables import Incident, Staff
from bot.water.alarms import heading, tell_on_duty
from bot.water.assessing import outside_supply_area, pass_on_to
from bot.water.states import OPEN
from bot.water.words import words

KIND = "outside"
# One that was opened earlier is no news: a first start rings for nothing of the years before.
YOUNG = timedelta(days=1)


def pass_on_waiting(session: Session, *, now: datetime) -> None:
    """Pass on what was opened lately outside the supply area; to each account once. For the clock's each minute."""
    query = select(Incident).where(Incident.status == OPEN, Incident.opened_at > now - YOUNG)
    for incident in session.scalars(query.order_by(Incident.id)):
        if outside_supply_area(incident.township):
            _pass_on(session, incident, now)


def _pass_on(session: Session, incident: Incident, now: datetime) -> None:
    form, head = words()["outside"], heading(incident)
    by_hand = []
    for office in pass_on_to(incident.township):
        accounts = _accounts_of(session, office)
        if not accounts:
            by_hand.append(office)
        for account in accounts:
            outbox.notify(
                session, channel=account.channel, sender=account.sender, text=form["told"].format(**head), kind=KIND,
                reference=incident.number, now=now,
                once=fingerprint(KIND, f"{incident.number} {account.channel} {account.sender}"),
            )  # fmt: skip
    if by_hand:
        text = form["by_hand"].format(**head, offices=words()["comma"].join(by_hand))
        tell_on_duty(
            session,
            text=text,
            kind=KIND,
            reference=incident.number,
            once=f"{incident.number} by hand",
            now=now,
        )


def _accounts_of(session: Session, office: str) -> tuple[Account, ...]:
    names = session.scalars(
        select(Staff.name).where(Staff.role == office, Staff.removed_at.is_(None)).order_by(Staff.id)
    )
    return tuple(account for name in names for account in staff_accounts(session, name))
