"""The nearest of many vectors is found by their heads, and is that of all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents import answers
from bot.documents.meaning import Vectors, directions

MESSAGES = (
    "合同送审要等几个工作日", "停水一万户算几级", "今天晚上吃什么", "我屋里老娘八十岁了能不能申请助餐",
    "哪里可以买到便宜的猪肉啊", "how long must the contract be kept", "谁批准启动一级应急响应", "水",
)  # fmt: skip


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 16), st.integers(1, 16), st.floats(0.05, 3)
)
def test_the_nearest_by_heads_is_the_nearest_of_all(
    seed: int, count: int, size: int, head: int, decay: float
) -> None:
    dice = np.random.default_rng(seed)
    spread = np.exp(-decay * np.arange(size))
    whole = (dice.normal(size=(count, size)) * spread).astype(np.float32)
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    asked = dice.normal(size=size).astype(np.float32)
    asked /= np.linalg.norm(asked)
    found = Vectors(whole, directions(whole, head)).nearest(asked)
    assert found == pytest.approx(float((whole @ asked).max()), abs=1e-6)


def test_of_no_vectors_none_is_near() -> None:
    turn = np.eye(4, 2, dtype=np.float32)
    assert Vectors(np.zeros((0, 4), np.float32), turn).nearest(np.ones(4, np.float32)) == 0.0


def test_directions_stand_at_right_angles_and_the_first_tells_most() -> None:
    whole = np.array([[3, 0, 0], [3, 0, 1], [-3, 1, 0]], dtype=np.float32)
    turn = directions(whole, 2)
    assert turn.T @ turn == pytest.approx(np.eye(2), abs=1e-6)
    assert abs(turn[0, 0]) > 0.9


def test_in_what_is_shipped_the_nearest_is_that_of_all() -> None:
    shipped = answers.shipped()
    meaning, vectors = shipped._learned.meaning, shipped._encode(MESSAGES)
    for vector in vectors:
        for among in (meaning.known, meaning.without):
            assert among.nearest(vector) == pytest.approx(float((among.whole @ vector).max()), abs=1e-6)
