"""How well questions find their clause, and how many without answer are refused, by writers that were held out.

    python -m tools.measure_search

For each writer of `data/law/questions` everything is learnt without that writer, and without the one of questions
without answer that stands beside it, and then asked what the two wrote. Prints the share of questions whose clause
comes first and among the first three (a clause above or below the right one counts, as a person led to 第二条 for
第二条（三） is led right), the weights of trust that a logistic regression finds on all, and for several thresholds
of trust what is answered and refused.
"""  # fmt: skip

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from bot.documents.answers import ENOUGH, Answers, Found
from bot.documents.digest import DIGEST, Digest, Hand, hands, read_digest, read_hand, with_questions
from bot.documents.learned import learn
from bot.documents.meaning import encode
from bot.nlu.encoder import Floats

_KEPT = (0.99, 0.97, 0.95, 0.925, 0.9, 0.875, 0.85, 0.8)
_vectors: dict[str, Floats] = {}


@dataclass(frozen=True)
class Asked:
    """One question of a writer held out: its clause (None: the documents do not say), what was found, how long."""

    right: str | None
    found: Found
    seconds: float

    def hit(self, among: int) -> bool:
        """Whether the right clause is among the first."""
        return any(related(entry.id, self.right or "") for entry in self.found.entries[:among])


def related(one: str, other: str) -> bool:
    """The same clause, or one above the other."""
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


def remembered(texts: Sequence[str]) -> Floats:
    """`encode`, each text once: every round learns from nearly the same questions."""
    missing = [text for text in dict.fromkeys(texts) if text not in _vectors]
    _vectors.update(zip(missing, encode(missing), strict=True))
    return np.array([_vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), -1)


def rounds(all_hands: Sequence[Hand]) -> Iterator[tuple[Hand, Hand]]:
    """Each writer of questions with an answer, beside one of questions without, in turn."""
    known = [hand for hand in all_hands if hand.asked]
    without = [hand for hand in all_hands if hand.without_answer]
    for number, hand in enumerate(known):
        yield hand, without[number % len(without)]


def ask_all(digest: Digest, known: Hand, without: Hand, others: Sequence[Hand]) -> list[Asked]:
    """What is found for the questions of two hands that were not learnt from."""
    learnt_from = with_questions(digest, *others)
    answers = Answers(learnt_from, learn(learnt_from, remembered))
    questions = [
        (question, key.partition(" | ")[0]) for key, asked in known.asked.items() for question in asked
    ]
    rows: list[tuple[str, str | None]] = [
        *questions,
        *((row.question, None) for row in without.without_answer),
    ]
    asked = []
    for question, right in rows:
        start = time.perf_counter()
        asked.append(Asked(right, answers.find(question), time.perf_counter() - start))
    return asked


def main() -> None:
    """Measure and print."""
    whole, all_hands = read_digest(DIGEST), [read_hand(folder) for folder in hands()]
    asked: list[Asked] = []
    for known, without in rounds(all_hands):
        rows = ask_all(whole, known, without, [h for h in all_hands if h not in (known, without)])
        asked += rows
        own = [one for one in rows if one.right]
        print(
            f"{known.name}: {len(own)} questions: hit@1 {_share(own, 1):.3f}, hit@3 {_share(own, 3):.3f}",
            flush=True,
        )
    known_rows = [one for one in asked if one.right]
    without_rows = [one for one in asked if not one.right]
    middle = sorted(one.seconds for one in asked)[len(asked) // 2]
    print(
        f"all {len(known_rows)}: hit@1 {_share(known_rows, 1):.3f}, hit@3 {_share(known_rows, 3):.3f}, "
        f"p50 {middle * 1e3:.2f} ms; {len(without_rows)} without answer"
    )
    print(
        f"weights of trust (constant, doubt, fits, stands out, near): {_weights(known_rows, without_rows)}\n"
    )
    _curve(known_rows, without_rows)


def _weights(known: Sequence[Asked], without: Sequence[Asked]) -> str:
    from sklearn.linear_model import LogisticRegression

    rows = np.array([astuple(one.found.evidence) for one in (*known, *without)])
    target = np.repeat([1, 0], [len(known), len(without)])
    fitted = LogisticRegression(C=100.0, class_weight="balanced", max_iter=1000).fit(rows, target)
    return ", ".join(f"{value:.2f}" for value in (*fitted.intercept_, *fitted.coef_[0]))


def _curve(known: Sequence[Asked], without: Sequence[Asked]) -> None:
    print("| trust from | answered | right first and answered | refused of those without answer |")
    print("| ---: | ---: | ---: | ---: |")
    trusts = sorted((one.found.trust for one in known), reverse=True)
    for level in sorted([*(trusts[int(kept * len(trusts)) - 1] for kept in _KEPT), ENOUGH]):
        answered = sum(one.found.trust >= level for one in known) / len(known)
        right = sum(one.found.trust >= level and one.hit(1) for one in known) / len(known)
        refused = sum(one.found.trust < level for one in without) / max(len(without), 1)
        used = " (used)" if level == ENOUGH else ""
        print(f"| {level:.2f}{used} | {answered:.3f} | {right:.3f} | {refused:.3f} |")


def _share(rows: Sequence[Asked], among: int) -> float:
    return sum(one.hit(among) for one in rows) / max(len(rows), 1)


if __name__ == "__main__":
    main()
