"""忘记我 and 绑定: a person has their data deleted, or is known as a member of staff."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, Restarted
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.jobs import FORGET_FORM, Draft, Job
from actions.turn import Turn
from bot.dialogue.about_me import confirms_forgetting
from bot.dialogue.details import cancels
from bot.dialogue.turn import Say, Step
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.storage.forget import Held, forget, held
from bot.water.talk.areas import area_of
from bot.water.talk.emergencies import gist

logger = logging.getLogger(__name__)


class ForgetJob(Job):
    """Says what goes and what stays, and asks once; whatever is no yes leaves all as it is."""

    form = FORGET_FORM
    intents = frozenset({"forget_me", "inform", "affirm", "deny", "cancel", "out_of_scope", "nlu_fallback"})

    def take(self, turn: Turn, draft: Draft | None, asked: str | None) -> Step:
        """Tell and ask; the answer, where it is no yes (`_advance` has taken that)."""
        if asked:
            return Step(None, (Say("utter_forget_kept"),))
        with session_scope() as session:
            found = held(session, channel=turn.channel, sender=turn.sender)
        return Step({}, (Say("utter_forget_what", _told(turn, found)),), "forget_confirm")

    def finish(self, session: Session, turn: Turn, draft: Draft) -> Step:
        """Not reached: deleting is `action_forget`, outside of the form, for the conversation ends with it."""
        return Step(None)

    def _no_answer(self, turn: Turn, draft: Draft | None, asked: str) -> Step | None:
        if cancels(turn.message.plain, asked):
            turn.say("utter_forget_kept")
            return Step(None)
        return None if _confirms(turn) else super()._no_answer(turn, draft, asked)

    def _advance(self, turn: Turn, draft: Draft | None, asked: str | None) -> list[EventType]:
        if asked and _confirms(turn):
            return [*self._events(turn, Step(None)), FollowupAction("action_forget")]
        return super()._advance(turn, draft, asked)


class Forget(Action):
    """Deletes everything about the person, after they said yes to `ForgetJob`."""

    def name(self) -> str:
        """Begun by the form alone: no rule leads here."""
        return "action_forget"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Delete, say so, and restart the conversation, by which the store deletes it and the channel what it shows."""
        turn = Turn.of(tracker, dispatcher)
        try:
            with session_scope() as session:
                forget(
                    session, channel=turn.channel, sender=turn.sender, now=turn.now, told_after=True,
                    gist=partial(gist, places=current_places(turn.now)), area=area_of,
                )  # fmt: skip
        except Exception:
            logger.exception("somebody could not be forgotten")
            turn.say("utter_forget_failed")
            return []
        dispatcher.utter_message(response="utter_forgotten", json_message={"forgotten": True})
        # Rasa would greet a restarted conversation by itself; the next message begins it.
        return [Restarted(), FollowupAction("action_listen")]


def _confirms(turn: Turn) -> bool:
    """The button, or words that are nothing but a yes: a polite no, a question or a cry for help is none."""
    pressed = not turn.message.text
    return turn.message.intent == "affirm" if pressed else confirms_forgetting(turn.message.plain)


def _told(turn: Turn, found: Held) -> dict[str, str]:
    """What is to be known `first`, and what stays and ends (`more`), a sentence each, of what there is."""
    parts = []
    if found.reports:
        parts.append(turn.word("forget_reports"))
    if found.questions:
        parts.append(turn.word("forget_questions"))
    if found.records:
        parts.append(turn.word("forget_records"))
    if found.care:
        parts.append(turn.word("forget_care", numbers=turn.word("comma").join(found.care)))
    if found.staff:
        parts.append(turn.word("forget_staff", name=found.staff))
    return {"first": turn.word("forget_urgent") if found.urgent else "", "more": "".join(parts)}
