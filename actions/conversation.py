"""Actions of one message outside a job, and what happens when a message is not understood."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import say_answer, say_crisis, say_handover, say_news, say_water_safety, store_handover
from actions.eldercare import answer_about_found_points
from actions.turn import FALLBACKS, Turn, places
from bot.contracts.intake import dates_in
from bot.dialogue.crisis import speaks_of_dying
from bot.dialogue.details import combine_places
from bot.storage.database import session_scope
from bot.water.reports import add_phone, unsubscribe
from bot.water.safety import asks_whether_water_is_safe

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


class Answer(Action):
    """A question on the documents."""

    def name(self) -> str:
        """For ask_procedure and ask_eldercare."""
        return "action_answer"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Answer, or refuse honestly."""
        turn = Turn.of(tracker, dispatcher)
        if asks_whether_water_is_safe(turn.message.plain):
            say_water_safety(turn)
        elif not answer_about_found_points(turn):
            say_answer(turn)
        return []


class OutageNews(Action):
    """Is there an outage at some place?"""

    def name(self) -> str:
        """For ask_outage_news."""
        return "action_outage_news"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Tell what is registered."""
        say_news(Turn.of(tracker, dispatcher))
        return []


class Unsubscribe(Action):
    """No more outage news."""

    def name(self) -> str:
        """For unsubscribe_updates."""
        return "action_unsubscribe"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """End the person's subscriptions, of one township where one is named."""
        turn = Turn.of(tracker, dispatcher)
        place = combine_places(places(turn.now), turn.message.all("place"))
        with session_scope() as session:
            ended = unsubscribe(session, sender=turn.sender, township=place.township if place else None)
        turn.say("utter_unsubscribed" if ended else "utter_unsubscribed_none")
        return []


class RequestHuman(Action):
    """Talk to a person."""

    def name(self) -> str:
        """For request_human."""
        return "action_request_human"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Store the request for staff."""
        say_handover(Turn.of(tracker, dispatcher))
        return []


class Inform(Action):
    """A detail that nobody asked for: a phone belongs to the report just filed, else ask what is wanted."""

    def name(self) -> str:
        """For inform outside a job."""
        return "action_inform"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Use the detail where it has a place, else ask."""
        turn = Turn.of(tracker, dispatcher)
        if answer_about_found_points(turn) or put_phone_to_report(turn):
            return []
        if turn.memory.get("contract") and dates_in(turn.message):
            return [FollowupAction("contract_form")]
        found = turn.message.first("place") or next(iter(turn.message.found), None)
        turn.say("utter_inform_what", value=found.value if found else turn.message.text[:30])
        return []


def put_phone_to_report(turn: Turn) -> bool:
    """A phone sent after a report was filed is added to it."""
    phone = turn.message.last("phone")
    if phone is None or not turn.memory.get("report"):
        return False
    with session_scope() as session:
        number = add_phone(
            session, sender=turn.sender, phone=str(phone.data.get("number", phone.value)), now=turn.now
        )
    if number:
        turn.say("utter_phone_added", number=number)
    return number is not None


class Fallback(Action):
    """Not understood, or not our business; never a dead end."""

    def name(self) -> str:
        """For nlu_fallback and out_of_scope."""
        return "action_fallback"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """First ask back with choices; the second time in a row offer a person."""
        turn = Turn.of(tracker, dispatcher)
        if speaks_of_dying(turn.message.plain):
            say_crisis(turn)
        elif asks_whether_water_is_safe(turn.message.plain):
            say_water_safety(turn)
        elif answer_about_found_points(turn) or put_phone_to_report(turn):
            pass
        elif turn.message.intent == "out_of_scope":
            turn.say("utter_out_of_scope")
        elif _misses_in_a_row(tracker) >= 1:
            store_handover(turn, "not_understood")
            turn.say("utter_not_understood")
        else:
            self._ask_back(turn)
        return []

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
