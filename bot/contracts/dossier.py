"""A contract case as it stands: its list with the numbers by which people name things, and what of it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from bot.contracts.checklist import Checklist, Item
from bot.contracts.rules import rules


@dataclass(frozen=True)
class Task:
    """An item of a case's list. `number` is how people name it, from 1; a note, which is only to be known, has none."""

    item: Item
    number: int | None
    done: bool = False

    @property
    def name(self) -> str:
        """What is to be done, in a few words."""
        return rules().entries[self.item.id].task or self.item.title


@dataclass(frozen=True)
class Dossier:
    """A case as it stands. `facts` are its keys of `bot.contracts.case.Case`, `found` is the list made of them."""

    number: str
    contract_type: str
    status: str
    facts: Mapping[str, Any]
    found: Checklist
    tasks: tuple[Task, ...]
    channel: str
    sender: str
    created_at: datetime
    updated_at: datetime

    @property
    def to_do(self) -> tuple[Task, ...]:
        """What has a number: all but the notes."""
        return tuple(task for task in self.tasks if task.number is not None)

    @property
    def done(self) -> frozenset[str]:
        """Ids of the items that are done."""
        return frozenset(task.item.id for task in self.to_do if task.done)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of the list, in order."""
        return tuple(dict.fromkeys(task.item.stage for task in self.tasks))

    def of_stage(self, stage: str) -> tuple[Task, ...]:
        """What the list holds for `stage`, notes among it."""
        return tuple(task for task in self.tasks if task.item.stage == stage)


def tasks_of(
    found: Checklist, ticked: Iterable[str] = (), numbers: Mapping[str, int] | None = None
) -> tuple[Task, ...]:
    """The items of a list with their numbers and whether they are done; notes stay without a number.

    `numbers` are those that items have had; what is new on the list gets the next free one.
    """
    done, given = frozenset(ticked), numbers_of(found, numbers or {})
    return tuple(
        Task(item, given.get(item.id), item.id in done and not rules().entries[item.id].note)
        for item in found.items
    )


def numbers_of(found: Checklist, had: Mapping[str, int]) -> dict[str, int]:
    """The numbers of what is to be done: whoever noted "第15项" finds the same thing under it, whatever has changed."""
    to_do = [item.id for item in found.items if not rules().entries[item.id].note]
    free = count(max(had.values(), default=0) + 1)
    return {item: had[item] if item in had else next(free) for item in to_do}


def still_open(dossier: Dossier, stage: str | None = None) -> tuple[Task, ...]:
    """What is not done yet, of one stage where one is given: the nearest last day first, then in the list's order."""
    waiting = [task for task in dossier.to_do if not task.done and stage in (None, task.item.stage)]
    return tuple(sorted(waiting, key=lambda task: (task.item.due is None, task.item.due or 0, task.number)))


def next_step(dossier: Dossier) -> Task | None:
    """The first thing of the list that is not done; None where all is."""
    return next((task for task in dossier.to_do if not task.done), None)
