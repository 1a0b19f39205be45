"""The action groups of 2.2: who leads, who takes part, what they do (``data/law/water/groups.yml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import yaml

from bot.settings import ROOT

GROUPS_FILE = ROOT / "data" / "law" / "water" / "groups.yml"


@dataclass(frozen=True)
class Group:
    """One group: `led_by` lead it (`one_of`: one of them does), `members` take part, under `clause` as printed."""

    name: str
    clause: str
    led_by: tuple[str, ...]
    one_of: bool
    members: tuple[str, ...]
    and_others: bool
    task: str


@cache
def all_groups() -> tuple[Group, ...]:
    """The groups in the plan's order. Read once."""
    raw = yaml.safe_load(GROUPS_FILE.read_text(encoding="utf-8"))["groups"]
    return tuple(
        Group(
            name=row["name"], clause=row["clause"], led_by=tuple(row["led_by"]), one_of=row.get("one_of", False),
            members=tuple(row["with"]), and_others=row.get("and_others", False), task=row["task"],
        )
        for row in raw
    )  # fmt: skip
