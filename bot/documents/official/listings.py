"""The official texts as lines for staff: every version, and the pieces of the current one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.documents.official.store import OfficialClause, clauses_of, current_documents, current_row, versions
from bot.errors import NotFound
from bot.storage import tables


def version_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every version of every document, oldest first."""
    count = dict(
        session.execute(
            select(
                tables.OfficialClause.document_id, func.count(tables.OfficialClause.clause_id.distinct())
            ).group_by(tables.OfficialClause.document_id)
        ).all()
    )
    for row in versions(session):
        yield {
            "document": row.document, "title": row.title, "number": row.number,
            "issued_on": row.issued_on.isoformat() if row.issued_on else None,
            "clauses": count.get(row.id, 0), "source": row.source, "sha256": row.source_sha256,
            "valid_from": with_offset(row.valid_from), "valid_until": with_offset(row.valid_until),
        }  # fmt: skip


def piece_lines(session: Session, id: str) -> Iterator[dict[str, Any]]:
    """The current version of a document piece by piece, or one clause of it with its items.

    Raises:
        NotFound: nothing of that id was imported.
    """
    document, slash, _ = id.partition("/")
    row = current_row(session, document)
    if row is None:
        known = "、".join(found.id for found in current_documents(session)) or "一份也没有"
        raise NotFound(
            f"没有导入过“{document}”的原文（已导入的：{known}）。先用 wuchang documents import 文件 导入。"
        )
    clauses = clauses_of(row)
    if not slash:
        return (_piece_line(piece, clauses) for piece in row.pieces)
    if id not in clauses:
        raise NotFound(
            f"《{row.title}》的原文里没有“{id}”。用 wuchang documents show {document} 看有哪些条。"
        )
    clause = clauses[id]
    return iter([{
        "id": clause.id, "document": clause.document, "clause": clause.citation, "headings": list(clause.headings),
        "text": clause.text, "valid_from": with_offset(clause.valid_from),
    }])  # fmt: skip


def _piece_line(piece: Any, clauses: Mapping[str, OfficialClause]) -> dict[str, Any]:
    clause = clauses.get(piece.clause_id)
    return {
        "id": piece.clause_id, "kind": piece.kind, "clause": clause.citation if clause else None,
        "headings": piece.headings, "text": piece.text,
    }  # fmt: skip
