"""Telling people of an incident: its reporters of each change, subscribers of a confirmed one and of its end.

Nothing is told that staff did not say. Each hears of a change once; of the same kind, only the latest that still waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.tables import Incident, OutageReport, OutgoingMessage
from bot.texts import word
from bot.water.incidents.history import events_of, note
from bot.water.incidents.states import OPEN
from bot.water.talk.problems import QUALITY
from bot.water.telling import saying
from bot.water.telling.notices import since
from bot.water.telling.reaching import Listener, listeners, said_from, send, subscribers
from bot.water.telling.shown_places import area_of_incident

JOINED, CAUSE, EXPECTED, TRUCKS = "joined", "cause", "expected", "trucks"
RESTORED, REOPENED = "restored", "reopened"
CHANGES = (JOINED, CAUSE, EXPECTED, TRUCKS, RESTORED, REOPENED)
NEWS, OVER = "news", "over"
URGENT_GRADES = ("I", "II")
BACK, NOT_BACK = "water_back", "water_not_back"  # intents of the buttons


def tell_reporters(
    session: Session, incident: Incident, *, what: str, now: datetime, by: str | None = None,
    only: Sequence[tuple[str, str]] | None = None, **values: Any,
) -> int:  # fmt: skip
    """Tell each reporter of an incident of one change, once; how many messages were put.

    Args:
        what: one of `CHANGES`.
        by: name of the desk's user who said so, for the history.
        only: the (channel, sender) of those who are told, where it is not everybody whose report is open.
        values: `cause` with cause (text); `at` with expected (None: not known any more) and trucks (None: now); `where` with trucks;
            `round` with restored and reopened.
    """
    if what not in CHANGES:
        raise ValueError(f"no such change: {what!r}")
    due_at = said_from(now, urgent=is_urgent(incident))
    if what == EXPECTED and values["at"] and values["at"] <= due_at:
        return 0  # who hears of it only afterwards is told nothing true
    change = _change(session, incident, what, values, by=by, now=now)
    reached = listeners(
        session, _reporters(session, incident) if only is None else only, drill=incident.drill
    )
    return sum(
        send(
            session, person, lambda language: _text(incident, what, language, values, due_at), kind=f"told_{what}",
            reference=incident.number, name=f"{incident.number} {what} {change}", now=now, due_at=due_at,
            buttons=lambda language: _buttons(incident, language) if what == RESTORED else (),
        )
        for person in reached
    )  # fmt: skip


def tell_joined(
    session: Session, incident: Incident, reports: Sequence[OutageReport], *, now: datetime
) -> int:
    """Tell the senders of reports that staff put to an incident afterwards that theirs is dealt with there.

    Each once, with the number of their latest report; how many messages were put.
    """
    numbers = {
        (str(report.channel), str(report.sender_id)): str(report.number)
        for report in sorted(reports, key=lambda one: one.id)
        if report.status == OPEN and bool(report.drill) == bool(incident.drill)
    }
    due_at = said_from(now, urgent=is_urgent(incident))
    return sum(
        send(
            session, person, partial(_text_joined, incident, numbers[(person.channel, person.sender)]),
            kind=f"told_{JOINED}", reference=incident.number, now=now, due_at=due_at,
            name=f"{incident.number} {JOINED} {numbers[(person.channel, person.sender)]}",
        )
        for person in listeners(session, numbers, drill=incident.drill)
    )  # fmt: skip


def tell_subscribers(
    session: Session, incident: Incident, *, what: str, now: datetime, round_: int = 1
) -> int:
    """Tell who wants to hear of the place of a confirmed incident (`NEWS`), and those again of its end (`OVER`).

    Reporters of the incident are not told: they hear more. A drill is told to none. `round_` counts how often the
    incident was opened.
    """
    if incident.drill or incident.confirmed_at is None:
        return 0
    if what == OVER:
        people = _told_news(session, incident)
    else:
        areas = [incident.area] if incident.area else []
        reporters = set(_reporters(session, incident, any_status=True))
        people = tuple(
            person
            for person in subscribers(session, township=incident.township, areas=areas)
            if (person.channel, person.sender) not in reporters
        )
    due_at = said_from(now, urgent=is_urgent(incident))
    return sum(
        send(
            session, person, lambda language: _news(session, incident, what, language, due_at), kind=f"told_{what}",
            reference=incident.number, name=f"{incident.number} {what} {round_}", now=now, due_at=due_at,
        )
        for person in people
    )  # fmt: skip


def drop_waiting(
    session: Session, incident: Incident, *, kinds: Sequence[str] = (*CHANGES, NEWS, OVER)
) -> None:
    """What was to be told of an incident and was not said yet is void: it is closed, open again, or taken apart."""
    outbox.drop(session, reference=incident.number, kinds=[f"told_{kind}" for kind in kinds])


def is_urgent(incident: Incident) -> bool:
    """Whether people are told at night too: bad water, and grades I and II, confirmed or worked out."""
    return incident.kind == QUALITY or bool({incident.confirmed_grade, incident.grade} & set(URGENT_GRADES))


def _change(
    session: Session,
    incident: Incident,
    what: str,
    values: Mapping[str, Any],
    *,
    by: str | None,
    now: datetime,
) -> int:
    """Which change of its kind this is, from 1; the same as before where it says the same. A new one is noted."""
    said = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
    told = [
        line.detail for line in events_of(session, incident.id) if line.kind == "told" and line.detail.get("what") == what
    ]  # fmt: skip
    if told and told[-1]["values"] == said:
        return len(told)
    note(session, incident, "told", at=now, by=by, what=what, values=said)
    return len(told) + 1


def _reporters(session: Session, incident: Incident, *, any_status: bool = False) -> list[tuple[str, str]]:
    query = select(OutageReport.channel, OutageReport.sender_id).where(
        OutageReport.incident_id == incident.id, OutageReport.drill.is_(bool(incident.drill))
    )
    if not any_status:
        query = query.where(OutageReport.status == OPEN)
    return [(row.channel, row.sender_id) for row in session.execute(query.order_by(OutageReport.id))]


def _told_news(session: Session, incident: Incident) -> tuple[Listener, ...]:
    """Who was told of the incident, or is being told now."""
    query = select(OutgoingMessage.channel, OutgoingMessage.sender_id).where(
        OutgoingMessage.reference == incident.number, OutgoingMessage.kind == f"told_{NEWS}",
        OutgoingMessage.claimed_at.is_not(None) | OutgoingMessage.sent_at.is_not(None),
    )  # fmt: skip
    return listeners(session, [tuple(row) for row in session.execute(query)])


def _text_joined(incident: Incident, number: str, language: str) -> str:
    count = max(1, incident.households_count or 0)
    return word("told_joined", language, number=number, place=_place(incident, language), count=count)


def _text(incident: Incident, what: str, language: str, values: Mapping[str, Any], said_at: datetime) -> str:
    place, at = _place(incident, language), values.get("at")
    time = saying.moment(at, language, today=said_at.date()) if at else ""
    if what == TRUCKS:
        when = word("told_trucks_when", language, time=time) if time else ""
        return word("told_trucks", language, where=values["where"], when=when)
    if what == RESTORED:
        return word(f"told_restored_{about(incident)}", language, place=place)
    if what == EXPECTED and at is None:
        return word("told_expected_none", language, place=place)
    if what == CAUSE:
        return word("told_cause", language, place=place, cause=values["cause"])
    return word(f"told_{what}", language, place=place, time=time)


def _news(session: Session, incident: Incident, what: str, language: str, said_at: datetime) -> str:
    place = _place(incident, language)
    if what == OVER:
        return word(f"told_over_{about(incident)}", language, place=place)
    began = since(session, incident, language, today=said_at.date())
    if about(incident) == QUALITY:
        return word("told_news_quality", language, place=place, since=began)
    expected = incident.expected_at if incident.expected_at and incident.expected_at > said_at else None
    until = (
        word("told_until", language, time=saying.moment(expected, language, today=said_at.date()))
        if expected
        else ""
    )
    return word("told_news_supply", language, place=place, since=began, until=until)


def about(incident: Incident) -> str:
    """Which words fit: "quality" for bad water, else "supply"."""
    return QUALITY if incident.kind == QUALITY else "supply"


def _place(incident: Incident, language: str) -> str:
    return area_of_incident(incident) or word("county_town", language)


def _buttons(incident: Incident, language: str) -> tuple[tuple[str, str], ...]:
    # Each names its incident: an old button pressed late answers for no other.
    kind = about(incident)
    named = f'{{"incident": "{incident.number}"}}'
    return (
        (word(f"answer_back_{kind}", language), f"/{BACK}{named}"),
        (word(f"answer_not_back_{kind}", language), f"/{NOT_BACK}{named}"),
    )
