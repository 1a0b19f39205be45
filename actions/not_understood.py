"""What happens with a message that no rule knows: a detail that nobody asked for, or words that were not understood."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.answers import (
    say_call_help,
    say_crisis,
    say_news,
    say_phones,
    say_standing,
    say_water_safety,
    say_water_wanted,
    store_handover,
)
from actions.conversation import CHECK_FORM, NEWS, OUTAGE_FORM, OneMessage
from actions.draft_review import handed_in
from actions.eldercare import say_care_standing
from actions.found_points import answer_about_found_points
from actions.outage import add_to_urgent_report, corrects_last_report, mark_last_report
from actions.settling import take_water_back
from actions.turn import FALLBACKS, Turn, acted_before
from bot.dialogue.about_me import asks_for_a_phone
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.dialogue.details import asks_on
from bot.eldercare.wishes import add_care_phone
from bot.storage.database import session_scope
from bot.storage.inbox import add_handover_phone
from bot.water.reporting.amending import add_phone
from bot.water.talk.safety import (
    asks_for_the_cost,
    asks_whether_water_is_safe,
    is_about_the_bill,
    wants_water_brought,
)

# What a person may be offered after a message that was not understood, with the button's words.
_CHOICES = 3
_NOT_OFFERED = (
    "out_of_scope",
    "nlu_fallback",
    "inform",
    "affirm",
    "deny",
    "cancel",
    "greet",
    "thank",
    "goodbye",
)


class Inform(OneMessage):
    """A detail that nobody asked for: a phone belongs to the report just filed, else ask what is wanted."""

    action = "action_inform"  # for inform outside a job

    def respond(self, turn: Turn) -> str | None:
        """Use the detail where it has a place, else ask."""
        if add_to_urgent_report(turn) or take_water_back(turn) or mark_last_report(turn):
            return None
        if corrects_last_report(turn) or ("resume" in turn.memory and turn.message.all("place")):
            return OUTAGE_FORM
        if answer_about_found_points(turn) or put_phone(turn):
            return None
        if turn.message.all("phone") and acted_before(turn.tracker, CHECK_FORM):
            say_standing(turn)
            return None
        if turn.message.all("place") and asks_on(turn.message.plain) and acted_before(turn.tracker, NEWS):
            say_news(turn)
            return None
        if turn.message.all("phone_fault"):
            turn.say("utter_phone_fault")
            return None
        place = turn.message.first("place")
        found = place or next(iter(turn.message.found), None)
        turn.say("utter_inform_what", value=found.value if found else turn.message.text[:30])
        if place:  # the next message may tell what is wrong there
            turn.memory = {**turn.memory, "place": place.value}
        return None


def put_phone(turn: Turn) -> bool:
    """A phone sent afterwards belongs to the report just filed, or to the request for a person."""
    phone = turn.message.last("phone")
    if phone is None:
        return False
    digits = str(phone.data.get("number", phone.value))
    with session_scope() as session:
        number = (
            add_phone(session, sender=turn.sender, phone=digits, now=turn.now)
            if turn.memory.get("report")
            else None
        )
        waiting = number or add_care_phone(session, sender=turn.sender, phone=digits)
        waiting = waiting or add_handover_phone(session, sender=turn.sender, phone=digits)
    if number:
        turn.say("utter_phone_added", number=number)
    elif waiting:
        turn.say("utter_handover_phone_added")
    return bool(number or waiting)


class Fallback(OneMessage):
    """Not understood, or not our business; never a dead end."""

    action = "action_fallback"  # for nlu_fallback and out_of_scope

    def respond(self, turn: Turn) -> str | None:
        """First ask back with choices; the second time in a row offer a person."""
        if self._comes_first(turn):
            return None
        if add_to_urgent_report(turn) or take_water_back(turn):
            return None
        if corrects_last_report(turn) or ("resume" in turn.memory and turn.message.all("place")):
            return OUTAGE_FORM
        if answer_about_found_points(turn) or put_phone(turn):
            return None
        if wants_water_brought(turn.message.plain):
            say_water_wanted(turn)
            mark_last_report(turn)
        elif mark_last_report(turn):
            return None
        elif turn.message.all("phone_fault"):
            turn.say("utter_phone_fault")
        elif handed_in(turn.tracker) is not None:
            return None  # words that say nothing by themselves are about the file under which they stand
        elif say_care_standing(turn):
            return None
        elif asks_for_a_phone(turn.message.plain):
            say_phones(turn)
        elif is_about_the_bill(turn.message.plain):
            turn.say("utter_water_bill", water_company=turn.water_company)
        elif turn.message.intent == "out_of_scope":
            turn.say("utter_out_of_scope")
        elif _misses_in_a_row(turn.tracker) >= 1:
            store_handover(turn, "not_understood")
            turn.say("utter_not_understood")
        else:
            self._ask_back(turn)
        return None

    @staticmethod
    def _comes_first(turn: Turn) -> bool:
        """Danger and safety before everything else."""
        text = turn.message.plain
        if speaks_of_dying(text):
            say_crisis(turn)
        elif life_in_danger(text):
            say_call_help(turn)
        elif asks_whether_water_is_safe(text):
            say_water_safety(turn)
        elif asks_for_the_cost(text) and turn.memory.get("report"):
            turn.say("utter_cost")
        else:
            return False
        return True

    @staticmethod
    def _ask_back(turn: Turn) -> None:
        offered = [name for name, _ in turn.message.ranking if name not in _NOT_OFFERED][:_CHOICES]
        buttons = [{"title": turn.word(f"choice_{name}"), "payload": f"/{name}"} for name in offered]
        buttons.append({"title": turn.word("none_of_these"), "payload": "/out_of_scope"})
        turn.dispatcher.utter_message(response="utter_which", buttons=buttons)


def _misses_in_a_row(tracker: Tracker) -> int:
    """How many of the person's messages directly before this one were not understood."""
    earlier = [event["parse_data"] for event in tracker.events if event.get("event") == "user"][:-1]
    count = 0
    for parsed in reversed(earlier):
        if (parsed.get("intent") or {}).get("name") not in FALLBACKS:
            break
        count += 1
    return count
