"""An outage outside the county town's supply area (1.4) is passed on: to its township and the offices of `outside.yml`.

An office is reached through the members of staff whose unit (`wuchang staff add NAME --role 三塘镇`) is its name; for
one without a bound account, who is on duty is asked to tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.accounts import Account, staff_accounts
from bot.storage.tables import Incident, Staff
from bot.water.duty.alarms import heading, tell, tell_on_duty
from bot.water.incidents.assessing import pass_on_to
from bot.water.incidents.states import OPEN
from bot.water.words import words

KIND = "outside"
# One that was opened earlier is no news: a first start rings for nothing of the years before.
YOUNG = timedelta(days=1)


def pass_on_waiting(session: Session, *, now: datetime) -> None:
    """Pass on what was opened lately outside the supply area; to each account once. For the clock's each minute."""
    query = select(Incident).where(Incident.status == OPEN, Incident.opened_at > now - YOUNG)
    for incident in session.scalars(query.order_by(Incident.id)):
        offices = pass_on_to(incident.township)
        if offices:
            _pass_on(session, incident, offices, now)


def _pass_on(session: Session, incident: Incident, offices: Sequence[str], now: datetime) -> None:
    form, head = words()["outside"], heading(incident)
    about: dict[str, Any] = {"kind": KIND, "reference": incident.number, "now": now}
    by_hand = []
    for office in offices:
        accounts = _accounts_of(session, office)
        if not accounts:
            by_hand.append(office)
        tell(session, accounts, text=form["told"].format(**head), once=incident.number, **about)
    if by_hand:
        text = form["by_hand"].format(**head, offices=words()["comma"].join(by_hand))
        tell_on_duty(session, text=text, once=f"{incident.number} by hand", **about)


def _accounts_of(session: Session, office: str) -> tuple[Account, ...]:
    names = session.scalars(
        select(Staff.name).where(Staff.role == office, Staff.removed_at.is_(None)).order_by(Staff.id)
    )
    return tuple(account for name in names for account in staff_accounts(session, name))
