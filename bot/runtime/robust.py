"""What a person hears when the action server fails: never nothing.

Rasa logs a failing custom action and answers with an empty list; the person believes that the
report was taken. Here such an action says `utter_trouble` instead, and a form keeps its question
and what it has so far.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction, create_bot_utterance
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import SlotSet

logger = logging.getLogger(__name__)
TROUBLE = "utter_trouble"
DRAFT = "draft"


def apply() -> None:
    """Put it in place; called once, before Rasa serves."""
    if getattr(RemoteAction.run, "says_trouble", False):
        return
    run = RemoteAction.run

    async def run_or_say_so(
        self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any
    ) -> list[Any]:
        try:
            return list(await run(self, output_channel, nlg, tracker, domain))
        except ActionExecutionRejection:
            raise
        except Exception:
            logger.exception("custom action %s failed", self.name())
            message = await nlg.generate(TROUBLE, tracker, output_channel.name())
            return [create_bot_utterance(message), *_unchanged(self, tracker)]

    run_or_say_so.says_trouble = True  # type: ignore[attr-defined]
    RemoteAction.run = run_or_say_so  # type: ignore[method-assign]


def _unchanged(action: RemoteAction, tracker: Any) -> list[Any]:
    """A form that hears nothing from its validation is given up by Rasa; with these events it asks again."""
    if not action.name().startswith("validate_"):
        return []
    return [SlotSet(name, tracker.get_slot(name)) for name in (DRAFT, REQUESTED_SLOT)]
