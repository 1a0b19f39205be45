"""Texts of a platform: cut to the byte, numbered, and what a number says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.model import Button, Reply
from bot.channels.tencent.parts import (
    MAX_BYTES,
    asks_for_quantity,
    cut,
    joined,
    number_said,
    parts,
    wants_more,
)

MORE = "\n（后面还有，回复“更多”接着看）"


def bare(text: str) -> str:
    return "".join(text.split())


@given(st.text(max_size=3000), st.integers(100, 2048), st.integers(1, 4))
def test_no_part_is_too_long_and_nothing_is_lost(text: str, size: int, most: int) -> None:
    shown, rest = parts(text, more=MORE, most=most, size=size)
    assert len(shown) <= most
    assert all(0 < len(part.encode()) <= size for part in shown)
    told = "".join(shown)
    if rest:
        assert len(shown) == most
        assert told.endswith(MORE)
        told = told.removesuffix(MORE) + rest
    assert bare(told) == bare(text)


@given(st.text("停水😀é a。\n", min_size=1, max_size=400), st.integers(4, 300))
def test_a_cut_is_never_inside_a_character(text: str, most: int) -> None:
    head, rest = cut(text, most)
    assert len(head.encode()) <= most
    assert text.startswith(head)
    assert bare(head + rest) == bare(text)


def test_exactly_2048_bytes_are_one_message_and_one_more_are_two() -> None:
    assert parts("水" * 682 + "ab", more=MORE) == (("水" * 682 + "ab",), "")
    shown, rest = parts("水" * 682 + "abc", more=MORE)
    assert [len(part.encode()) for part in shown] == [2048, 1]
    shown, rest = parts("水" * 683, more=MORE)  # no half character
    assert [len(part.encode()) for part in shown] == [2046, 3]
    assert not rest
    assert MAX_BYTES == 2048


def test_a_cut_is_at_the_end_of_a_sentence() -> None:
    text = "先储水。" * 100 + "再等通知" * 100
    head, _ = cut(text, 1500)
    assert head.endswith("。")
    assert cut("没有句号" * 400, 2048)[0] == ("没有句号" * 400)[:682]


@pytest.mark.parametrize(
    ("said", "number"),
    [("1", "1"), ("１", "1"), ("一", "1"), ("1.", "1"), ("1、", "1"), ("回复1", "1"), (" 回复 2 ", "2"), ("选三", "3"),
     ("第2个", "2"), ("第一个", "1"), ("选第二个", "2"), ("十", "10"), ("12", "12"), ("①", "1"), ("⑴", "1"), ("07", "7"),
     ("Reply 1", "1"), ("reply 2.", "2"), ("REPLY: 3", "3"), ("Option 1", "1"), ("回复：1", "1"), ("回复“1”", "1"),
     ("(1)", "1"), ("（1）", "1"), ("【1】", "1"), ("[1]", "1"), ("1\u20e3", "1"),
     ("1户", None), ("一共3户", None), ("1 2", None), ("123", None), ("一点", None), ("", None), ("十一", None),
     ("第一条", None), ("第1组", None), ("一楼", None), ("1.5", None), ("1:30", None), ("回复", None), ("no 1 here", None)],
)  # fmt: skip
def test_what_number_is_said(said: str, number: str | None) -> None:
    assert number_said(said) == number


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("更多", True),
        ("更多。", True),
        ("回复“更多”", True),
        ("more", True),
        ("More", True),
        ("Reply more", True),
        ('reply "more".', True),
        ("更 多", True),
        ("【更多】", True),
        ("no more", False),
        ("more water", False),
        ("更多养老点", False),
    ],
)
def test_who_asks_for_more(said: str, more: bool) -> None:
    assert wants_more(said) is more


def test_one_answer_is_one_text_with_each_choice_once() -> None:
    yes = Button("对", "/affirm")
    answer = joined(
        [Reply("记下了", (yes,)), Reply(notice=True, text="对吗", buttons=(yes, Button("不对", "/deny")))]
    )
    assert answer == Reply("记下了\n\n对吗", (yes, Button("不对", "/deny")))
    assert joined([Reply("x", notice=True)]).notice


@pytest.mark.parametrize("text", ["3号", "1个", "1个人", "一个", "3项", "1户"])
def test_a_day_or_a_count_is_no_choice(text: str) -> None:
    assert number_said(text) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("有没有人受伤？几个人？", True), ("大概多少户没水？", True), ("先打110。\n\n几个人不舒服？", True), ("对吗？", False),
        ("How many people are hurt?", True), ("停了几天了。\n什么时候开始的？", False), ("您要办哪几样？", False),
    ],
)  # fmt: skip
def test_a_question_for_a_quantity_is_known(text: str, asks: bool) -> None:
    assert asks_for_quantity(text) is asks
