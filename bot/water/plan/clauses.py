"""The clauses of 3.2, compiled from ``data/law/water/grading.yml`` to fast three-valued tests.

A test takes checked facts and answers with one int:

- ``HELD`` (-1): every fact that it needs is known and fits;
- ``RULED_OUT`` (0): what is known cannot be mended by any further fact;
- a positive number: undetermined. Its bits are the unknown facts that could still decide it
  (bit *i* is the *i*-th fact of ``facts.yml``), see :func:`fact_names`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from bot.errors import WuchangError
from bot.settings import ROOT
from bot.water.plan.facts import Fact, all_facts

GRADING_FILE = ROOT / "data" / "law" / "water" / "grading.yml"
HELD = -1
RULED_OUT = 0

Test = Callable[[Mapping[str, Any]], int]


class LawDataError(WuchangError):
    """A file of ``data/law`` cannot be used as it is written; the message says where and why."""


@dataclass(frozen=True)
class Clause:
    """One clause of 3.2: its id (``water/3.2.1/7``), its printed form (``3.2.1(7)``) and its test.

    ``rank`` is 0 for the gravest grade; ``time_marks`` are the hours at which time alone may
    change the outcome, as (hours as written, the least value that meets the test).
    """

    id: str
    printed: str
    grade: str
    rank: int
    zh: str
    test: Test
    time_marks: tuple[tuple[int | float, int | float], ...]


@dataclass(frozen=True)
class Law:
    """All clauses in the plan's order, the grades from the gravest down, and all time marks."""

    grades: tuple[str, ...]
    clauses: tuple[Clause, ...]
    time_marks: tuple[tuple[int | float, int | float], ...]


@cache
def grading_law() -> Law:
    """The clauses of ``grading.yml``, read and compiled once.

    :raises LawDataError: where the file names a fact, value or test that does not exist.
    """
    return compile_law(yaml.safe_load(GRADING_FILE.read_text(encoding="utf-8")))


def compile_law(data: Mapping[str, Any]) -> Law:
    """``Law`` of the content of a grading file. :raises LawDataError: see :func:`grading_law`."""
    grades = tuple(data["grades"])
    clauses = tuple(_clause(body, grades) for body in data["clauses"])
    marks = {mark for clause in clauses for mark in clause.time_marks}
    return Law(grades, clauses, tuple(sorted(marks)))


@cache
def fact_names(mask: int) -> tuple[str, ...]:
    """The facts that the bits of ``mask`` stand for, in the order of ``facts.yml``."""
    return tuple(name for name, fact in all_facts().items() if mask >> fact.index & 1)


def atoms(condition: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Every single test on one fact inside a condition as the file writes it."""
    for key in ("all", "any"):
        if key in condition:
            for part in condition[key]:
                yield from atoms(part)
            return
    yield condition


def _clause(body: Mapping[str, Any], grades: tuple[str, ...]) -> Clause:
    try:
        marks = {_least(a) for a in atoms(body["holds"]) if a.get("fact") == "interruption_hours"}
        return Clause(
            id=body["id"],
            printed=body["printed"],
            grade=body["grade"],
            rank=grades.index(body["grade"]),
            zh=body["zh"],
            test=_condition(body["holds"]),
            time_marks=tuple(sorted(marks)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LawDataError(f"{GRADING_FILE.name}, {body.get('id', '?')}: {error}") from error


def _least(atom: Mapping[str, Any]) -> tuple[int | float, int | float]:
    """(hours as written, least hours that meet the test) of a test on interruption_hours."""
    if "more_than" in atom:
        return atom["more_than"], math.nextafter(atom["more_than"], math.inf)
    return atom["min"], atom["min"]


def _condition(condition: Mapping[str, Any]) -> Test:
    if len(condition) == 1 and "all" in condition:
        return _all([_condition(part) for part in condition["all"]])
    if len(condition) == 1 and "any" in condition:
        return _any([_condition(part) for part in condition["any"]])
    return _atom(condition)


def _all(parts: Iterable[Test]) -> Test:
    tests = tuple(parts)

    def test(facts: Mapping[str, Any]) -> int:
        needs = 0
        for part in tests:
            outcome = part(facts)
            if outcome == RULED_OUT:
                return RULED_OUT
            if outcome > 0:
                needs |= outcome
        return needs or HELD

    return test


def _any(parts: Iterable[Test]) -> Test:
    tests = tuple(parts)

    def test(facts: Mapping[str, Any]) -> int:
        needs = 0
        for part in tests:
            outcome = part(facts)
            if outcome == HELD:
                return HELD
            needs |= outcome  # a part that is ruled out adds nothing
        return needs

    return test


def _atom(atom: Mapping[str, Any]) -> Test:
    """The test of one fact, with unknown answered by the bit of the fact."""
    fact = all_facts().get(atom.get("fact", ""))
    if fact is None:
        raise ValueError(f"no fact of this name: {dict(atom)}")
    how = {key: value for key, value in atom.items() if key != "fact"}
    if fact.kind in ("count", "amount"):
        return _figure_test(fact, how)
    if fact.kind == "choices":
        return _list_test(fact, how)
    return _value_test(fact, how)


def _value_test(fact: Fact, how: Mapping[str, Any]) -> Test:
    fitting = _fitting(fact, how)
    name, bit = fact.name, 1 << fact.index

    def test(facts: Mapping[str, Any]) -> int:
        value = facts.get(name)
        if value is None:
            return bit
        return HELD if value in fitting else RULED_OUT

    return test


def _fitting(fact: Fact, how: Mapping[str, Any]) -> frozenset[Any]:
    """The values of a choice or flag that meet is / one_of / at_least."""
    allowed: tuple[Any, ...] = (False, True) if fact.kind == "flag" else tuple(fact.values)
    if how.keys() == {"is"}:
        wanted = (how["is"],)
    elif how.keys() == {"one_of"}:
        wanted = tuple(how["one_of"])
    elif how.keys() == {"at_least"} and fact.ordered:
        return frozenset(allowed[allowed.index(how["at_least"]) :])
    else:
        raise ValueError(f"{fact.name} ({fact.kind}) cannot be tested by {dict(how)}")
    return _known(fact, wanted, allowed)


def _known(fact: Fact, wanted: Iterable[Any], allowed: tuple[Any, ...]) -> frozenset[Any]:
    strange = [value for value in wanted if value not in allowed]
    if strange:
        raise ValueError(f"{fact.name} has no value {strange}, it has {list(allowed)}")
    return frozenset(wanted)


def _list_test(fact: Fact, how: Mapping[str, Any]) -> Test:
    if how.keys() != {"contains_any"}:
        raise ValueError(f"{fact.name} ({fact.kind}) cannot be tested by {dict(how)}")
    wanted = _known(fact, how["contains_any"], tuple(fact.values))
    name, bit = fact.name, 1 << fact.index

    def test(facts: Mapping[str, Any]) -> int:
        value = facts.get(name)
        if value is None:
            return bit
        return RULED_OUT if wanted.isdisjoint(value) else HELD

    return test


def _figure_test(fact: Fact, how: Mapping[str, Any]) -> Test:
    if how.keys() not in ({"min"}, {"min", "below"}, {"more_than"}):
        raise ValueError(f"{fact.name} ({fact.kind}) cannot be tested by {dict(how)}")
    least = _least(how)[1]
    below = how.get("below", math.inf)
    if not least < below:
        raise ValueError(f"{fact.name}: no figure fits {dict(how)}")
    name, bit = fact.name, 1 << fact.index

    def test(facts: Mapping[str, Any]) -> int:
        value = facts.get(name)
        if value is None:
            return bit
        return HELD if least <= value < below else RULED_OUT

    return test
