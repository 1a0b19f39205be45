"""Search over the digest: which clauses answer a question.

Each clause is one text of several fields: the questions that people ask about it, its title, its
answer, and (faintly) the questions and titles of the clauses below it, so that a question on the
whole finds the whole. It is scored with BM25F over the features of ``bot.documents.features``.
Of the methods that look at words it was the best (docs/answers.md); `bot.documents.meaning` looks at what they mean.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.documents.digest import Digest, Entry
from bot.documents.features import LONGEST, MEANING, features

# Found by leaving a fifth of the questions out in turn (`python -m tools.measure_search`), but for
# _ASKED, which that undervalues (docs/answers.md).
_ASKED, _TITLE, _ANSWER, _BELOW = 1.0, 2.0, 3.0, 0.15  # weights of the fields
_SATURATION = 1.2  # BM25's k1: how soon saying a thing again stops to count
_LENGTH, _TITLE_LENGTH = 0.75, 0.45  # BM25's b: how much a long text is held against a clause
_LONG_RUN, _MEANING = 0.3, 2.0  # a run of three characters says little that its pairs do not say

Counts = Mapping[str, float]


class Index:
    """An inverted index over a digest: features to (entry, weight), in three flat arrays.

    Args:
        features: all features, each with a slot.
        starts: where the entries of each slot begin; one more at the end.
        owners: int32, the entries, slot by slot.
        weights: float32, the weight of each.
    """

    def __init__(
        self, entries: Sequence[Entry], features: Sequence[str], starts: NDArray[np.int64],
        owners: NDArray[np.int32], weights: NDArray[np.float32],
    ) -> None:  # fmt: skip
        self._entries = entries
        self._slot = {feature: slot for slot, feature in enumerate(features)}
        self._starts: list[int] = starts.tolist()
        self._owners, self._weights = owners, weights

    @classmethod
    def build(cls, digest: Digest) -> Index:
        """Index every entry of a digest."""
        texts = _weighted(digest.entries)
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, counts in enumerate(texts):
            for feature, count in counts.items():
                postings[feature].append((number, count / (count + _SATURATION)))
        starts, owners, weights = array("l", [0]), array("i"), array("f")
        for feature, found in postings.items():
            rarity = _rarity(len(found), len(texts)) * _kind(feature)
            owners.extend(number for number, _ in found)
            weights.extend(weight * rarity for _, weight in found)
            starts.append(len(owners))
        return cls(
            digest.entries, tuple(postings), np.array(starts, dtype=np.int64),
            np.array(owners, dtype=np.int32), np.array(weights, dtype=np.float32),
        )  # fmt: skip

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `numpy.savez` stores; `from_arrays` reads it back."""
        # As one text: an array of strings takes the room of the longest for each.
        features = np.frombuffer("\n".join(self._slot).encode(), dtype=np.uint8)
        starts = np.array(self._starts, dtype=np.int64)
        return {"features": features, "starts": starts, "owners": self._owners, "weights": self._weights}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any], entries: Sequence[Entry]) -> Index:
        """The inverse of `arrays`, for the entries that it was built from."""
        features = data["features"].tobytes().decode().split("\n")
        return cls(entries, features, data["starts"], data["owners"], data["weights"])

    def scores(self, asked: Iterable[str]) -> NDArray[np.float32]:
        """For each entry what part of a question of these features it says: 0 (nothing) to 1.

        1 is what a clause would score that says all of it many times; comparable between questions.
        """
        wanted = set(asked)
        scores = np.zeros(len(self._entries), dtype=np.float32)
        for slot in sorted(self._slot[feature] for feature in wanted if feature in self._slot):
            start, end = self._starts[slot], self._starts[slot + 1]
            scores[self._owners[start:end]] += self._weights[start:end]
        return np.asarray(scores / np.float32(self._most(wanted)), dtype=np.float32)

    def _most(self, wanted: Iterable[str]) -> float:
        """What a clause would score that says each of these features without end."""
        total = 0.0
        for feature in sorted(wanted):
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
