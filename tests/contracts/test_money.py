"""Amounts as contracts write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.money import capitals, figures, number

DIGITS, UNITS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")


def below_ten_thousand(value: int) -> str:
    text = ""
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += DIGITS[digit] + UNITS[place]
        elif text and not text.endswith("零") and value % 10**place:
            text += "零"
    return text


def in_capitals(yuan: int) -> str:
    """The capital numerals of an amount, put together in another way than they are read."""
    text = ""
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, yuan = divmod(yuan, size)
        if part:
            text += (
                ("零" if text and part < 1000 and not text.endswith("零") else "")
                + below_ten_thousand(part)
                + name
            )
    return (text or "零") + "元整"


@given(st.integers(0, 10**12 - 1))
def test_capitals_are_read_back(yuan: int) -> None:
    (amount,) = capitals(in_capitals(yuan))
    assert amount.cents == yuan * 100


@given(st.integers(0, 10**14))
def test_figures_are_read_back(cents: int) -> None:
    yuan, rest = divmod(cents, 100)
    for text in (f"¥{yuan:,}.{rest:02}", f"{yuan}.{rest:02}元", f"¥{yuan}.{rest:02}元"):
        (amount,) = figures(text)
        assert (amount.text, amount.cents) == (text, cents)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十八", 18),
        ("一百零五", 105),
        ("贰拾", 20),
        ("两千三百", 2300),
        ("一亿零五十万", 100_500_000),
        ("12", 12),
    ],
)
def test_numerals(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["伍仟伍仟", "二三", "拾佰", "万亿万", "五x"])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize("text", ["2026年", "12台", "第3条", "0734-8551234"])
def test_what_is_no_amount(text: str) -> None:
    assert list(figures(text)) == []
