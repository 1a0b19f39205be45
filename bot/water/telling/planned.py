"""Planned outages: announced and cancelled by staff, and told to subscribers a day before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.places.gazetteer import gazetteer
from bot.storage import outbox
from bot.storage.numbers import next_number
from bot.storage.tables import OutgoingMessage, PlannedOutage
from bot.texts import word
from bot.water.talk.areas import area_of
from bot.water.telling import notices, saying
from bot.water.telling.reaching import Listener, listeners, said_from, send, subscribers

SERIES = "JH"
BEFORE = timedelta(days=1)  # so long before it begins subscribers are told
LONGEST = timedelta(days=30)  # a longer one is a slip in the year
MOST_AREAS, LONGEST_AREA, LONGEST_REASON = 30, 40, 200
TOLD, TOLD_CANCELLED = "planned", "planned_cancelled"


@dataclass(frozen=True)
class Planned:
    """An announced outage; `areas` () stands for the whole township, times are county-local."""

    number: str
    township: str
    areas: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    reason: str
    cancelled: bool
    drill: bool


def announce(
    session: Session, *, township: str, areas: Sequence[str], starts_at: datetime, ends_at: datetime, reason: str,
    by: str, now: datetime, drill: bool = False,
) -> Planned:  # fmt: skip
    """Announce an outage; the public page has it at once, subscribers hear of it `BEFORE` it begins.

    Raises:
        BadInput: no such township, an area or reason that is too long, or times that cannot be.
    """
    named = _checked_areas(areas)
    if township not in gazetteer().townships:
        raise BadInput(f"没有“{township[:20]}”这个乡镇。请从名单里选。")
    if ends_at <= starts_at:
        raise BadInput("结束时间要晚于开始时间。")
    if ends_at <= now:
        raise BadInput("这段停水已经过去了，不用再公告。")
    if ends_at - starts_at > LONGEST:
        raise BadInput(f"一次计划停水最长{LONGEST.days}天，请检查日期。")
    reason = saying.plain(reason).rstrip("。")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"原因最长{LONGEST_REASON}个字。")
    row = PlannedOutage(
        number=next_number(session, SERIES, now), township=township, areas=list(named), starts_at=starts_at,
        ends_at=ends_at, reason=reason, created_at=now, created_by=by, drill=drill,
    )  # fmt: skip
    session.add(row)
    session.flush()
    notices.announce(session, row, by=by, now=now)
    return _planned(row)


def _checked_areas(areas: Sequence[str]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(saying.plain(area) for area in areas if area.strip()))
    if "" in named:  # nothing readable must not come to stand for the whole township
        raise BadInput("停水的地方写得不对，看不出是哪里。")
    if len(named) > MOST_AREAS or any(len(area) > LONGEST_AREA for area in named):
        raise BadInput(f"停水的地方最多写{MOST_AREAS}处，每处最长{LONGEST_AREA}个字。")
    return named


def cancel(session: Session, *, number: str, by: str, now: datetime) -> Planned:
    """The outage does not take place: who was told of it is told so, nobody else is told any more.

    Raises:
        NotFound: there is no such outage.
        BadInput: it is over, or cancelled already.
    """
    row = session.scalars(select(PlannedOutage).where(PlannedOutage.number == number.strip().upper())).first()
    if row is None:
        raise NotFound(f"没有计划停水 {number[:32]}。")
    if row.cancelled_at is not None:
        raise BadInput(f"计划停水 {row.number} 已经取消过了。")
    if row.ends_at <= now:
        raise BadInput(f"计划停水 {row.number} 已经结束，取消不了。")
    row.cancelled_at = now
    outbox.drop(session, reference=row.number)
    for person in _told(session, row):
        send(
            session, person, lambda language: _text_cancelled(row, language, now), kind=TOLD_CANCELLED, reference=row.number, now=now,
            name=f"{row.number} {TOLD_CANCELLED}", due_at=said_from(now, urgent=False),
        )  # fmt: skip
    notices.withdraw(session, row, by=by, now=now)
    return _planned(row)


def due_tellings(session: Session, now: datetime) -> int:
    """Tell subscribers of what begins within `BEFORE`, and bring public notices up to date; how many were told.

    Called every minute. Nothing is said of an outage that begins before it could be said (at night people sleep),
    unless it still goes on then.
    """
    notices.renew(session, now)
    query = select(PlannedOutage).where(
        PlannedOutage.cancelled_at.is_(None), PlannedOutage.told_at.is_(None), PlannedOutage.drill.is_(False),
        PlannedOutage.starts_at <= now + BEFORE, PlannedOutage.ends_at > now,
    )  # fmt: skip
    return sum(_tell(session, row, now) for row in session.scalars(query.order_by(PlannedOutage.id)).all())


def _tell(session: Session, row: PlannedOutage, now: datetime) -> int:
    due_at = said_from(now, urgent=False)
    row.told_at = now
    if due_at >= row.ends_at:
        return 0
    return sum(
        send(
            session, person, lambda language: _text(row, language, due_at), kind=TOLD, reference=row.number, now=now,
            name=f"{row.number} {TOLD}", due_at=due_at,
        )
        for person in subscribers(session, township=row.township, areas=_areas(row))
    )  # fmt: skip


def coming(session: Session, *, township: str | None, detail: str, now: datetime) -> tuple[Planned, ...]:
    """Announced outages that are not over, of a township and area or of the whole county, the next one first."""
    query = select(PlannedOutage).where(
        PlannedOutage.cancelled_at.is_(None), PlannedOutage.drill.is_(False), PlannedOutage.ends_at > now
    )
    if township:
        query = query.where(PlannedOutage.township == township)
    rows = session.scalars(query.order_by(PlannedOutage.starts_at, PlannedOutage.id).limit(200))
    area = area_of(detail)
    return tuple(_planned(row) for row in rows if _lies_in(row, area))


def _lies_in(row: PlannedOutage, area: str) -> bool:
    return not area or not row.areas or any(area.startswith(a) or a.startswith(area) for a in _areas(row))


def text(planned: Planned, language: str, today: datetime) -> str:
    """One line on a planned outage, for who asks: place, when, why."""
    return word(
        "planned_line", language, place=saying.places(planned.township, planned.areas, language),
        when=saying.span(planned.starts_at, planned.ends_at, language, today=today.date()),
        reason=_reason(planned.reason, language),
    )  # fmt: skip


def _text(row: PlannedOutage, language: str, said_at: datetime) -> str:
    return word(
        "told_planned", language, place=_place(row, language), reason=_reason(row.reason, language),
        when=saying.span(row.starts_at, row.ends_at, language, today=said_at.date()),
    )  # fmt: skip


def _text_cancelled(row: PlannedOutage, language: str, said_at: datetime) -> str:
    return word(
        "told_planned_cancelled", language, place=_place(row, language),
        when=saying.span(row.starts_at, row.ends_at, language, today=said_at.date()),
    )  # fmt: skip


def _reason(reason: str, language: str) -> str:
    return word("told_planned_reason", language, reason=reason) if reason else ""


def _place(row: PlannedOutage, language: str) -> str:
    return saying.places(row.township, row.areas, language)


def _areas(row: PlannedOutage) -> tuple[str, ...]:
    """The areas as places are compared: without houses, and as said where nothing is left."""
    return tuple(area_of(area) or area for area in row.areas)


def _told(session: Session, row: PlannedOutage) -> tuple[Listener, ...]:
    """Who was told of the outage, or is being told it now."""
    query = select(OutgoingMessage.channel, OutgoingMessage.sender_id).where(
        OutgoingMessage.reference == row.number, OutgoingMessage.kind == TOLD
    )
    return listeners(session, [tuple(found) for found in session.execute(query)])


def _planned(row: PlannedOutage) -> Planned:
    return Planned(
        row.number, row.township, tuple(row.areas), row.starts_at, row.ends_at, row.reason,
        row.cancelled_at is not None, row.drill,
    )  # fmt: skip
