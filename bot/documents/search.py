"""Search over the digest: which clauses answer a question.

Each clause is one text of several fields: the questions that people ask about it, its title, its
answer, and (faintly) the questions and titles of the clauses below it, so that a question on the
whole finds the whole. It is scored with BM25F over the features of ``bot.documents.features``.
Of the methods measured it was the best for its size (docs/answers.md): a classifier or the nearest
question of the bank learns how one writer asks, and other people ask differently.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.documents.digest import Digest, Entry
from bot.documents.features import LONGEST, MEANING, features

# Found by leaving a fifth of the questions out in turn (`python -m tools.measure_search`), but for
# _ASKED, which that undervalues (docs/answers.md).
_ASKED, _TITLE, _ANSWER, _BELOW = 1.0, 2.0, 2.0, 0.3  # weights of the fields
_SATURATION = 2.0  # BM25's k1: how soon saying a thing again stops to count
_LENGTH, _TITLE_LENGTH = 0.6, 0.45  # BM25's b: how much a long text is held against a clause
_LONG_RUN, _MEANING = 0.3, 2.5  # a run of three characters says little that its pairs do not say

Counts = Mapping[str, float]


@dataclass(frozen=True)
class Hit:
    """A clause found, by its best part, with its score (0 upwards; comparable within one question)."""

    entry: Entry
    score: float


@dataclass(frozen=True)
class Result:
    """The best clauses, each id once.

    Attributes:
        share: the score of the best, as a part of what a clause that says all of the question
            many times would score; 0 to 1, comparable between questions.
    """

    hits: tuple[Hit, ...]
    share: float


class Index:
    """An inverted index over a digest: features to (entry, weight), in three flat arrays."""

    def __init__(self, digest: Digest) -> None:
        self._entries = digest.entries
        texts = _weighted(digest.entries)
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, counts in enumerate(texts):
            for feature, count in counts.items():
                postings[feature].append((number, count / (count + _SATURATION)))
        self._rarest = _rarity(1, len(texts))
        self._slot: dict[str, int] = {}
        starts, owners, weights = array("l", [0]), array("h"), array("f")
        for slot, (feature, found) in enumerate(postings.items()):
            self._slot[feature] = slot
            rarity = _rarity(len(found), len(texts)) * _kind(feature)
            owners.extend(number for number, _ in found)
            weights.extend(weight * rarity for _, weight in found)
            starts.append(len(owners))
        self._starts = starts.tolist()
        self._owners: NDArray[np.int16] = np.array(owners, dtype=np.int16)
        self._weights: NDArray[np.float32] = np.array(weights, dtype=np.float32)

    def search(self, asked: Iterable[str], *, limit: int = 3, documents: Sequence[str] = ()) -> Result:
        """The best `limit` clauses for a question of these features.

        Args:
            documents: ids of the documents to look in; none for all.
        """
        wanted = set(asked)
        scores = np.zeros(len(self._entries), dtype=np.float32)
        for slot in sorted(self._slot[feature] for feature in wanted if feature in self._slot):
            start, end = self._starts[slot], self._starts[slot + 1]
            scores[self._owners[start:end]] += self._weights[start:end]
        best: dict[str, Hit] = {}
        for number in np.argsort(-scores, kind="stable"):
            entry, score = self._entries[number], float(scores[number])
            if score <= 0 or len(best) == limit:
                break
            if not documents or entry.document.id in documents:
                best.setdefault(entry.id, Hit(entry, score))
        hits = tuple(best.values())
        return Result(hits, hits[0].score / self._most(wanted) if hits else 0.0)

    def _most(self, wanted: Iterable[str]) -> float:
        """What a clause would score that says each of these features without end."""
        total = 0.0
        for feature in wanted:
            slot = self._slot.get(feature)
            found = 1 if slot is None else self._starts[slot + 1] - self._starts[slot]
            total += _rarity(found, len(self._entries)) * _kind(feature)
        return total or 1.0


def _rarity(found: int, entries: int) -> float:
    """BM25's weight of a feature that stands in `found` of so many entries."""
    return math.log(1 + (entries - found + 0.5) / (found + 0.5))


def _kind(feature: str) -> float:
    if feature.startswith(MEANING):
        return _MEANING
    return _LONG_RUN if len(feature) >= LONGEST else 1.0


def _weighted(entries: Sequence[Entry]) -> list[Counts]:
    """The features of each entry over all its fields, each field evened out for its length."""
    asked = [Counter(feature for question in e.questions for feature in features(question)) for e in entries]
    titles = [Counter(features(entry.title)) for entry in entries]
    answers = [Counter(features(entry.answer)) for entry in entries]
    below: list[Counter[str]] = [Counter() for _ in entries]
    for number, parent in enumerate(parents(entries)):
        if parent is not None:
            below[parent].update(asked[number])
            below[parent].update(titles[number])
    fields = ((asked, _ASKED, _LENGTH), (titles, _TITLE, _TITLE_LENGTH), (answers, _ANSWER, _LENGTH),
              (below, _BELOW, _LENGTH))  # fmt: skip
    total: list[dict[str, float]] = [defaultdict(float) for _ in entries]
    for texts, weight, length in fields:
        usual = sum(map(_size, texts)) / max(len(texts), 1) or 1.0
        for counts, into in zip(texts, total, strict=True):
            scale = weight / (1 - length + length * _size(counts) / usual)
            for feature, count in counts.items():
                into[feature] += scale * count
    return list(total)


def _size(counts: Counter[str]) -> int:
    return sum(counts.values())


def parents(entries: Sequence[Entry]) -> list[int | None]:
    """For each entry the number of the one above it: the clause of a part, the article of an item,
    the section of a numbered clause (2.1.4 above 2.1.4/5, 2.1 above 2.1.4); None at the top."""
    whole: dict[str, int] = {}
    for number, entry in enumerate(entries):
        if not entry.part:
            whole.setdefault(entry.id, number)
    return [_above(entry, whole) for entry in entries]


def _above(entry: Entry, whole: Mapping[str, int]) -> int | None:
    if entry.part:
        return whole.get(entry.id)
    above, _, _ = entry.id.rpartition("/")
    if above not in whole and entry.document.id == "water":
        above, _, _ = entry.id.rpartition(".")
    return whole.get(above)
