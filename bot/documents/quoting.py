"""The official words beside a digest, where the text it was made of is imported; and imported documents without one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.documents.digest import Digest, Document, Entry, digest
from bot.documents.features import features
from bot.documents.official.store import OfficialClause, OfficialDocument, current_documents, current_texts
from bot.documents.search import Index
from bot.storage.database import address, session_scope

logger = logging.getLogger(__name__)
_FRESH = timedelta(seconds=60)
_FITS = 0.15  # share of a question that a clause without digest must say to be offered: one in ten strange ones does
_BRACKETS = str.maketrans("〔〕［］【】()（）", "[]" * 5)  # 清政发〔2021〕3号
_TITLE = 24  # characters of a clause that stand for its title


@dataclass(frozen=True)
class Official:
    """The imported texts in force.

    Attributes:
        words: clause id to text, of the very versions that the digests were made of.
        own: entries of documents that no digest was made of.
        index: over `own`.
    """

    words: Mapping[str, OfficialClause] = field(default_factory=dict)
    own: tuple[Entry, ...] = ()
    index: Index | None = None

    def nearest(self, question: str) -> Entry | None:
        """The clause of a document without digest that says most of `question`; None where none says enough."""
        if self.index is None:
            return None
        shares = self.index.scores(features(question))
        best = int(shares.argmax())
        return self.own[best] if shares[best] >= _FITS else None


_seen: dict[str, tuple[datetime, Official]] = {}


def official(now: datetime) -> Official:
    """The texts in force, read again from the database once a minute; nothing where it cannot be read."""
    url = address()
    known = _seen.get(url)
    if known is None or abs(now - known[0]) > _FRESH:
        try:
            with session_scope(url) as session:
                known = (now, read(session))
        except (SQLAlchemyError, OSError) as error:
            logger.warning("official texts could not be read: %s", type(error).__name__)
            known = (now, known[1] if known else Official())
        _seen[url] = known
    return known[1]


def read(session: Session) -> Official:
    """The texts in force, from the database."""
    made_of = {entry.document.id: entry.document for entry in digest().entries}
    documents = {document.id: document for document in current_documents(session)}
    same = {id for id, document in documents.items() if id in made_of and _same(document, made_of[id])}
    texts = current_texts(session)
    words = {id: clause for id, clause in texts.items() if _document_id(id) in same}
    own = tuple(
        _entry(id, clause, documents[_document_id(id)])
        for id, clause in texts.items()
        if _document_id(id) not in made_of and clause.text.strip()
    )
    return Official(words, own, Index.build(Digest(own, ())) if own else None)


def _same(imported: OfficialDocument, made_of: Document) -> bool:
    """Whether an imported document is the version that a digest was made of: its number and day, where it has any."""
    number = imported.number is None or imported.number.translate(_BRACKETS) == made_of.number
    return number and (imported.issued_on is None or imported.issued_on.isoformat() == made_of.date)


def _document_id(clause_id: str) -> str:
    return clause_id.partition("/")[0]


def _entry(id: str, clause: OfficialClause, document: OfficialDocument) -> Entry:
    words = " ".join(clause.text.split())
    day = document.issued_on.isoformat() if document.issued_on else ""
    title = clause.headings[-1] if clause.headings else words.removeprefix(clause.label).strip()[:_TITLE]
    of = Document(document.id, document.title, document.title, document.number or "", day)
    return Entry(id, "", of, clause.citation, title, words, "", ())
