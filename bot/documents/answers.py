"""Answers to procedure questions: the clause in plain words with its citation, or an honest refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.documents.digest import Digest, Entry, digest
from bot.documents.features import features
from bot.documents.outside import is_outside
from bot.documents.refusal import Doubt
from bot.documents.search import Index
from bot.errors import BadInput

# All chosen on the curve of docs/answers.md: `python -m tools.measure_search`.
WELL_FOUND = 2.0  # how much trust a clause adds that says all of the question
BEYOND_DOUBT = 0.7  # share of the question from which the way it is asked raises no doubt
ENOUGH = 0.6  # trust below this is a refusal
RELATED = 0.12  # share of the question below which not even 'may be related' is offered
CLOSE = 0.4  # a clause that scores less than this part of the best is not cited beside it
NO_TRUST = -1.0  # of a question that a rule of data/lexicon/outside.yml holds for
MAX_QUESTION = 1000


@dataclass(frozen=True)
class Answer:
    """An answer, or a refusal.

    Attributes:
        answered: False where the documents do not say.
        entries: clauses cited, best first; on a refusal at most one, that may be related.
        said: the answer where it is more than the words of the best clause, else "".
    """

    answered: bool
    entries: tuple[Entry, ...]
    said: str = ""

    @property
    def text(self) -> str:
        """The answer in plain words, in most cases those of the best clause; "" on a refusal."""
        return (self.said or self.entries[0].answer) if self.answered else ""

    def as_dict(self) -> dict[str, Any]:
        """The line of `wuchang ask`."""
        return {
            "answered": self.answered,
            "answer": self.text,
            "citations": [
                {
                    "id": e.id,
                    "document": e.document.title,
                    "clause": e.clause,
                    "title": e.title,
                    "text": e.answer,
                }
                for e in self.entries
            ],
        }


@dataclass(frozen=True)
class Found:
    """What is found before it is decided whether it answers.

    Attributes:
        trust: the higher, the more likely the documents answer the question; about 0 to 2.
        share: how much of the question the best clause says, 0 to 1.
    """

    entries: tuple[Entry, ...]
    trust: float
    share: float


class Answers:
    """Search and doubt over one digest."""

    def __init__(self, digest: Digest) -> None:
        self._index = Index(digest)
        self._doubt = Doubt(digest)

    def find(self, question: str, *, limit: int = 3, documents: tuple[str, ...] = ()) -> Found:
        """The clauses nearest to `question`, each id once by its best part, best first."""
        asked = features(question[:MAX_QUESTION])
        result = self._index.search(asked, limit=limit, documents=documents)
        close = [hit.entry for hit in result.hits if hit.score >= CLOSE * result.hits[0].score]
        doubted = max(0.0, 1 - result.share / BEYOND_DOUBT)
        trust = WELL_FOUND * result.share - doubted * self._doubt.of(asked)
        if is_outside(question[:MAX_QUESTION]):
            trust = min(trust, NO_TRUST)
        return Found(tuple(close), trust, result.share)

    def answer(self, question: str, *, limit: int = 3, documents: tuple[str, ...] = ()) -> Answer:
        """Answer `question`, or refuse with the nearest clause."""
        found = self.find(question, limit=limit, documents=documents)
        if found.entries and found.trust >= ENOUGH:
            return Answer(True, found.entries)
        return Answer(False, found.entries[:1] if found.share >= RELATED else ())


@lru_cache(maxsize=1)
def shipped() -> Answers:
    """Over the shipped digest, built once (half a second)."""
    return Answers(digest())


def answer(question: str, *, limit: int = 3, documents: tuple[str, ...] = ()) -> Answer:
    """Answer `question` from the documents.

    Args:
        limit: how many clauses are cited at the most.
        documents: ids of the documents to look in; () for all.
    """
    return shipped().answer(question, limit=limit, documents=documents)


def answer_line(line: Mapping[str, Any], answering: Callable[[str], Answer] | None = None) -> dict[str, Any]:
    """One line of `wuchang ask`.

    Args:
        answering: what answers a question; `answer` if not given.

    Raises:
        BadInput: there is no question in it.
    """
    question = line.get("question")
    if not isinstance(question, str) or not question.strip():
        raise BadInput('a line needs a "question" with text, e.g. {"question": "合同送审要几天"}')
    return (answering or answer)(question).as_dict()
