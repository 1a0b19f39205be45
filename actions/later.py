"""What a person wants beside the job at hand: kept, offered when that is done, and taken up by its button (`actions.turn`)."""

from __future__ import annotations

from collections.abc import Iterable

from actions.turn import Turn
from bot.nlu.spans import Span


def put_off(turn: Turn, intent: str, text: str, found: Iterable[Span] = ()) -> None:
    """Keep `text` for later; `found` are entities of it, by their places in it."""
    kept = [{"entity": f.entity, "start": f.start, "end": f.end, "data": dict(f.data)} for f in found]
    turn.memory = {**turn.memory, "later": {"intent": intent, "text": text, "found": kept}}


def offer_what_was_put_off(turn: Turn) -> None:
    """After a job, once."""
    later = turn.memory.get("later")
    if not later or later.get("offered"):
        return
    turn.memory = {**turn.memory, "later": {**later, "offered": True}}
    button = {"title": turn.word(f"choice_{later['intent']}"), "payload": f"/{later['intent']}"}
    turn.dispatcher.utter_message(response="utter_later", said=later["text"], buttons=[button])
