"""Questions that no clause can answer, by rules of ``data/lexicon/outside.yml``: who holds an office
today, another year's report, another county."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.errors import BadInput
from bot.nlu.normalise import normalise
from bot.settings import ROOT

OUTSIDE = ROOT / "data" / "lexicon" / "outside.yml"
_MARKS_AT_END = " ?？!！。.,，"


@dataclass(frozen=True)
class Rule:
    """A question is outside where `asks` is found and `unless` is not."""

    asks: re.Pattern[str]
    unless: re.Pattern[str] | None

    def holds(self, text: str) -> bool:
        """Whether a normalised question is outside after this rule."""
        return bool(self.asks.search(text)) and not (self.unless and self.unless.search(text))


def is_outside(question: str) -> bool:
    """Whether the documents cannot answer `question`, whatever clause is nearest."""
    text = normalise(question).text.rstrip(_MARKS_AT_END)
    return any(rule.holds(text) for rule in _rules())


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of a file.

    Raises:
        BadInput: a rule has no pattern, or one that cannot be read.
    """
    rules = []
    for row in yaml.safe_load(path.read_text(encoding="utf8")):
        try:
            asks = re.compile("".join(row["asks"].split()))
            unless = re.compile(row["unless"]) if row.get("unless") else None
        except (KeyError, TypeError, AttributeError, re.error) as fault:
            raise BadInput(
                f"{path.name}: a rule cannot be used ({fault!r}); it needs `asks`, a pattern"
            ) from None
        rules.append(Rule(asks, unless))
    return tuple(rules)


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    return read_rules(OUTSIDE)
