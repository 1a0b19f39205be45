"""Which clause a question is about by what it means, whatever its words: over the vectors of sentences.

`bot.nlu.encoder` puts sentences that mean the same close together. A softmax over all clauses, learnt from the
questions of the bank, their titles and answers, tells how likely each clause is; and the nearest question of the
bank with an answer, beside the nearest without, tells whether the documents speak of it at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.documents.digest import Digest
from bot.nlu import encoder, softmax
from bot.nlu.encoder import Floats
from bot.nlu.normalise import normalise
from bot.nlu.softmax import Softmax

Encode = Callable[[Sequence[str]], Floats]
# Chosen on hands that were held out (`python -m tools.measure_search`).
_STRENGTH = 300.0  # inverse regularisation
_HEAD = 128  # directions by which nearly all vectors can be told apart
_SLACK = 1e-4  # more than rounding takes
_READ = 300  # characters of an answer that are encoded
_NEVER = np.float32(-20.0)  # the log-probability of a clause that nothing was learnt of


@dataclass(frozen=True)
class Vectors:
    """Vectors among which the nearest to another one is found without reading all of each.

    Sixteen megabytes a question are more than a processor's cache holds: 3.5 ms after a pause against 1.5 by their
    heads. What these leave out is bounded by its length, so the result is that of all.

    Attributes:
        whole: float32 (n, size).
        turn: float32 (size, head), columns of length 1 at right angles, the directions that tell most.
    """

    whole: Floats
    turn: Floats

    @cached_property
    def _heads(self) -> Floats:
        """float32 (n, head)."""
        return self.whole @ self.turn

    @cached_property
    def _rests(self) -> Floats:
        """float32 (n,), how long what the heads leave out is."""
        return _rest(self.whole, self._heads)

    def nearest(self, vector: Floats) -> float:
        """The greatest product with `vector`; 0 where there are no vectors."""
        if not len(self.whole):
            return 0.0
        head = vector @ self.turn
        by_head = self._heads @ head
        least = float(self.whole[int(by_head.argmax())] @ vector)
        may_be = np.flatnonzero(by_head + self._rests * _rest(vector, head) >= least - _SLACK)
        return max(least, float((self.whole[may_be] @ vector).max())) if len(may_be) else least


def _rest(whole: Floats, head: Floats) -> Floats:
    left = np.square(whole).sum(axis=-1) - np.square(head).sum(axis=-1)
    return np.asarray(np.sqrt(np.maximum(left, 0)), dtype=np.float32)


def directions(vectors: Floats, count: int = _HEAD) -> Floats:
    """The `count` directions along which `vectors` (n, size) are longest: float32 (size, count), or fewer."""
    _, found = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.ascontiguousarray(found[:, ::-1][:, :count], dtype=np.float32)


@dataclass(frozen=True)
class Meaning:
    """What was learnt from one digest.

    Attributes:
        clauses: over the entries of the digest, named by their position.
        known: the vectors of the questions with an answer.
        without: the same of those known to have none.
    """

    clauses: Softmax
    known: Vectors
    without: Vectors

    def log_probabilities(self, vector: Floats, entries: int) -> Floats:
        """The logarithm of each entry's probability, float32 (entries,)."""
        found = np.full(entries, _NEVER, dtype=np.float32)
        given = np.log(np.maximum(self.clauses.probabilities({}, vector), 1e-9))
        found[self._numbers] = given
        return found

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        """The entry of each class."""
        return np.array([int(name) for name in self.clauses.names], dtype=np.int64)

    def nearness(self, vector: Floats) -> float:
        """How much nearer the nearest question with an answer is than the nearest without, -2 to 2."""
        return self.known.nearest(vector) - self.without.nearest(vector)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `numpy.savez` stores; `from_arrays` reads it back."""
        stored = {f"clauses_{name}": value for name, value in self.clauses.arrays().items()}
        both = {"known": self.known.whole, "without": self.without.whole}
        return {**stored, **{k: v.astype(np.float16) for k, v in both.items()}, "turn": self.known.turn}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> Meaning:
        """The inverse of `arrays`."""
        own = {k.removeprefix("clauses_"): v for k, v in data.items() if k.startswith("clauses_")}
        known, without = (Vectors(data[k].astype(np.float32), data["turn"]) for k in ("known", "without"))
        return cls(Softmax.from_arrays(own), known, without)


def encode(texts: Sequence[str]) -> Floats:
    """The vectors of questions, their dialect and mishearings put right first."""
    return encoder.encode([normalise(text).text for text in texts])


def learn(digest: Digest, encode: Encode) -> Meaning:
    """Learn from a digest's questions, titles and answers.

    Args:
        encode: gives the vectors of texts, see `bot.nlu.encoder.encode`.
    """
    rows: list[tuple[str, int]] = []
    for number, entry in enumerate(digest.entries):
        rows += [(text, number) for text in (*entry.questions, entry.title, entry.answer[:_READ])]
    vectors = encode([text for text, _ in rows])
    asked = {(question, n) for n, entry in enumerate(digest.entries) for question in entry.questions}
    clauses = softmax.fit(
        [Counter()] * len(rows), [str(number) for _, number in rows], vectors=vectors, share=1.0, strength=_STRENGTH
    )  # fmt: skip
    known = vectors[[row in asked for row in rows]]
    without = encode([row.question for row in digest.unanswerable])
    turn = directions(np.vstack([known, without]))
    return Meaning(clauses, Vectors(known, turn), Vectors(without, turn))
