"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes of one run.

    `rounds` of `persons` people with `turns` turns each for the latencies and of 16 people with
    `crowd_turns` for the throughput; `long_turns` of one conversation, `stock_long_turns` for the stock
    one, which gets slower with each turn (0: not measured); `starts` of our servers; whether the stock
    one may be trained, which takes minutes.
    """

    rounds: int
    persons: int
    turns: int
    crowd_turns: int
    long_turns: int
    stock_long_turns: int
    starts: int
    train_stock: bool


FULL = Plan(rounds=5, persons=10, turns=8, crowd_turns=10, long_turns=500, stock_long_turns=150, starts=3,
            train_stock=True)  # fmt: skip
QUICK = Plan(rounds=3, persons=5, turns=5, crowd_turns=6, long_turns=500, stock_long_turns=0, starts=1,
             train_stock=False)  # fmt: skip
CROWD = 16
HEAD, TAIL = 20, 20
WARM_UP_TURNS = 15
