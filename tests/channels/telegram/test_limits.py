"""Flood limits, on a clock that stands still until it is moved."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.channels.telegram.limits import Flood


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flood(clock: Clock) -> Flood:
    return Flood(clock)


def test_a_private_chat_gets_three_at_once_and_then_one_a_second(flood: Flood, clock: Clock) -> None:
    waits = [flood.seconds(42, group=False, message=i) for i in range(5)]
    assert waits == pytest.approx([0, 0, 0, 1, 2])


def test_a_busy_chat_does_not_hold_up_another(flood: Flood) -> None:
    for i in range(10):
        flood.seconds(42, group=False, message=i)
    assert flood.seconds(43, group=False, message=100) == 0


def test_a_group_gets_no_more_than_twenty_in_any_minute(flood: Flood, clock: Clock) -> None:
    sent, message = [], 0
    for _ in range(3000):
        if flood.seconds(-1001, group=True, message=message) == 0:
            sent.append(clock.now)
            message += 1
        clock.now += 0.1
    assert len(sent) > 50
    assert max(sum(start <= at < start + 60 for at in sent) for start in sent) <= 20


def test_all_chats_together_stay_below_thirty_a_second(flood: Flood, clock: Clock) -> None:
    sent = []
    waiting = list(range(400))
    while waiting:
        for chat in list(waiting):
            if flood.seconds(chat, group=False, message=chat) == 0:
                sent.append(clock.now)
                waiting.remove(chat)
        clock.now += 0.02
    later = [at for at in sent if at > 1001]
    assert max(sum(start <= at < start + 1 for at in later) for start in later) <= 30


def test_who_was_told_to_come_back_is_let_through_then(flood: Flood, clock: Clock) -> None:
    waits = [flood.seconds(42, group=False, message=i) for i in range(6)]
    assert flood.seconds(42, group=False, message=5) == waits[5]  # asking again costs no place
    clock.now += waits[5]
    assert [flood.seconds(42, group=False, message=i) for i in (3, 4, 5)] == [0, 0, 0]
    assert flood.seconds(42, group=False, message=6) == pytest.approx(1)


def test_what_telegram_says_holds_for_that_chat_alone(flood: Flood, clock: Clock) -> None:
    flood.hold(42, 30)
    assert flood.seconds(42, group=False, message=1) == pytest.approx(30)
    assert flood.seconds(43, group=False, message=2) == 0
    clock.now += 30
    assert flood.seconds(42, group=False, message=1) == 0
