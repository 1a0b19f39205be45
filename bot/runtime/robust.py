"""What a person hears when the action server fails: never nothing.

Rasa logs a failing custom action and answers with an empty list; the person believes that the
report was taken. Here such an action says `utter_trouble` instead, and the conversation stays
where it was.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction, create_bot_utterance

logger = logging.getLogger(__name__)
TROUBLE = "utter_trouble"


def apply() -> None:
    """Put it in place; called once, before Rasa serves."""
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
            return [create_bot_utterance(message)] if message else []

    RemoteAction.run = run_or_say_so  # type: ignore[method-assign]
