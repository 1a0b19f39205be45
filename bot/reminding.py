"""Reminders of a contract case as messages in the outbox, in the person's language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.answering import cite
from bot.contracts.calendars import stored_calendar
from bot.contracts.dossier import Dossier
from bot.contracts.reminders import Reminder, reminders_of
from bot.storage import outbox
from bot.texts import word


def keep_reminders(session: Session, case: Dossier, *, language: str, now: datetime) -> None:
    """Have the outbox hold what this case is to be reminded of as it stands now, and nothing else of it."""
    outbox.drop(session, reference=case.number)
    for reminder in reminders_of(case, calendar=stored_calendar(session), now=now):
        outbox.notify(
            session, channel=case.channel, sender=case.sender, text=_text(case, reminder, language), due_at=reminder.at,
            kind=reminder.kind, reference=case.number, now=now,
        )  # fmt: skip


def _text(case: Dossier, reminder: Reminder, language: str) -> str:
    title = word("checklist_title", language, kind=case.contract_type)
    return word(
        f"reminder_{reminder.kind}", language, number=case.number, title=title, date=reminder.day.isoformat(),
        clause=cite(reminder.clause),
    )  # fmt: skip
