"""Phones, report numbers and coordinates."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.contacts import (
    find_coordinates,
    find_faulty_phones,
    find_phones,
    find_report_numbers,
    means_a_phone,
)
from bot.nlu.spans import Span, resolve

TABLE = yaml.safe_load(Path(__file__).with_name("contacts.yml").read_text(encoding="utf-8"))
CASES = [(name, str(text), found) for name, cases in TABLE.items() for text, found in cases.items()]


def find(text: str) -> list[Span]:
    return resolve(
        [
            *find_coordinates(text),
            *find_phones(text),
            *find_faulty_phones(text),
            *find_report_numbers(text),
        ]
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"), CASES, ids=[f"{name}: {text}" for name, text, _ in CASES]
)
def test_contact(name: str, text: str, expected: list[list[object]]) -> None:
    found = [[s.entity, s.value, s.data.get("number") or [s.data["lat"], s.data["lon"]]] for s in find(text)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "fault", "count"),
    [("1371234005", "short", 10), ("137123400561", "long", 12), ("手机号不对，尾号是0152", "tail", 4)],
)
def test_a_faulty_phone_says_what_is_wrong(text: str, fault: str, count: int) -> None:
    (span,) = find_faulty_phones(text)
    assert (span.data["fault"], span.data["digits"], span.data["faulty"]) == (fault, count, True)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("23456789", True),
        ("12 34 56 7", True),
        ("一二三四五六七", True),
        ("不留", False),
        ("30户，3天", False),
    ],
)
def test_a_long_number_is_meant_as_a_phone(text: str, meant: bool) -> None:
    assert means_a_phone(text) is meant


@given(st.one_of(st.text(max_size=60), st.text("0123456789 -+.,号单hn零一二三北纬度分'\"杠", max_size=40)))
def test_any_text_is_survived(text: str) -> None:
    for span in find(text):
        assert span.value == text[span.start : span.end]
