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
_READ = 300  # characters of an answer that are encoded
_NEVER = np.float32(-20.0)  # the log-probability of a clause that nothing was learnt of


@dataclass(frozen=True)
class Meaning:
    """What was learnt from one digest.

    Attributes:
        clauses: over the entries of the digest, named by their position.
        known: float32 (n, 512), the vectors of the questions with an answer.
        without: the same of those known to have none.
    """

    clauses: Softmax
    known: Floats
    without: Floats

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
        return _nearest(self.known, vector) - _nearest(self.without, vector)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `numpy.savez` stores; `from_arrays` reads it back."""
        stored = {f"clauses_{name}": value for name, value in self.clauses.arrays().items()}
        return {**stored, "known": self.known.astype(np.float16), "without": self.without.astype(np.float16)}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> Meaning:
        """The inverse of `arrays`."""
        own = {k.removeprefix("clauses_"): v for k, v in data.items() if k.startswith("clauses_")}
        return cls(
            Softmax.from_arrays(own), data["known"].astype(np.float32), data["without"].astype(np.float32)
        )


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
    return Meaning(clauses, known, encode([row.question for row in digest.unanswerable]))


def _nearest(vectors: Floats, vector: Floats) -> float:
    return float((vectors @ vector).max()) if len(vectors) else 0.0
