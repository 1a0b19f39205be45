"""A piece of a message with its meaning, and how overlapping pieces are settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a text, read as ``entity``.

    ``value`` is always ``text[start:end]``; ``data`` holds what it means, in JSON types only.
    """

    entity: str
    start: int
    end: int
    value: str
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def length(self) -> int:
        """Number of characters covered."""
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """True if the two share a character."""
        return self.start < other.end and other.start < self.end


def cut(text: str, entity: str, start: int, end: int, data: Mapping[str, Any] | None = None) -> Span:
    """The span ``text[start:end]``."""
    return Span(entity, start, end, text[start:end], dict(data or {}))


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Spans without overlaps, in the order of the text: the longest wins, then the earliest."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.length, s.start)):
        if span.length and not any(span.overlaps(k) for k in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)
