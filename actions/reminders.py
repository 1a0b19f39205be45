"""Messages that the assistant says by itself, said before the next answer."""

from __future__ import annotations

import logging

from actions.turn import Turn
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.storage import outbox
from bot.storage.database import session_scope
from bot.water.talk.problems import find_danger

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
            messages = outbox.take(session, channel=turn.channel, sender=turn.sender, now=turn.now)
    except Exception:
        logger.exception("due messages could not be read")
        return
    for due in messages:
        said = outbox.in_language(due, turn.language)
        turn.dispatcher.utter_message(text=said["text"], buttons=list(said.get("buttons", ())) or None)
