"""The page of `wuchang nlu report`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BadInput
from bot.measuring.plots import Guess, at_threshold, calibration, curve_svg
from bot.measuring.report import load_all, read_all, threshold, write_report
from bot.measuring.sentences import Sentence

SENTENCES = [
    Sentence("三塘停水", "report_outage", ((0, 2, "place"), (2, 4, "problem"))),
    Sentence("<b>讲个笑话</b>", "out_of_scope"),
    Sentence("修好没", "check_report"),
]


def parse(line: Mapping[str, Any]) -> dict[str, Any]:
    """As a model that takes everything for a report, and is unsure of the last."""
    unsure = line["text"] == "修好没"
    ranking = [{"name": "report_outage", "confidence": 0.2 if unsure else 0.9}]
    first = {"name": "nlu_fallback", "confidence": 0.35} if unsure else ranking[0]
    entities = [{"entity": "place", "value": "三塘", "start": 0, "end": 2}] if "三塘" in line["text"] else []
    return {"intent": first, "entities": entities, "intent_ranking": [first, *ranking]}


def test_the_page_holds_figures_plots_and_errors(tmp_path: Path) -> None:
    rows = read_all(parse, SENTENCES)
    assert [row.guess for row in rows] == [
        Guess("report_outage", "report_outage", 0.9),
        Guess("out_of_scope", "report_outage", 0.9),
        Guess("check_report", "report_outage", 0.2),
    ]
    path = tmp_path / "new" / "report.html"
    got = write_report(rows, path, errors=True)
    page = path.read_text(encoding="utf8")
    assert got.right == pytest.approx(1 / 3)
    assert page.count("<svg") == 3
    for said in ("修好没", "nlu_fallback", "problem: 停水", "0.333", "&lt;b&gt;讲个笑话"):
        assert said in page
    assert "<b>讲" not in page


def test_a_blind_set_is_not_shown(tmp_path: Path) -> None:
    write_report(read_all(parse, SENTENCES), tmp_path / "r.html", errors=False)
    page = (tmp_path / "r.html").read_text(encoding="utf8")
    assert not any(sentence.text in page for sentence in SENTENCES)


@pytest.mark.parametrize(
    "content", ["", "no json", '{"text": "x"}', '{"text": "x", "intent": "greet", "entities": [{}]}', "[1]"]
)
def test_a_file_that_is_none_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf8")
    with pytest.raises(BadInput):
        load_all([path])
    with pytest.raises(BadInput):
        load_all([tmp_path / "none.jsonl"])


GUESSES = [
    Guess("a", "a", 0.9), Guess("a", "a", 0.4), Guess("a", "b", 0.6), Guess("out_of_scope", "a", 0.5),
    Guess("out_of_scope", "out_of_scope", 0.8), Guess("a", "out_of_scope", 0.95),
]  # fmt: skip


@pytest.mark.parametrize(
    ("t", "shares"),
    [(0.0, (0.25, 0.25, 0.5)), (0.5, (0.5, 0.25, 0.5)), (0.55, (0.5, 0.25, 1.0)), (0.99, (1.0, 0.0, 1.0))],
)
def test_what_a_threshold_does(t: float, shares: tuple[float, float, float]) -> None:
    at = at_threshold(GUESSES, t)
    assert (at.turned_away, at.misled, at.kept_out) == shares


def test_calibration_counts_each_guess_once() -> None:
    rows = calibration([*GUESSES, Guess("a", "a", 1.0), Guess("a", "b", 0.0)])
    assert sum(count for _, _, count in rows) == len(GUESSES) + 2
    assert rows[0] == (0.0, 0.0, 1)


def test_the_curve_is_the_same_each_time() -> None:
    assert curve_svg(GUESSES, threshold()) == curve_svg(GUESSES, threshold())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "停水了"}', "line 2"),
        (
            '{"text": "停水了", "intent": "inform", "entities": [{"entity": "place", "value": "三塘"}]}',
            "三塘",
        ),
        ("[]", "line 2"),
        ("{", "line 2"),
    ],
)
def test_a_line_that_is_no_marked_sentence_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "你好", "intent": "greet"}\n' + line + "\n\n", encoding="utf8")
    with pytest.raises(BadInput, match=said):
        load_all([path])


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('\n{"text": "你好", "intent": "greet"}\n\n', encoding="utf8")
    assert [s.text for s in load_all([path])] == ["你好"]


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--out"):
        write_report(read_all(parse, SENTENCES), tmp_path / "file" / "page.html", errors=False)


def test_a_lone_surrogate_in_a_sentence_is_written_all_the_same(tmp_path: Path) -> None:
    rows = read_all(parse, [Sentence("停\ud800水", "greet")])
    write_report(rows, tmp_path / "r.html", errors=True)
    assert "停?水" in (tmp_path / "r.html").read_text("utf8")
