"""Use cases of photos and files that belong to a report which is filed already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotFound
from bot.storage import attachments
from bot.storage.attachments import Kept
from bot.storage.tables import OutageReport
from bot.water.incidents.states import OPEN

# A photo sent later still belongs to the report, for this long; after it people have another matter in mind.
ATTACH_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Attached:
    """The report that photos were put to, and whether there was room for all of them."""

    number: str
    all: bool


def attach_to_last(session: Session, ids: Sequence[int], *, sender: str, now: datetime) -> Attached | None:
    """Put photos to the person's last open report of `ATTACH_WITHIN`; None where there is none. What has no room goes."""
    query = (
        select(OutageReport)
        .where(
            OutageReport.sender_id == sender, OutageReport.status == OPEN,
            OutageReport.created_at >= now - ATTACH_WITHIN,
        )
        .order_by(OutageReport.id.desc())
        .limit(1)
    )  # fmt: skip
    report = session.scalars(query).first()
    if report is None:
        return None
    attached = attachments.attach(session, ids, report_id=report.id, sender=sender)
    attachments.discard(session, ids, sender=sender)
    return Attached(str(report.number), attached == len(ids))


def photos_of(session: Session, number: str) -> tuple[Kept, ...]:
    """The photos and files of a report, in the order in which they came.

    Raises:
        NotFound: there is no report with this number.
    """
    wanted = number.strip().upper()
    report = session.scalars(select(OutageReport.id).where(OutageReport.number == wanted)).first()
    if report is None:
        raise NotFound(f"there is no report {wanted}. `wuchang reports` lists them.")
    return attachments.of_report(session, report)
