"""How well questions find their clause: leaves a part of the bank out in turn and asks it.

    python -m tools.measure_search [folds]

Prints the share of questions whose clause comes first and among the first three (a clause above or
below the right one counts, as a person led to 第二条 for 第二条（三） is led right), and for several
thresholds of trust how many questions with and without an answer in the documents are answered.
"""  # fmt: skip

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.documents.answers import ENOUGH, Answers
from bot.documents.digest import Digest, digest

_SEED = 1
_KEPT = (0.99, 0.97, 0.95, 0.925, 0.9, 0.875, 0.85, 0.8)


@dataclass(frozen=True)
class Asked:
    """One question left out: its clause (None: the documents do not say), what was found, how long."""

    right: str | None
    found: tuple[str, ...]
    trust: float
    seconds: float

    def hit(self, among: int) -> bool:
        """Whether the right clause is among the first."""
        return any(related(clause, self.right or "") for clause in self.found[:among])


def related(one: str, other: str) -> bool:
    """The same clause, or one above the other."""
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


def left_out(whole: Digest, folds: int) -> Iterator[Asked]:
    """Ask every question of the bank of an index that has not seen it."""
    bank = [(i, question) for i, entry in enumerate(whole.entries) for question in entry.questions]
    without = list(enumerate(whole.unanswerable))
    for rows in (bank, without):
        random.Random(_SEED).shuffle(rows)  # type: ignore[arg-type]
    for fold in range(folds):
        held, held_without = set(bank[fold::folds]), set(without[fold::folds])
        entries = tuple(
            replace(entry, questions=tuple(q for q in entry.questions if (i, q) not in held))
            for i, entry in enumerate(whole.entries)
        )
        answers = Answers(Digest(entries, tuple(row for i, row in without if (i, row) not in held_without)))
        for i, question in bank[fold::folds]:
            yield _ask(answers, question, whole.entries[i].id)
        for _, row in without[fold::folds]:
            yield _ask(answers, row.question, None)


def _ask(answers: Answers, question: str, right: str | None) -> Asked:
    start = time.perf_counter()
    found = answers.find(question)
    return Asked(right, tuple(entry.id for entry in found.entries), found.trust, time.perf_counter() - start)


def main(folds: int) -> None:
    """Measure and print."""
    asked = list(left_out(digest(), folds))
    known = [one for one in asked if one.right is not None]
    without = [one for one in asked if one.right is None]
    middle = sorted(one.seconds for one in asked)[len(asked) // 2]
    print(
        f"{len(known)} questions, {len(without)} without answer, {folds} folds: "
        f"hit@1 {_share(known, 1):.3f}, hit@3 {_share(known, 3):.3f}, p50 {middle * 1e3:.2f} ms"
    )
    for document in sorted({(one.right or "").split("/")[0] for one in known}):
        rows = [one for one in known if (one.right or "").startswith(document + "/")]
        print(
            f"  {document:10} {len(rows):5} questions: hit@1 {_share(rows, 1):.3f}, hit@3 {_share(rows, 3):.3f}"
        )
    print("\n| trust from | answered | right first and answered | refused of those without answer |")
    print("| ---: | ---: | ---: | ---: |")
    trusts = sorted(one.trust for one in known)
    for least in sorted({*(trusts[int(len(trusts) * (1 - kept))] for kept in _KEPT), ENOUGH}):
        answered = [one for one in known if one.trust >= least]
        right = sum(one.hit(1) for one in answered) / len(known)
        refused = sum(one.trust < least for one in without) / max(len(without), 1)
        mark = " (used)" if least == ENOUGH else ""
        print(f"| {least:.2f}{mark} | {len(answered) / len(known):.3f} | {right:.3f} | {refused:.3f} |")


def _share(rows: list[Asked], among: int) -> float:
    return sum(one.hit(among) for one in rows) / max(len(rows), 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
