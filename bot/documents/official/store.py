"""The official texts in the database: what is in force now, every version that was, and how one comes in.

Others use `current_texts`, `current_documents` and `import_document`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.documents.official.checks import warnings_about
from bot.documents.official.cut import Cut, CutDocument, cut
from bot.documents.official.identity import ids_of, move_strangers
from bot.documents.official.lines import squeezed
from bot.errors import BadInput
from bot.storage import tables
from bot.textfiles import read_pages, sha256_of

ADDED, REPLACED, UNCHANGED = "added", "replaced", "unchanged"


@dataclass(frozen=True)
class OfficialDocument:
    """A version of a document: `valid_until` is None while it is the current one."""

    id: str
    title: str
    number: str | None
    issued_on: date | None
    source: str
    sha256: str
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True)
class OfficialClause:
    """A clause as it was published.

    Attributes:
        id: contract/11/3, the id of INTERFACES and of the digest.
        document: title of its document as printed.
        label, citation: as printed (（三）), and with what it is an item of (第十一条（三）).
        headings: the headings above it, outermost first.
        text: its words with those of its items, each paragraph a line, labels included.
        own: its words without those of its items.
    """

    id: str
    document: str
    label: str
    citation: str
    headings: tuple[str, ...]
    text: str
    own: str
    valid_from: datetime


@dataclass(frozen=True)
class DocumentReport:
    """What came of one document of a file: `state` is added, replaced or unchanged.

    `clauses` counts them; `first` and `last` are how the first and the last one are cited.
    """

    id: str
    title: str
    state: str
    clauses: int
    first: str
    last: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ImportReport:
    """What came of a file: its documents in order, and the lines taken for running heads or page numbers."""

    source: str
    sha256: str
    documents: tuple[DocumentReport, ...]
    left_out: tuple[str, ...]


def import_document(
    session: Session, source: Path | str, *, now: datetime, older: bool = False
) -> ImportReport:
    """Take a published file (or its text) in: new documents and changed ones become the current versions.

    A changed document ends its version, which stays readable with its dates; one with the same words and
    clauses is left alone. The caller commits; where anything is raised nothing must be.

    Args:
        older: let a version take the place of one with a later date.

    Raises:
        NotFound, BadInput: the file cannot be read, has no clause, or an older text would take the place of a newer
            one; the message says why and what to do.
    """
    if isinstance(source, Path):
        pages, name, sha256 = read_pages(source), source.name, sha256_of(source)
    else:
        pages, name = tuple(source.split("\f")), ""
        sha256 = hashlib.sha256(source.encode("utf8", "surrogatepass")).hexdigest()
    found = cut(pages, name=name)
    move_strangers(session, found.documents)
    ids = ids_of(session, found.documents)
    reports = tuple(
        _take(session, document, id, found, _Source(name, sha256, older), now)
        for document, id in zip(found.documents, ids, strict=True)
    )
    return ImportReport(name, sha256, reports, found.left_out)


@dataclass(frozen=True)
class _Source:
    name: str
    sha256: str
    older: bool


def _take(
    session: Session, document: CutDocument, id: str, found: Cut, source: _Source, now: datetime
) -> DocumentReport:
    before = current_row(session, id)
    words = _words_hash(document)
    state = ADDED if before is None else UNCHANGED if before.words_sha256 == words else REPLACED
    warnings = (*document.warnings, *warnings_about(document, id, _clause_ids(before)))
    if state != UNCHANGED:
        if before is not None:
            _not_older(before, document, source)
            before.valid_until = now
            session.flush()  # the index of current versions holds one of each
        session.add(_row(document, id, found.left_out, source, words, now))
        try:
            session.flush()
        except IntegrityError:
            raise BadInput("另一个导入正在进行，这次没有导入。请等它结束再试。") from None
    clauses = [piece for piece in document.clauses if piece.kind == "clause"]
    names = _citations({f"{id}/{piece.path}": piece.label for piece in document.clauses})
    first, last = (names[f"{id}/{clauses[n].path}"] if clauses else "" for n in (0, -1))
    return DocumentReport(id, document.title, state, len(clauses), first, last, warnings)


def _not_older(before: Any, document: CutDocument, source: _Source) -> None:
    new, old = document.issued_on, before.issued_on
    if new and old and new < old and not source.older:
        raise BadInput(
            f"《{document.title}》这份是{new}的，库里现行的是{old}的，比它新，所以没有导入。确实要换回旧的，请加 --older。"
        )


def _row(
    document: CutDocument, id: str, left_out: Sequence[str], source: _Source, words: str, now: datetime
) -> tables.OfficialDocument:
    return tables.OfficialDocument(
        document=id, title=document.title, number=document.number, issued_on=document.issued_on,
        source=source.name, source_sha256=source.sha256, words_sha256=words, left_out=list(left_out),
        imported_at=now, valid_from=now, valid_until=None,
        pieces=[
            tables.OfficialClause(
                position=position, kind=piece.kind, clause_id=f"{id}/{piece.path}" if piece.path else None,
                label=piece.label, headings=list(piece.headings), text=piece.text,
            )
            for position, piece in enumerate(document.pieces)
        ],
    )  # fmt: skip


def _words_hash(document: CutDocument) -> str:
    """What makes a version another one: its words and how they are cut, but no space."""
    made = hashlib.sha256()
    for piece in document.pieces:
        made.update(f"{piece.path or ''}\x00{squeezed(piece.text)}\x00".encode())
    return made.hexdigest()


def current_row(session: Session, id: str) -> Any:
    """The row of a document's current version; None where it was never imported."""
    query = select(tables.OfficialDocument).where(
        tables.OfficialDocument.document == id, tables.OfficialDocument.valid_until.is_(None)
    )
    return session.scalars(query).first()


def _clause_ids(row: Any) -> frozenset[str]:
    return (
        frozenset(piece.clause_id for piece in row.pieces if piece.clause_id)
        if row is not None
        else frozenset()
    )


# reading


def current_documents(session: Session) -> tuple[OfficialDocument, ...]:
    """The current versions, in the order of their ids."""
    return tuple(_document(row) for row in versions(session) if row.valid_until is None)


def current_texts(session: Session) -> Mapping[str, OfficialClause]:
    """Every clause of the current versions by its id, in the order of the documents; empty before an import."""
    texts: dict[str, OfficialClause] = {}
    for row in versions(session):
        if row.valid_until is None:
            texts.update(clauses_of(row))
    return texts


def versions(session: Session) -> list[Any]:
    """Rows of every version, document by document, oldest first."""
    order = (tables.OfficialDocument.document, tables.OfficialDocument.id)
    return list(session.scalars(select(tables.OfficialDocument).order_by(*order)))


def _document(row: Any) -> OfficialDocument:
    return OfficialDocument(
        row.document, row.title, row.number, row.issued_on, row.source, row.source_sha256,
        row.valid_from, row.valid_until,
    )  # fmt: skip


def clauses_of(row: Any) -> dict[str, OfficialClause]:
    """The clauses of a version's row by their ids, in order."""
    pieces = [piece for piece in row.pieces if piece.clause_id]
    labels = {piece.clause_id: piece.label for piece in pieces}
    headings = {piece.clause_id: tuple(piece.headings) for piece in reversed(pieces)}
    names = _citations(labels)
    own: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    for piece in pieces:
        own.setdefault(piece.clause_id, []).append(piece.text)
        for above in (piece.clause_id, *ancestors(piece.clause_id)):
            if above in labels:
                whole.setdefault(above, []).append(piece.text)
    return {
        id: OfficialClause(
            id, row.title, labels[id], names[id], headings[id], "\n".join(whole[id]), "\n".join(own[id]),
            row.valid_from,
        )
        for id in labels
    }  # fmt: skip


def ancestors(clause_id: str) -> Iterator[str]:
    """What a clause is an item or a section of, nearest first; the document is none.

    >>> list(ancestors("water/3.2.1/7"))
    ['water/3.2.1', 'water/3.2', 'water/3']
    """
    document, _, path = clause_id.partition("/")
    while path:
        above, slash, last = path.rpartition("/")
        numbers, dot, _ = last.rpartition(".")
        path = f"{above}{slash}{numbers}" if dot else above
        if path:
            yield f"{document}/{path}"


def _citations(labels: Mapping[str, str]) -> dict[str, str]:
    """How each clause is cited: 第十一条（三）, 三（一）, 3.2.1(7), 2.2 综合协调组."""
    names: dict[str, str] = {}
    for id, label in labels.items():
        above = next((a for a in ancestors(id) if a in names and "/" in id.removeprefix(a)), None)
        apart = " " if label[:1].isalpha() and above and not label.startswith("第") else ""
        names[id] = f"{names[above]}{apart}{label}" if above else label
    return names
