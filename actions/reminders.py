"""Messages that the assistant says by itself: put into the outbox, and said before the next answer."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from actions.turn import Turn
from bot.answering import cite
from bot.contracts.calendars import stored_calendar
from bot.contracts.dossier import Dossier
from bot.contracts.reminders import Reminder, reminders_of
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.storage import outbox
from bot.storage.database import session_scope
from bot.water.problems import find_danger

logger = logging.getLogger(__name__)


def say_due_messages(turn: Turn) -> None:
    """Say what is due to this person, once; where lives are in danger it waits, and it never costs the answer."""
    text = turn.message.plain
    if speaks_of_dying(text) or life_in_danger(text) or find_danger(text):
        return
    if turn.glance is not None and not turn.glance.due:
        return
    try:
        with session_scope() as session:
            texts = outbox.collect(session, channel=turn.channel, sender=turn.sender, now=turn.now)
    except Exception:
        logger.exception("due messages could not be read")
        return
    for due in texts:
        turn.dispatcher.utter_message(text=due)


def keep_reminders(session: Session, turn: Turn, case: Dossier) -> None:
    """Have the outbox hold what this case is to be reminded of as it stands now, and nothing else of it."""
    outbox.drop(session, reference=case.number)
    for reminder in reminders_of(case, calendar=stored_calendar(session), now=turn.now):
        outbox.notify(
            session, channel=case.channel, sender=case.sender, text=_text(turn, case, reminder), due_at=reminder.at,
            kind=reminder.kind, reference=case.number, now=turn.now,
        )  # fmt: skip


def _text(turn: Turn, case: Dossier, reminder: Reminder) -> str:
    return turn.word(
        f"reminder_{reminder.kind}", number=case.number, title=turn.word("checklist_title", kind=case.contract_type),
        date=reminder.day.isoformat(), clause=cite(reminder.clause),
    )  # fmt: skip
