"""Files that are made for a person and fetched by a link.

The link holds a random token of 256 bits and nothing else: no path, no name. The database knows only its hash, so
whoever reads a table cannot open a file. The token alone opens it, on whatever machine, so that a clerk may pass the
link on to a colleague; after `KEPT` it is gone.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.storage.tables import SharedFile

KEPT = timedelta(days=7)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class File:
    """A file as it is handed out: its name, MIME type and bytes."""

    name: str
    content_type: str
    body: bytes


def share(session: Session, file: File, *, channel: str, sender: str, now: datetime) -> str:
    """Keep `file` for `KEPT`; the token of its link. Files whose time is over go at the same time."""
    session.execute(delete(SharedFile).where(SharedFile.expires_at <= now))
    token = secrets.token_urlsafe(32)
    row = SharedFile(
        token_hash=_hash(token), name=file.name, content_type=file.content_type, body=file.body,
        expires_at=now + KEPT, channel=channel, sender_id=sender, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return token


def fetch(session: Session, token: str, *, now: datetime) -> File | None:
    """The file of a token; None where there is none or its time is over."""
    if not _TOKEN.fullmatch(token):
        return None
    query = select(SharedFile).where(SharedFile.token_hash == _hash(token), SharedFile.expires_at > now)
    row = session.scalars(query).one_or_none()
    return File(row.name, row.content_type, row.body) if row else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
