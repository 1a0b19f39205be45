"""Overlaps between spans."""

from __future__ import annotations

from bot.nlu.spans import cut, resolve


def test_the_longest_span_wins_then_the_earliest() -> None:
    text = "昨天晚上八点"
    spans = [cut(text, "b", 2, 4), cut(text, "a", 0, 2), cut(text, "c", 1, 4), cut(text, "d", 3, 6)]
    assert [s.entity for s in resolve(spans)] == ["c"]
    assert [s.entity for s in resolve([cut(text, "x", 1, 3), cut(text, "y", 0, 2)])] == ["y"]


def test_empty_spans_are_dropped_and_the_rest_is_in_order() -> None:
    text = "昨天晚上八点"
    spans = [cut(text, "late", 4, 6), cut(text, "empty", 2, 2), cut(text, "early", 0, 2)]
    assert [s.value for s in resolve(spans)] == ["昨天", "八点"]
