"""Photos and files of residents: kept by themselves, put to a report once there is one, handed out to staff.

Only what a person sent themselves is ever put to their report, whatever numbers a message claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from bot.storage.tables import Attachment

MOST = 6  # photos and files of one report
MOST_UNFILED = 12  # of one person: nobody fills the disk by sending photos without a report
KEPT_UNFILED = timedelta(days=2)
MOST_OF_TALKS = 60  # of one person's talks with staff


_UNFILED = Attachment.report_id.is_(None) & Attachment.message_id.is_(None)


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
    mine = select(Attachment.id).where(Attachment.sender_id == sender, _UNFILED)
    too_many = session.scalars(mine.order_by(Attachment.id.desc()).offset(MOST_UNFILED)).all()
    discard(session, too_many, sender=sender)
    return int(row.id)


def attach(session: Session, ids: Iterable[int], *, report_id: int, sender: str) -> int:
    """Put a person's waiting files to their report, in the order of `ids`, `MOST` in all; how many were put."""
    room = MOST - counts(session, [report_id]).get(report_id, 0)
    query = select(Attachment).where(Attachment.id.in_(list(ids)), Attachment.sender_id == sender, _UNFILED)
    rows = session.scalars(query.order_by(Attachment.id).limit(max(room, 0))).all()
    for row in rows:
        row.report_id = report_id
    session.flush()
    return len(rows)


def put_to_talk(session: Session, photo_id: int, *, message_id: int, channel: str, sender: str) -> bool:
    """Put a person's waiting photo to their words to staff; False where it is none of theirs, or there were enough."""
    talked = select(func.count()).where(
        Attachment.channel == channel, Attachment.sender_id == sender, Attachment.message_id.is_not(None)
    )
    if session.scalar(talked) >= MOST_OF_TALKS:
        discard(session, [photo_id], sender=sender)
        return False
    done = session.execute(
        update(Attachment)
        .where(
            Attachment.id == photo_id, Attachment.channel == channel, Attachment.sender_id == sender, _UNFILED
        )
        .values(message_id=message_id)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def of_messages(session: Session, message_ids: Iterable[int]) -> Mapping[int, int]:
    """The ids of the photos that words to staff came with, by the words' id; nothing of the photos is read."""
    query = select(Attachment.message_id, Attachment.id).where(Attachment.message_id.in_(list(message_ids)))
    return {int(row.message_id): int(row.id) for row in session.execute(query)}


def unfiled(session: Session, ids: Iterable[int], *, sender: str) -> list[int]:
    """Those of `ids` that are a person's and wait for a report, in the order in which they came."""
    query = select(Attachment.id).where(
        Attachment.id.in_(list(ids)), Attachment.sender_id == sender, _UNFILED
    )
    return list(session.scalars(query.order_by(Attachment.id)))


def discard(session: Session, ids: Iterable[int], *, sender: str) -> int:
    """Throw away a person's files that belong to no report; how many."""
    done = session.execute(
        delete(Attachment).where(Attachment.id.in_(list(ids)), Attachment.sender_id == sender, _UNFILED)
    )
    return int(done.rowcount)


# Made once: this runs with each report.
_SWEEP = delete(Attachment.__table__).where(_UNFILED, Attachment.created_at < bindparam("before"))


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
