"""`wuchang nlu report`: how well the model understands marked sentences, as one HTML page with plots."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.batch import Handler
from bot.errors import BadInput
from bot.measuring.plots import Guess, at_threshold, calibration_svg, confusion_svg, curve_svg
from bot.measuring.sentences import OUTSIDE, Scores, Sentence, Spans, load_lines, scores
from bot.settings import ROOT

BLIND = ROOT / "tests" / "blind"
_STYLE = "body{font:16px sans-serif;margin:2em auto;max-width:70em}td,th{padding:.2em .8em;text-align:left}" \
    "table{border-collapse:collapse}tr{border-bottom:1px solid #ccc}svg{max-width:100%;height:auto}"  # fmt: skip


@dataclass(frozen=True)
class Read:
    """One sentence with what the model made of it."""

    sentence: Sentence
    intent: str
    spans: Spans
    guess: Guess


def read_all(parse: Handler, sentences: Iterable[Sentence]) -> list[Read]:
    """Every sentence through the parse door."""
    return [_read(sentence, parse({"text": sentence.text})) for sentence in sentences]


def _read(sentence: Sentence, parsed: Mapping[str, Any]) -> Read:
    spans = [(e["start"], e["end"], e["entity"]) for e in parsed["entities"]]
    best = next((r for r in parsed["intent_ranking"] if r["name"] != "nlu_fallback"), parsed["intent"])
    guess = Guess(sentence.intent, best["name"], best["confidence"])
    return Read(sentence, parsed["intent"]["name"], spans, guess)


def load_all(paths: Sequence[Path]) -> list[Sentence]:
    """The sentences of all files.

    Raises:
        BadInput: a file cannot be read as JSON Lines of marked sentences.
    """
    found: list[Sentence] = []
    for path in paths:
        try:
            found += load_lines(path)
        except (OSError, ValueError) as error:
            raise BadInput(f"{path} cannot be read: {error}") from error
    if not found:
        raise BadInput("no sentences to measure on; name a JSON Lines file")
    return found


def write_report(rows: Sequence[Read], path: Path, *, errors: bool) -> Scores:
    """The page at `path`, and the scores that stand at its top.

    Args:
        errors: list the sentences that were misunderstood; not for a blind set, which is looked at for
            figures alone.
    """
    got = scores([r.sentence for r in rows], [(r.intent, r.spans) for r in rows])
    guesses = [r.guess for r in rows]
    pairs = [(r.sentence.intent, r.intent) for r in rows]
    parts = [
        f"<h1>Understanding: {len(rows)} sentences</h1>", _figures(got),
        "<h2>What is taken for what</h2>", confusion_svg(pairs), _intents(pairs),
        "<h2>Entities</h2>", _table(("entity", "F1 of the characters"), _entity_rows(got)),
        "<h2>The fallback's threshold</h2>", curve_svg(guesses, threshold()), _threshold_line(guesses),
        "<h2>Confidence</h2>", calibration_svg(guesses),
    ]  # fmt: skip
    if errors:
        parts += ["<h2>Errors</h2>", _table(("sentence", "meant", "understood", "pieces missed", "found wrongly"),
                                            _error_rows(rows))]  # fmt: skip
    else:
        parts.append(
            "<p>Sentences are not shown: this is a blind set (<code>--errors</code> shows them).</p>"
        )
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>Understanding</title><style>{_STYLE}</style>"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Sentences may hold lone surrogates, which no file can.
        path.write_text(page + "\n".join(parts) + "</html>\n", encoding="utf8", errors="replace")
    except OSError as error:
        raise BadInput(
            f"the page cannot be written to {path} ({error.strerror}); choose another --out"
        ) from error
    return got


def threshold() -> float:
    """The threshold of the fallback in `config.yml`."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf8"))["pipeline"]
    return float(next(step["threshold"] for step in pipeline if step["name"] == "FallbackClassifier"))


def _figures(got: Scores) -> str:
    rows = (
        ("intents right", got.right), ("in scope, turned away", got.turned_away),
        ("out of scope, kept out", got.kept_out), ("F1 of the entities' characters", got.entities),
    )  # fmt: skip
    return _table(("what", "share"), [(name, f"{share:.3f}") for name, share in rows])


def _intents(pairs: Sequence[tuple[str, str]]) -> str:
    meant, heard = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    right = Counter(a for a, b in pairs if a == b)
    rows = [
        (
            name,
            count,
            f"{right[name] / count:.2f}",
            f"{right[name] / heard[name]:.2f}" if heard[name] else "-",
        )
        for name, count in meant.most_common()
    ]
    return _table(("intent", "sentences", "recall", "precision"), rows)


def _entity_rows(got: Scores) -> list[tuple[str, str]]:
    return [(name, f"{f1:.3f}") for name, f1 in got.by_entity.items()]


def _threshold_line(guesses: Sequence[Guess]) -> str:
    at = at_threshold(guesses, threshold())
    return (
        f"<p>At {at.threshold}: of what is in scope {at.turned_away:.1%} turned away and {at.misled:.1%} answered "
        f"as something else; of what is out of scope {at.kept_out:.1%} kept out.</p>"
    )


def _error_rows(rows: Sequence[Read]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for row in rows:
        wanted, optional = set(row.sentence.spans), set(row.sentence.optional)
        kinds = {entity for _, _, entity in (*wanted, *optional)} | {"place", "problem", "service"}
        got = {span for span in row.spans if span[2] in kinds} - optional
        refused = row.sentence.intent == "out_of_scope" and row.intent in OUTSIDE
        if (row.intent != row.sentence.intent and not refused) or wanted != got:
            text = row.sentence.text
            missed, wrong = (_pieces(text, spans) for spans in (wanted - got, got - wanted))
            found.append((text, row.sentence.intent, row.intent, missed, wrong))
    return found


def _pieces(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    return "; ".join(f"{entity}: {text[start:end]}" for start, end, entity in sorted(spans))


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def line(cells: Iterable[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(heads, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"
