"""Use cases: register a care request or a volunteer, withdraw a request, list them for staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.eldercare.intake import Wish
from bot.eldercare.services import service_name
from bot.storage.numbers import next_number
from bot.storage.tables import CareRequest, Volunteer


def register_care(session: Session, *, wish: Wish, channel: str, sender: str, now: datetime) -> str:
    """Store a care request; its number. Nothing is promised: staff answer it.

    The same draft sent again (after a time-out, say) is the same request.
    """
    known = _known(session, CareRequest, wish.id)
    if known:
        return known
    row = CareRequest(
        number=next_number(session, "YL", now), draft_id=wish.id or None, services=list(wish.services), for_whom=wish.whom, name=wish.name,
        township=wish.township, place=wish.place, phone=wish.phone,
        start_on=datetime.fromisoformat(wish.start) if wish.start else None, wish="\n".join(wish.words),
        channel=channel, sender_id=sender, created_at=now,
    )  # fmt: skip
    session.add(row)
    return str(row.number)


def open_care(session: Session, sender: str) -> CareRequest | None:
    """The newest open request of `sender`; None where there is none."""
    own = select(CareRequest).where(CareRequest.sender_id == sender, CareRequest.status == "open")
    found: CareRequest | None = session.scalars(own.order_by(CareRequest.id.desc()).limit(1)).first()
    return found


def withdraw_care(session: Session, sender: str) -> str | None:
    """Mark the newest open request of `sender` as withdrawn; its number, None where there is none."""
    row = open_care(session, sender)
    if row is None:
        return None
    row.status = "withdrawn"
    return str(row.number)


def register_volunteer(session: Session, *, wish: Wish, channel: str, sender: str, now: datetime) -> str:
    """Store a volunteer's offer; its number. The same draft sent again is the same offer."""
    known = _known(session, Volunteer, wish.id)
    if known:
        return known
    row = Volunteer(
        number=next_number(session, "ZY", now), draft_id=wish.id or None, name=wish.name, township=wish.township, place=wish.place,
        phone=wish.phone, skills=wish.skills or "\n".join(wish.words), channel=channel, sender_id=sender,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    return str(row.number)


def _known(session: Session, table: Any, draft_id: str) -> str | None:
    if not draft_id:
        return None
    number = session.scalars(select(table.number).where(table.draft_id == draft_id)).first()
    return None if number is None else str(number)


def add_care_phone(session: Session, *, sender: str, phone: str) -> bool:
    """Put a phone sent afterwards to the person's last open care request; whether there was one."""
    last = open_care(session, sender)
    if last:
        last.phone = phone
    return last is not None


def care_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every care request for `wuchang care`, oldest first."""
    for row in session.scalars(select(CareRequest).order_by(CareRequest.id)):
        yield {
            "number": row.number, "status": row.status, "services": list(row.services),
            "service_names": [service_name(code, "zh") for code in row.services if code != "other"],
            "for_whom": row.for_whom, "name": row.name, "township": row.township, "place": row.place,
            "phone": row.phone, "start_on": row.start_on.date().isoformat() if row.start_on else None,
            "wish": row.wish, "requested_at": with_offset(row.created_at), "channel": row.channel,
        }  # fmt: skip


def volunteer_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every volunteer for `wuchang volunteers`, oldest first."""
    for row in session.scalars(select(Volunteer).order_by(Volunteer.id)):
        yield {
            "number": row.number, "name": row.name, "township": row.township, "place": row.place,
            "phone": row.phone, "skills": row.skills, "registered_at": with_offset(row.created_at),
        }  # fmt: skip
