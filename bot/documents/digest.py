"""The digest: every clause of the documents in plain words, with the questions that people ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import BadInput
from bot.settings import ROOT

DIGEST = ROOT / "data" / "law" / "digest"
QUESTIONS = ROOT / "data" / "law" / "questions"
WITHOUT_ANSWER = "unanswerable.yml"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times faster


@dataclass(frozen=True)
class Document:
    """A document: `title` and `number` as published, `short` as people call it."""

    id: str
    title: str
    short: str
    number: str
    date: str


@dataclass(frozen=True)
class Entry:
    """One clause, or one matter (`part`) of a clause.

    Attributes:
        id: the clause id of INTERFACES, e.g. "contract/14".
        clause: as printed: 第十四条, 4.2.1, 三（四）.
        answer: plain words that say every figure and term that matters.
        questions: what people ask about it.
    """

    id: str
    part: str
    document: Document
    clause: str
    title: str
    answer: str
    answer_en: str
    questions: tuple[str, ...]

    @property
    def key(self) -> str:
        """Id and part, as the files of questions name an entry: "report/1 | 粮食"."""
        return f"{self.id} | {self.part}" if self.part else self.id

    @property
    def citation(self) -> str:
        """How it is cited: 《衡南县政府合同管理办法》第十四条."""
        return f"《{self.document.title}》{self.clause}"


@dataclass(frozen=True)
class Unanswerable:
    """A question near the documents that they do not answer; `near` is the closest clause id."""

    question: str
    near: str | None


@dataclass(frozen=True)
class Hand:
    """Questions by one writer: `asked` by the key of an entry, and some without answer."""

    name: str
    asked: Mapping[str, tuple[str, ...]]
    without_answer: tuple[Unanswerable, ...]


@dataclass(frozen=True)
class Digest:
    """All entries, and the questions known to have no answer."""

    entries: tuple[Entry, ...]
    unanswerable: tuple[Unanswerable, ...]

    def get(self, clause_id: str) -> Entry | None:
        """The first entry of a clause."""
        return self._first.get(clause_id)

    @cached_property
    def _first(self) -> Mapping[str, Entry]:
        return {entry.id: entry for entry in reversed(self.entries)}


@lru_cache(maxsize=1)
def digest() -> Digest:
    """The shipped digest with the questions of all hands, read once."""
    return with_questions(read_digest(DIGEST), *map(read_hand, hands()))


def hands(folder: Path = QUESTIONS) -> tuple[Path, ...]:
    """The folders of further questions, one a writer."""
    return tuple(sorted(path for path in folder.iterdir() if path.is_dir()))


def read_hand(folder: Path) -> Hand:
    """The questions of one writer: files of `clause id [| part]: [question, ...]`, and those without answer.

    Raises:
        BadInput: a file is none of these.
    """
    asked: dict[str, list[str]] = {}
    without: list[Unanswerable] = []
    for path in sorted(folder.glob("*.yml")):
        data = yaml.load(path.read_text(encoding="utf8"), Loader=_Loader)
        try:
            if path.name == WITHOUT_ANSWER:
                without += [_unanswerable(row) for row in data]
            else:
                for key, questions in data.items():
                    asked.setdefault(key, []).extend(map(str, questions))
        except (KeyError, TypeError, AttributeError) as fault:
            raise BadInput(f"{folder.name}/{path.name} holds no questions: {fault!r}") from None
    return Hand(folder.name, {key: tuple(questions) for key, questions in asked.items()}, tuple(without))


def with_questions(digest: Digest, *hands: Hand) -> Digest:
    """The digest with the questions of `hands` beside its own.

    Raises:
        BadInput: a hand asks about a clause that is not there.
    """
    known = {entry.key for entry in digest.entries}
    for hand in hands:
        if strange := set(hand.asked) - known:
            raise BadInput(f"{hand.name} asks about {min(strange)}, which the digest does not have")
    entries = tuple(
        replace(
            entry, questions=(*entry.questions, *(q for hand in hands for q in hand.asked.get(entry.key, ())))
        )
        for entry in digest.entries
    )
    return Digest(entries, (*digest.unanswerable, *(row for hand in hands for row in hand.without_answer)))


def read_digest(folder: Path) -> Digest:
    """Read every YAML file of `folder`, in the order of their names.

    Raises:
        BadInput: a file is no digest, or two entries share id and part.
    """
    entries: list[Entry] = []
    unanswerable: list[Unanswerable] = []
    for path in sorted(folder.glob("*.yml")):
        data = yaml.load(path.read_text(encoding="utf8"), Loader=_Loader)
        try:
            document = Document(**{k: str(v) for k, v in data["document"].items()})
            entries += [_entry(row, document) for row in data["clauses"]]
            unanswerable += [_unanswerable(row) for row in data.get("unanswerable", ())]
        except (KeyError, TypeError) as fault:
            raise BadInput(
                f"{path.name} is not a digest: {fault!r}. See docs/architecture.md for its shape."
            ) from None
    keys = [(entry.id, entry.part) for entry in entries]
    double = next((key for key in keys if keys.count(key) > 1), None)
    if double:
        raise BadInput(
            f"clause {double[0]} part {double[1]!r} stands twice in {folder}; give each its own part"
        )
    return Digest(tuple(entries), tuple(unanswerable))


def _unanswerable(row: Mapping[str, Any]) -> Unanswerable:
    near = row.get("near")
    return Unanswerable(str(row["question"]), str(near).partition(" | ")[0] if near else None)


def _entry(row: Mapping[str, Any], document: Document) -> Entry:
    return Entry(
        id=str(row["id"]),
        part=str(row.get("part", "")),
        document=document,
        clause=str(row["clause"]),
        title=str(row["title"]),
        answer=" ".join(str(row["answer"]).split()),
        answer_en=" ".join(str(row.get("answer_en", "")).split()),
        questions=tuple(str(question) for question in row["questions"]),
    )
