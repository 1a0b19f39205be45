"""Photos and files of residents: kept by themselves, put to a report once there is one, handed out to staff.

Only what a person sent themselves is ever put to their report, whatever numbers a message claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from bot.storage.tables import Attachment

MOST = 6  # photos and files of one report
MOST_UNFILED = 12  # of one person: nobody fills the disk by sending photos without a report
KEPT_UNFILED = timedelta(days=2)


@dataclass(frozen=True)
class Kept:
    """A photo or file as it is handed out: its name, MIME type and bytes."""

    name: str
    content_type: str
    body: bytes


def keep(session: Session, file: Kept, *, channel: str, sender: str, now: datetime) -> int:
    """Keep a file that belongs to no report yet; its id. What waited too long goes, and of the sender's the oldest beyond
    `MOST_UNFILED`.
    """
    sweep(session, now=now)
    row = Attachment(
        name=file.name, content_type=file.content_type, body=file.body, channel=channel, sender_id=sender,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    mine = select(Attachment.id).where(Attachment.sender_id == sender, Attachment.report_id.is_(None))
    too_many = session.scalars(mine.order_by(Attachment.id.desc()).offset(MOST_UNFILED)).all()
    discard(session, too_many, sender=sender)
    return int(row.id)


def attach(session: Session, ids: Iterable[int], *, report_id: int, sender: str) -> int:
    """Put a person's waiting files to their report, in the order of `ids`, `MOST` in all; how many were put."""
    room = MOST - counts(session, [report_id]).get(report_id, 0)
    query = select(Attachment).where(
        Attachment.id.in_(list(ids)), Attachment.sender_id == sender, Attachment.report_id.is_(None)
    )
    rows = session.scalars(query.order_by(Attachment.id).limit(max(room, 0))).all()
    for row in rows:
        row.report_id = report_id
    session.flush()
    return len(rows)


def discard(session: Session, ids: Iterable[int], *, sender: str) -> None:
    """Throw away a person's files that belong to no report."""
    session.execute(
        delete(Attachment).where(
            Attachment.id.in_(list(ids)), Attachment.sender_id == sender, Attachment.report_id.is_(None)
        )
    )


# Made once: this runs with each report.
_SWEEP = delete(Attachment.__table__).where(
    Attachment.report_id.is_(None), Attachment.created_at < bindparam("before")
)


def sweep(session: Session, *, now: datetime) -> None:
    """Throw away what nobody put to a report within `KEPT_UNFILED`."""
    session.flush()
    gone = session.connection().execute(_SWEEP, {"before": now - KEPT_UNFILED})
    if gone.rowcount:
        session.expire_all()


def counts(session: Session, report_ids: Iterable[int] | None = None) -> Mapping[int, int]:
    """How many files reports have, by report id; of all reports without `report_ids`. Reports without any are left out."""
    query = select(Attachment.report_id, func.count()).where(Attachment.report_id.is_not(None))
    if report_ids is not None:
        query = query.where(Attachment.report_id.in_(list(report_ids)))
    return {
        int(report): int(count) for report, count in session.execute(query.group_by(Attachment.report_id))
    }


def of_report(session: Session, report_id: int) -> tuple[Kept, ...]:
    """The files of a report, in the order in which they came."""
    query = select(Attachment).where(Attachment.report_id == report_id).order_by(Attachment.id)
    return tuple(Kept(row.name, row.content_type, row.body) for row in session.scalars(query))
