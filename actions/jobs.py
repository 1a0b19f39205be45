"""A job that takes several messages: one Rasa form, whose validation is a pure function.

Rasa's form keeps which question was asked (requested_slot) and says it again from domain.yml
(`utter_ask_<form>_<question>`). What was said so far is in the slot `draft`. Everything else,
what to take from a message, what to ask next, when it is done, is decided by `take`.
"""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.answers import say_call_help, say_crisis, say_water_safety, store_handover
from actions.binding import INTENT as BIND
from actions.binding import say_binding
from actions.documents import goes_on
from actions.draft_review import INTENT as REVIEW
from actions.draft_review import handed_in, say_review
from actions.interruptions import answer_in_between, is_interruption
from actions.later import offer_what_was_put_off
from actions.open_cases import DESK_FORM, desk_takes
from actions.photos import INTENT as PHOTO
from actions.photos import drop_photos, note_photo, refuse_photo, settle_photo
from actions.reminders import say_due_messages
from actions.restored import answers_in_words
from actions.turn import FALLBACKS, Turn
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.dialogue.details import cancels
from bot.dialogue.turn import Say, Step, Understood
from bot.errors import WuchangError
from bot.nlu.contacts import means_a_phone
from bot.storage.database import session_scope
from bot.water.talk.problems import find_danger, find_problems, find_water_danger
from bot.water.talk.safety import asks_whether_water_is_safe

logger = logging.getLogger(__name__)
Draft = dict[str, Any]
EMERGENCY_FORM = "outage_form"
FORGET_FORM, FORGET = "forget_form", "forget_me"  # of actions/privacy.py
STRANGE_ANSWERS = 3
# What is answered in so few words that the read-back still stands before the person's eyes.
_BRIEF = (*FALLBACKS, "greet", "thank")
# （supplement_requested_on，2026-11-30） in an error: the key is for batch files, a clerk needs the day alone.
_KEY = re.compile(r"（[a-z_]+(?:(，)|）)")


class Job(Action, ABC):
    """Base of the forms' validation actions. `form` names the form of domain.yml."""

    form: str
    # Intents that begin this job: within it they are answers, not interruptions.
    intents: frozenset[str] = frozenset()
    takes_photos = False  # those of the others are refused, or the next outage report would have them

    def name(self) -> str:
        """Rasa calls this action for each message while the form is active."""
        return f"validate_{self.form}"

    @abstractmethod
    def take(self, turn: Turn, draft: Draft | None, asked: str | None) -> Step:
        """Put the message into the draft; what to say and ask next."""

    @abstractmethod
    def finish(self, session: Session, turn: Turn, draft: Draft) -> Step:
        """Store a finished draft and say so; a step with a question goes on with the next piece."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """One message of the job; a photo, or a draft contract, that comes in between is taken first."""
        turn = Turn.of(tracker, dispatcher)
        asked = tracker.get_slot("requested_slot") if tracker.active_loop.get("name") == self.form else None
        draft = tracker.get_slot("draft") if asked else None
        say_due_messages(turn)
        other = self._gives_way_to(turn) if asked else None
        (note_photo if self.takes_photos or other == EMERGENCY_FORM else refuse_photo)(turn)
        if asked and turn.message.intent in (REVIEW, PHOTO):
            draft = await self._aside(turn, draft, asked)
            return self._events(turn, self._resumed(turn, draft, asked))
        if asked and turn.message.intent == BIND:
            say_binding(turn)
            return self._events(turn, self._resumed(turn, draft, asked))
        if other:
            return [*self._events(turn, Step(None)), FollowupAction(other)]
        instead = self._danger_first(turn, draft, asked) or (
            self._no_answer(turn, draft, asked) if asked else None
        )
        if instead:
            return self._events(turn, await self._with_file(turn, instead))
        if asked is None and answers_in_words(turn):
            return self._events(turn, await self._with_file(turn, Step(None)))
        if asked is None and goes_on(turn):
            return self._events(turn, Step(None))
        if asked is None and self.form != DESK_FORM and desk_takes(turn):
            return [*self._events(turn, Step(None)), FollowupAction(DESK_FORM)]
        if handed_in(turn.tracker) is not None:
            draft = await self._aside(turn, draft, asked)
        memory = dict(turn.memory)
        try:
            return self._advance(turn, draft, asked)
        except WuchangError as error:
            turn.say("utter_bad_value", reason=_KEY.sub(lambda key: "（" if key[1] else "", str(error)))
        except Exception:
            # The person must hear that it may not be stored; the log tells staff why.
            logger.exception("%s failed", self.name())
            turn.say("utter_trouble")
        turn.memory = memory  # what was about to be filed was not
        return self._events(turn, Step(draft, (), asked))

    async def _with_file(self, turn: Turn, step: Step) -> Step:
        """The file of this message is taken, though its words were none for the job."""
        if handed_in(turn.tracker) is None:
            return step
        draft = None if step.draft is None else dict(step.draft)
        return replace(step, draft=await self._aside(turn, draft, step.question))

    async def _aside(self, turn: Turn, draft: Draft | None, asked: str | None) -> Draft | None:
        """What is sent beside words, or without; the draft as it is then, or as it was where that fails."""
        memory = dict(turn.memory)
        try:
            if asked is None or turn.message.intent == REVIEW or handed_in(turn.tracker) is not None:
                return await self.take_file(turn, draft, asked)
            return self.take_photo(turn, draft, asked)
        except Exception:
            logger.exception("%s failed", self.name())
            turn.say("utter_trouble")
            turn.memory = memory
            return draft

    async def take_file(self, turn: Turn, draft: Draft | None, asked: str | None) -> Draft | None:
        """A file is a contract to be looked over, or a wish for that; `asked` is None where the job begins or ends with it."""
        await say_review(turn)
        return draft

    def take_photo(self, turn: Turn, draft: Draft | None, asked: str) -> Draft | None:
        """A photo without words in the middle of the job waits; where the job takes none it was refused already."""
        if self.takes_photos:
            turn.say("utter_photo_kept")
        return draft

    def _danger_first(self, turn: Turn, draft: Draft | None, asked: str | None) -> Step | None:
        """Lives and safety before the job; None where the job goes on."""
        text = turn.message.plain
        if speaks_of_dying(text):
            say_crisis(turn)
            return Step(None)
        if life_in_danger(text) and not self._tells_by_itself(turn, draft):
            say_call_help(turn)
            return None if self.form == EMERGENCY_FORM else Step(draft, (), asked)
        if asked is None and asks_whether_water_is_safe(text):
            say_water_safety(turn)
            # 水一股农药味，能喝吗 asks and tells: what is wrong is taken down in the same answer.
            tells = self.form == EMERGENCY_FORM and bool(find_problems(text) or find_danger(text))
            return None if tells else Step(None)
        return None

    def _no_answer(self, turn: Turn, draft: Draft | None, asked: str) -> Step | None:
        """Cancelled, a slip in a phone number, or a question in the middle; None where it is an answer."""
        pressed = not turn.message.text  # a button that says cancel
        if turn.message.intent == "cancel" and (pressed or cancels(turn.message.plain, asked)):
            self.cancelled(turn, draft)
            drop_photos(turn, draft)
            return Step(None)
        if _phone_at_fault(turn.message, asked):
            turn.say("utter_phone_fault")
            return Step(draft, (), asked)
        in_danger = bool((draft or {}).get("danger")) and turn.message.intent in FALLBACKS
        if in_danger or not is_interruption(turn, self.intents, asked):
            return None
        if self._lost(turn):
            return Step(None)
        answer_in_between(turn)
        return Step(draft, (), asked) if turn.message.intent in _BRIEF else self._resumed(turn, draft, asked)

    def _resumed(self, turn: Turn, draft: Draft | None, asked: str) -> Step:
        """The job's question again; what it is about was said too long ago to ask no more than 对吗？"""
        for say in self.recap(turn, draft or {}, asked):
            self.say(turn, say.response, dict(say.values))
        return Step(draft, (), asked)

    def _gives_way_to(self, turn: Turn) -> str | None:
        """The form that takes over with the same message: people in danger come before any other job."""
        if self.form != EMERGENCY_FORM and find_water_danger(turn.message.plain):
            return EMERGENCY_FORM
        wants_forgetting = self.form != FORGET_FORM and turn.message.intent == FORGET
        return FORGET_FORM if wants_forgetting else None

    @staticmethod
    def _lost(turn: Turn) -> bool:
        """The third answer in a row that fits no question: a person is asked to help, and the job ends."""
        strange = int(turn.memory.get("strange", 0)) + 1 if turn.message.intent in FALLBACKS else 0
        turn.memory = {**turn.memory, "strange": strange}
        if strange < STRANGE_ANSWERS:
            return False
        store_handover(turn, "not_understood")
        turn.memory = {**turn.memory, "strange": 0}
        turn.say("utter_handed_over")
        return True

    def _tells_by_itself(self, turn: Turn, draft: Draft | None) -> bool:
        """The outage report has its own words for people in danger around water."""
        in_danger = bool((draft or {}).get("danger")) or bool(find_danger(turn.message.plain))
        return self.form == EMERGENCY_FORM and in_danger

    def _advance(self, turn: Turn, draft: Draft | None, asked: str | None) -> list[EventType]:
        turn.memory = {**turn.memory, "strange": 0} if turn.memory.get("strange") else turn.memory
        step = self.take(turn, draft, asked)
        said = list(step.says)
        if step.done and step.draft is not None:
            with session_scope() as session:
                step = self.finish(session, turn, dict(step.draft))
            said += step.says
        for say in said:
            self.say(turn, say.response, dict(say.values))
        self.after(turn, draft, step)
        if step.question is None:
            settle_photo(turn)
            offer_what_was_put_off(turn)
        return self._events(turn, step)

    def cancelled(self, turn: Turn, draft: Draft | None) -> None:
        """Say that the job is dropped, and what of it stands all the same."""
        turn.say("utter_cancelled")

    def after(self, turn: Turn, before: Draft | None, step: Step) -> None:
        """What is done once the person has been answered; a failure of it costs nobody the answer."""

    def recap(self, turn: Turn, draft: Draft, asked: str) -> Iterable[Say]:
        """What to say again before `asked` comes again: the read-back where it asks whether that is right."""
        return ()

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Say one response; a job whose values are codes puts words for them here."""
        turn.say(response, **values)

    @staticmethod
    def _events(turn: Turn, step: Step) -> list[EventType]:
        draft = None if step.question is None else dict(step.draft or {})
        if draft is not None and draft.get("id") == "":
            draft["id"] = uuid4().hex
        return [
            SlotSet("draft", draft),
            SlotSet("memory", turn.memory or None),
            SlotSet("requested_slot", step.question),
        ]


def _phone_at_fault(message: Understood, asked: str) -> bool:
    """A slip in a phone number; asked for the phone, any long number that is none, which never means 不留."""
    if message.all("phone"):
        return False
    other = any(message.all(entity) for entity in ("report_number", "coordinates", "time"))
    return bool(message.all("phone_fault")) or (
        asked.endswith("_phone") and not other and means_a_phone(message.plain)
    )
