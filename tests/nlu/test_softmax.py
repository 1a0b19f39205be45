"""The softmax model, held against scikit-learn's logistic regression and against itself."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.softmax import Softmax, _matrix, fit, softmax

TEXTS = [
    "停水了",
    "没水",
    "家里没水了",
    "水管爆了",
    "你好",
    "您好",
    "喂你好",
    "好的",
    "谢谢",
    "多谢你",
    "谢谢了",
    "感谢",
]
NAMES = ["report"] * 4 + ["greet"] * 4 + ["thank"] * 4
COUNTED = [Counter(text) for text in TEXTS]
VECTORS = np.random.default_rng(5).normal(size=(len(TEXTS), 8)).astype(np.float32)


def test_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    ours = fit(COUNTED, NAMES, strength=10.0, least=1)
    matrix = _matrix(COUNTED, ours.vocabulary, ours.idf)
    theirs = LogisticRegression(C=10.0, class_weight="balanced", max_iter=500, tol=1e-8).fit(matrix, NAMES)
    assert list(theirs.classes_) == list(ours.names)
    for counts, expected in zip(COUNTED, theirs.predict_proba(matrix)):
        assert ours.probabilities(counts) == pytest.approx(expected, abs=0.01)


def test_agrees_with_scikit_learn_on_both_kinds_of_features() -> None:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    ours = fit(COUNTED, NAMES, vectors=VECTORS, share=0.5, strength=10.0, least=1)
    matrix = hstack([_matrix(COUNTED, ours.vocabulary, ours.idf), csr_matrix(VECTORS * 0.5)]).tocsr()
    theirs = LogisticRegression(C=10.0, class_weight="balanced", max_iter=500, tol=1e-8).fit(matrix, NAMES)
    for counts, vector, expected in zip(COUNTED, VECTORS, theirs.predict_proba(matrix)):
        assert ours.probabilities(counts, vector) == pytest.approx(expected, abs=0.01)


def test_going_on_from_another_model_ends_at_the_same_place() -> None:
    first = fit(COUNTED, NAMES, least=1)
    cold, warm = (fit(COUNTED, NAMES, vectors=VECTORS, least=1, start=start) for start in (None, first))
    for counts, vector in zip(COUNTED, VECTORS):
        assert warm.probabilities(counts, vector) == pytest.approx(
            cold.probabilities(counts, vector), abs=0.03
        )


def test_a_model_with_vectors_wants_one() -> None:
    model = fit(COUNTED, NAMES, vectors=VECTORS, least=1)
    with pytest.raises(AssertionError):
        model.probabilities(COUNTED[0])


def test_arrays_come_back() -> None:
    model = fit(COUNTED, NAMES, vectors=VECTORS, least=1)
    again = Softmax.from_arrays(model.arrays())
    for counts, vector in zip(COUNTED, VECTORS):
        assert again.probabilities(counts, vector) == pytest.approx(
            model.probabilities(counts, vector), abs=2e-3
        )


@settings(max_examples=50)
@given(st.lists(st.floats(-80, 80, width=32), min_size=1, max_size=9))
def test_probabilities_add_up_to_one(scores: list[float]) -> None:
    found = softmax(np.array(scores, dtype=np.float32))
    assert found.sum() == pytest.approx(1, abs=1e-3)
    assert found[int(np.argmax(scores))] == pytest.approx(found.max())
