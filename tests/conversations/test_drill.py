"""The sample drill, played through the chat with the really trained model, minute by minute with a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock
from bot.drilling import Played, incident_number, play, take_part
from bot.settings import ROOT
from bot.storage.database import engine_for
from bot.storage.tables import Incident
from bot.water import drill as drills
from bot.water.duty.duty_lines import DutyLine, duty_board
from bot.water.incidents.clockwork import tick_all
from bot.water.incidents.history import EventLine, events_of
from tests.conversations.assistant import Assistant, plain

SAMPLE = ROOT / "data" / "sample" / "drills" / "burst-main.yml"
BURST = datetime(2026, 11, 23, 7, 0)
HOUR = timedelta(hours=1)


@dataclass
class Look:
    """The incident at one minute."""

    grade: str | None
    confirmed: str | None
    next_grade: str | None
    left: timedelta | None
    status: str
    duties: dict[str, DutyLine]


@dataclass
class Run:
    """All that a played drill leaves to look at; `looks` by the time since the outage began."""

    played: list[Played] = field(default_factory=list)
    looks: dict[timedelta, Look] = field(default_factory=dict)
    events: tuple[EventLine, ...] = ()


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant()


def opened(url: str) -> Session:
    return Session(engine_for(url), future=True)


def look(session: Session, now: datetime) -> Look | None:
    incident = session.scalars(select(Incident)).first()
    if incident is None:
        return None
    left = incident.next_grade_at - now if incident.next_grade_at else None
    duties = {line.key: line for line in duty_board(session, incident, now)}
    return Look(incident.grade, incident.confirmed_grade, incident.next_grade, left, incident.status, duties)


@pytest.fixture
def run(assistant: Assistant, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Played in life's own speed; each minute of it the clockwork runs, and the incident is looked at."""
    drill = drills.load(SAMPLE)
    at = [BURST + drill.steps[0].at]
    monkeypatch.setattr(clock, "now", lambda: at[0])
    found = Run()

    def wait(moment: datetime) -> None:
        while at[0] < moment:
            at[0] += timedelta(minutes=1)
            with opened(database_url) as session, session.begin():
                tick_all(session, at[0])
                seen = look(session, at[0])
            if seen:
                found.looks[at[0] - BURST] = seen

    def act(step: Any, number: str) -> str:
        with opened(database_url) as session, session.begin():
            return take_part(session, step, number, at[0])

    def incident_of(sender: str) -> str | None:
        with opened(database_url) as session:
            return incident_number(session, sender)

    say: Callable[[str, str], list[str]] = lambda sender, words: [plain(assistant.say(sender, words))]  # noqa: E731
    for line in play(drill, say=say, act=act, now=clock.now, wait=wait, speed=1, incident_of=incident_of):
        found.played.append(line)
    wait(at[0] + timedelta(minutes=90))
    with opened(database_url) as session:
        found.events = events_of(session, session.scalars(select(Incident.id)).one())
    return found


def spans(run: Run, of: Callable[[Look], Any]) -> list[tuple[Any, timedelta]]:
    """Each value in turn, with the minute at which it was first seen."""
    found: list[tuple[Any, timedelta]] = []
    for at, seen in sorted(run.looks.items()):
        if not found or found[-1][0] != of(seen):
            found.append((of(seen), at))
    return found


def minutes(hours: int, more: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=more)


def test_the_sample_drill_minute_by_minute(run: Run, database_url: str) -> None:
    spoken = "\n".join(f"{line.at} {line.who}: {line.said}\n  {line.answers}" for line in run.played)
    # Everybody who wrote is in one incident, and was told a number.
    assert sum("HN26" in answer for line in run.played for answer in line.answers) >= 4, spoken
    # Grades: none until the 36th hour is full, then IV by time alone; the water company's figure makes it II.
    assert spans(run, lambda seen: seen.grade) == [
        (None, minutes(0, 41)), ("IV", minutes(36)), ("II", minutes(36, 11)),
    ], spoken  # fmt: skip
    # Nothing is graded silently: what counts is what staff confirmed, two minutes later each time.
    assert spans(run, lambda seen: seen.confirmed) == [
        (None, minutes(0, 41)), ("IV", minutes(36, 3)), ("II", minutes(36, 13)),
    ]  # fmt: skip
    # How long until time alone raises it, to the minute.
    before = {at: seen for at, seen in run.looks.items() if seen.grade is None}
    assert {seen.next_grade for seen in before.values()} == {"IV"}
    assert all(seen.left == minutes(36) - at for at, seen in before.items())
    # Each half hour of the plan: due from the alert, and overdue from the minute after.
    thirty = [
        line for line in run.looks[minutes(1)].duties.values() if line.due_at and line.clause.startswith("4.2.1")
    ]  # fmt: skip
    assert thirty
    for line in thirty:
        assert line.due_at == BURST + minutes(0, 40) + timedelta(minutes=30)
        assert run.looks[minutes(1, 10)].duties[line.key].state == "open"
        assert run.looks[minutes(1, 11)].duties[line.key].state == "overdue"
    # What grade II asks for and IV does not comes with it, with times of its own; what was there stays.
    at_four, at_two = run.looks[minutes(36, 5)].duties, run.looks[minutes(36, 20)].duties
    assert set(at_four) <= set(at_two)
    new = {at_two[key].clause for key in set(at_two) - set(at_four)}
    assert {"4.2.2", "5.1.3", "5.2.3(1)", "5.2.3(2)"} <= new
    written = next(line for line in at_two.values() if line.clause == "4.2.2" and "书面" in line.what)
    assert written.due_at == BURST + minutes(36, 10) + timedelta(hours=2)
    hour = next(line for line in at_two.values() if line.clause == "5.2.3(2)" and line.due_at)
    assert hour.due_at == BURST + minutes(36, 10) + timedelta(hours=1)
    # Closed, its history whole and marked, and all of it goes.
    assert spans(run, lambda seen: seen.status)[:2] == [("open", minutes(0, 41)), ("closed", minutes(36, 41))]
    kinds = [event.kind for event in run.events]
    assert kinds.count("confirmed") == 2
    assert kinds.count("fact") == 2
    assert {event.by for event in run.events if event.kind in ("fact", "confirmed")} == {drills.BY}
    with opened(database_url) as session, session.begin():
        assert session.scalars(select(Incident.drill)).all() == [True]
        drills.remove(session)
        assert not drills.is_going_on(session)
