"""Answers to procedure questions: the clause in plain words with its citation, or an honest refusal."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from bot.documents.contradictions import asked_of
from bot.documents.digest import Digest, Entry, digest
from bot.documents.features import features
from bot.documents.learned import Learned, ensure
from bot.documents.matters import Matters
from bot.documents.meaning import Encode, encode
from bot.documents.outside import is_outside
from bot.documents.premise import wrong_figure
from bot.documents.two_parts import parts_of
from bot.errors import BadInput
from bot.nlu.encoder import Floats

# All chosen on hands that were held out, see docs/answers.md: `python -m tools.measure_search`.
MEANS = 0.02  # what the logarithm of a clause's probability by meaning weighs beside the share of words
ASIDE = 0.25  # a clause that scores so much less than the best is not cited beside it
ENOUGH = -0.4  # trust below this is a refusal; chosen on tests/development
# 'May be related' is offered where a clause says that much of the question, or is that likely by what it means.
RELATED, LIKELY = 0.08, 0.1
NO_TRUST = -9.0  # of a question that a rule of data/lexicon/outside.yml holds for
MAX_QUESTION = 1000
_LOOKED_AT = 10  # clauses that a question is held against; no more are ever cited
# Trust, a logit: how it is asked, how well the best clause fits and stands out, what the nearest question is like.
_CONSTANT, _DOUBT, _FITS, _STANDS_OUT, _NEAR = -1.76, -0.94, 1.32, 4.01, 7.45


# Who asks and how to reach them says nothing of what is asked.
_ASIDE = re.compile(
    r"[，,。 ]*(?:我的?|联系)?(?:电话|手机)(?:号码?)?[是:： ]*(?=1[3-9]\d{9}|\d{7,})|1[3-9]\d{9}|\d{3,4}-\d{7,8}"
    r"|[，,。 ]*我(?:叫|姓名是)[\u4e00-\u9fff]{2,3}(?=$|[，,。 ])"
)
# A grade in English as the documents have it; its words are then found as in Chinese.
_GRADE = re.compile(r"\b(?:level|grade|class)[- ](iv|i{1,3}|[1-4]|one|two|three|four)\b", re.IGNORECASE)
_GRADES = {"i": "一", "ii": "二", "iii": "三", "iv": "四", "one": "一", "two": "二", "three": "三", "four": "四",
           "1": "一", "2": "二", "3": "三", "4": "四"}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """An answer, or a refusal.

    Attributes:
        answered: False where the documents do not say.
        entries: clauses cited, best first; on a refusal those that may be related.
        said, said_en: the answer where it is more than the words of the best clause, else "".
        both: how many of the clauses, from the first on, are needed for the answer.
        wrong: a figure that the question takes for given and the clause contradicts, as it was said.
        approved: the id of the answer that staff approved, where it is one.
    """

    answered: bool
    entries: tuple[Entry, ...]
    said: str = ""
    said_en: str = ""
    both: int = 1
    wrong: str | None = None
    approved: int | None = None

    @property
    def text(self) -> str:
        """The answer in plain words, in most cases those of the best clause; "" on a refusal."""
        if not self.answered:
            return ""
        parts = [self.said] if self.said else [entry.answer for entry in self.entries[: self.both]]
        return "\n".join([f"不是{self.wrong}。" * bool(self.wrong) + parts[0], *parts[1:]])

    def as_dict(self) -> dict[str, Any]:
        """The line of `wuchang ask`."""
        return {
            "answered": self.answered,
            "answer": self.text,
            **({"approved": self.approved} if self.approved else {}),
            "citations": [citation(entry) for entry in self.entries],
        }


def citation(entry: Entry) -> dict[str, Any]:
    """A clause as `wuchang ask` cites it."""
    return {
        "id": entry.id, "document": entry.document.title, "clause": entry.clause, "title": entry.title,
        "text": entry.answer,
    }  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against the documents answering a question.

    Attributes:
        doubt: how much it is asked like one without answer, a logit (`bot.documents.refusal`).
        fits: the score of the best clause.
        stands_out: how much more that is than the next clause's.
        near: how much nearer the nearest question with an answer is than the nearest without.
    """

    doubt: float
    fits: float
    stands_out: float
    near: float

    @property
    def trust(self) -> float:
        """Above 0 where the documents are likely to answer."""
        return (
            _CONSTANT
            + _DOUBT * self.doubt
            + _FITS * self.fits
            + _STANDS_OUT * self.stands_out
            + _NEAR * self.near
        )


@dataclass(frozen=True)
class Found:
    """What is found before it is decided whether it answers.

    Attributes:
        entries: the clauses nearest to the question, each id once, best first.
        trust: the higher, the more likely the documents answer the question; a logit.
        related: whether the best clause has anything to do with the question.
        scores: of the clauses that come into question, by id.
    """

    entries: tuple[Entry, ...]
    trust: float
    related: bool
    evidence: Evidence
    scores: Mapping[str, float] = field(default_factory=dict)

    def before(self, other: Entry) -> float:
        """How much better the best clause fits than `other`."""
        return self.evidence.fits - max(
            (score for clause, score in self.scores.items() if _akin_ids(clause, other.id)), default=0.0
        )


class Answers:
    """Search and doubt over one digest."""

    def __init__(self, digest: Digest, learned: Learned, encode: Encode = encode) -> None:
        self._entries = digest.entries
        self._learned = learned
        self._encode = encode
        self._matters = Matters(digest.entries)

    def find(self, question: str, *, limit: int = 3, documents: tuple[str, ...] = ()) -> Found:
        """The clauses nearest to `question`, each id once by its best part, best first."""
        question = _without_asides(question[:MAX_QUESTION])
        asked = features(question)
        vector = self._encode([question])[0]
        words = self._learned.index.scores(asked)
        means = self._learned.meaning.log_probabilities(vector, len(self._entries))
        scores = words + np.float32(MEANS) * means
        best = self._best(scores, documents)
        if not best or not asked:
            return Found((), NO_TRUST, False, Evidence(0.0, 0.0, 0.0, 0.0))
        top, *others = (float(scores[number]) for number in best)
        evidence = Evidence(
            doubt=self._learned.doubt.of(asked),
            fits=top,
            stands_out=top - others[0] if others else top,
            near=self._learned.meaning.nearness(vector),
        )
        cited = [self._entries[number] for number in best[:limit] if scores[number] >= top - ASIDE]
        trust = min(evidence.trust, NO_TRUST) if is_outside(question) else evidence.trust
        related = bool(words[best[0]] >= RELATED or means[best[0]] >= math.log(LIKELY))
        fits = {self._entries[number].id: float(scores[number]) for number in best}
        return Found(tuple(cited), trust, related, evidence, fits)

    def _best(self, scores: Floats, documents: tuple[str, ...]) -> list[int]:
        """Numbers of the best entries, the best first, each clause id once."""
        best: dict[str, int] = {}
        for number in np.argsort(-scores, kind="stable").tolist():
            entry = self._entries[number]
            if not documents or entry.document.id in documents:
                best.setdefault(entry.id, number)
                if len(best) == _LOOKED_AT:
                    break
        return list(best.values())

    def answer(self, question: str, *, limit: int = 3, documents: tuple[str, ...] = ()) -> Answer:
        """Answer `question`, or refuse with the clauses that may be related."""
        found = self.find(question, limit=limit, documents=documents)
        if not found.entries:
            return Answer(False, ())
        two = asked_of(question, found.entries)
        if two:
            return Answer(True, two.entries, said=two.said, said_en=two.said_en, both=len(two.entries))
        parts = self._parts(question, found.entries[0])
        second = _second(found.entries[0], parts)
        entries = _beside(found.entries, second, limit)
        if found.trust < ENOUGH and not (parts and all(part.trust >= ENOUGH for part in parts)):
            return Answer(False, entries if found.related else ())
        together = self._matters.named_together(question, found.entries[0])
        if together:
            return _all_told(together, found.entries, limit)
        both = 2 if second and _asked_apart(entries[0], second, parts) else 1
        return Answer(True, entries, both=both, wrong=wrong_figure(question, entries[0].answer))

    def _parts(self, question: str, best: Entry) -> list[Found]:
        """What is found for each part of a question, in the document of the `best` of the whole; none where it is one."""
        found = [self.find(part, limit=1, documents=(best.document.id,)) for part in parts_of(question)]
        return [one for one in found if one.entries]


def _second(best: Entry, parts: Sequence[Found]) -> Entry | None:
    """The clause of the part that `best` answers least; None where it answers all."""
    others = [part for part in parts if not _akin(part.entries[0], best)]
    return max(others, key=lambda part: part.before(best)).entries[0] if others else None


def _beside(entries: tuple[Entry, ...], second: Entry | None, limit: int) -> tuple[Entry, ...]:
    if second is None:
        return entries[:limit]
    best, *others = entries
    return (best, second, *(entry for entry in others if entry.id != second.id))[:limit]


def _asked_apart(best: Entry, second: Entry, parts: Sequence[Found]) -> bool:
    """Whether one part surely asks for the best clause and another one for the second: then both are told."""
    sure = [part.entries[0] for part in parts if part.trust >= ENOUGH]
    return any(_akin(entry, best) for entry in sure) and any(entry.key == second.key for entry in sure)


def _all_told(matters: Sequence[Entry], found: Sequence[Entry], limit: int) -> Answer:
    """Matters that were named together, each told; a clause that holds several of them is cited once."""
    cited = {entry.id: entry for entry in reversed((*matters, *found))}
    first = dict.fromkeys(matter.id for matter in matters)
    entries = [cited[clause] for clause in dict.fromkeys((*first, *cited))]
    said_en = [matter.answer_en for matter in matters]
    return Answer(
        True, tuple(entries[:limit]), said="\n".join(matter.answer for matter in matters),
        said_en="\n".join(said_en) if all(said_en) else "", both=min(len(first), limit),
    )  # fmt: skip


def _without_asides(question: str) -> str:
    """A question without the phone and name of who asks, grades in English put into Chinese (level II: 二级)."""
    return _GRADE.sub(lambda found: f"{_GRADES[found[1].lower()]}级", _ASIDE.sub(" ", question)).strip()


def _akin(one: Entry, other: Entry) -> bool:
    """Whether two entries are of one clause, or one is an item of the other."""
    return _akin_ids(one.id, other.id)


def _akin_ids(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


@lru_cache(maxsize=1)
def shipped() -> Answers:
    """Over the shipped digest, read once."""
    return Answers(digest(), ensure(digest(), encode))


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
