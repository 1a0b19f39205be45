"""Wishes to be told of outages at a place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Subscription


def subscribe(
    session: Session, *, channel: str, sender: str, township: str | None, place: str, now: datetime
) -> None:
    """Remember that a person wants to hear of outages at `place`; a second time changes nothing."""
    query = select(Subscription).where(Subscription.sender_id == sender, Subscription.place == place)
    known = session.scalars(query).first()
    if known:
        known.active = True
        return
    session.add(
        Subscription(channel=channel, sender_id=sender, township=township, place=place, created_at=now)
    )


def unsubscribe(session: Session, *, sender: str, township: str | None = None) -> int:
    """End a person's subscriptions (of one township, or all); how many were ended."""
    query = select(Subscription).where(Subscription.sender_id == sender, Subscription.active.is_(True))
    if township:
        query = query.where(Subscription.township == township)
    ended = session.scalars(query).all()
    for subscription in ended:
        subscription.active = False
    return len(ended)
