"""Who cannot wait for water in a reporter's words: in bed, on dialysis, pregnant, an infant, alone and old.

The words are those of people at home, so this is a hint for who is on duty (who gets water first), never a fact of a
grade. One mark too many costs a call; one too few leaves somebody in bed without water.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from bot.nlu.normalise import normalise
from bot.settings import ROOT
from bot.water.words import words

LEXICON = ROOT / "data" / "lexicon" / "vulnerable.yml"
_NOT_BEFORE = "not_before"


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re.Pattern[str]]:
    data = yaml.safe_load(LEXICON.read_text(encoding="utf8"))
    return {name: re.compile("|".join(f"(?:{one})" for one in parts)) for name, parts in data.items()}


def groups() -> tuple[str, ...]:
    """The codes of all groups, the gravest first."""
    return tuple(name for name in _patterns() if name != _NOT_BEFORE)


def find_vulnerable(text: str) -> tuple[str, ...]:
    """The groups that a person's own words tell of, the gravest first: 我娘瘫在床上 gives ("bedridden",)."""
    plain = normalise(text).text
    denied = _patterns()[_NOT_BEFORE]
    return tuple(
        name
        for name in groups()
        if any(not denied.search(plain[: found.start()]) for found in _patterns()[name].finditer(plain))
    )


def kept(text: str) -> str | None:
    """The same as a report keeps it (`OutageReport.vulnerable`): codes with commas between; None for none."""
    return ",".join(find_vulnerable(text)) or None


def named(codes: str | None) -> str:
    """Kept codes in the words of staff: 卧床不起、透析; "" for none."""
    names: Mapping[str, str] = words()["vulnerable"]
    return "、".join(names.get(code, code) for code in (codes or "").split(",") if code)
