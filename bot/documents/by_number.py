"""Questions that name a clause by its number: that clause is the answer, or there is none of that number.

A search cannot do that: 十九 in 第十九条 is a word like any other, and every clause has words of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.documents.answers import Answer
from bot.documents.digest import Document, Entry, digest
from bot.documents.premise import wrong_figure
from bot.documents.references import Form, Reference, read, without

# Documents that are numbered in a form, where the question names none.
_USUAL = {
    Form.ARTICLE: ("contract",),
    Form.CHAPTER: ("water",),
    Form.PART: ("eldercare", "report"),
    Form.SECTION: ("water",),
    Form.HAN: ("eldercare", "report"),
    Form.NUMBER: (),
}
_ARTICLES_ONLY = {"contract": (Form.ID, Form.ARTICLE, Form.NUMBER)}  # 第三章 of the measures is not 第三条
_FIRST = 3  # a clause named in a longer question comes first if the search has it among so many

Search = Callable[[str], Answer]


@dataclass(frozen=True)
class NoSuchClause(Answer):
    """A refusal that says why: the documents have no clause of that number, but those from here to there."""

    @property
    def text(self) -> str:
        """What numbers there are."""
        return self.said


@dataclass(frozen=True)
class _Hit:
    """What one reference finds: its clauses, one a document, or those below it where it has no words of its own."""

    reference: Reference
    entries: tuple[Entry, ...] = ()
    below: tuple[Entry, ...] = ()


def answer(question: str, search: Search, *, limit: int = 3, documents: tuple[str, ...] = ()) -> Answer:
    """The clause where `question` asks for nothing but a number, else what `search` finds for it.

    A clause named in a longer question (按第十四条审查要几天) comes first if the search has it among the first three.

    Args:
        limit: how many clauses are cited at the most.
        documents: ids of the documents to look in; () for all.
    """
    asked = read(question)
    hits = [_look_up(reference, documents) for reference in asked.references if _fits(reference, documents)]
    if not hits:
        return search(question)
    if asked.alone:
        return _told(hits, limit) if any(hit.entries or hit.below for hit in hits) else _refused(hits, limit)
    named = {entry.id for hit in hits for entry in hit.entries}
    found = search(question)
    if not found.answered and named:
        # The number itself may be what kept the search from being sure.
        again = search(without(question, asked.references))
        found = again if again.answered and named & {entry.id for entry in again.entries[:_FIRST]} else found
    return _named_first(question, found, named)


def _fits(reference: Reference, documents: tuple[str, ...]) -> bool:
    """Whether it can be a clause of these documents; 2.2的送水组 is the name of a matter if no group is called so."""
    group = reference.path.endswith("组")
    return any(
        not group or digest().get(f"{document}/{reference.path}")
        for document in _documents(reference, documents)
    )


def _documents(reference: Reference, documents: tuple[str, ...]) -> tuple[str, ...]:
    """The documents that a reference can mean."""
    named = (reference.document,) if reference.document else _USUAL[reference.form]
    return tuple(document for document in named if not documents or document in documents)


def _look_up(reference: Reference, documents: tuple[str, ...]) -> _Hit:
    entries, below = [], []
    for document in _documents(reference, documents):
        if reference.form not in _ARTICLES_ONLY.get(document, tuple(Form)):
            continue
        entry = digest().get(f"{document}/{reference.path}")
        above, _, _ = reference.path.rpartition("/")
        if entry is None and reference.paragraph and not _children(document, above):
            entry = digest().get(f"{document}/{above}")
        if entry:
            entries.append(entry)
        else:
            below += _children(document, reference.path)
    return _Hit(reference, tuple(entries), tuple(below))


def _told(hits: list[_Hit], limit: int) -> Answer:
    """The clauses in the order of the question; told apart where there are several."""
    found = {entry.id: entry for hit in hits for entry in hit.entries}
    below = {entry.id: entry for hit in hits if not hit.entries for entry in hit.below}
    if len(found) == 1 and len(hits) == 1:
        return Answer(True, tuple(found.values()))
    said = [f"{entry.citation}：{entry.answer}" for entry in found.values()]
    said += [_contents(hit) for hit in hits if hit.below and not hit.entries]
    said += [_none(hit.reference) for hit in hits if not hit.entries and not hit.below]
    said_en = [f"{entry.citation}: {entry.answer_en or entry.answer}" for entry in found.values()]
    entries = tuple({**found, **below}.values())[:limit]
    whole = len(said_en) == len(said)
    return Answer(
        True, entries, said="\n".join(said), said_en="\n".join(said_en) if whole else "",
        both=max(1, min(len(found), len(entries))),
    )  # fmt: skip


def _contents(hit: _Hit) -> str:
    """A chapter without words of its own: the clauses below it with what they are about."""
    listed = "；".join(f"{entry.clause} {entry.title}" for entry in hit.below)
    return f"《{hit.below[0].document.title}》{_printed(hit.reference)}分为：{listed}。"


def _refused(hits: list[_Hit], limit: int) -> Answer:
    """That there is none, with the range that there is, and the clause above it."""
    above = (
        digest().get(f"{document}/{hit.reference.path.rpartition('/')[0]}")
        for hit in hits
        for document in _documents(hit.reference, ())
    )
    near = tuple({entry.id: entry for entry in above if entry}.values())
    return NoSuchClause(False, near[:limit], said="\n".join(_none(hit.reference) for hit in hits))


def _none(reference: Reference) -> str:
    ranges = [_range(document, reference.path) for document in _documents(reference, ())]
    return f"没有这一条：{_printed(reference)}。{''.join(ranges)}"


def _range(document: str, path: str) -> str:
    """The clauses that there are beside one that is not: 《…》第十一条下面是第十一条（一）到第十一条（十）。"""
    about = _about(document)
    above = _above(path)
    while above:
        children, whole = _children(document, above), digest().get(f"{document}/{above}")
        if children:
            names = [entry.clause for entry in children]
            listed = "、".join(names) if names[0].endswith("组") else f"{names[0]}到{names[-1]}"
            return f"《{about.title}》{whole.clause if whole else above}下面是{listed}。"
        if whole:
            return f"《{about.title}》{whole.clause}下面不再分。"
        above = _above(above)
    top = [entry for entry in _entries(document) if "/" not in _path(entry)]
    return f"《{about.title}》从{top[0].clause}到{top[-1].clause}。"


def _named_first(question: str, found: Answer, named: set[str]) -> Answer:
    """The clause that is named before the others, where the answer is that of one clause."""
    at = next((n for n, entry in enumerate(found.entries[:_FIRST]) if entry.id in named), 0)
    if not at or not found.answered or found.said or found.both > 1:
        return found
    first = found.entries[at]
    entries = (first, *(entry for entry in found.entries if entry is not first))
    return replace(found, entries=entries, wrong=wrong_figure(question, first.answer))


def _printed(reference: Reference) -> str:
    return re.sub(r"\s", "", reference.said)


def _about(document: str) -> Document:
    return _entries(document)[0].document


@lru_cache(maxsize=8)
def _entries(document: str) -> tuple[Entry, ...]:
    """The clauses of a document by their numbers, each once."""
    first: dict[str, Entry] = {}
    for entry in digest().entries:
        if entry.document.id == document:
            first.setdefault(entry.id, entry)
    return tuple(sorted(first.values(), key=lambda entry: _order(_path(entry))))


def _path(entry: Entry) -> str:
    return entry.id.partition("/")[2]


def _above(path: str) -> str:
    """The clause that one is part of: 3.2.1 of 3.2.1/7, 3.2 of 3.2.1, "" at the top."""
    return path.rpartition("/")[0] if "/" in path else path.rpartition(".")[0]


def _children(document: str, path: str) -> list[Entry]:
    return [entry for entry in _entries(document) if path and _above(_path(entry)) == path]


def _order(path: str) -> tuple[int, ...]:
    """Numbers by their value, the groups of 2.2 behind them as the document has them."""
    return tuple(int(part) if part.isdigit() else 1000 for part in re.split(r"[./]", path))
