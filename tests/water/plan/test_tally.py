"""What reports add up to, and when time alone raises the grade of it: tables, and the plainest reckoning beside it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.water.incidents import assessing
from bot.water.plan.hours import HOUR, hours_since, marks
from bot.water.plan.rising import GRADES, Rise, rise_of
from bot.water.plan.tally import Reach, Tally, Told, add_up
from tests.conftest import NOW

OUT = ("no_water",)


def told(
    person: str, hours: float = 1, *, back: float | None = None, household: str = "", problems: tuple[str, ...] = OUT,
    households: int = 0,
) -> Told:  # fmt: skip
    """A report of an outage that began `hours` ago and was over `back` hours ago."""
    return Told(
        person, household or person, problems, NOW - hours * HOUR, households=households,
        back_at=None if back is None else NOW - back * HOUR,
    )  # fmt: skip


def reach(reports: list[Told], now: datetime = NOW) -> list[tuple[float, int]]:
    return [(hours_since(step.start, now), step.households) for step in add_up(reports).reach(now)]


@pytest.mark.parametrize(
    ("name", "reports", "expected"),
    [
        ("each person is a household", [told("a", 5), told("b", 2)], [(5, 1), (2, 2)]),
        ("one household of two people", [told("a", 5, household="h"), told("b", 2, household="h")], [(5, 1)]),
        ("one person under two households", [told("a", 5, household="h"), told("a", 2, household="i")], [(5, 1)]),
        ("figures of neighbours are not added up", [told("a", 5, households=30), told("b", 2, households=30)],
         [(5, 30), (2, 30)]),
        ("more report than one says", [told("a", 3, households=2), told("b", 3), told("c", 3)], [(3, 3)]),
        ("bad water is no outage", [told("a", 3, problems=("bad_water",))], []),
        ("no water besides", [told("a", 3, problems=("burst", "no_water"))], [(3, 1)]),
        ("whose water is back was out for as long as that", [told("a", 10, back=7), told("b", 10)], [(10, 1), (3, 2)]),
        ("out again: the present outage", [told("a", 10, back=7), told("a", 2)], [(2, 1)]),
        ("one of the household is without still", [told("a", 10, back=1, household="h"), told("b", 9, household="h")],
         [(9, 1)]),
        ("back before it went", [told("a", 1, back=2)], [(0, 1)]),
    ],
)  # fmt: skip
def test_reach(name: str, reports: list[Told], expected: list[tuple[float, int]]) -> None:
    assert reach(reports) == expected


def test_hours_of_who_has_water_again_do_not_grow() -> None:
    reports = [told("a", 10, back=7), told("b", 10)]
    assert reach(reports, NOW + 5 * HOUR) == [(15, 1), (3, 2)]


def test_how_many_have_water_again() -> None:
    counted = add_up([told("a", 10, back=7), told("b", 10), told("c", 9, back=1)])
    assert (counted.reports, counted.people, counted.households, counted.back) == (3, 3, 3, 2)
    assert not counted.all_back
    assert add_up([told("a", 10, back=7)]).all_back
    assert not add_up([]).all_back


def test_with_all_but_one_back_time_raises_nothing() -> None:
    """A thousand households for 36 hours are grade III (3.2.3(3)); but they have water again after 20."""
    still = [told(f"s{number}", 20) for number in range(1000)]
    assert rise_of(add_up(still), {}, None, NOW) == Rise("III", NOW + 16 * HOUR, "3.2.3(3)")
    back = [told("s0", 20)] + [told(f"s{number}", 20, back=0) for number in range(1, 1000)]
    assert gravest(add_up(back), NOW + 40 * HOUR) == "IV"


def test_who_was_out_long_enough_before_the_water_came_back_counts_for_ever() -> None:
    was = [told(f"s{number}", 50, back=10) for number in range(999)]
    counted = add_up([*was, told("last", 30)])
    assert gravest(counted, NOW) == "IV"
    rise = rise_of(counted, {}, "IV", NOW)
    assert rise == Rise("III", NOW + 6 * HOUR, "3.2.3(3)")
    assert gravest(counted, rise.at) == "III"


def test_nothing_rises_once_all_have_water() -> None:
    counted = add_up([told(f"s{number}", 20, back=1) for number in range(1000)])
    assert rise_of(counted, {}, None, NOW) is None
    assert rise_of(counted, {"interruption_hours": 20.0}, None, NOW) is None


REPORTS = st.lists(
    st.builds(
        told, st.sampled_from("abcdef"), st.integers(0, 60), back=st.none() | st.integers(0, 60),
        household=st.sampled_from(["", "h", "i"]), households=st.sampled_from([0, 0, 3, 900, 1000, 10_000, 30_000]),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def gravest(counted: Tally, now: datetime) -> str | None:
    return assessing._gravest(counted, {}, now)[1].grade


def plainly(reports: list[Told], hours: float, now: datetime) -> int:
    """How many households are or were out for so long, asked of each by itself."""
    homes = {r.person: min(o.household for o in reports if o.person == r.person) for r in reports}

    def lasted(of: list[Told]) -> float:
        still = [r for r in of if r.back_at is None]
        return max(hours_since(r.since, r.back_at or now) for r in still or of)

    counted = sum(
        lasted([r for r in reports if homes[r.person] == home]) >= hours for home in set(homes.values())
    )  # fmt: skip
    return max([counted, *(r.households for r in reports if r.households and lasted([r]) >= hours)])


@settings(max_examples=200, deadline=None)
@given(reports=REPORTS, later=st.integers(0, 30))
def test_reach_is_what_asking_each_household_gives(reports: list[Told], later: int) -> None:
    now = NOW + later * HOUR
    for step in add_up(reports).reach(now):
        assert step.households == plainly(reports, hours_since(step.start, now), now)
    for mark in marks():
        steps = [step for step in add_up(reports).reach(now) if hours_since(step.start, now) >= mark]
        assert (steps[-1].households if steps else 0) == plainly(reports, mark, now)


@settings(max_examples=60, deadline=None)
@given(reports=REPORTS)
def test_nothing_rises_before_the_moment_told_and_then_it_does(reports: list[Told]) -> None:
    counted = add_up(reports)
    present = gravest(counted, NOW)
    rise = rise_of(counted, {}, present, NOW)
    minutes = 100 * 60 if rise is None else int((rise.at - NOW) / timedelta(minutes=1))
    for minute in range(0, minutes, 20):
        assert gravest(counted, NOW + timedelta(minutes=minute)) == present
    if rise:
        assert gravest(counted, rise.at - timedelta(seconds=1)) == present
        assert gravest(counted, rise.at) == rise.grade


@settings(max_examples=60, deadline=None)
@given(reports=REPORTS, more=st.integers(1, 40_000), hours=st.integers(0, 60))
def test_more_households_never_lower_the_grade(reports: list[Told], more: int, hours: int) -> None:
    now = NOW + hours * HOUR
    larger = add_up([*reports, told("more", 60, households=more)])
    assert GRADES.index(gravest(larger, now)) <= GRADES.index(gravest(add_up(reports), now))


def test_the_steps_of_many_grow() -> None:
    steps = add_up([told(str(number), number % 7, households=number % 5) for number in range(50)]).reach(NOW)
    assert list(steps) == sorted(steps, key=lambda step: (step.start, step.households))
    assert steps[-1] == Reach(NOW, 50)
