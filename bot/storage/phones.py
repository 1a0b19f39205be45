"""A whole phone number for staff who must call back; who asked when is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.errors import NotFound
from bot.nlu.contacts import find_phones
from bot.nlu.normalise import plain_characters
from bot.storage.tables import CareRequest, Handover, OutageReport, PhoneLookup, Volunteer

_TABLES: dict[str, Any] = {"HN": OutageReport, "YL": CareRequest, "ZY": Volunteer}
_WITH_PHONE: tuple[Any, ...] = (Handover, OutageReport, CareRequest, Volunteer)


@dataclass(frozen=True)
class Reached:
    """How somebody is reached: `number` of what was asked for, their name where known, phones, likeliest first."""

    number: str
    name: str | None
    phones: tuple[str, ...]


def look_up(session: Session, *, number: str, by: str, now: datetime) -> Reached:
    """The phones of a report (HN…), care request (YL…), volunteer (ZY…) or handover (its id); noted under `by`.

    Those given with it, then those in the words of it, then those that the same person gave elsewhere.

    Raises:
        NotFound: there is no such number, or the person gave no phone.
    """
    wanted = plain_characters(number).strip().upper()
    row = _row(session, wanted)
    if row is None:
        raise NotFound(
            f"没有编号 {number}。报修写 HN261126-001，养老申请写 YL…，志愿者写 ZY…，找人工的写 wuchang handovers 里的 id。"
        )
    phones = dict.fromkeys([*_given(row), *(p for other in _others(session, row) for p in _given(other))])
    if not phones:
        raise NotFound(f"{wanted} 没有留电话。")
    session.add(PhoneLookup(at=now, number=wanted, by=by))
    return Reached(wanted, getattr(row, "name", None), tuple(phones))


def lookup_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Who had which phone shown, the latest first."""
    for row in session.scalars(select(PhoneLookup).order_by(PhoneLookup.id.desc())):
        yield {"at": with_offset(row.at), "number": row.number, "by": row.by}


def _row(session: Session, wanted: str) -> Any:
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        return session.get(Handover, int(wanted))
    table = _TABLES.get(wanted[:2])
    return session.scalars(select(table).where(table.number == wanted)).first() if table else None


def _others(session: Session, row: Any) -> Iterator[Any]:
    """What else the same person left, the latest first."""
    for table in _WITH_PHONE:
        mine = (table.channel == row.channel, table.sender_id == row.sender_id)
        yield from session.scalars(select(table).where(*mine).order_by(table.id.desc()))


def _given(row: Any) -> Iterator[str]:
    if row.phone:
        yield str(row.phone)
    words = getattr(row, "text", None) or getattr(row, "wish", None) or getattr(row, "skills", None) or ""
    yield from (str(span.data["number"]) for span in find_phones(words))
