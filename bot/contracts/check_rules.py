"""The checks beside Article 11 and Article 6 as data: reads ``data/law/contract/draft_checks.yml`` once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from bot.contracts.draft_text import Sentence
from bot.contracts.findings import Finding
from bot.contracts.review_rules import review_rules
from bot.settings import ROOT

CHECKS_FILE = ROOT / "data" / "law" / "contract" / "draft_checks.yml"


@dataclass(frozen=True)
class Check:
    """The words and patterns of one check; `clause` is what its findings cite."""

    name: str
    clause: str
    words: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]

    def has(self, pattern: str, plain: str) -> bool:
        """Whether the pattern of that name is found in a plain form."""
        return bool(self.patterns[pattern].search(plain))

    def finding(
        self, status: str, sentence: Sentence | None, *, item: str = "item", suggestion: str = "suggestion",
        also: Sentence | None = None, english: Mapping[str, object] | None = None, **values: object,
    ) -> Finding:  # fmt: skip
        """A finding in the words of these names, with a sentence as evidence (None where something is missing).

        `values` fill the suggestion; `english` are those that differ in English.
        """
        return Finding(
            clause=self.clause,
            item=self.words[item],
            status=status,
            evidence=sentence.quote if sentence else None,
            check=self.name,
            at=sentence.line if sentence else None,
            also=also.quote if also and also is not sentence else None,
            suggestion=self.words[suggestion].format(**values),
            item_en=self.words[f"{item}_en"],
            suggestion_en=self.words[f"{suggestion}_en"].format(**{**values, **(english or {})}),
        )


@dataclass(frozen=True)
class RepealedLaw:
    """A law that is no longer in force: the name found in a plain form, since when, and what to cite instead."""

    name: str
    pattern: re.Pattern[str]
    since: date
    successor: str


@dataclass(frozen=True)
class CheckRules:
    """The parsed file; ``role`` is a pattern for any name of a party."""

    role: str
    checks: Mapping[str, Check]
    repealed: tuple[RepealedLaw, ...]

    def __getitem__(self, name: str) -> Check:
        return self.checks[name]


@lru_cache(maxsize=1)
def check_rules() -> CheckRules:
    """The words and patterns, read and compiled once."""
    raw = yaml.safe_load(CHECKS_FILE.read_text(encoding="utf-8"))
    review = review_rules()
    checks = {}
    for name, entry in raw.items():
        if isinstance(entry, dict):
            patterns = {
                key: re.compile(text.replace("<role>", review.role).replace("<n>", review.number))
                for key, text in entry.get("find", {}).items()
            }
            checks[name] = Check(name, raw["clause"], entry["say"], patterns)
    return CheckRules(review.role, checks, tuple(_laws(raw["repealed"]["laws"])))


def _laws(rows: list[dict[str, Any]]) -> list[RepealedLaw]:
    laws = []
    for row in rows:
        before = "".join(f"(?<!{word})" for word in row.get("not_before", "").split("|") if word)
        laws += [
            RepealedLaw(name, re.compile(before + re.escape(name)), row["since"], row["successor"])
            for name in row["names"]
        ]
    return laws
