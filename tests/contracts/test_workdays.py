"""Working days: make-up days, festivals, pauses, and years that nobody announced yet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.workdays import Calendar, YearTable, YearUnknown

CASES = yaml.safe_load((Path(__file__).parent / "workdays.yml").read_text(encoding="utf-8"))
KNOWN = st.dates(dt.date(2025, 1, 1), dt.date(2026, 9, 30))
TABLE_2027 = YearTable(frozenset({dt.date(2027, 1, 1)}), frozenset({dt.date(2027, 1, 2)}))


@pytest.mark.parametrize("case", CASES["days"], ids=lambda case: case["name"])
def test_a_day_is_worked_or_not(case: dict) -> None:
    assert Calendar().is_workday(case["day"]) is case["worked"]


@pytest.mark.parametrize("case", CASES["counts"], ids=lambda case: case["name"])
def test_the_nth_working_day(case: dict) -> None:
    pauses = [tuple(pause) for pause in case.get("skipping", [])]
    assert Calendar().add_workdays(case["start"], case["n"], skipping=pauses) == case["day"]


def test_a_year_that_is_not_known_is_named_with_what_was_counted_so_far() -> None:
    with pytest.raises(YearUnknown, match="2099年.*导入") as caught:
        Calendar({2098: YearTable(frozenset(), frozenset())}).add_workdays(dt.date(2098, 12, 29), 7)
    assert (caught.value.year, caught.value.counted, caught.value.needed) == (2099, 2, 7)


def test_a_table_that_was_handed_in_is_used_for_its_year() -> None:
    calendar = Calendar({2027: TABLE_2027})
    assert not calendar.is_workday(dt.date(2027, 1, 1))
    assert calendar.is_workday(dt.date(2027, 1, 2))
    assert calendar.add_workdays(dt.date(2026, 12, 30), 2) == dt.date(2027, 1, 2)


def test_a_table_goes_before_the_library() -> None:
    changed = Calendar({2026: YearTable(frozenset({dt.date(2026, 3, 4)}), frozenset())})
    assert Calendar().is_workday(dt.date(2026, 3, 4))
    assert not changed.is_workday(dt.date(2026, 3, 4))


def test_none_or_fewer_days_cannot_be_counted() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Calendar().add_workdays(dt.date(2026, 3, 4), 0)


@given(KNOWN, st.integers(1, 30))
def test_exactly_n_working_days_lie_after_the_start(start: dt.date, n: int) -> None:
    calendar = Calendar()
    day = calendar.add_workdays(start, n)
    between = (start + dt.timedelta(days=i) for i in range(1, (day - start).days + 1))
    assert sum(map(calendar.is_workday, between)) == n
    assert calendar.is_workday(day)


@given(KNOWN, st.integers(1, 10), st.integers(0, 20), st.integers(0, 20))
def test_a_pause_never_makes_it_earlier(start: dt.date, n: int, after: int, length: int) -> None:
    first = start + dt.timedelta(days=after)
    pause = (first, first + dt.timedelta(days=length))
    paused = Calendar().add_workdays(start, n, skipping=[pause])
    assert paused >= Calendar().add_workdays(start, n)
    assert not pause[0] <= paused <= pause[1]
