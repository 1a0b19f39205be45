"""Who answers for what at a grade: the response and the duties of parts 4.2, 5 and 6.

Both are data (``data/law/water/duties.yml``); here they are read once and handed out by grade.
An incident without a grade has no response, but it does have the duties of 4.2.1, 4.2.3 and
5.2.1: these bind whoever finds or hears of an incident, before anybody has graded it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from bot.settings import ROOT

DUTIES_FILE = ROOT / "data" / "law" / "water" / "duties.yml"

# The steps of a response that name an office; each is given with its clause.
STEPS = (
    "proposed_by",
    "filed_with",
    "approved_by",
    "approved_through",
    "started_by",
    "handled_by",
    "ended_by",
    "aftercare_lead",
    "aftercare_takes_part",
    "aftercare_guided_by",
)


@dataclass(frozen=True)
class Duty:
    """One duty: ``who`` does ``what``, towards ``to`` (None: nobody), under ``clause`` (``5.2.3(1)``).

    ``within_minutes`` is None where the plan sets no figure (立即 is none). ``counted_from`` says
    what the minutes run from: ``alert`` (接警), ``incident`` (事发), ``report`` (接到报告), ``raise``
    (the incident turns out to be of grade I or II; before that the duty has no clock), or None
    where the plan does not say. ``key`` names the duty in the records of incidents, the same for
    ever. ``step`` is the step of the response that does this duty with it (`bot.water.incidents.response`).
    ``at_end``: the plan asks it only when the response ends or after it (5.4.2, 5.5, 6.1, 6.2).
    """

    key: str
    who: str
    to: str | None
    what: str
    within_minutes: int | None
    clause: str
    counted_from: str | None = None
    step: str | None = None
    at_end: bool = False

    @property
    def by_step_alone(self) -> bool:
        """Whether it is done with its step of the response only: the end has an order that nobody skips (5.4.2, 5.5)."""
        return self.at_end and self.step is not None

    def as_dict(self) -> dict[str, Any]:
        """The duty as ``wuchang grade`` prints it: who, to, what, within_minutes, clause."""
        return {
            "who": self.who,
            "to": self.to,
            "what": self.what,
            "within_minutes": self.within_minutes,
            "clause": self.clause,
        }


@dataclass(frozen=True)
class Response:
    """The response to one grade. An office is None where the plan has no such step at this grade.

    ``proposed_when`` is the plan's time in words, ``proposed_within_minutes`` its figure.
    ``clause`` is the clause of 5.1; ``clauses`` gives, for each step that there is, its own clause.
    """

    level: str
    name: str
    clause: str
    proposed_by: str
    proposed_when: str | None
    proposed_within_minutes: int | None
    filed_with: str | None
    approved_by: str | None
    approved_through: str | None
    started_by: str
    handled_by: str
    ended_by: str
    aftercare_lead: str
    aftercare_takes_part: str | None
    aftercare_guided_by: str | None
    clauses: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """All fields by name; ``clauses`` as {step: clause}."""
        return {**vars(self), "clauses": dict(self.clauses)}


@cache
def response_for(grade: str | None) -> Response | None:
    """The response to ``grade`` ('I'..'IV'); None for None: the plan starts no response without a grade.

    :raises KeyError: for anything else.
    """
    return None if grade is None else _responses()[grade]


@cache
def duties_for(grade: str | None) -> tuple[Duty, ...]:
    """The duties at ``grade`` in the plan's order; for None those that hold before any grading.

    :raises KeyError: where the plan has no such grade.
    """
    if grade is not None and grade not in _responses():
        raise KeyError(grade)
    return tuple(_duty(row) for row in _data()["duties"] if _applies(row["grades"], grade))


@cache
def all_duties() -> Mapping[str, Duty]:
    """Every duty of the plan by its key, in the plan's order."""
    return {row["key"]: _duty(row) for row in _data()["duties"]}


@cache
def _data() -> Mapping[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DUTIES_FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def _responses() -> Mapping[str, Response]:
    return {level: _response(level, body) for level, body in _data()["responses"].items()}


def _applies(grades: str | list[str], grade: str | None) -> bool:
    return grades == "any" or grade in grades


def _duty(row: Mapping[str, Any]) -> Duty:
    return Duty(
        key=row["key"], who=row["who"], to=row["to"], what=row["what"], within_minutes=row["minutes"],
        clause=row["clause"], counted_from=row.get("from"), step=row.get("step"),
        at_end=row.get("at") == "end",
    )  # fmt: skip


def _response(level: str, body: Mapping[str, Any]) -> Response:
    within = body["proposed_within"] or {}
    clauses = [(step, body[step]["clause"]) for step in STEPS if body[step]]
    if within:
        clauses.append(("proposed_within_minutes", within["clause"]))
    offices: dict[str, Any] = {step: body[step]["who"] if body[step] else None for step in STEPS}
    return Response(
        level=level,
        name=body["name"],
        clause=body["clause"],
        proposed_when=within.get("when"),
        proposed_within_minutes=within.get("minutes"),
        clauses=tuple(clauses),
        **offices,
    )
