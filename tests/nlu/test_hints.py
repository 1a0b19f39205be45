"""What the word lists know of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.hints import hints_of


def test_words_of_the_lists_are_marked_where_they_stand() -> None:
    text = "想要送餐，家里停水"
    hints = hints_of(text)
    assert "".join(mark or "." for mark in hints["service"]) == "..BI....."
    assert "".join(mark or "." for mark in hints["problem"]) == ".......BI"


@given(st.text(max_size=80))
def test_one_mark_a_character_for_any_text(text: str) -> None:
    assert {len(marks) for marks in hints_of(text).values()} == {len(text)}
