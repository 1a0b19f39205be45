"""Pipelines side by side on sentences of hands that none of them saw: the table of `docs/understanding.md`.

    python -m tools.pipelines [ours] [curve] [logistic] [diet]

Trains on all folders of `data/nlu` but two, whose writers it then measures on: the share of intents right, of
in-scope sentences turned away, of out-of-scope ones kept out, and the F1 of the characters of the entities.
`ours` has no fallback yet; `curve` draws what its threshold would do on the same sentences.
`logistic` is Rasa's own CountVectors with logistic regression and CRF, `diet` its default for Chinese (Jieba,
DIET) with 20 epochs; both take minutes, as the recipe of Rasa itself does.
"""  # fmt: skip

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.measuring.plots import Guess, at_threshold, curve_svg
from bot.measuring.report import threshold
from bot.measuring.sentences import Sentence, load_hands, scores
from bot.nlu import intents, softmax, tagger
from bot.nlu.components import CharTagger, MaskedIntentClassifier, _vector
from bot.nlu.encoder import Floats, encode
from bot.nlu.hints import hints_of
from bot.nlu.reading import Reading, read
from bot.places.gazetteer import gazetteer
from bot.settings import ROOT

HELD_OUT = ("young", "shopkeepers")
CURVE = ROOT / "docs" / "images" / "threshold.svg"
_NOW = datetime(2026, 11, 23, 18, 0)
_STRENGTH, _LEAST = 60.0, 3
Spans = list[tuple[int, int, str]]


def main(what: Sequence[str]) -> None:
    """Print one row a pipeline."""
    hands = load_hands()
    known = [s for hand, rows in hands.items() if hand not in HELD_OUT for s in rows]
    unseen = [s for hand in HELD_OUT for s in hands[hand]]
    print(f"trained on {len(known)} sentences, measured on {len(unseen)} of {', '.join(HELD_OUT)}\n")
    print("| pipeline | intents right | turned away | out of scope kept out | entity F1 | training | p50 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    guesses = _ours(known, unseen) if {"ours", "curve"} & set(what) else []
    if "curve" in what:
        CURVE.write_text(curve_svg(guesses, threshold()), encoding="utf8")
        for at in (at_threshold(guesses, t) for t in (0.0, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)):
            print(f"| {at.threshold} | {at.turned_away:.3f} | {at.misled:.3f} | {at.kept_out:.3f} |")
    if "logistic" in what:
        _stock("CountVectors 1-3, logistic regression, CRF (Rasa's)", _LOGISTIC, known, unseen)
    if "diet" in what:
        _stock("Jieba, DIET 20 epochs (Rasa's default)", _DIET, known, unseen)


def _row(
    name: str, found: Sequence[tuple[str, Spans]], unseen: Sequence[Sentence], training: float, p50: float
) -> None:
    got = scores(unseen, found)
    print(
        f"| {name} | {got.right:.3f} | {got.turned_away:.3f} | {got.kept_out:.3f} | {got.entities:.3f} "
        f"| {training:.0f} s | {p50 * 1000:.1f} ms |",
        flush=True,
    )


def _ours(known: Sequence[Sentence], unseen: Sequence[Sentence]) -> list[Guess]:
    readings = [read(s.text, _NOW) for s in known]
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crf"
        places = gazetteer()
        rows = (
            (tagger.features(r.text, r.marks(places), hints_of(r.text)), tagger.labels(r.text, s.spans))
            for r, s in zip(readings, known, strict=True)
        )
        tagger.train(path, rows)
        tagging = time.perf_counter() - begun
        finder = CharTagger({}, None, None)  # type: ignore[arg-type]
        finder._tagger = tagger.Tagger(path)
        texts = [read(s.text, _NOW) for s in unseen]
        spans = [_spans(finder, reading) for reading in texts]
    masked = [MaskedIntentClassifier._masked(r, s.spans) for r, s in zip(readings, known, strict=True)]
    unseen_masked = [MaskedIntentClassifier._masked(r, own) for r, own in zip(texts, spans, strict=True)]
    names = [s.intent for s in known]
    begun = time.perf_counter()
    vectors = encode([r.text for r in readings])
    encoding = time.perf_counter() - begun
    for name, heard, dense in (
        ("characters 1-3", False, False),
        ("characters and syllables", True, False),
        ("the sentence's vector alone", None, True),
        ("characters and vector", False, True),
        ("characters, syllables and vector", True, True),
    ):
        begun = time.perf_counter()
        counted = [_counts(text, heard) for text in masked]
        model = softmax.fit(
            counted, names, vectors=vectors if dense else None, strength=_STRENGTH, least=_LEAST
        )
        fitting = time.perf_counter() - begun + (encoding if dense else 0.0)

        def rank(
            text: str, reading: Reading, heard: Any = heard, model: Any = model, dense: bool = dense
        ) -> str:
            vector: Floats | None = _vector(reading.text) if dense else None
            return str(model.names[int(model.probabilities(_counts(text, heard), vector).argmax())])

        _intent_row(name, rank, unseen_masked, texts, spans, unseen, tagging + fitting)
    begun = time.perf_counter()
    both = intents.train(masked, names, vectors, strength=_STRENGTH, least=_LEAST)
    took = tagging + encoding + time.perf_counter() - begun
    for sure in (0.8, 0.9, 0.95):
        chosen = replace(both, sure=sure)

        def cascade(text: str, reading: Reading, chosen: intents.IntentModel = chosen) -> str:
            return chosen.rank(text, partial(_vector, reading.text))[0][0]

        name = f"the same, vector only where the n-grams give less than {sure}"
        _intent_row(name, cascade, unseen_masked, texts, spans, unseen, took)
    guesses = []
    for sentence, text, reading in zip(unseen, unseen_masked, texts, strict=True):
        best = both.rank(text, partial(_vector, reading.text))[0]
        guesses.append(Guess(sentence.intent, *best))
    return guesses


def _intent_row(
    name: str, rank: Callable[[str, Reading], str], masked: Sequence[str], texts: Sequence[Reading],
    spans: Sequence[Spans], unseen: Sequence[Sentence], training: float,
) -> None:  # fmt: skip
    found, took = [], []
    for text, reading, own in zip(masked, texts, spans, strict=True):
        begun = time.perf_counter()
        found.append((rank(text, reading), own))
        took.append(time.perf_counter() - begun)
    _row(name, found, unseen, training, float(np.median(took)))


def _counts(text: str, heard: bool | None) -> Any:
    if heard is None:
        return {}
    counts = intents.ngrams(text, 3)
    return counts if heard else {k: n for k, n in counts.items() if not k.startswith(intents.SOUND)}


def _spans(finder: CharTagger, reading: Reading) -> Spans:
    found = [*reading.spans, *finder.find(reading)]
    return [(s.start, s.end, "place" if s.entity == "coordinates" else s.entity) for s in found]


_LOGISTIC = """
recipe: default.v1
language: zh
pipeline:
  - name: JiebaTokenizer
  - {name: RegexFeaturizer, use_word_boundaries: false}
  - {name: LexicalSyntacticFeaturizer}
  - {name: CountVectorsFeaturizer, analyzer: char, min_ngram: 1, max_ngram: 3}
  - {name: LogisticRegressionClassifier}
  - {name: CRFEntityExtractor}
"""
_DIET = """
recipe: default.v1
language: zh
pipeline:
  - name: JiebaTokenizer
  - {name: RegexFeaturizer, use_word_boundaries: false}
  - {name: LexicalSyntacticFeaturizer}
  - {name: CountVectorsFeaturizer}
  - {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}
  - {name: DIETClassifier, epochs: 20}
"""


def _stock(name: str, config: str, known: Sequence[Sentence], unseen: Sequence[Sentence]) -> None:
    """One of Rasa's own pipelines, trained and asked as Rasa does it."""
    import asyncio

    from bot.runtime.training import quiet

    quiet()
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "config.yml").write_text(f"{config}assistant_id: stock\n", encoding="utf8")
        by_intent: dict[str, list[str]] = {}
        for sentence in known:
            by_intent.setdefault(sentence.intent, []).append(f"- {sentence.marked()}")
        blocks = [{"intent": intent, "examples": "\n".join(lines)} for intent, lines in by_intent.items()]
        data = {"version": "3.1", "nlu": blocks}
        (folder / "nlu.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf8")
        begun = time.perf_counter()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        training = time.perf_counter() - begun
        agent, loop = Agent.load(str(model)), asyncio.new_event_loop()
        found, took = [], []
        for sentence in unseen:
            begun = time.perf_counter()
            parsed = loop.run_until_complete(agent.parse_message(sentence.text))
            took.append(time.perf_counter() - begun)
            spans = [(e["start"], e["end"], e["entity"]) for e in parsed["entities"]]
            found.append((parsed["intent"]["name"], spans))
    _row(name, found, unseen, training, float(np.median(took)))


if __name__ == "__main__":
    import os

    os.chdir(ROOT)
    main(sys.argv[1:] or ("ours",))
