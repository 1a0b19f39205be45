"""The official words beside a digest, where the text it was made of is imported; newer versions; texts without a digest."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.documents.digest import Digest, Document, Entry, digest
from bot.documents.features import features
from bot.documents.official import titles
from bot.documents.official.store import OfficialClause, OfficialDocument, current_documents, current_texts
from bot.documents.search import Index
from bot.storage import glance
from bot.storage.database import address, session_scope

logger = logging.getLogger(__name__)
# Share of a question that a clause without digest must say to be offered: one in ten strange questions reaches it.
_FITS = 0.15
_TITLE = 24  # characters of a clause that stand for its title
_BRACKETS = str.maketrans("〔〕［］【】()（）", "[]" * 5)  # 清政发〔2021〕3号
_SENTENCE = re.compile(r"[^。；;！？\n]+[。；;！？\n]*")


@dataclass(frozen=True)
class Official:
    """The imported texts in force.

    Attributes:
        words: clause id to text, of the very versions that the digests were made of.
        newer: document id to the version in force where that is another than the digest was made of.
        own: entries of texts that no digest was made of, newer versions among them.
        index: over `own`.
    """

    words: Mapping[str, OfficialClause] = field(default_factory=dict)
    newer: Mapping[str, OfficialDocument] = field(default_factory=dict)
    own: tuple[Entry, ...] = ()
    index: Index | None = None

    def nearest(self, question: str) -> Entry | None:
        """The clause of a text without digest that says most of `question`; None where none says enough."""
        if self.index is None:
            return None
        shares = self.index.scores(features(question))
        best = int(shares.argmax())
        return self.own[best] if shares[best] >= _FITS else None


_seen: dict[str, tuple[object, Official]] = {}


def official(state: object = None) -> Official:
    """The texts in force, read anew when a version came or went; what was known last where they cannot be read.

    Args:
        state: `bot.storage.glance.Glance.texts` of this moment; it is asked for where it is not known.
    """
    url = address()
    known = _seen.get(url)
    if known is not None and state is not None and known[0] == state:
        return known[1]
    try:
        with session_scope(url) as session:
            state = glance.texts(session)
            if known is None or known[0] != state:
                known = (state, read(session))
    except (SQLAlchemyError, OSError) as error:
        logger.warning("official texts could not be read: %s", type(error).__name__)
        return known[1] if known else Official()
    _seen[url] = known
    return known[1]


def read(session: Session) -> Official:
    """The texts in force, from the database."""
    made_of = {entry.document.id: entry.document for entry in digest().entries}
    documents = {document.id: document for document in current_documents(session)}
    same = {id for id, document in documents.items() if id in made_of and _same(document, made_of[id])}
    texts = current_texts(session)
    words = {id: clause for id, clause in texts.items() if _document_id(id) in same}
    newer = {
        id: document
        for id, document in documents.items()
        if id in made_of and _is_newer(document, made_of[id])
    }
    own = tuple(
        _entry(id, clause, documents[_document_id(id)])
        for id, clause in texts.items()
        if _document_id(id) not in same and clause.text.strip()
    )
    return Official(words, newer, own, Index.build(Digest(own, ())) if own else None)


def excerpt(clause: OfficialClause, entry: Entry, limit: int) -> str:
    """The words of a clause that an entry is about, at most about `limit` characters; "……" where more is left out.

    A part of a long section is quoted by the sentences that share most with the digest's words.
    """
    if len(clause.text) <= limit:
        return clause.text
    if not entry.part:
        return f"{clause.text[:limit]}……"
    sentences = _SENTENCE.findall(clause.text)
    wanted = set(features(entry.answer))
    worth = [len(wanted & set(features(s))) / (len(features(s)) + 20) for s in sentences]
    first = last = max(range(len(sentences)), key=worth.__getitem__)
    while last + 1 < len(sentences) and sum(map(len, sentences[first : last + 2])) <= limit:
        last += 1
    return f"……{''.join(sentences[first : last + 1]).strip()[:limit]}……"


def _same(imported: OfficialDocument, made_of: Document) -> bool:
    """Whether an imported text is the very version that a digest was made of: its own title, its number or its day.

    A text without either could be anybody's.
    """
    if not _own_title(imported):
        return False
    if imported.number is not None:
        return imported.number.translate(_BRACKETS) == made_of.number
    return imported.issued_on is not None and imported.issued_on.isoformat() == made_of.date


def _is_newer(imported: OfficialDocument, made_of: Document) -> bool:
    day = imported.issued_on.isoformat() if imported.issued_on else ""
    return _own_title(imported) and not _same(imported, made_of) and day > made_of.date


def _own_title(imported: OfficialDocument) -> bool:
    known = titles.recognise(imported.title)
    return known is not None and titles.is_own_title(imported.title, known)


def _document_id(clause_id: str) -> str:
    return clause_id.partition("/")[0]


def _entry(id: str, clause: OfficialClause, document: OfficialDocument) -> Entry:
    words = " ".join(clause.text.split())
    day = document.issued_on.isoformat() if document.issued_on else ""
    title = clause.headings[-1] if clause.headings else words.removeprefix(clause.label).strip()[:_TITLE]
    of = Document(document.id, document.title, document.title, document.number or "", day)
    return Entry(id, "", of, clause.citation, title, words, "", ())
