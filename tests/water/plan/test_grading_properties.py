"""What must be true of every grading, and an independent second reading of 3.2 as an oracle.

The oracle knows a world as a dict of facts (absent: not so or not known) and says by plain Python
which clauses hold there. Whether a clause can still come true is then found by brute force: some
world in which it holds agrees with all that is known.
"""

from __future__ import annotations

import bisect
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.water.plan.clauses import HELD, Clause, grading_law
from bot.water.plan.facts import all_facts, check_facts
from bot.water.plan.grading import Grading, grade

World = dict[str, Any]
SHARED_SCHEMA = Path("/work/shared/contract/grading-facts.schema.json")
RANK = {"I": 0, "II": 1, "III": 2, "IV": 3, None: 4}
POISON = "poisoned_or_seriously_injured"
DAMAGE = ["intake_unavailable", "pump_house_flooded", "equipment_destroyed"]
DAMAGE += ["mains_burst_widespread", "plant_destroyed", "booster_station_destroyed"]

# Where the meaning of a figure may change; 24 and just over it are two places.
CUTS: dict[str, list[float]] = {
    "interruption_hours": [0, 24.000001, 36],
    "households": [0, 1, 1000, 3000, 5000],
    "deaths": [0, 1, 3, 5],
    POISON: [0, 1, 2, 10, 20, 50],
    "people_to_relocate": [0, 1, 1000, 10000],
}


def over24(w: World) -> bool:
    return w.get("supply_effect") == "interrupted" and w.get("interruption_hours", 0) > 24


def low(w: World) -> bool:
    return w.get("supply_effect") in ("interrupted", "reduced_pressure")


def water(w: World, site: str, level: str) -> bool:
    return (w.get("contamination_site"), w.get("contamination_level")) == (site, level)


def removable(w: World) -> bool:
    return w.get("contamination_removable") in ("partly", "fully")


def has(w: World, *damage: str) -> bool:
    return any(item in w.get("damage", []) for item in damage)


def area(w: World, *allowed: str) -> bool:
    return w.get("area_affected") in allowed


def fatal_river(w: World) -> bool:
    bad = w.get("cause") == "contamination" and water(w, "river", "severe")
    return bad and w.get("contamination_removable") == "none" and over24(w)


def chlorine(w: World) -> bool:
    return w.get("accident_kind") == "chlorine_leak" and w.get("accident_severe") is True


def figures(w: World, *ranges: tuple[float, float]) -> bool:
    """households (with 36 h), deaths, poisoned, to relocate: is any within its range [a, b)?"""
    names = ("households", "deaths", POISON, "people_to_relocate")
    for name, (a, b) in zip(names, ranges, strict=True):
        long = name != "households" or w.get("interruption_hours", 0) >= 36
        if long and a <= w.get(name, -1) < b:
            return True
    return False


NEVER, END = (1.0, 1.0), float("inf")
ORACLE: dict[str, tuple[str, Callable[[World], bool]]] = {
    "3.2.1(1)": ("I", lambda w: w.get("cause") == "drought" and has(w, DAMAGE[0])),
    "3.2.1(2)": ("I", lambda w: fatal_river(w) and area(w, "beyond_town")),
    "3.2.1(3)": (
        "I",
        lambda w: (
            w.get("cause") in ("power_failure", "facility_failure")
            and over24(w)
            and area(w, "whole_town", "beyond_town")
        ),
    ),
    "3.2.1(4)": (
        "I",
        lambda w: (
            w.get("cause") == "natural_disaster"
            and has(w, "mains_burst_widespread")
            and low(w)
            and area(w, "beyond_town")
            and w.get("hard_to_repair_soon") is True
        ),
    ),
    "3.2.1(5)": ("I", lambda w: chlorine(w) and w.get("dense_residential_area") is True),
    "3.2.1(6)": (
        "I",
        lambda w: (
            w.get("cause") == "war_or_terrorism"
            and (has(w, "plant_destroyed") or water(w, "finished_water", "severe"))
        ),
    ),
    "3.2.1(7)": ("I", lambda w: figures(w, (5000, END), (5, END), (50, END), (10000, END))),
    "3.2.2(1)": ("II", fatal_river),
    "3.2.2(2)": ("II", lambda w: w.get("cause") == "natural_disaster" and has(w, *DAMAGE[:3]) and over24(w)),
    "3.2.2(3)": (
        "II",
        lambda w: (w.get("accident_kind") in ("fire", "explosion", "collapse") or chlorine(w)) and over24(w),
    ),
    "3.2.2(4)": (
        "II",
        lambda w: (
            w.get("cause") == "war_or_terrorism"
            and water(w, "finished_water", "moderate")
            and w.get("plants_stopped") in ("some", "all")
            and low(w)
        ),
    ),
    "3.2.2(5)": ("II", lambda w: figures(w, (3000, 5000), (3, 5), (20, 50), (1000, 10000))),
    "3.2.3(1)": (
        "III",
        lambda w: (
            water(w, "river", "considerable")
            and removable(w)
            and w.get("plants_stopped") in ("some", "all")
            and low(w)
            and area(w, "part", "large", "whole_town", "beyond_town")
        ),
    ),
    "3.2.3(2)": (
        "III",
        lambda w: (
            water(w, "finished_water", "light") and low(w) and area(w, "large", "whole_town", "beyond_town")
        ),
    ),
    "3.2.3(3)": ("III", lambda w: figures(w, (1000, 3000), (1, 3), (10, 20), (1, 1000))),
    "3.2.4(1)": ("IV", lambda w: has(w, *DAMAGE[4:]) and w.get("supply_effect") == "interrupted"),
    "3.2.4(2)": ("IV", lambda w: water(w, "river", "light") and removable(w)),
    "3.2.4(3)": ("IV", lambda w: water(w, "finished_water", "light") and low(w) and area(w, "small", "part")),
    "3.2.4(4)": ("IV", lambda w: figures(w, (1, 1000), NEVER, (2, 10), NEVER)),
}
OTHER = ["households", "interruption_hours", "deaths", POISON, "people_to_relocate"]
RIVER = ["cause", "contamination_site", "contamination_level", "contamination_removable"]
# The facts that each clause reads, from the plan and the readings, not from the law file.
READS: dict[str, list[str]] = {
    "3.2.1(1)": ["cause", "damage"],
    "3.2.1(2)": [*RIVER, "supply_effect", "interruption_hours", "area_affected"],
    "3.2.1(3)": ["cause", "supply_effect", "interruption_hours", "area_affected"],
    "3.2.1(4)": ["cause", "damage", "supply_effect", "area_affected", "hard_to_repair_soon"],
    "3.2.1(5)": ["accident_kind", "accident_severe", "dense_residential_area"],
    "3.2.1(6)": ["cause", "damage", "contamination_site", "contamination_level"],
    "3.2.1(7)": OTHER,
    "3.2.2(1)": [*RIVER, "supply_effect", "interruption_hours"],
    "3.2.2(2)": ["cause", "damage", "supply_effect", "interruption_hours"],
    "3.2.2(3)": ["accident_kind", "accident_severe", "supply_effect", "interruption_hours"],
    "3.2.2(4)": ["cause", "contamination_site", "contamination_level", "plants_stopped", "supply_effect"],
    "3.2.2(5)": OTHER,
    "3.2.3(1)": [*RIVER[1:], "plants_stopped", "supply_effect", "area_affected"],
    "3.2.3(2)": [*RIVER[1:3], "supply_effect", "area_affected"],
    "3.2.3(3)": OTHER,
    "3.2.4(1)": ["damage", "supply_effect"],
    "3.2.4(2)": RIVER[1:],
    "3.2.4(3)": [*RIVER[1:3], "supply_effect", "area_affected"],
    "3.2.4(4)": OTHER,
}


def possible(name: str) -> list[Any]:
    """Every value that a fact may have, figures by one value for each stretch between two cuts."""
    fact = all_facts()[name]
    if name == "damage":
        return [list(some) for n in range(7) for some in itertools.combinations(DAMAGE, n)]
    if name in CUTS:
        return CUTS[name]
    return [True, False] if fact.kind == "flag" else list(fact.values)


def worlds(clause: str) -> Iterator[World]:
    """Every world of the facts that the clause reads, each fact also absent."""
    names = READS[clause]
    for values in itertools.product(*([None, *possible(name)] for name in names)):
        yield {n: v for n, v in zip(names, values, strict=True) if v is not None}


HOLDING = {clause: [w for w in worlds(clause) if holds(w)] for clause, (_, holds) in ORACLE.items()}


def in_stretch(known: World) -> World:
    """``known`` with each figure brought to the start of its stretch, damage in one order."""
    plain = dict(known)
    for name, cuts in CUTS.items():
        if name in plain:
            plain[name] = cuts[bisect.bisect_right(cuts, plain[name]) - 1]
    if "damage" in plain:
        plain["damage"] = [item for item in DAMAGE if item in plain["damage"]]
    return plain


def open_needs(clause: str, known: World) -> set[str]:
    """The unknown facts without which some world that agrees with ``known`` would not hold."""
    plain, holds, needs = in_stretch(known), ORACLE[clause][1], set()
    fixed = {name: plain[name] for name in READS[clause] if name in plain}
    unknown = [name for name in READS[clause] if name not in plain]
    for world in HOLDING[clause]:
        if all(world.get(name) == value for name, value in fixed.items()):
            for name in unknown:
                if name in world and not holds({k: v for k, v in world.items() if k != name}):
                    needs.add(name)
    return needs


def figure(name: str) -> st.SearchStrategy[Any]:
    near = [n for n in {0, 1, 2, 3, 5, 10, 20, 24, 36, 50, 1000, 3000, 5000, 10000} if n <= CUTS[name][-1]]
    if name == "interruption_hours":
        return st.sampled_from([0, 23.9, 24, 24.1, 35.9, 36, 40]) | st.floats(0, 60).filter(
            lambda h: not 24 < h < 24.000001
        )
    return st.sampled_from(near).flatmap(lambda n: st.sampled_from([max(n - 1, 0), n, n + 1]))


def value_of(name: str) -> st.SearchStrategy[Any]:
    return figure(name) if name in CUTS else st.sampled_from(possible(name))


ALL_VALUES = {name: value_of(name) for name in all_facts()}
ANY_FACTS: st.SearchStrategy[World] = st.fixed_dictionaries({}, optional=ALL_VALUES)


@st.composite
def near_a_clause(draw: st.DrawFn) -> World:
    """A world in which some clause holds, with facts taken away, added and changed."""
    world = dict(draw(st.sampled_from(HOLDING[draw(st.sampled_from(sorted(ORACLE)))])))
    for name in draw(st.lists(st.sampled_from(sorted(all_facts())), max_size=5, unique=True)):
        world.pop(name, None)
        if draw(st.booleans()):
            world[name] = draw(ALL_VALUES[name])
    return world


FACTS = ANY_FACTS | near_a_clause()


@pytest.mark.parametrize("clause", grading_law().clauses, ids=lambda clause: clause.printed)
def test_a_clause_holds_in_exactly_the_worlds_of_the_oracle(clause: Clause) -> None:
    grade_there, holds = ORACLE[clause.printed]
    assert clause.grade == grade_there
    assert [w for w in worlds(clause.printed) if (clause.test(w) == HELD) != holds(w)] == []


@settings(max_examples=600, deadline=None)
@given(FACTS)
@example({})
@example({"accident_severe": True})
@example({"deaths": 6, "households": 3200})
def test_the_oracle_agrees_on_grade_clauses_needs_and_the_highest_possible(known: World) -> None:
    held = {c: g for c, (g, holds) in ORACLE.items() if holds(known)}
    best = min(held.values(), key=RANK.__getitem__, default=None)
    needs = {
        c: open_needs(c, known) for c, (g, _) in ORACLE.items() if c not in held and RANK[g] < RANK[best]
    }
    still = {c: n for c, n in needs.items() if n}
    result = grade(known)
    assert result.grade == best
    assert list(result.clauses) == [c for c, g in held.items() if g == best]
    assert {u.clause: set(u.needs) for u in result.undetermined} == still
    reachable = [ORACLE[c][0] for c in still] + [best]
    assert result.highest_possible == min(reachable, key=RANK.__getitem__)


@settings(max_examples=300, deadline=None)
@given(FACTS, st.fixed_dictionaries(ALL_VALUES), st.data())
def test_more_knowledge_never_lowers_a_grade_nor_raises_what_is_possible(
    known: World, rest: World, data: st.DataObject
) -> None:
    added = data.draw(st.sets(st.sampled_from(sorted(all_facts()))))
    before, after = grade(known), grade({**{name: rest[name] for name in added}, **known})
    assert RANK[after.grade] <= RANK[before.grade]
    assert RANK[after.highest_possible] >= RANK[before.highest_possible]
    if after.grade == before.grade:
        assert set(before.clauses) <= set(after.clauses)
    was_open = {u.clause for u in before.undetermined}
    assert {u.clause for u in after.undetermined} <= was_open
    assert not {u.clause for u in after.undetermined} & set(before.clauses)


@settings(max_examples=300, deadline=None)
@given(FACTS, st.sampled_from(sorted(CUTS)), st.data())
def test_a_greater_figure_never_lowers_the_grade(known: World, name: str, data: st.DataObject) -> None:
    less, more = sorted([data.draw(ALL_VALUES[name]), data.draw(ALL_VALUES[name])])
    assert RANK[grade({**known, name: more}).grade] <= RANK[grade({**known, name: less}).grade]


@settings(max_examples=300, deadline=None)
@given(FACTS, st.sampled_from(["area_affected", "supply_effect", "plants_stopped"]), st.data())
def test_a_worse_effect_never_lowers_the_grade(known: World, name: str, data: st.DataObject) -> None:
    scale = list(all_facts()[name].values)
    less, more = sorted([data.draw(ALL_VALUES[name]), data.draw(ALL_VALUES[name])], key=scale.index)
    assert RANK[grade({**known, name: more}).grade] <= RANK[grade({**known, name: less}).grade]


@settings(max_examples=300, deadline=None)
@given(FACTS)
def test_the_parts_of_a_grading_fit_together(known: World) -> None:
    result = grade(known)
    assert (result.grade is None) == (result.clauses == ()) == (result.response is None)
    assert RANK[result.highest_possible] <= RANK[result.grade]
    assert all(u.needs and not set(u.needs) & set(known) for u in result.undetermined)
    assert all(RANK[u.grade] < RANK[result.grade] for u in result.undetermined)
    assert result.response is None or result.response.level == result.grade
    assert list(known.items()) == list(check_facts(known).items())


def steps_over_time(known: World) -> list[tuple[str | None, str, int]]:
    """What a person sees who lets the hours run and grades again and again."""
    seen: Grading = grade(known)
    hours, steps = known.get("interruption_hours", 0), []
    for later in (24, 24.000001, 30, 35.999, 36, 36.5, 100):
        if later <= hours:
            continue
        then = grade({**known, "interruption_hours": later})
        if RANK[then.grade] < RANK[seen.grade]:
            steps.append((then.grade, then.clauses[0], 24 if later < 36 else 36))
            seen = then
    return steps


@settings(max_examples=400, deadline=None)
@given(FACTS)
@example({"households": 5000, "interruption_hours": 24.5})
def test_escalations_are_what_happens_when_the_hours_run(known: World) -> None:
    found = [(e.grade, e.clause, e.at_hours) for e in grade(known).escalations]
    assert found == steps_over_time(known)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1, -1, 0.5, 3.0, "fire", "", [], ["fire"], {}, "plant_destroyed"]
)
JUNK_LISTS = st.lists(st.sampled_from([*DAMAGE, "roof", 1, None]), max_size=3)


@pytest.mark.skipif(not SHARED_SCHEMA.exists(), reason="the shared contract is not on this machine")
@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from([*all_facts(), "colour"]), JUNK | JUNK_LISTS, max_size=3) | FACTS)
def test_exactly_what_the_shared_schema_allows_is_taken(raw: World) -> None:
    schema = json.loads(SHARED_SCHEMA.read_text(encoding="utf-8"))
    allowed = jsonschema.Draft7Validator(schema).is_valid(raw)
    try:
        check_facts(raw)
    except BadInput:
        assert not allowed
    else:
        assert allowed
