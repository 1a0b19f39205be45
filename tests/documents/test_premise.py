"""Figures that a question takes for given, held against those of the answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.premise import wrong_figure

DAYS = "审查一般不少于7个工作日，情况复杂的可以延长；签订后30日内备案。"


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("是不是5个工作日就审完", "5个工作日"),
        ("五天就审得完吧", "五天"),
        ("听说要15天", "15天"),
        ("是不是7个工作日", None),
        ("是不是三十天内备案", None),
        ("审查要几天", None),  # takes nothing for given
        ("停了5天是几级吧", None),  # asks for something else
        ("已经送审5天了怎么还没好吧", None),
        ("是不是5个人签字", None),  # the answer has no people
        ("", None),
    ],
)
def test_wrong_figure(question: str, wrong: str | None) -> None:
    assert wrong_figure(question, DAYS) == wrong


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text(question: str, answer: str) -> None:
    found = wrong_figure(question, answer)
    assert found is None or found


@given(st.integers(1, 60))
def test_the_figure_of_the_answer_is_never_wrong(days: int) -> None:
    assert wrong_figure(f"是不是{days}天就行", f"要{days}天。") is None
    assert wrong_figure(f"是不是{days + 1}天就行", f"要{days}天。") == f"{days + 1}天"
