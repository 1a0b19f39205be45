"""Where the documents say two things about one matter: both are told as they stand (`data/law/contradictions.yml`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.documents.digest import Entry, digest
from bot.errors import BadInput
from bot.nlu.normalise import normalise
from bot.settings import ROOT

CONTRADICTIONS = ROOT / "data" / "law" / "contradictions.yml"


@dataclass(frozen=True)
class Contradiction:
    """Two clauses that differ, what asks for it, and how both are told."""

    entries: tuple[Entry, ...]
    asks: re.Pattern[str]
    said: str
    said_en: str


def asked_of(question: str, near: Iterable[Entry]) -> Contradiction | None:
    """The contradiction that `question` asks about: its words are there, and a clause of it is among the `near` ones."""
    text, ids = normalise(question).text, {entry.id for entry in near}
    return next(
        (one for one in _known() if ids & {entry.id for entry in one.entries} and one.asks.search(text)), None
    )


def read_contradictions(path: Path) -> tuple[Contradiction, ...]:
    """The contradictions of a file.

    Raises:
        BadInput: a row lacks a key, names a clause that is not there, or its pattern cannot be read.
    """
    found = []
    for row in yaml.safe_load(path.read_text(encoding="utf8")):
        try:
            entries = tuple(digest().get(clause) for clause in row["clauses"])
            said, said_en = (" ".join(row[key].split()) for key in ("said", "said_en"))
            asks = re.compile(row["asks"])
        except (KeyError, TypeError, AttributeError, re.error) as fault:
            raise BadInput(f"{path.name}: {row} cannot be used: {fault!r}") from None
        known = tuple(entry for entry in entries if entry is not None)
        if len(known) != len(row["clauses"]):
            raise BadInput(f"{path.name}: one of {row['clauses']} is not in the digest")
        found.append(Contradiction(known, asks, said.replace(" ", ""), said_en))
    return tuple(found)


@lru_cache(maxsize=1)
def _known() -> tuple[Contradiction, ...]:
    return read_contradictions(CONTRADICTIONS)
