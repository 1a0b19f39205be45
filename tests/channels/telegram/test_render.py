"""Answers as messages of the Bot API."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.channels.model import Button, Reply, Venue
from bot.channels.telegram.render import MAX_UNITS, NO_TEXT, render, split, units
from bot.channels.telegram.sender import keyboard
from bot.storage import choices
from tests.conftest import NOW

SENDER = "telegram-x"
SENTENCE = "停水四十八小时以上、影响一千户以上的，是三级。"


def made(session: Session, reply: Reply, now: datetime = NOW) -> list[Reply]:
    return list(render(session, reply, SENDER, now))


def test_a_short_text_stays_whole() -> None:
    assert split("您好。\n\n我是屋场助手。") == ["您好。\n\n我是屋场助手。"]
    assert split("  \n") == []


def test_a_long_text_is_cut_where_a_sentence_ends() -> None:
    parts = split(SENTENCE * 400)
    assert len(parts) == 3
    assert all(units(part) <= MAX_UNITS and part.endswith("三级。") for part in parts)
    assert "".join(parts) == SENTENCE * 400


def test_lines_go_before_sentences() -> None:
    line = "一。二。三。" * 20
    parts = split("\n".join([line] * 50))
    assert all(part.startswith("一") and part.endswith(line) for part in parts)


def test_a_closing_quote_stays_with_its_sentence() -> None:
    parts = split("他说：“好。”" * 900)
    assert all(part.endswith("”") and part.startswith("他") for part in parts)


def test_english_is_cut_between_sentences_and_not_within_3_2() -> None:
    parts = split("Clause 3.2 holds here. " * 300)
    assert all(part.startswith("Clause") and part.endswith("here.") for part in parts)


def test_what_has_no_end_is_cut_anywhere_but_within_a_character() -> None:
    parts = split("🚰" * 5000)
    assert [units(part) for part in parts] == [4096, 4096, 1808]
    assert "".join(parts) == "🚰" * 5000


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("水。！\n ,.a🚰”"), max_size=400), st.integers(2, 40))
def test_no_part_is_too_long_and_nothing_is_lost(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(0 < units(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_buttons_are_tokens_and_stand_under_the_last_part(session: Session) -> None:
    reply = Reply(SENTENCE * 200, (Button("对", "/affirm"), Button("不对", "/deny")))
    first, last = made(session, reply)
    assert first.buttons == ()
    assert [button.title for button in last.buttons] == ["对", "不对"]
    tokens = [button.payload for button in last.buttons]
    assert all("/" not in token and 1 <= len(token.encode()) <= 64 for token in tokens)
    chosen = choices.chosen(
        session, tokens[0], channel="telegram", sender=SENDER, now=NOW + timedelta(days=6)
    )
    assert chosen == choices.Choice("/affirm", "对")


@pytest.mark.parametrize(
    ("sender", "days"), [("telegram-y", 1), (SENDER, 8)], ids=["another person", "too late"]
)
def test_a_button_is_ones_own_and_for_seven_days(session: Session, sender: str, days: int) -> None:
    (only,) = made(session, Reply("对吗？", (Button("对", "/affirm"),)))
    token = only.buttons[0].payload
    now = NOW + timedelta(days=days)
    assert choices.chosen(session, token, channel="telegram", sender=sender, now=now) is None


def test_each_thing_is_a_message_of_its_own(session: Session) -> None:
    venues = (Venue("甲", "老街1号", 26.9, 112.3), Venue("乙", "", 26.8, 112.4))
    reply = Reply("两个点：", (Button("更多", "/more"),), "https://x/y.png", "file?token=abc", venues)
    text, image, file, *places = made(session, reply)
    assert (text.text, len(text.buttons)) == ("两个点：", 1)
    assert (image, file) == (Reply(image="https://x/y.png"), Reply(attachment="file?token=abc"))
    assert places == [Reply(venues=(venue,)) for venue in venues]
    assert [part.content() for part in places] == [{"venues": [vars(venue)]} for venue in venues]


def test_buttons_without_a_text_have_a_sign(session: Session) -> None:
    (only,) = made(session, Reply(buttons=(Button("对", "/affirm"),)))
    assert only.text == NO_TEXT


def test_short_buttons_stand_two_in_a_row_and_long_ones_alone() -> None:
    titles = ["对", "不对", "看这份合同还差哪些材料", "不用了"]
    rows = keyboard(tuple(Button(title, str(i)) for i, title in enumerate(titles))).inline_keyboard
    assert [[button.text for button in row] for row in rows] == [
        ["对", "不对"],
        ["看这份合同还差哪些材料"],
        ["不用了"],
    ]
