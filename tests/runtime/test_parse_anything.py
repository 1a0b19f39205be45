"""Whatever is typed, the really trained model answers: never an exception, spans always inside the text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.batch import Handler
from bot.runtime.parser import load_parser


@pytest.fixture(scope="module")
def parse() -> Handler:
    return load_parser()


def check(parse: Handler, text: str) -> None:
    found = parse({"text": text})
    assert found["intent"]["name"]
    assert 0 <= found["intent"]["confidence"] <= 1.0001
    for entity in found["entities"]:
        assert 0 <= entity["start"] < entity["end"] <= len(text)


NASTY = {
    "nothing": "", "a space": " ", "10,000 characters": "停水" * 5000, "10,000 letters": "a" * 10_000,
    "10,000 townships": "三塘镇" * 3333, "a lone surrogate": "三塘\ud800停水", "only surrogates": "\udfff\ud800",
    "control characters": "\x00\x01停\x07水\x1b[31m", "zero width": "停\u200b水\u200d了\ufeff", "emoji": "💧😭🚱👨‍👩‍👧‍👦",
    "digits": "1" * 5000, "brackets": "[三塘](place)(((((", "a command": "/restart", "slashes": "////",
    "right to left": "\u202e停水\u202c", "mixed scripts": "тест 水 مياه ないで 물", "a template": "{{7*7}} {place} %s",
    "SQL": "'; DROP TABLE reports; --", "JSON": '{"intent": "report_outage"}', "pinyin without end": "shui" * 600,
    "newlines": "三塘\n\n\r\n停水\u2028了",
}  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_nasty_text_gets_an_answer(parse: Handler, name: str) -> None:
    check(parse, NASTY[name])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_gets_an_answer(parse: Handler, text: str) -> None:
    check(parse, text)


PIECES = st.sampled_from(
    ["三塘镇", "昨晚八点", "停水", "shui", "no water", "12户", "13912345678", "，", " ", "送餐", "采购合同", "HN261123-001", "和", "对面", "村",
     "3组", "street", "next to the ", "💧", "\u200b", "两天", "不是"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_pile_of_known_pieces_gets_an_answer(parse: Handler, text: str) -> None:
    check(parse, text)


def test_a_dropped_character_behind_a_piece_hides_nothing_of_the_rest(parse: Handler) -> None:
    for gap in ("", "\u200b", "\ufe0f", "\x01", "\ud800"):
        found = parse({"text": f"三塘{gap}怎么报名当志愿者"})
        assert found["intent"]["name"] == "volunteer", repr(gap)
