"""Marked sentences and the scores over them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.measuring.sentences import Sentence, load_hands, load_lines, scores, unmarked

LINE = "[三塘镇老街](place)从[昨晚](time)就[没水](problem)了"


def test_a_marked_line_and_back() -> None:
    sentence = unmarked(LINE, "report_outage")
    assert sentence.text == "三塘镇老街从昨晚就没水了"
    assert [sentence.text[a:b] for a, b, _ in sentence.spans] == ["三塘镇老街", "昨晚", "没水"]
    assert sentence.marked() == LINE


def test_the_hands_are_the_folders(tmp_path: Path) -> None:
    for hand in ("old", "young"):
        (tmp_path / hand).mkdir()
        block = f"version: '3.1'\nnlu:\n  - intent: greet\n    examples: |\n      - hello {hand}\n"
        (tmp_path / hand / "talk.yml").write_text(block, encoding="utf8")
    assert {hand: rows[0].text for hand, rows in load_hands(tmp_path).items()} == {
        "old": "hello old", "young": "hello young",
    }  # fmt: skip


def test_every_mark_of_the_training_sentences_can_be_read() -> None:
    for hand, rows in load_hands().items():
        for sentence in rows:
            assert "](" not in sentence.text, (hand, sentence.text)
            assert unmarked(sentence.marked(), sentence.intent) == sentence, (hand, sentence.text)


def test_lines_say_where_a_piece_begins_or_it_is_looked_up(tmp_path: Path) -> None:
    rows = [
        {"text": "停水又停水", "intent": "report_outage", "entities": [{"entity": "problem", "value": "停水", "start": 3}]},
        {"text": "三塘停水", "intent": "report_outage",
         "entities": [{"entity": "problem", "value": "停水"}, {"entity": "place", "value": "三塘", "optional": True}]},
    ]  # fmt: skip
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf8")
    first, second = load_lines(path)
    assert first.spans == ((3, 5, "problem"),)
    assert (second.spans, second.optional) == (((2, 4, "problem"),), ((0, 2, "place"),))


WANTED = [
    Sentence("三塘停水", "report_outage", ((0, 2, "place"), (2, 4, "problem"))),
    Sentence("修好没", "check_report"),
    Sentence("养老金", "out_of_scope"),
    Sentence("讲个笑话", "out_of_scope"),
]


def test_scores() -> None:
    found = [
        ("report_outage", [(0, 2, "place")]),  # two of four characters
        ("nlu_fallback", []),
        ("nlu_fallback", []),
        ("greet", [(0, 1, "place"), (1, 2, "number")]),  # one wrong character; numbers do not count
    ]
    got = scores(WANTED, found)
    assert (got.right, got.turned_away, got.kept_out) == (0.5, 0.5, 0.5)
    assert got.entities == pytest.approx(2 * 2 / (4 + 3))
    assert got.by_entity["place"] == pytest.approx(2 * 2 / (2 + 3))


def test_an_optional_piece_is_neither_asked_for_nor_held_against() -> None:
    sentence = Sentence("三塘停水", "report_outage", ((2, 4, "problem"),), ((0, 2, "place"),))
    with_it, without = [(0, 2, "place"), (2, 4, "problem")], [(2, 4, "problem")]
    for spans in (with_it, without):
        assert scores([sentence], [("report_outage", spans)]).entities == 1.0
