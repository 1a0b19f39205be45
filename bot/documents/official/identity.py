"""Which id a document of a file gets: that of the digest, that of its earlier version, or one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.documents.official import titles
from bot.documents.official.cut import CutDocument
from bot.storage.tables import OfficialDocument


def ids_of(session: Session, documents: Sequence[CutDocument]) -> tuple[str, ...]:
    """The id of each document, no two alike.

    A title of the digest gets the digest's id, be it another county's; but where the digest's own document (or
    that of a third county) is there already, the other one is stored beside it and never takes its place.
    """
    stored = _stored(session)
    given: dict[int, str] = {}
    taken: set[str] = set()
    for at in sorted(range(len(documents)), key=lambda n: not _is_own(documents[n])):
        id = _id_of(documents[at], stored, taken)
        given[at] = id
        taken.add(id)
    return tuple(given[at] for at in range(len(documents)))


def move_strangers(session: Session, documents: Sequence[CutDocument]) -> None:
    """Another county's document that bears an id of the digest gives it up to the digest's own, one of `documents`.

    It stays current, with its earlier versions, under an id of its own.
    """
    for document in filter(_is_own, documents):
        known = titles.recognise(document.title)
        query = select(OfficialDocument).where(OfficialDocument.document == (known.id if known else None))
        rows = list(session.scalars(query))
        strangers = [row for row in rows if known and not titles.is_own_title(row.title, known)]
        stored = _stored(session)
        for row in strangers:
            _rename(row, _free_id(row.title, stored, set()))
        session.flush()


def _rename(row: OfficialDocument, id: str) -> None:
    before = row.document
    row.document = id
    for piece in row.pieces:
        if piece.clause_id:
            piece.clause_id = id + piece.clause_id.removeprefix(before)


def _stored(session: Session) -> dict[str, str]:
    """Key of the title of every current version, by document."""
    query = select(OfficialDocument.document, OfficialDocument.title).where(
        OfficialDocument.valid_until.is_(None)
    )
    return {document: titles.key(title) for document, title in session.execute(query)}


def _is_own(document: CutDocument) -> bool:
    known = titles.recognise(document.title)
    return known is not None and titles.is_own_title(document.title, known)


def _id_of(document: CutDocument, stored: dict[str, str], taken: set[str]) -> str:
    key = titles.key(document.title)
    known = titles.recognise(document.title)
    if (
        known is not None
        and known.id not in taken
        and (_is_own(document) or stored.get(known.id, key) == key)
    ):
        return known.id
    same = next((id for id, title in stored.items() if title == key and id not in taken), None)
    if same is not None:
        return same
    return _free_id(document.title, stored, taken)


def _free_id(title: str, stored: dict[str, str], taken: set[str]) -> str:
    """An id made of the title that no other document has."""
    key, name = titles.key(title), titles.slug(title)
    own, times = name, 1
    while name in taken or stored.get(name, key) != key:
        times += 1
        name = f"{own}-{times}"
    return name
