"""来了吗: the answer of somebody whose incident was closed, by button or in plain words."""

from __future__ import annotations

import logging
import re

from actions.turn import Turn
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.dialogue.details import combine_places
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.water.incidents.closing import answer, asked_about
from bot.water.talk.areas import is_at
from bot.water.talk.problems import find_danger
from bot.water.talk.water_back import answers_water_back
from bot.water.telling.telling import BACK, NOT_BACK

logger = logging.getLogger(__name__)
INTENTS = (BACK, NOT_BACK)
# The buttons name their incident.
_PAYLOAD = re.compile(rf'/(?:{BACK}|{NOT_BACK}){{"incident": "([A-Z0-9-]{{1,32}})"}}')
# A phone or a report's number tells something else than yes or no.
_OTHER = ("phone", "report_number", "coordinates")


def answer_by_button(turn: Turn) -> None:
    """A button under the question was pressed."""
    pressed = _PAYLOAD.fullmatch(str((turn.tracker.latest_message or {}).get("text", "")))
    if not _say(turn, turn.message.intent == BACK, pressed[1] if pressed else None):
        turn.say("utter_water_not_asked")


def answers_in_words(turn: Turn) -> bool:
    """Whether the message answers the question, which the person heard within a day; it is noted and answered then."""
    if turn.message.intent in INTENTS or turn.glance is None or not turn.glance.asked:
        return False
    text = turn.message.plain
    if speaks_of_dying(text) or life_in_danger(text) or find_danger(text):
        return False
    back = answers_water_back(text)
    if back is None or any(turn.message.all(entity) for entity in _OTHER):
        return False
    try:
        return _is_here(turn) and _say(turn, back, None)
    except Exception:
        logger.exception("an answer whether the water is back could not be stored")
        return False


def _is_here(turn: Turn) -> bool:
    """Whether a place that the message names is that of the question: of another one it is a report of its own."""
    named = combine_places(current_places(turn.now), turn.message.all("place"))
    if named is None:
        return True
    with session_scope() as session:
        place = asked_about(session, channel=turn.channel, sender=turn.sender, now=turn.now)
    return place is not None and is_at(named, place)


def _say(turn: Turn, back: bool, number: str | None) -> bool:
    with session_scope() as session:
        answered = answer(
            session, channel=turn.channel, sender=turn.sender, back=back, now=turn.now, number=number
        )
    if answered is None:
        return False
    if answered.back:
        turn.say("utter_water_back")
    else:
        response = "utter_water_reopened" if answered.reopened else "utter_water_not_back"
        turn.say(response, place=answered.place or turn.word("county_town"))
    return True
