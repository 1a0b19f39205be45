"""Whether a question asks what the documents say, or what stands near them and is not in them.

A question without answer uses the same words as one with (合同印花税要交好多 against 合同要送哪里归档):
how well the best clause matches tells little. What tells is how it asks: the price of one thing, a
telephone, a form, a figure of another year. A logistic regression over the features of the question
learns that from the questions of the bank and those known to have no answer, in a tenth of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.documents.digest import Digest
from bot.documents.features import features

_SEEN = 2  # a feature of one question only teaches nothing
_PENALTY = 5.0
_ROUNDS = 150

Floats = NDArray[Any]


class Doubt:
    """How much a question looks like one that the documents do not answer."""

    def __init__(self, features: Sequence[str], weights: Floats) -> None:
        self._slot = {feature: slot for slot, feature in enumerate(features)}
        self._weights = weights

    @classmethod
    def learn(cls, digest: Digest) -> Doubt:
        """Learn from the questions of a digest that have an answer, and those that have none."""
        known = [features(question) for entry in digest.entries for question in entry.questions]
        without = [features(row.question) for row in digest.unanswerable]
        seen = Counter(feature for asked in (*known, *without) for feature in set(asked))
        kept = sorted(feature for feature, times in seen.items() if times >= _SEEN)
        doubt = cls(kept, np.zeros(len(kept) + 1))
        sizes = [len(known), len(without)]
        if all(sizes):
            # Both kinds count alike, however many there are of each.
            counts = np.repeat([sum(sizes) / 2 / size for size in sizes], sizes)
            rows = [doubt._slots(asked) for asked in (*known, *without)]
            doubt._weights = _logistic(rows, np.repeat([0.0, 1.0], sizes), counts, len(kept) + 1)
        return doubt

    def arrays(self) -> dict[str, Floats]:
        """What `numpy.savez` stores; `from_arrays` reads it back."""
        features = np.frombuffer("\n".join(self._slot).encode(), dtype=np.uint8)
        return {"features": features, "weights": self._weights}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> Doubt:
        """The inverse of `arrays`."""
        text = data["features"].tobytes().decode()
        return cls(text.split("\n") if text else (), data["weights"])

    def of(self, asked: Iterable[str]) -> float:
        """The doubt of a question of these features, a logit: above 0 as if without answer."""
        return float(self._weights[self._slots(asked)].sum())

    def _slots(self, asked: Iterable[str]) -> list[int]:
        """The slots of the features known, and that of the constant."""
        return [*sorted({self._slot[f] for f in asked if f in self._slot}), len(self._slot)]


def _logistic(rows: Sequence[Sequence[int]], target: Floats, counts: Floats, width: int) -> Floats:
    """Weights of a penalised logistic regression over binary features, by accelerated gradient steps.

    Args:
        rows: the slots that are 1 in each example.
        counts: how much each example counts.
    """
    column = np.fromiter((slot for row in rows for slot in row), dtype=np.int64)
    row = np.repeat(np.arange(len(rows)), [len(slots) for slots in rows])

    def forward(weights: Floats) -> Floats:
        return np.bincount(row, weights=weights[column], minlength=len(rows))

    def back(errors: Floats) -> Floats:
        return np.bincount(column, weights=errors[row], minlength=width)

    direction = np.ones(width)
    for _ in range(15):  # power iteration: the steepest the loss can curve
        direction = back(counts * forward(direction))
        steepest = float(np.linalg.norm(direction))
        direction /= steepest
    step = 1 / (_PENALTY + steepest / 4)
    weights = ahead = np.zeros(width)
    for turn in range(_ROUNDS):
        errors = counts * (1 / (1 + np.exp(-forward(ahead))) - target)
        new = ahead - step * (back(errors) + _PENALTY * ahead)
        ahead = new + (turn / (turn + 3)) * (new - weights)
        weights = new
    return weights
