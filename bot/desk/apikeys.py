"""Keys of programs that report and read through the API. A key is shown once; only its hash is stored.

A key opens what it was made for and nothing else: Open311, or the desk's own API.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.desk import audit
from bot.errors import BadInput, NotFound
from bot.storage.tables import ApiKey

OPEN311, DESK = "open311", "desk"  # reports through Open311; reads incidents through the desk's API
SCOPES = (OPEN311, DESK)
_LONGEST_NAME, _LONGEST_KEY = 64, 200


@dataclass(frozen=True)
class Program:
    """Whom a key belongs to, and what it opens."""

    name: str
    scopes: frozenset[str]


def add(session: Session, *, name: str, by: str, now: datetime, scopes: Collection[str] = (OPEN311,)) -> str:
    """A new key for the program `name`: 43 characters, not to be had again. Noted in the audit.

    Raises:
        BadInput: the name is empty, too long, or in use.
    """
    audit.lock(session)
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise BadInput(f"名字要写，而且不超过 {_LONGEST_NAME} 个字。")
    if session.scalars(select(ApiKey.id).where(ApiKey.name == name)).first() is not None:
        raise BadInput(f"已经有叫 {name} 的密钥了（停用了的也算）。请换一个名字。")
    kept = [scope for scope in SCOPES if scope in scopes]
    key = secrets.token_urlsafe(32)
    session.add(ApiKey(name=name, key_hash=_hash(key), scopes=" ".join(kept), created_at=now, created_by=by))
    audit.note(session, by=by, action="key.add", subject=name, scopes=kept)
    return key


def revoke(session: Session, *, name: str, by: str, now: datetime) -> None:
    """The key of `name` counts no more. Noted in the audit.

    Raises:
        NotFound: there is none of this name, or it counts no more already.
    """
    audit.lock(session)
    query = select(ApiKey).where(ApiKey.name == name.strip(), ApiKey.revoked_at.is_(None))
    row = session.scalars(query).first()
    if row is None:
        raise NotFound(f"没有在用的密钥叫 {name[:_LONGEST_NAME]}。用 wuchang desk key list 看都有哪些。")
    row.revoked_at = now
    audit.note(session, by=by, action="key.revoke", subject=row.name)


def program_of(session: Session, key: str) -> Program | None:
    """The program that a key belongs to; None where it is none, or counts no more.

    Found by its hash: how long looking takes tells nothing of a key of 256 random bits.
    """
    if not key or len(key) > _LONGEST_KEY:
        return None
    query = select(ApiKey.name, ApiKey.scopes).where(
        ApiKey.key_hash == _hash(key), ApiKey.revoked_at.is_(None)
    )
    row = session.execute(query).first()
    return Program(row.name, frozenset(row.scopes.split())) if row else None


def key_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every key by name, oldest first, those that count no more too."""
    for row in session.scalars(select(ApiKey).order_by(ApiKey.id)):
        yield {
            "name": row.name, "scopes": row.scopes.split(), "created_at": with_offset(row.created_at),
            "created_by": row.created_by, "revoked_at": with_offset(row.revoked_at),
        }  # fmt: skip


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
