"""Listings of what waits for staff: handovers, feedback, subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.storage.tables import Feedback, Handover, Subscription


def handover_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Conversations that wait for a person: open and urgent ones first, then the oldest."""
    order = (Handover.status != "open", Handover.urgent.is_(False), Handover.id)
    for row in session.scalars(select(Handover).order_by(*order)):
        yield {
            "id": row.id, "status": row.status, "urgent": row.urgent, "reason": row.reason, "text": row.text,
            "phone": row.phone, "channel": row.channel, "sender": row.sender_id,
            "created_at": with_offset(row.created_at),
        }  # fmt: skip


def add_handover_phone(session: Session, *, sender: str, phone: str) -> bool:
    """Put a phone to the person's open request for a person that has none; whether there was one."""
    query = select(Handover).where(
        Handover.sender_id == sender, Handover.status == "open", Handover.phone.is_(None)
    )
    waiting = session.scalars(query.order_by(Handover.id.desc()).limit(1)).first()
    if waiting:
        waiting.phone = phone
    return waiting is not None


def feedback_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Suggestions and complaints for the village meeting, oldest first."""
    for row in session.scalars(select(Feedback).order_by(Feedback.id)):
        yield {"id": row.id, "text": row.text, "place": row.place, "created_at": with_offset(row.created_at)}


def subscription_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Active wishes to be told of outages, oldest first."""
    query = select(Subscription).where(Subscription.active.is_(True)).order_by(Subscription.id)
    for row in session.scalars(query):
        yield {
            "id": row.id, "township": row.township, "place": row.place, "channel": row.channel,
            "sender": row.sender_id, "created_at": with_offset(row.created_at),
        }  # fmt: skip
