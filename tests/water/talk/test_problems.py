"""What is wrong with the water, and whether anybody is in danger, from people's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import clean, normalise
from bot.water.talk.problems import PROBLEMS, find_danger, find_problems, kind_of
from bot.water.talk.safety import asks_whether_water_is_safe

CASES = yaml.safe_load((Path(__file__).parent / "problem_cases.yml").read_text(encoding="utf8"))


def plain(text: str) -> str:
    return normalise(clean(text).text).text


def pairs(name: str) -> list[tuple[str, str]]:
    return [(code, text) for code, texts in CASES[name].items() for text in texts]


@pytest.mark.parametrize(("code", "text"), pairs("problems"), ids=[t for _, t in pairs("problems")])
def test_problem(code: str, text: str) -> None:
    assert find_problems(plain(text)) == tuple(code.split("+"))


@pytest.mark.parametrize("text", CASES["no_problem"])
def test_no_problem(text: str) -> None:
    assert find_problems(plain(text)) == ()


@pytest.mark.parametrize(("code", "text"), pairs("dangers"), ids=[t for _, t in pairs("dangers")])
def test_danger(code: str, text: str) -> None:
    assert find_danger(plain(text)) == code


@pytest.mark.parametrize("text", CASES["no_danger"])
def test_no_danger(text: str) -> None:
    assert find_danger(plain(text)) is None


@pytest.mark.parametrize("text", CASES["asks_safety"])
def test_asks_whether_the_water_is_safe(text: str) -> None:
    assert asks_whether_water_is_safe(plain(text))


@pytest.mark.parametrize("text", CASES["asks_nothing_of_safety"])
def test_asks_nothing_of_safety(text: str) -> None:
    assert not asks_whether_water_is_safe(plain(text))


def test_bad_water_alone_is_a_matter_of_quality() -> None:
    assert {problem: kind_of(problem) for problem in PROBLEMS} == {
        "no_water": "supply", "low_pressure": "supply", "bad_water": "quality", "burst": "supply",
    }  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_gives_known_codes_each_once(text: str) -> None:
    found = find_problems(plain(text))
    assert set(found) <= set(PROBLEMS)
    assert len(set(found)) == len(found)
    assert find_danger(plain(text)) in (None, "chlorine", "poisoning", "injury")
