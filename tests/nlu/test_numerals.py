"""Numbers, what they count and words of scope."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.numerals import digits, find_quantities, find_scope, parse

ENGLISH = st.sampled_from(
    ["a", "two", "twenty", "five", "dozen", "hundred", "and", "or", "people", "3", "sick", "-"]
)
TABLE = yaml.safe_load(Path(__file__).with_name("numbers.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("said", "expected"), TABLE["numerals"].items())
def test_numeral(said: str, expected: list[float] | None) -> None:
    number = parse(said)
    assert (number and [number.value, number.low, number.high]) == expected


@pytest.mark.parametrize(("text", "expected"), TABLE["quantities"].items())
def test_quantity_and_its_role(text: str, expected: list[list[object]]) -> None:
    spans = [s for s in find_quantities(text) if s.entity == "number"]
    assert [[s.value, s.data["role"], s.data["low"], s.data["high"]] for s in spans] == expected


@pytest.mark.parametrize(("text", "expected"), TABLE["scope"].items())
def test_scope(text: str, expected: str | None) -> None:
    assert [s.data["scope"] for s in find_scope(text)] == ([expected] if expected else [])


@pytest.mark.parametrize(("said", "expected"), TABLE["spoken"].items())
def test_digits_read_out(said: str, expected: str) -> None:
    assert digits(said) == expected


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(ENGLISH, max_size=8).map(" ".join),
        st.text("零〇一二两三十百千万亿几数半多来余把0123.~-户人个家中毒", max_size=20),
    )
)
def test_any_text_is_survived(text: str) -> None:
    number = parse(text)
    assert number is None or number.low <= number.value <= number.high
    for span in find_quantities(text):
        assert span.value == text[span.start : span.end]
