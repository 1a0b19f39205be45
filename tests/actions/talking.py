"""One message to an action without a server: a tracker as Rasa would hand it over, and what the action says."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.nlu.reading import read
from tests.conftest import NOW


@dataclass
class Person:
    """A person on a channel, with the slots of their conversation from one message to the next."""

    sender: str = "clerk"
    channel: str = "rest"
    slots: dict[str, Any] = field(default_factory=lambda: {"language": "zh"})
    loop: str | None = None
    before: list[dict[str, Any]] = field(default_factory=list)  # the action of the turn before

    def says(
        self, action: Action, text: str, *, intent: str = "inform", confidence: float = 0.9,
        metadata: Mapping[str, Any] | None = None, **entities: str,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """What `action` says to `text`; its slots are kept, and a form that it hands over to is in `next_action`.

        `metadata` is what a channel sends along: a photo's id, a file's token.
        """
        parsed = {
            "text": text, "intent": {"name": intent, "confidence": confidence}, "entities": _found(text, entities),
            "intent_ranking": [],
        }  # fmt: skip
        event = {"event": "user", "text": text, "parse_data": parsed, "input_channel": self.channel}
        event["metadata"] = dict(metadata or {})
        tracker = Tracker(
            self.sender, dict(self.slots), parsed, [*self.before, event], False, None, {"name": self.loop} if self.loop else {},
            "action_listen",
        )  # fmt: skip
        dispatcher = CollectingDispatcher()
        self.next_action = None
        done_by = action.run(dispatcher, tracker, {})
        for done in asyncio.run(done_by) if inspect.isawaitable(done_by) else done_by:
            if done["event"] == "slot":
                self.slots[done["name"]] = done["value"]
            elif done["event"] == "followup":
                self.next_action = done["name"]
        self.before = [{"event": "action", "name": action.name()}]
        return list(dispatcher.messages)

    next_action: str | None = None


def _found(text: str, entities: Mapping[str, str]) -> list[dict[str, Any]]:
    spans = [
        {"entity": s.entity, "start": s.start, "end": s.end, "value": s.value, "data": dict(s.data)}
        for s in read(text, NOW).spans
    ]  # fmt: skip
    for entity, value in entities.items():
        start = text.index(value)
        spans.append({"entity": entity, "start": start, "end": start + len(value), "value": value})
    return spans


def responses(messages: list[dict[str, Any]]) -> list[str]:
    """Names of the responses, or the text of what is said as it stands."""
    return [str(message.get("response") or message.get("text")) for message in messages]
