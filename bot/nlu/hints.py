"""What the word lists of the subjects know of a text: hints for the tagger, which decides."""

from __future__ import annotations

from collections.abc import Iterable

from bot.eldercare.services import service_spans
from bot.nlu.tagger import Hints
from bot.water.talk.problems import problem_spans


def hints_of(text: str) -> Hints:
    """Where normalised `text` has words for a problem with the water and for an eldercare service."""
    services = [(start, end) for start, end, _code in service_spans(text)]
    return {"problem": _marks(len(text), problem_spans(text)), "service": _marks(len(text), services)}


def _marks(length: int, spans: Iterable[tuple[int, int]]) -> list[str]:
    """One mark a character: B where a word begins, I within it, "" outside."""
    marks = [""] * length
    for start, end in spans:
        if start < end:
            marks[start:end] = ["B"] + ["I"] * (end - start - 1)
    return marks
