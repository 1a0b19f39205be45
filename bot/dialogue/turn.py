"""A message as understood, and one step of a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.nlu.normalise import normalise
from bot.nlu.spans import Span

_NEGATED = re.compile(
    r"((?<!是)不是|不在|不对|不系|并非|别写|莫写|写错|搞错|not)\s*(在|at|in)?\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Understood:
    """One message of a person after understanding.

    Attributes:
        text: the person's words, cleaned; "" for a button.
        intent: name of the intent, "nlu_fallback" where none was certain enough.
        confidence: of that intent, 0 to 1.
        found: entities in the order of the text.
        ranking: (intent, confidence), most probable first.
    """

    text: str
    intent: str = ""
    confidence: float = 1.0
    found: tuple[Span, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()

    @cached_property
    def plain(self) -> str:
        """The text as patterns match it: simplified, lower case, dialect and misheard words mended.

        As long as `text`, so the offsets of `found` hold in it too.
        """
        return normalise(self.text).text

    def all(self, entity: str) -> tuple[Span, ...]:
        """Every `entity` that is not taken back in the text ("不是三塘，是泉溪" gives 泉溪)."""
        return tuple(
            f for f in self.found if f.entity == entity and not _NEGATED.search(self.plain[: f.start])
        )

    def last(self, entity: str) -> Span | None:
        """The last `entity` that is not taken back; a correction stands behind what it corrects."""
        found = self.all(entity)
        return found[-1] if found else None

    def first(self, entity: str) -> Span | None:
        """The first `entity` that is not taken back."""
        found = self.all(entity)
        return found[0] if found else None


@dataclass(frozen=True)
class Say:
    """A response of domain.yml with the values of its places."""

    response: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What comes of one message within a job.

    Attributes:
        draft: what is known now (JSON), None where the job is over.
        says: what to tell, in order.
        question: which question comes next ("outage_place"), None where the job is over.
        done: the job reached its end (for the caller to store what the draft holds).
    """

    draft: Mapping[str, Any] | None
    says: tuple[Say, ...] = ()
    question: str | None = None
    done: bool = False
