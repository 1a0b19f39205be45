"""绑定 K7Q2-M9XP: an account becomes that of a member of staff."""

from __future__ import annotations

from actions.turn import Turn
from bot.dialogue.about_me import binding_code
from bot.storage import staff
from bot.storage.database import session_scope

INTENT = "bind_staff"


def say_binding(turn: Turn) -> None:
    """Bind with the code in the message, and say what came of it."""
    code = binding_code(turn.message.text)
    if code is None:  # asked how, or the intent was sent without words
        turn.say("utter_bind_how")
        return
    with session_scope() as session:
        binding = staff.bind(session, code, channel=turn.channel, sender=turn.sender, now=turn.now)
    if binding.outcome == staff.BOUND:
        turn.say("utter_bind_done", name=binding.name)
    else:
        turn.say("utter_bind_wrong" if binding.outcome == staff.WRONG else "utter_bind_too_many")
