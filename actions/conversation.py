"""Actions of one message outside a job (what was not understood: `not_understood.py`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import (
    say_handover,
    say_news,
    say_water_safety,
    say_water_wanted,
)
from actions.binding import say_binding
from actions.documents import about_answer, forgotten, goes_on, say_answer
from actions.draft_review import settle_file
from actions.eldercare import answer_about_found_points, withdraw_last_care
from actions.found_points import care_at_found_points
from actions.open_cases import DESK_FORM, desk_takes
from actions.outage import add_to_urgent_report, corrects_last_report, mark_last_report
from actions.photos import drop_photos, note_photo, say_photo, settle_photo
from actions.reminders import say_due_messages
from actions.restored import answer_by_button, answers_in_words
from actions.settling import open_standing, settle_last_report, take_water_back, wants_to_cancel
from actions.turn import Turn
from bot.dialogue.about_me import asks_what_i_am
from bot.dialogue.details import combine_places, says_more_than_no, tells_how_many
from bot.eldercare.services import find_services
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.water.talk.safety import (
    asks_whether_water_is_safe,
    wants_water_brought,
)
from bot.water.telling.subscriptions import unsubscribe

OUTAGE_FORM, CARE_FORM, CHECK_FORM = "outage_form", "care_form", "check_form"
NEWS = "action_outage_news"


class OneMessage(Action, ABC):
    """An action that needs one message and no form. `action` is its name in domain.yml."""

    action: str

    def name(self) -> str:
        """The name that the rules call."""
        return self.action

    @abstractmethod
    def respond(self, turn: Turn) -> str | None:
        """Answer; the form that takes the message over, if one does."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Answer the latest message and keep what is remembered."""
        turn = Turn.of(tracker, dispatcher)
        say_due_messages(turn)
        note_photo(turn)
        form = None
        if answers_in_words(turn):
            await settle_file(turn)
            return [SlotSet("memory", turn.memory or None)]
        if desk_takes(turn):
            form = DESK_FORM
        elif care_at_found_points(turn):
            form = CARE_FORM
        elif not (about_answer(turn) or goes_on(turn)):
            before = turn.memory.get("answer")
            form = self.respond(turn)
            if turn.memory.get("answer") is before and not isinstance(self, Courtesy):
                turn.memory = forgotten(turn.memory)
        if form is None:
            settle_photo(turn)
            await settle_file(turn)  # a form takes it itself
        events: list[EventType] = [SlotSet("memory", turn.memory or None)]
        return [*events, FollowupAction(form)] if form else events


class Courtesy(OneMessage):
    """Greetings, thanks, and a yes or no to nothing; 3和5都办完了 is often taken for one, so the desk comes first."""

    action = "action_courtesy"
    answers: ClassVar[Mapping[str, str]] = {
        "greet": "utter_greet",
        "thank": "utter_thank",
        "goodbye": "utter_goodbye",
        "ask_capabilities": "utter_capabilities",
        "affirm": "utter_affirm_outside",
        "deny": "utter_deny_outside",
    }

    def respond(self, turn: Turn) -> str | None:
        """Say what belongs to the intent; a no may put right what was filed (不是老街，是新街)."""
        if turn.message.intent == "deny" and corrects_last_report(turn):
            return OUTAGE_FORM
        if turn.message.intent in ("thank", "affirm", "deny") and take_water_back(turn):
            return None
        if (
            turn.message.intent == "affirm"
            and tells_how_many(turn.message.plain)
            and add_to_urgent_report(turn)
        ):
            return None  # 就一个
        if turn.message.intent == "deny" and turn.memory.get("report"):
            if not (says_more_than_no(turn.message) and add_to_urgent_report(turn)):  # 没人不舒服
                turn.say("utter_deny_after_report", number=turn.memory["report"])
            return None
        if asks_what_i_am(turn.message.plain):
            turn.say("utter_what_i_am")
            return None
        turn.say(self.answers.get(turn.message.intent, "utter_capabilities"))
        return None


class AboutAnswer(OneMessage):
    """A button under an answer: useful or not, its neighbours, its official words."""

    action = "action_about_answer"

    def respond(self, turn: Turn) -> str | None:
        """Reached only where the answer is not remembered any more: the button is of an old conversation."""
        turn.say("utter_answer_forgotten")
        return None


class Answer(OneMessage):
    """A question on the documents."""

    action = "action_answer"  # for ask_procedure and ask_eldercare

    def respond(self, turn: Turn) -> str | None:
        """Answer, or refuse honestly."""
        if asks_whether_water_is_safe(turn.message.plain):
            say_water_safety(turn)
        elif not answer_about_found_points(turn):
            say_answer(turn)
        return None


class OutageNews(OneMessage):
    """Is there an outage at some place?"""

    action = NEWS  # for ask_outage_news

    def respond(self, turn: Turn) -> str | None:
        """Tell what is registered."""
        say_news(turn)
        return None


class Unsubscribe(OneMessage):
    """No more outage news."""

    action = "action_unsubscribe"  # for unsubscribe_updates

    def respond(self, turn: Turn) -> str | None:
        """End the person's subscriptions, of one township where one is named."""
        place = combine_places(current_places(turn.now), turn.message.all("place"))
        with session_scope() as session:
            ended = unsubscribe(session, sender=turn.sender, township=place.township if place else None)
        turn.say("utter_unsubscribed" if ended else "utter_unsubscribed_none")
        return None


class RequestHuman(OneMessage):
    """Talk to a person."""

    action = "action_request_human"  # for request_human

    def respond(self, turn: Turn) -> str | None:
        """Store the request for staff, whether for a person or for water."""
        if wants_water_brought(turn.message.plain):
            say_water_wanted(turn)
            mark_last_report(turn)
        else:
            say_handover(turn)
        return None


class SendPhoto(OneMessage):
    """A photo without words outside a job, or the button that says it is of something else."""

    action = "action_photo"  # for send_photo

    def respond(self, turn: Turn) -> str | None:
        """Put it to the last report, or ask what it is of."""
        say_photo(turn)
        return None


class BindStaff(OneMessage):
    """A one-time code from the desk."""

    action = "action_bind_staff"  # for bind_staff

    def respond(self, turn: Turn) -> str | None:
        """Bind the account to the member of staff, or say why not."""
        say_binding(turn)
        return None


class WaterAnswer(OneMessage):
    """A button under the question whether the water is back."""

    action = "action_water_answer"  # for water_back and water_not_back

    def respond(self, turn: Turn) -> str | None:
        """Note the answer."""
        answer_by_button(turn)
        return None


class Cancel(OneMessage):
    """Cancel, outside of a job: the report or request just filed is taken back."""

    action = "action_cancel"  # for cancel

    def respond(self, turn: Turn) -> str | None:
        """Take back what was filed last, say how where it was not said outright, or that nothing is under way."""
        if answer_about_found_points(turn) or take_water_back(turn):  # 太远了
            return None
        report = None if wants_to_cancel(turn) else open_standing(turn)
        if report:
            turn.say("utter_how_to_withdraw", number=report.number)
            return None
        ways = [settle_last_report, withdraw_last_care]
        if find_services(turn.message.plain):  # 不要送餐了
            ways.reverse()
        if not any(way(turn) for way in ways):
            turn.say("utter_nothing_to_cancel")
        drop_photos(turn, None)
        return None
