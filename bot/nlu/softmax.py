"""Multinomial logistic regression over counted features and a dense vector beside them.

scikit-learn's can do the same only over one matrix; with 512 dense columns in a sparse one it takes five times
as long to fit (docs/understanding.md), so the two are kept apart here. The fit itself is SciPy's L-BFGS.
What is stored is plain arrays: a running assistant needs neither SciPy nor scikit-learn for it.
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
# Rounds of the fit, and of one that goes on from another; more change no figure (docs/understanding.md).
_ROUNDS, _ROUNDS_ON = 60, 30


@dataclass(frozen=True)
class Softmax:
    """A fitted model.

    Attributes:
        names: the classes, one a column of the weights.
        vocabulary: feature -> row of `weights`.
        idf: float32 (n_features,).
        weights: float32 (n_features, n_classes).
        dense: float32 (n_dense, n_classes); n_dense is 0 where it was fitted without vectors.
        bias: float32 (n_classes,).
    """

    names: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: Floats
    weights: Floats
    dense: Floats
    bias: Floats

    def probabilities(self, counts: Mapping[str, int], vector: Floats | None = None) -> Floats:
        """One probability a class; they add up to 1. Unknown features say nothing."""
        rows, values = _known(counts, self.vocabulary)
        scores = self.bias.copy()
        if rows:
            weighted = _weighted(values, self.idf[rows])
            scores += weighted @ self.weights[rows]
        if len(self.dense):
            assert vector is not None, "this model was fitted with vectors"
            scores += vector @ self.dense
        return softmax(scores)

    def arrays(self) -> dict[str, Any]:
        """What `numpy.savez` stores (weights in half precision); `from_arrays` reads it back."""
        return {
            "names": np.array(self.names), "vocabulary": np.array(list(self.vocabulary)), "idf": self.idf,
            "weights": self.weights.astype(np.float16), "dense": self.dense, "bias": self.bias,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> Softmax:
        """The inverse of `arrays`."""
        return cls(
            tuple(str(name) for name in data["names"]),
            {str(feature): i for i, feature in enumerate(data["vocabulary"])},
            data["idf"], data["weights"].astype(np.float32), data["dense"], data["bias"],
        )  # fmt: skip


def softmax(scores: Floats) -> Floats:
    """Scores as probabilities, along the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True), dtype=np.float32)


def _known(counts: Mapping[str, int], vocabulary: Mapping[str, int]) -> tuple[list[int], list[float]]:
    known = [(vocabulary[feature], 1 + math.log(n)) for feature, n in counts.items() if feature in vocabulary]
    return [row for row, _ in known], [value for _, value in known]


def _weighted(values: Sequence[float], idf: Floats) -> Floats:
    weighted = np.asarray(values, dtype=np.float32) * idf
    return np.asarray(weighted / (np.linalg.norm(weighted) or 1.0), dtype=np.float32)


def fit(
    counted: Sequence[Mapping[str, int]], classes: Sequence[str], *, vectors: Floats | None = None,
    share: float = 0.5, strength: float = 60.0, least: int = 2, start: Softmax | None = None,
) -> Softmax:  # fmt: skip
    """Fit on one row of feature counts, and one vector where there are any, a class.

    Args:
        vectors: float32 (n_rows, n_dense).
        share: what a vector of length 1 weighs beside the counted features, whose length is 1 too.
        strength: inverse regularisation.
        least: features that fewer rows have are left out.
        start: a model of the same rows without vectors, from whose weights the fit goes on.
    """
    frequency = Counter(feature for row in counted for feature in row)
    vocabulary = {f: i for i, f in enumerate(sorted(f for f, n in frequency.items() if n >= least))}
    idf = np.array(
        [math.log((1 + len(counted)) / (1 + frequency[f])) + 1 for f in vocabulary], dtype=np.float32
    )
    names, columns = np.unique(np.asarray(classes), return_inverse=True)
    dense = np.zeros((len(counted), 0), np.float32) if vectors is None else vectors * np.float32(share)
    weights, dense_weights, bias = _minimise(
        _matrix(counted, vocabulary, idf), dense, columns, len(names), strength, start
    )
    return Softmax(
        tuple(str(n) for n in names), vocabulary, idf, weights, dense_weights * np.float32(share), bias
    )


def _matrix(counted: Iterable[Mapping[str, int]], vocabulary: Mapping[str, int], idf: Floats) -> Any:
    from scipy.sparse import csr_matrix

    data: list[Floats] = []
    columns: list[int] = []
    pointers = [0]
    for counts in counted:
        rows, values = _known(counts, vocabulary)
        data.append(_weighted(values, idf[rows]))
        columns += rows
        pointers.append(len(columns))
    return csr_matrix((np.concatenate(data), columns, pointers), shape=(len(data), len(vocabulary)))


def _minimise(
    sparse: Any, dense: Floats, columns: NDArray[np.int64], classes: int, strength: float,
    start: Softmax | None,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Weights of the sparse and the dense features, and the bias, of the least regularised loss.

    Every class weighs the same however many rows it has.
    """
    from scipy.optimize import minimize

    rows, features, size = len(columns), sparse.shape[1], dense.shape[1]
    share = (rows / (classes * np.bincount(columns)))[columns].astype(np.float32)
    wanted = np.zeros((rows, classes), np.float32)
    wanted[np.arange(rows), columns] = 1
    turned = sparse.T.tocsr()
    ends = (features * classes, (features + size) * classes)

    def parts(flat: NDArray[np.float64]) -> tuple[Floats, Floats, Floats]:
        low = flat.astype(np.float32)
        return (
            low[: ends[0]].reshape(features, classes),
            low[ends[0] : ends[1]].reshape(size, classes),
            low[ends[1] :],
        )

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w, v, b = parts(flat)
        given = softmax(sparse @ w + dense @ v + b)
        log = np.log(np.maximum(given[np.arange(rows), columns], 1e-12))
        error = (given - wanted) * share[:, None]
        gradient = ((turned @ error + w / strength), (dense.T @ error + v / strength), error.sum(axis=0))
        value = -float((share * log).sum()) + float((w * w).sum() + (v * v).sum()) / (2 * strength)
        return value, np.concatenate([part.ravel() for part in gradient]).astype(np.float64)

    first = np.zeros(ends[1] + classes)
    if start:
        first[: ends[0]] = start.weights.ravel()
        first[ends[1] :] = start.bias
    rounds = _ROUNDS_ON if start else _ROUNDS
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    w, v, b = parts(found.x)
    return np.ascontiguousarray(w), np.ascontiguousarray(v), b
