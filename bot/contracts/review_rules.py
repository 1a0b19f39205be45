"""The patterns of the review as data: reads ``data/law/contract/review.yml`` once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot.contracts.draft_text import BLANK
from bot.contracts.rules import any_of, rules
from bot.settings import ROOT

REVIEW_FILE = ROOT / "data" / "law" / "contract" / "review.yml"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Part:
    """Something a term needs: found by ``sure``, or by ``find`` where ``unless`` is not in the sentence.

    In a table it is also a ``cell`` below a head that is ``column`` (None where the part has no column).
    """

    sure: re.Pattern[str]
    find: re.Pattern[str]
    unless: re.Pattern[str]
    column: re.Pattern[str] | None = None
    cell: re.Pattern[str] = _NEVER

    def found(self, plain: str) -> bool:
        """Whether the plain form of a sentence has this part."""
        return bool(self.sure.search(plain) or (self.find.search(plain) and not self.unless.search(plain)))


@dataclass(frozen=True)
class Term:
    """One of Article 11's terms; ``patterns`` are those of a ``special`` term (parties, duties)."""

    clause: str
    item: str
    item_en: str
    special: str | None
    parts: Mapping[str, Part]
    present: tuple[tuple[str, ...], ...]
    unclear: tuple[str, ...]
    present_otherwise: str | None
    missing_if: re.Pattern[str] | None
    patterns: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True)
class ReviewRules:
    """The parsed file; ``role`` matches any name of a party, longest first, ``number`` figures or Chinese numerals.

    ``forbidden`` has for each clause of Article 6 what it forbids, in Chinese and in English.
    """

    role: str
    number: str
    deferred: re.Pattern[str]
    terms: tuple[Term, ...]
    forbidden: Mapping[str, tuple[str, str]]
    approved: re.Pattern[str]
    not_approved: re.Pattern[str]
    internal_seal: re.Pattern[str]


@lru_cache(maxsize=1)
def review_rules() -> ReviewRules:
    """The patterns, read and compiled once."""
    raw = yaml.safe_load(REVIEW_FILE.read_text(encoding="utf-8"))
    role = "(?:" + "|".join(sorted(raw["roles"], key=len, reverse=True)) + ")"
    tokens = {
        "<role>": role,
        "<n>": f"(?:{raw['number']})",
        "<blank>": BLANK,
        "<intellectual_property>": rules().intellectual_property.pattern,
    }

    def fill(pattern: str) -> str:
        for token, value in tokens.items():
            pattern = pattern.replace(token, value)
        return pattern

    forbidden = raw["forbidden"]
    return ReviewRules(
        role=role,
        number=tokens["<n>"],
        deferred=re.compile(raw["deferred"]),
        terms=tuple(_term(term, fill) for term in raw["terms"]),
        forbidden={clause: (entry["item"], entry["item_en"]) for clause, entry in forbidden.items()},
        approved=re.compile(forbidden["contract/6/1"]["approved"]),
        not_approved=re.compile(forbidden["contract/6/1"]["not_approved"]),
        internal_seal=re.compile(forbidden["contract/6/2"]["seal"]),
    )


def _term(raw: Mapping[str, Any], fill: Callable[[str], str]) -> Term:
    def union(patterns: list[str] | None) -> re.Pattern[str]:
        return any_of([fill(p) for p in patterns]) if patterns else _NEVER

    def one(part: Mapping[str, Any], name: str) -> re.Pattern[str] | None:
        return re.compile(fill(part[name])) if name in part else None

    parts = {
        name: Part(
            union(part.get("sure")),
            union(part.get("find")),
            union(part.get("not")),
            one(part, "column"),
            one(part, "cell") or _NEVER,
        )
        for name, part in raw.get("parts", {}).items()
    }
    special = {
        key: re.compile(fill(raw[key])) for key in ("address", "dwelling", "duty", "not") if key in raw
    }
    condition = raw.get("missing_if")
    return Term(
        clause=raw["clause"],
        item=raw["item"],
        item_en=raw["item_en"],
        special=raw.get("special"),
        parts=parts,
        present=tuple(tuple(group) for group in raw.get("present", ())),
        unclear=tuple(raw.get("unclear", ())),
        present_otherwise=raw.get("present_otherwise"),
        missing_if=re.compile(fill(condition), re.IGNORECASE) if condition else None,
        patterns=special,
    )
