"""The end of a report by its reporter: taken back, or the water is back; and what only sounds like it."""

from __future__ import annotations

from actions.answers import standing_of
from actions.turn import Turn
from bot.dialogue.details import cancels, combine_places
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.water.incidents.states import OPEN
from bot.water.reporting.amending import settle
from bot.water.talk.safety import takes_report_back
from bot.water.talk.water_back import names_water, states_water_back, went_again
from bot.water.telling.standing import Standing


def settle_last_report(turn: Turn) -> bool:
    """Take the person's last report back, or note that the water is back; False where there is none."""
    restored = states_water_back(turn.message.plain)
    named = combine_places(current_places(turn.now), turn.message.all("place"))
    with session_scope() as session:
        settled = settle(session, sender=turn.sender, now=turn.now, restored=restored, place=named)
    if settled is None:
        return False
    turn.memory = {key: value for key, value in turn.memory.items() if key not in ("report", "urgent")}
    turn.say("utter_restored" if restored else "utter_withdrawn", number=settled.number)
    if restored and settled.others:
        turn.say("utter_restored_others", places="、".join(settled.others), place=settled.others[0])
    return True


def take_water_back(turn: Turn) -> bool:
    """水来了 is noted where the person has an open report, and answered where not; 来了又停了 keeps it open.

    False where neither is said.
    """
    text = turn.message.plain
    if states_water_back(text):
        if settle_last_report(turn):
            return True
        if names_water(text):  # 恢复了, 修好了 may be about anything
            turn.say("utter_back_no_report")
            return True
        return False
    report = open_standing(turn) if went_again(text) else None
    if report:
        turn.say("utter_still_open", number=report.number)
    return report is not None


def wants_to_cancel(turn: Turn) -> bool:
    """Whether it is said outright, or a button was pressed: the classifier's word alone once took 水来了不 for it."""
    text = turn.message.plain
    return not turn.message.text or cancels(text) or takes_report_back(text)


def open_standing(turn: Turn) -> Standing | None:
    """How the person's newest report that is open stands; None where there is none."""
    return next((report for report in standing_of(turn) if report.status == OPEN), None)
