"""Ways to find the clause of a question, on one table (docs/answers.md): each asked by writers it never learnt from.

    python -m tools.search_methods [METHOD ...] [--selector]

Everything is learnt without one writer of `data/law/questions`, and asked that writer's questions, for each of the
writers in turn; a clause above or below the right one counts. `--selector` adds Rasa's ResponseSelector, for the
writer `kin` only, since it learns for minutes.
"""  # fmt: skip

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.documents.answers import MEANS
from bot.documents.digest import DIGEST, Digest, Hand, hands, read_digest, read_hand, with_questions
from bot.documents.features import features, plain
from bot.documents.meaning import learn as learn_meaning
from bot.documents.search import Index
from bot.nlu import softmax
from bot.nlu.encoder import Floats
from tools.measure_search import related, remembered

# Scores of every entry for every question, float32 (questions, entries).
Method = Callable[[Digest, Sequence[str]], Floats]


@dataclass
class Tally:
    """How a method did so far."""

    questions: int = 0
    first: int = 0
    among_three: int = 0
    learning: float = 0.0

    def add(self, digest: Digest, right: Sequence[str], scores: Floats, seconds: float) -> None:
        """Count one writer's questions."""
        self.learning = max(self.learning, seconds)
        for clause, row in zip(right, scores, strict=True):
            found = list(dict.fromkeys(digest.entries[n].id for n in np.argsort(-row, kind="stable")[:40]))[
                :3
            ]
            self.questions += 1
            self.first += related(found[0], clause)
            self.among_three += any(related(one, clause) for one in found)


def main(what: Sequence[str]) -> None:
    """Print one row a method."""
    whole, all_hands = read_digest(DIGEST), [read_hand(folder) for folder in hands()]
    chosen = {name: method for name, method in METHODS.items() if not what or name in what}
    print("| method | hit@1 | hit@3 | learning and asking |\n| --- | ---: | ---: | ---: |")
    for name, method in chosen.items():
        tally = Tally()
        for hand in (hand for hand in all_hands if hand.asked):
            learnt_from = with_questions(whole, *(other for other in all_hands if other is not hand))
            asked, right = _questions(hand)
            begun = time.perf_counter()
            scores = method(learnt_from, asked)
            tally.add(learnt_from, right, scores, time.perf_counter() - begun)
        _row(name, tally)
    if "--selector" in what:
        hand = next(hand for hand in all_hands if hand.name == "kin")
        _selector(with_questions(whole, *(other for other in all_hands if other is not hand)), hand)


def _questions(hand: Hand) -> tuple[list[str], list[str]]:
    pairs = [(question, key.partition(" | ")[0]) for key, asked in hand.asked.items() for question in asked]
    return [question for question, _ in pairs], [clause for _, clause in pairs]


def _row(name: str, tally: Tally) -> None:
    n = tally.questions
    print(
        f"| {name} | {tally.first / n:.3f} | {tally.among_three / n:.3f} | {tally.learning:.1f} s |",
        flush=True,
    )


# methods


def _texts(digest: Digest) -> list[str]:
    """One text a clause: questions, title and answer."""
    return [" ".join((*entry.questions, entry.title, entry.answer)) for entry in digest.entries]


def _rows(digest: Digest) -> tuple[list[str], list[int]]:
    """(text, entry) of every question, title and answer."""
    rows = [(t, n) for n, e in enumerate(digest.entries) for t in (*e.questions, e.title, e.answer)]
    return [text for text, _ in rows], [number for _, number in rows]


def _jieba(text: str) -> list[str]:
    import jieba

    return [word for word in jieba.cut(plain(text)) if word.strip()]


def _pairs(text: str) -> list[str]:
    bare = plain(text).replace(" ", "")
    return [bare[i : i + 2] for i in range(len(bare) - 1)]


def _bm25(cut: Callable[[str], list[str]], digest: Digest, asked: Sequence[str]) -> Floats:
    """Okapi BM25 (k1 1.5, b 0.75) over one text a clause."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=cut)
    counts = counter.fit_transform(_texts(digest)).tocsr().astype(np.float32)
    length = np.asarray(counts.sum(axis=1)).ravel()
    held = np.asarray((counts > 0).sum(axis=0)).ravel()
    rarity = np.log(1 + (counts.shape[0] - held + 0.5) / (held + 0.5))
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    norm = 1.5 * (0.25 + 0.75 * length[rows] / length.mean())
    counts.data = counts.data * 2.5 / (counts.data + norm) * rarity[counts.indices]
    return np.asarray(
        (counter.transform(asked) > 0).astype(np.float32) @ counts.T.toarray(), dtype=np.float32
    )


def _tfidf_linear(digest: Digest, asked: Sequence[str]) -> Floats:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    texts, numbers = _rows(digest)
    tfidf = TfidfVectorizer(analyzer=features, sublinear_tf=True, min_df=2)
    model = LinearSVC(C=0.5).fit(tfidf.fit_transform(texts), numbers)
    return np.asarray(model.decision_function(tfidf.transform(asked)), dtype=np.float32)


def _latent(digest: Digest, asked: Sequence[str]) -> Floats:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    texts, _ = _rows(digest)
    tfidf = TfidfVectorizer(analyzer=features, sublinear_tf=True, min_df=2)
    svd = TruncatedSVD(200, random_state=0).fit(tfidf.fit_transform(texts))
    clauses = normalize(svd.transform(tfidf.transform(_texts(digest))))
    return np.asarray(normalize(svd.transform(tfidf.transform(asked))) @ clauses.T, dtype=np.float32)


def _words(digest: Digest, asked: Sequence[str]) -> Floats:
    index = Index.build(digest)
    return np.array([index.scores(features(question)) for question in asked])


def _nearest_question(digest: Digest, asked: Sequence[str]) -> Floats:
    rows = [(question, n) for n, entry in enumerate(digest.entries) for question in entry.questions]
    near = remembered(asked) @ remembered([question for question, _ in rows]).T
    best = np.full((len(asked), len(digest.entries)), -1.0, dtype=np.float32)
    for column, (_, number) in enumerate(rows):
        best[:, number] = np.maximum(best[:, number], near[:, column])
    return best


def _means(digest: Digest, asked: Sequence[str]) -> Floats:
    meaning = learn_meaning(digest, remembered)
    return np.array([meaning.log_probabilities(v, len(digest.entries)) for v in remembered(asked)])


def _ngrams_and_vector(digest: Digest, asked: Sequence[str]) -> Floats:
    """A softmax over runs of characters, meanings and the vector at once."""
    texts, numbers = _rows(digest)
    model = softmax.fit(
        [Counter(features(text)) for text in texts], [str(n) for n in numbers], vectors=remembered(texts),
        share=1.0, strength=300.0,
    )  # fmt: skip
    scores = np.zeros((len(asked), len(digest.entries)), dtype=np.float32)
    columns = [int(name) for name in model.names]
    for row, (question, vector) in enumerate(zip(asked, remembered(asked), strict=True)):
        scores[row, columns] = model.probabilities(Counter(features(question)), vector)
    return scores


def _both(digest: Digest, asked: Sequence[str]) -> Floats:
    return _words(digest, asked) + np.float32(MEANS) * _means(digest, asked)


def _reranked(digest: Digest, asked: Sequence[str]) -> Floats:
    """A logistic re-ranker over ten candidates, taught on the bank's own questions left out by fifths."""
    from sklearn.linear_model import LogisticRegression

    rows = [(question, n) for n, entry in enumerate(digest.entries) for question in entry.questions]
    taught: list[Any] = []
    right: list[bool] = []
    for fold in range(5):
        held = set(rows[fold::5])
        kept = Digest(
            tuple(_without(digest, n, held) for n in range(len(digest.entries))), digest.unanswerable
        )
        for (_, number), signs in zip(
            rows[fold::5], _signs(kept, [q for q, _ in rows[fold::5]]), strict=True
        ):
            taught += [values for _, values in signs]
            right += [candidate == number for candidate, _ in signs]
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(taught, right)
    scores = np.full((len(asked), len(digest.entries)), -99.0, dtype=np.float32)
    for row, signs in enumerate(_signs(digest, asked)):
        for (candidate, _), score in zip(signs, model.decision_function([v for _, v in signs]), strict=True):
            scores[row, candidate] = score
    return scores


def _without(digest: Digest, number: int, held: set[tuple[str, int]]) -> Any:
    from dataclasses import replace

    entry = digest.entries[number]
    return replace(entry, questions=tuple(q for q in entry.questions if (q, number) not in held))


def _signs(digest: Digest, asked: Sequence[str]) -> list[list[tuple[int, list[float]]]]:
    """For each question its ten candidates with what speaks for each."""
    words, means, near = _words(digest, asked), _means(digest, asked), _nearest_question(digest, asked)
    both = words + np.float32(MEANS) * means
    found = []
    for row in range(len(asked)):
        best = np.argsort(-both[row], kind="stable")[:10]
        values = [
            [
                float(v)
                for v in (
                    words[row, n],
                    means[row, n],
                    near[row, n],
                    both[row, n] - both[row, best[0]],
                    place,
                )
            ]
            for place, n in enumerate(best)
        ]
        found.append(list(zip((int(n) for n in best), values, strict=True)))
    return found


METHODS: Mapping[str, Method] = {
    "BM25 over words (Jieba)": partial(_bm25, _jieba),
    "BM25 over pairs of characters": partial(_bm25, _pairs),
    "TF-IDF and a linear SVM": _tfidf_linear,
    "latent semantics (SVD 200)": _latent,
    "nearest question by vector": _nearest_question,
    "softmax over vectors": _means,
    "softmax over characters, meanings and vectors": _ngrams_and_vector,
    "BM25F over fields, with meanings": _words,
    "BM25F and softmax over vectors (used)": _both,
    "the same, re-ranked": _reranked,
}  # fmt: skip


def _selector(digest: Digest, hand: Hand) -> None:
    """Rasa's ResponseSelector, trained and asked as Rasa does it."""
    import asyncio

    from bot.runtime.training import quiet

    quiet()
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    asked, right = _questions(hand)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "config.yml").write_text(_SELECTOR, encoding="utf8")
        blocks = [
            {"intent": f"faq/n{n}", "examples": "".join(f"- {text}\n" for text in (*e.questions, e.title))}
            for n, e in enumerate(digest.entries)
        ]
        data = {"version": "3.1", "nlu": [*blocks, {"intent": "other", "examples": "- 你好\n- 谢谢\n"}]}
        (folder / "nlu.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf8")
        responses = {f"utter_faq/n{n}": [{"text": e.title}] for n, e in enumerate(digest.entries)}
        domain = {"version": "3.1", "intents": ["faq", "other"], "responses": responses}
        (folder / "domain.yml").write_text(yaml.safe_dump(domain, allow_unicode=True), encoding="utf8")
        begun = time.perf_counter()
        model = train_nlu(
            str(folder / "config.yml"),
            str(folder / "nlu.yml"),
            str(folder),
            domain=str(folder / "domain.yml"),
        )
        seconds = time.perf_counter() - begun
        agent, loop = Agent.load(str(model)), asyncio.new_event_loop()
        scores = np.zeros((len(asked), len(digest.entries)), dtype=np.float32)
        for row, question in enumerate(asked):
            parsed = loop.run_until_complete(agent.parse_message(question))
            for found in parsed["response_selector"]["faq"]["ranking"]:
                scores[row, int(str(found["intent_response_key"]).partition("/n")[2])] = found["confidence"]
    tally = Tally()
    tally.add(digest, right, scores, seconds)
    _row("Rasa's ResponseSelector, 40 epochs (writer kin)", tally)
    for name in ("BM25F and softmax over vectors (used)",):
        tally = Tally()
        tally.add(digest, right, METHODS[name](digest, asked), 0.0)
        _row(f"{name}, the same writer", tally)


_SELECTOR = """
recipe: default.v1
assistant_id: stock
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 3}
  - {name: ResponseSelector, retrieval_intent: faq, epochs: 40}
"""

if __name__ == "__main__":
    main(sys.argv[1:])
