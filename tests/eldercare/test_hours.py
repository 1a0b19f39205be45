"""Opening hours and walks."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.eldercare.hours import answer_for_day, open_on, walking_minutes

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases_hours.yml").read_text(encoding="utf8")
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_day(case: dict[str, Any]) -> None:
    hours = answer_for_day(case["hours"], case["day"])
    assert open_on(case["hours"], case["day"]) is case["open"]
    assert (hours.text if hours else None) == case.get("text")


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        (8, 29, False),
        (8, 30, True),
        (11, 29, True),
        (11, 30, False),
        (13, 0, False),
        (14, 0, True),
        (17, 0, False),
    ],
)
def test_a_time_of_the_day(hour: int, minute: int, expected: bool) -> None:
    said = "周一至周五 8:30-11:30，14:00-17:00"
    assert open_on(said, datetime(2026, 11, 23, hour, minute)) is expected


def test_a_time_is_not_known_where_only_the_day_is() -> None:
    assert open_on("周一至周六", datetime(2026, 11, 23, 9)) is None
    assert open_on("周一至周六", datetime(2026, 11, 29, 9)) is False


@pytest.mark.parametrize("nothing", [None, "", "  ", "；"])
def test_no_hours_give_no_answer(nothing: str | None) -> None:
    assert open_on(nothing, date(2026, 11, 23)) is None


@given(st.text(alphabet="周一三五日至、，；0123456789:-每天休息节假日半点下午 ", max_size=40), st.dates())
def test_no_text_breaks_it(text: str, day: date) -> None:
    hours = answer_for_day(text, day)
    assert hours is None or all(0 <= start < end <= 1440 for start, end in hours.spans)


@pytest.mark.parametrize(("metres", "minutes"), [(0, 0), (1, 1), (300, 7), (1000, 24), (3000, 70)])
def test_a_walk_of_an_old_person(metres: float, minutes: int) -> None:
    assert walking_minutes(metres) == minutes
