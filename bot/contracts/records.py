"""Every checklist and review is kept: who asked when, after which text of the measures, and what was said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.contracts.check_rules import CHECKS_FILE
from bot.contracts.review_rules import REVIEW_FILE
from bot.contracts.rules import CHECKLIST_FILE
from bot.settings import ROOT
from bot.storage.tables import ContractRecord

_DIGEST = ROOT / "data" / "law" / "digest" / "contract.yml"
_SHORT = 12  # characters of the hash


@lru_cache(maxsize=1)
def measures_version() -> str:
    """The measures and the rules made of them, told apart from any other version: number, date, hash of the files.

    >>> measures_version()[:22]
    '清政发[2021]3号 2021-10-20 '
    """
    import yaml

    document = yaml.safe_load(_DIGEST.read_text(encoding="utf8"))["document"]
    made = hashlib.sha256()
    for path in (_DIGEST, CHECKLIST_FILE, REVIEW_FILE, CHECKS_FILE):
        made.update(path.read_bytes())
    return f"{document['number']} {document['date']} {made.hexdigest()[:_SHORT]}"


def keep(
    session: Session, *, kind: str, subject: str, request: Mapping[str, Any], result: Mapping[str, Any],
    channel: str, sender: str, now: datetime,
) -> ContractRecord:  # fmt: skip
    """Keep one checklist or review.

    Args:
        kind: "checklist" or "review".
        subject: the kind of contract, or the name of the file.
        request: what it was made from, as plain data for JSON (a file by name and hash, not by content).
        result: as the command of that name gives it.
        sender: the person on the channel; for the commands the user of the machine.
    """
    row = ContractRecord(
        kind=kind, subject=subject, measures=measures_version(), request=dict(request), result=dict(result),
        channel=channel, sender_id=sender, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def record_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every record, oldest first."""
    for row in session.scalars(select(ContractRecord).order_by(ContractRecord.id)):
        yield {
            "id": row.id, "kind": row.kind, "subject": row.subject, "measures": row.measures,
            "channel": row.channel, "sender": row.sender_id, "created_at": with_offset(row.created_at),
            "request": row.request, "result": row.result,
        }  # fmt: skip
