"""The rules of the checklist as data: reads ``data/law/contract/checklist.yml`` once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import yaml

from bot.settings import ROOT

CHECKLIST_FILE = ROOT / "data" / "law" / "contract" / "checklist.yml"


@dataclass(frozen=True)
class Entry:
    """An item or warning of the list; ``when`` maps a fact to the values with which it is given.

    An item that is a ``note`` is to be known, not done; ``task`` is a short name for what is to be done where the
    title does not tell it; ``said`` finds it named in a clerk's normalised words.
    """

    id: str
    clause: str
    text: str
    when: Mapping[str, tuple[Any, ...]]
    stage: str = ""
    title: str = ""
    due: str | None = None
    not_before: str | None = None
    note: bool = False
    task: str = ""
    said: re.Pattern[str] | None = None

    def applies(self, facts: Mapping[str, Any]) -> bool:
        """Whether every condition holds. A fact that nobody reckons is a mistake in the data: KeyError."""
        return all(facts[name] in values for name, values in self.when.items())


@dataclass(frozen=True)
class Kind:
    """One of the types of Article 2; ``sure`` is false where no word told it and 'other' was assumed."""

    clause: str
    name: str
    sure: bool = True


@dataclass(frozen=True)
class NameGroup:
    """Names that must not sign (Article 6): ``temporary`` bodies or ``internal`` offices."""

    kind: str
    clause: str
    pattern: re.Pattern[str]
    exempt: re.Pattern[str]


@dataclass(frozen=True)
class Rules:
    """The parsed file. Days are counts: ``review_workdays`` working days, ``filing_days`` calendar days."""

    in_force: dt.date
    reviewers: Mapping[str, str]
    review_workdays: int
    filing_days: int
    fields: Mapping[str, str]
    stage_order: tuple[str, ...]
    stages: tuple[tuple[str, re.Pattern[str]], ...]
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...]
    other_kind: Kind
    special_types: re.Pattern[str]
    intellectual_property: re.Pattern[str]
    names: tuple[NameGroup, ...]
    exempt_items: tuple[Entry, ...]
    items: tuple[Entry, ...]
    warnings: tuple[Entry, ...]
    whole_stages: Mapping[str, re.Pattern[str]]

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every item that a list can hold, by its id."""
        return {entry.id: entry for entry in (*self.exempt_items, *self.items)}

    def label(self, key: str) -> str:
        """The Chinese name of an input key, for messages."""
        return self.fields[key]


def any_of(patterns: list[str]) -> re.Pattern[str]:
    """One pattern that finds any of ``patterns``, whatever the case of Latin letters."""
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules in force, read once."""
    raw = yaml.safe_load(CHECKLIST_FILE.read_text(encoding="utf-8"))
    order = tuple(raw["stage_order"])
    other = raw["other_kind"]
    return Rules(
        in_force=raw["in_force"],
        reviewers={party: value["value"] for party, value in raw["reviewers"].items()},
        review_workdays=raw["review_workdays"]["value"],
        filing_days=raw["filing_days"]["value"],
        fields=raw["fields"],
        stage_order=order,
        stages=tuple((s["name"], any_of([s["name"], *s["words"]])) for s in raw["stages"]),
        kinds=tuple((Kind(k["clause"], k["name"]), any_of(k["words"])) for k in raw["kinds"]),
        other_kind=Kind(other["clause"], other["name"], sure=False),
        special_types=any_of(raw["special_types"]),
        intellectual_property=any_of(raw["intellectual_property"]),
        names=tuple(
            NameGroup(n["kind"], n["clause"], any_of(n["patterns"]), any_of(n["not"])) for n in raw["names"]
        ),
        exempt_items=_entries(raw["exempt_items"]),
        items=tuple(sorted(_entries(raw["items"]), key=lambda entry: order.index(entry.stage))),
        warnings=_entries(raw["warnings"]),
        whole_stages={stage: any_of(words) for stage, words in raw["whole_stages"].items()},
    )


def _entries(raw: list[dict[str, Any]]) -> tuple[Entry, ...]:
    def conditions(when: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
        return {name: tuple(v) if isinstance(v, list) else (v,) for name, v in when.items()}

    def read(entry: dict[str, Any]) -> Entry:
        said = any_of(entry["said"]) if "said" in entry else None
        return Entry(**{**entry, "when": conditions(entry.get("when", {})), "said": said})

    return tuple(read(entry) for entry in raw)
