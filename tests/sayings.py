"""A message as the assistant understands it, made without a trained model."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.dialogue.turn import Understood
from bot.nlu.reading import read
from bot.nlu.spans import Span, cut
from tests.conftest import NOW

# A button press carries an intent and no words.
BUTTONS = ("affirm", "deny", "cancel")


def understood(
    text: str,
    *,
    intent: str = "inform",
    place: Iterable[str] = (),
    now: datetime = NOW,
    **others: Iterable[str],
) -> Understood:
    """`text` with what rules find in it and the given spans, each the next occurrence of its words.

    What rules find gives way to a hand-given span that it overlaps.
    """
    reading = read(text, now)
    clean = reading.cleaned.text
    given: list[Span] = []
    for entity, values in {"place": place, **others}.items():
        start = 0
        for value in values:
            start = clean.index(value, start)
            given.append(cut(clean, entity, start, start + len(value)))
            start += len(value)
    found = [*given, *(s for s in reading.spans if not any(s.overlaps(g) for g in given))]
    return Understood(clean, intent, 1.0, tuple(sorted(found, key=lambda s: s.start)))
