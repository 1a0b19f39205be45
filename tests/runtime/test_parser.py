"""What `wuchang parse` does before and after Rasa."""

from __future__ import annotations

import pytest

from bot.runtime.parser import _line, _not_a_command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("停水", "停水"),
        ("/greet", "greet"),
        ("  //greet", "greet"),
        (" / 停水", "停水"),
        ("  三塘", "三塘"),
        ("1/2", "1/2"),
        ("", ""),
    ],
)
def test_what_stands_before_the_words_is_dropped_and_no_intent_is_run(text: str, words: str) -> None:
    assert _not_a_command(text) == words


def test_spans_count_from_the_text_as_it_came_and_the_language_is_no_entity() -> None:
    entities = [
        {"entity": "language", "value": "zh", "start": 0, "end": 0},
        {"entity": "problem", "value": "停水", "start": 0, "end": 2, "extractor": "CharTagger"},
    ]
    found = _line({"entities": entities, "intent": {"name": "report_outage", "confidence": 0.9}}, 3)
    assert found["entities"] == [{"entity": "problem", "value": "停水", "start": 3, "end": 5}]
