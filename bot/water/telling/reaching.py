"""Who is told of an outage, and how a message gets to them: once each, in their language, not at night.

Rows of a drill reach only who made them up: a drill is told to senders of a drill, marked so, and to nobody else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.places.gazetteer import gazetteer
from bot.storage import outbox
from bot.storage.forget import NOBODY
from bot.storage.tables import ChannelAccount, Subscription
from bot.texts import word
from bot.water.talk.areas import area_of

# Nobody is woken for what can wait; grades I and II and bad water cannot.
QUIET_FROM, QUIET_TO = time(22), time(7)
_NO_CHAT = ("open311",)
Button = tuple[str, str]
OTHER = outbox.ENGLISH
_AT_ONCE = 500  # values of one SQL list


@dataclass(frozen=True)
class Listener:
    """Somebody who is told something.

    Attributes:
        language: None where the channel does not know it (web chat, REST): then the conversation does.
        drill: made up, and told only of drills.
    """

    channel: str
    sender: str
    language: str | None = None
    drill: bool = False


def said_from(now: datetime, *, urgent: bool) -> datetime:
    """The moment from which a message may be said: `now`, or the end of the night where it can wait."""
    if urgent or QUIET_TO <= now.time() < QUIET_FROM:
        return now
    morning = datetime.combine(now.date(), QUIET_TO)
    return morning if now.time() < QUIET_TO else morning + timedelta(days=1)


def once(*parts: object) -> str:
    """A name for `outbox.notify` that is the same for the same parts, whatever their length."""
    return "water-" + hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:48]


def listeners(
    session: Session, people: Iterable[tuple[str, str]], *, drill: bool = False
) -> tuple[Listener, ...]:
    """People by (channel, sender), each once, with the language that their channel knows of.

    Left out is who cannot be told anything: who wanted to be forgotten, and other programs.
    """
    wanted = tuple(
        person
        for person in dict.fromkeys(people)
        if person[0] not in _NO_CHAT and not person[1].startswith(NOBODY)
    )
    senders = sorted({sender for _channel, sender in wanted})
    spoken: dict[tuple[str, str], str] = {}
    for start in range(0, len(senders), _AT_ONCE):
        query = select(ChannelAccount.channel, ChannelAccount.sender_id, ChannelAccount.language).where(
            ChannelAccount.sender_id.in_(senders[start : start + _AT_ONCE])
        )
        spoken.update({(row.channel, row.sender_id): row.language for row in session.execute(query)})
    return tuple(
        Listener(channel, sender, spoken.get((channel, sender)), drill) for channel, sender in wanted
    )


def subscribers(session: Session, *, township: str | None, areas: Sequence[str]) -> tuple[Listener, ...]:
    """Who wants to hear of outages at these areas of a township; [] stands for all of it."""
    by_name = Subscription.township.is_(None)
    query = select(Subscription).where(
        Subscription.active.is_(True),
        or_(Subscription.township == township, by_name) if township else by_name,
    )
    found = [row for row in session.scalars(query.order_by(Subscription.id)) if _concerns(row, areas)]
    return listeners(session, [(row.channel, row.sender_id) for row in found])


def _concerns(subscription: Subscription, areas: Sequence[str]) -> bool:
    mine = area_of(gazetteer().resolve(subscription.place).detail)
    if subscription.township is None:  # whose township is not known hears of the very place alone
        return bool(mine) and mine in areas
    return (
        not mine or not areas or any(mine.startswith(area) or area.startswith(mine) for area in areas if area)
    )


def send(
    session: Session, to: Listener, text: Callable[[str], str], *, kind: str, reference: str, name: str, now: datetime,
    due_at: datetime, buttons: Callable[[str], Sequence[Button]] = lambda _language: (),
) -> bool:  # fmt: skip
    """Put one message for `to`; False where it was put under `name` (see `once`) before.

    Args:
        text, buttons: of the message, made in a language; buttons as (title, payload).
    """
    said, *other = [_made(text, buttons, language, to.drill) for language in _languages(to)]
    content = {**{k: v for k, v in said.items() if k != "text"}, **({OTHER: other[0]} if other else {})}
    return outbox.notify(
        session, channel=to.channel, sender=to.sender, text=said["text"], kind=kind, reference=reference, now=now,
        due_at=due_at, content=content or None, once=once(name, to.channel, to.sender),
    )  # fmt: skip


def _languages(to: Listener) -> tuple[str, ...]:
    return ("zh", OTHER) if to.language is None else (to.language,)


def _made(
    text: Callable[[str], str], buttons: Callable[[str], Sequence[Button]], language: str, drill: bool
) -> dict[str, Any]:
    mark = word("drill_mark", language) if drill else ""
    made: dict[str, Any] = {"text": f"{mark}{text(language)}"}
    shown = [{"title": title, "payload": payload} for title, payload in buttons(language)]
    return {**made, "buttons": shown} if shown else made
