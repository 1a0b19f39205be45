"""What rules find in a message: the step before anything learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.nlu.contacts import find_coordinates, find_faulty_phones, find_phones, find_report_numbers
from bot.nlu.normalise import Cleaned, Normalised, clean, normalise
from bot.nlu.numerals import find_quantities
from bot.nlu.spans import Span, resolve
from bot.nlu.times import find_times
from bot.places.gazetteer import Gazetteer


@dataclass(frozen=True)
class Reading:
    """A message cleaned, normalised, and with the spans that rules found (no overlaps)."""

    cleaned: Cleaned
    normal: Normalised
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The normalised text; every span's offsets are those of it."""
        return self.normal.text

    def marks(self, places: Gazetteer) -> list[str]:
        """One mark a character for the tagger: what a rule found there, or a known township or village."""
        marks = [""] * len(self.text)
        for start, end in places.named(self.text):
            marks[start:end] = ["township"] * (end - start)
        for span in self.spans:
            # To the tagger, which never saw one in training, a faulty phone is a phone.
            marks[span.start : span.end] = [span.entity.removesuffix("_fault")] * span.length
        return marks


def read(text: str, now: datetime) -> Reading:
    """Clean and normalise `text`, then find times, durations, phones, numbers and coordinates in it.

    Never raises: any string gives a reading (possibly an empty one).
    """
    cleaned = clean(text)
    normal = normalise(cleaned.text)
    found: Sequence[Span] = [
        *find_coordinates(normal),
        *find_phones(normal),
        *find_faulty_phones(normal),
        *find_report_numbers(normal),
        *find_times(normal, now),
        *find_quantities(normal),
    ]
    return Reading(cleaned, normal, tuple(resolve(found)))
