"""The intent classifier: character n-grams, TF-IDF and multinomial logistic regression.

Training uses scikit-learn; what is stored is plain arrays, so that a running assistant needs
neither scikit-learn nor its start-up time. Places, times and the like are masked before
(`mask`), so that a name never seen before does not change what the person wants.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# One private-use character an entity: it can stand in an n-gram and never in people's text.
MASKS = {
    "place": "\ue000", "time": "\ue001", "duration": "\ue002", "phone": "\ue003", "phone_fault": "\ue003",
    "report_number": "\ue004", "number": "\ue005", "scope": "\ue006",
}  # fmt: skip
_START, _END = "\ue010", "\ue011"


def mask(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """`text` with each (start, end, entity) replaced by that entity's mask character."""
    out, last = [], 0
    for start, end, entity in sorted(spans):
        if start >= last and entity in MASKS:
            out += [text[last:start], MASKS[entity]]
            last = end
    return "".join([*out, text[last:]])


def ngrams(text: str, longest: int) -> Counter[str]:
    """Counts of all character n-grams of length 1 to `longest`, with start and end marks."""
    padded = f"{_START}{text}{_END}"
    return Counter(padded[i : i + n] for n in range(1, longest + 1) for i in range(len(padded) - n + 1))


@dataclass(frozen=True)
class IntentModel:
    """A trained classifier.

    Attributes:
        intents: names, one a column of `weights`.
        vocabulary: n-gram -> row of `weights`.
        idf: float32 (n_ngrams,).
        weights: float32 (n_ngrams, n_intents).
        bias: float32 (n_intents,).
        longest: longest n-gram.
    """

    intents: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    longest: int

    def rank(self, text: str) -> list[tuple[str, float]]:
        """All intents with their probabilities (they add up to 1), most probable first."""
        rows, values = _tf(ngrams(text, self.longest), self.vocabulary)
        if not rows:
            scores = self.bias
        else:
            features = np.asarray(values, dtype=np.float32) * self.idf[rows]
            features /= np.linalg.norm(features) or 1.0
            scores = features @ self.weights[rows] + self.bias
        exponents = np.exp(scores - scores.max())
        probabilities = exponents / exponents.sum()
        order = np.argsort(-probabilities)
        return [(self.intents[i], float(probabilities[i])) for i in order]

    def arrays(self) -> dict[str, Any]:
        """What `numpy.savez` stores; `from_arrays` reads it back."""
        return {
            "intents": np.array(self.intents), "vocabulary": np.array(list(self.vocabulary)), "idf": self.idf,
            "weights": self.weights, "bias": self.bias, "longest": np.array(self.longest),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> IntentModel:
        """The inverse of `arrays`."""
        return cls(
            tuple(str(name) for name in data["intents"]),
            {str(gram): i for i, gram in enumerate(data["vocabulary"])},
            data["idf"], data["weights"], data["bias"], int(data["longest"]),
        )  # fmt: skip


def _tf(counts: Mapping[str, int], vocabulary: Mapping[str, int]) -> tuple[list[int], list[float]]:
    known = [(vocabulary[gram], 1 + math.log(n)) for gram, n in counts.items() if gram in vocabulary]
    return [row for row, _ in known], [value for _, value in known]


def train(
    texts: Sequence[str], intents: Sequence[str], *, longest: int = 3, strength: float = 20.0, least: int = 1
) -> IntentModel:
    """Train on masked texts.

    Args:
        texts: one masked sentence each.
        intents: the intent of each.
        longest: longest n-gram.
        strength: inverse regularisation (scikit-learn's C).
        least: n-grams seen in fewer sentences are left out.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    counted = [ngrams(text, longest) for text in texts]
    document_frequency = Counter(gram for counts in counted for gram in counts)
    vocabulary = {
        gram: i for i, gram in enumerate(sorted(g for g, n in document_frequency.items() if n >= least))
    }
    idf = np.array(
        [math.log((1 + len(texts)) / (1 + document_frequency[g])) + 1 for g in vocabulary], dtype=np.float32
    )
    data, columns, pointers = [], [], [0]
    for counts in counted:
        rows, values = _tf(counts, vocabulary)
        weighted = np.asarray(values, dtype=np.float32) * idf[rows]
        data.append(weighted / (np.linalg.norm(weighted) or 1.0))
        columns += rows
        pointers.append(len(columns))
    matrix = csr_matrix((np.concatenate(data), columns, pointers), shape=(len(texts), len(vocabulary)))
    learned = LogisticRegression(C=strength, max_iter=200, class_weight="balanced").fit(matrix, list(intents))
    return IntentModel(
        tuple(learned.classes_), vocabulary, idf,
        np.ascontiguousarray(learned.coef_.T, dtype=np.float32), learned.intercept_.astype(np.float32), longest,
    )  # fmt: skip
