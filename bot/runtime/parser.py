"""The batch door to the understanding: `wuchang parse` (a model in process, without servers)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from bot.batch import Handler
from bot.errors import BadInput
from bot.runtime.training import ensure_model, quiet

# What stands before the words; Rasa drops spaces there too, so spans are counted from behind it.
_BEFORE = re.compile(r"^[\s/]*/\s*|^\s+")
_KINDS = {"coordinates": "place"}  # a position is a place to whoever reads the line
HIDDEN = ("language",)  # an entity that carries the language into its slot, see bot.nlu.components


def load_parser() -> Handler:
    """A function from `{"text"}` to intent, entities and language; trains the model if need be."""
    path = ensure_model()
    quiet()
    from rasa.core.agent import Agent

    agent = Agent.load(str(path))
    loop = asyncio.new_event_loop()

    def parse(line: Mapping[str, Any]) -> dict[str, Any]:
        text = line.get("text")
        if not isinstance(text, str):
            raise BadInput('a line needs a "text", e.g. {"text": "三塘停水了"}')
        # Rasa runs a text that begins with "/" as an intent; here it is a person's text.
        parsed = loop.run_until_complete(agent.parse_message(_not_a_command(text)))
        return _line(parsed, len(text) - len(_not_a_command(text)))

    return parse


def _not_a_command(text: str) -> str:
    return _BEFORE.sub("", text)


def _line(parsed: Mapping[str, Any], shift: int) -> dict[str, Any]:
    entities = [
        {
            **{k: v for k, v in e.items() if k != "extractor"},
            "entity": _KINDS.get(e["entity"], e["entity"]),
            "start": e["start"] + shift,
            "end": e["end"] + shift,
        }
        for e in parsed["entities"]
        if e["entity"] not in HIDDEN
    ]
    return {
        "intent": {"name": parsed["intent"]["name"], "confidence": parsed["intent"]["confidence"]},
        "entities": entities,
        "language": parsed.get("language"),
        "intent_ranking": [dict(row) for row in parsed.get("intent_ranking", [])][:3],
    }
