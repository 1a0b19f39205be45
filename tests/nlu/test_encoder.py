"""The sentence encoder as we use it."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.encoder import SIZE, encode


def likeness(a: str, b: str) -> float:
    one, other = encode([a, b])
    return float(one @ other)


def test_vectors_have_length_one() -> None:
    found = encode(["停水了", "", "no water", "😀"])
    assert found.shape == (4, SIZE)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-3)
    assert encode([]).shape == (0, SIZE)


def test_what_means_the_same_is_closer_than_what_does_not_across_languages() -> None:
    assert likeness("家里没有水了", "no water at home") > likeness("家里没有水了", "what a nice song")
    assert likeness("怎么报名当志愿者", "我想去帮忙做义工") > likeness("怎么报名当志愿者", "电费怎么交")


def test_many_at_once_are_what_each_is_alone() -> None:
    texts = [f"第{i}个句子，停水了" for i in range(600)]  # more than go into one batch
    together = encode(texts)
    for i in (0, 255, 256, 599):
        assert together[i] == pytest.approx(encode([texts[i]])[0], abs=1e-3)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "水" * 1000, "\u200b", "a" * 1000])
def test_any_text_has_a_vector(text: str) -> None:
    assert np.isfinite(encode([text])).all()
