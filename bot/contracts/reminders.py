"""When a clerk is to be reminded of a contract at hand, worked out from its case alone.

| kind | of what | when, at 09:00 |
| --- | --- | --- |
| signing | the earliest day on which it may be signed (Article 14) | 3 working days and 1 working day before, and that day |
| filing | the last day of filing (Article 19) | the same |
| filing_overdue | a last day of filing that is over | 1, 3 and 7 working days after it |
| supplement | materials that were asked for and are not said to be complete | 3 and 7 working days after they were asked for |

A reminder that would have come already is left out. Where the days off of a year are not known, calendar days are
counted instead: this is when somebody is told, not a date of the law.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bot.contracts.dossier import Dossier, Task
from bot.contracts.workdays import Calendar, YearUnknown

AT = dt.time(9, 0)
WORKDAYS_BEFORE = (3, 1)
WORKDAYS_AFTER_REQUEST = (3, 7)
WORKDAYS_OVERDUE = (1, 3, 7)
SIGNING, FILING, OVERDUE, SUPPLEMENT = "signing", "filing", "filing_overdue", "supplement"
_CLAUSES = {SIGNING: "contract/14", FILING: "contract/19", OVERDUE: "contract/19", SUPPLEMENT: "contract/14"}
_SIGNING_ITEM, _FILING_ITEMS = "signing", "filing"


@dataclass(frozen=True)
class Reminder:
    """At `at`, of `day`: the day of signing or filing, or the one on which materials were asked for."""

    kind: str
    day: dt.date
    at: dt.datetime
    clause: str


def reminders_of(dossier: Dossier, *, calendar: Calendar, now: dt.datetime) -> tuple[Reminder, ...]:
    """What is still to come for a case, in order of time; nothing for what is done or a case that is closed."""
    if dossier.status != "open":
        return ()
    found = sorted(_all(dossier, calendar), key=lambda reminder: reminder.at)
    return tuple(reminder for reminder in found if reminder.at > now)


def _all(dossier: Dossier, calendar: Calendar) -> Iterator[Reminder]:
    facts, found = dossier.facts, dossier.found
    signing, filing = _open(dossier, _SIGNING_ITEM), _open(dossier, _FILING_ITEMS)
    if signing and found.earliest_signing_date:
        yield from _before(SIGNING, found.earliest_signing_date, calendar)
    if filing and found.filing_due and facts.get("signed_on"):
        yield from _before(FILING, found.filing_due, calendar)
        for count in WORKDAYS_OVERDUE:
            yield _reminder(OVERDUE, found.filing_due, _counted(calendar, found.filing_due, count))
    asked = facts.get("supplement_requested_on")
    if asked and not facts.get(
        "supplement_received_on"
    ):  # ticked or not: without that day the review stands still
        day = dt.date.fromisoformat(str(asked))
        for count in WORKDAYS_AFTER_REQUEST:
            yield _reminder(SUPPLEMENT, day, _counted(calendar, day, count))


def _open(dossier: Dossier, beginning: str) -> Task | None:
    """The thing to do whose id begins so (filing, filing-dated ...), where it is not done."""
    tasks = (task for task in dossier.to_do if task.item.id.startswith(beginning))
    return next((task for task in tasks if not task.done), None)


def _before(kind: str, day: dt.date, calendar: Calendar) -> Iterator[Reminder]:
    for count in WORKDAYS_BEFORE:
        yield _reminder(kind, day, _counted(calendar, day, -count))
    yield _reminder(kind, day, day)


def _reminder(kind: str, day: dt.date, on: dt.date) -> Reminder:
    return Reminder(kind, day, dt.datetime.combine(on, AT), _CLAUSES[kind])


def _counted(calendar: Calendar, day: dt.date, count: int) -> dt.date:
    try:
        return calendar.workdays_before(day, -count) if count < 0 else calendar.add_workdays(day, count)
    except YearUnknown:
        return day + dt.timedelta(days=count)
