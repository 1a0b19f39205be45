"""Keys of programs that report and read through an API; only their hashes are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.errors import BadInput, NotFound
from bot.storage.tables import ApiKey


def add(session: Session, *, name: str, by: str | None, now: datetime) -> str:
    """A new key for the program `name`, told this once.

    Raises:
        BadInput: the name is empty or has a key (a revoked one too: what it did stays its own).
    """
    name = name.strip()
    if not name or len(name) > 64:
        raise BadInput("给这个程序起一个名字，最多 64 个字。")
    if session.scalars(select(ApiKey).where(ApiKey.name == name)).first() is not None:
        raise BadInput(f"已经有叫 {name} 的密钥了。换一个名字，或者先停用它再用别的名字。")
    key = secrets.token_urlsafe(32)
    session.add(ApiKey(name=name, key_hash=_hash(key), created_at=now, created_by=by))
    return key


def holder(session: Session, key: str) -> str | None:
    """The name of the program that this key belongs to; None where it is none or was revoked."""
    query = select(ApiKey.name).where(ApiKey.key_hash == _hash(key), ApiKey.revoked_at.is_(None))
    name: str | None = session.scalars(query).first()
    return name


def revoke(session: Session, *, name: str, now: datetime) -> None:
    """A key counts no more.

    Raises:
        NotFound: there is none of this name.
    """
    row = session.scalars(select(ApiKey).where(ApiKey.name == name)).first()
    if row is None:
        raise NotFound(f"没有叫 {name} 的密钥。")
    row.revoked_at = row.revoked_at or now


def key_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every key as a line of JSON, without itself."""
    for row in session.scalars(select(ApiKey).order_by(ApiKey.id)):
        yield {
            "name": row.name, "created_at": with_offset(row.created_at), "created_by": row.created_by,
            "revoked_at": with_offset(row.revoked_at),
        }  # fmt: skip


def _hash(key: str) -> str:
    """A random key needs no salt."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
