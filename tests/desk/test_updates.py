"""Live updates: one look a second for all pages, and none while nobody listens."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import updates
from bot.desk.listing import Wanted, list_incidents
from bot.desk.pages import incidents
from bot.storage.database import engine_for
from bot.storage.tables import Incident, IncidentEvent

from .cases import asked, burst, in_database
from .conftest import Browser


class Counting:
    def __init__(self) -> None:
        self.looks, self.value = 0, 0

    def __call__(self) -> int:
        self.looks += 1
        return self.value


async def heard(hub: updates.Hub, seconds: float = 0.5, seen: str | None = None) -> list[str]:
    return [piece async for piece in hub.listen(seconds, seen=seen)]


def changes(pieces: list[str]) -> list[str]:
    return [piece for piece in pieces if "event: change" in piece]


async def first_change(hub: updates.Hub, seen: str | None) -> str:
    """The first change that a page hears which shows the state `seen`."""
    async for piece in hub.listen(60, seen=seen):
        if "event: change" in piece:
            return piece
    raise AssertionError("no change in a minute")


async def test_every_page_is_told_once_and_nobody_looks_afterwards() -> None:
    look = Counting()
    hub = updates.Hub(look, seconds=0.02)
    both = asyncio.gather(heard(hub), heard(hub))
    await asyncio.sleep(0.2)
    look.value = 1
    for pieces in await both:
        assert changes(pieces) == ["event: change\nid: 1\ndata: 1\n\n"]
        assert pieces[0].startswith("retry:")
    await asyncio.sleep(0.1)
    seen = look.looks
    await asyncio.sleep(0.1)
    assert look.looks == seen
    assert seen < 60, "two pages cost no more looks than one"


async def test_what_changed_before_the_stream_began_is_told_at_once() -> None:
    look = Counting()
    look.value = 7
    assert await first_change(updates.Hub(look, seconds=0.02), "6") == "event: change\nid: 7\ndata: 7\n\n"
    assert changes(await heard(updates.Hub(look, seconds=0.02), seen="7")) == []


async def test_so_it_is_where_others_listen_already() -> None:
    """The old page hears nothing anew, the one that shows less does."""
    look = Counting()
    hub = updates.Hub(look, seconds=0.02)
    old = asyncio.create_task(heard(hub, 1.0))
    await asyncio.sleep(0.1)
    assert await first_change(hub, "x") == "event: change\nid: 0\ndata: 0\n\n"
    assert changes(await old) == []


async def test_a_database_that_is_away_ends_no_stream() -> None:
    def fail() -> int:
        raise RuntimeError

    assert len(await heard(updates.Hub(fail, seconds=0.02), 0.2)) >= 1


def test_each_change_is_another_state(people: dict[str, int], now: datetime) -> None:
    states = [updates.state()]
    changes: list[Callable[..., object]] = [lambda s: burst(s, now), lambda s: asked(s, now)]
    for change in changes:
        in_database(change)
        states.append(updates.state())
    assert len(set(states)) == 3


def test_a_page_says_what_it_shows_and_its_stream_begins_there(
    browser: Callable[..., Browser], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = in_database(lambda s: burst(s, now))
    one = in_database(lambda s: asked(s, now))
    begun: list[object] = []

    class Listening:
        async def listen(self, **how: object) -> AsyncIterator[str]:
            begun.append(how["seen"])
            yield ": hello\n\n"

    viewer = browser("viewer")
    for path in ("/", f"/incidents/{number}", "/handovers", f"/handovers/{one}", "/map"):
        found = re.search(r'data-live data-seen="([0-9.]+)"', viewer.get(path).text)
        assert found, path
        assert found[1] == updates.state(), path
    monkeypatch.setattr(incidents, "HUB", Listening())
    viewer.get("/events?seen=1.2")
    viewer.get("/events?seen=1.2", headers={"Last-Event-ID": "1.3"})
    viewer.get("/events")
    assert begun == ["1.2", "1.3", None]


def test_what_changes_while_a_page_is_made_is_not_what_it_shows(
    browser: Callable[..., Browser], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = browser("viewer")
    before = updates.state()
    read = incidents.list_incidents

    def meanwhile(session: Session, *given: object, **named: object) -> object:
        found = read(session, *given, **named)  # type: ignore[arg-type]
        in_database(lambda s: burst(s, now))
        return found

    monkeypatch.setattr(incidents, "list_incidents", meanwhile)
    assert f'data-seen="{before}"' in viewer.get("/").text
    assert updates.state() != before


def test_the_list_is_read_on_both_databases(each_database_url: str, now: datetime) -> None:
    number = in_database(lambda s: burst(s, now))
    for wanted in (
        Wanted(),
        Wanted(order="grade"),
        Wanted(order="overdue"),
        Wanted(order="time", words="三塘镇老"),
    ):
        (line,) = in_database(lambda s, wanted=wanted: list_incidents(s, wanted, now=now)).lines
        assert (line.number, line.grade, line.awaits, line.reports) == (number, "III", True, 3)
        assert line.overdue > 0


def test_what_is_committed_late_with_a_smaller_number_is_a_change(
    each_database_url: str, now: datetime
) -> None:
    """PostgreSQL gives numbers at the beginning and shows rows at the end: the second may be seen before the first."""
    number = in_database(lambda s: burst(s, now))
    incident = in_database(lambda s: s.scalars(select(Incident.id).where(Incident.number == number)).one())

    def note(session: Session, number: int) -> None:
        session.add(IncidentEvent(id=number, incident_id=incident, at=now, kind="told", detail={}))

    states = []
    for number_of_row in (1002, 1001, 1000):
        in_database(lambda s, number=number_of_row: note(s, number))
        states.append(updates.state())
    assert len(set(states)) == 3


@pytest.mark.parametrize("each_database_url", ["postgresql"], indirect=True)
def test_it_is_so_where_two_write_at_once_on_postgresql(each_database_url: str, now: datetime) -> None:
    number = in_database(lambda s: burst(s, now))
    incident = in_database(lambda s: s.scalars(select(Incident.id).where(Incident.number == number)).one())
    engine = engine_for(each_database_url)
    with Session(engine) as slow, Session(engine) as quick:
        for session in (slow, quick):
            session.add(IncidentEvent(incident_id=incident, at=now, kind="told", detail={}))
            session.flush()
        quick.commit()
        before = updates.state()
        slow.commit()
    assert updates.state() != before
