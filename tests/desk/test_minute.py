"""What is done once a minute, by one process, whatever is wrong with one part of it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock
from bot.desk import links, minute, sessions, users
from bot.desk.app import create_app
from bot.storage.database import session_scope
from bot.storage.tables import DeskLink, DeskSession
from bot.water.incidents.clockwork import tick_all


def test_the_clocks_of_incidents_are_among_the_tasks() -> None:
    assert tick_all in minute.TASKS


def test_sessions_and_links_that_are_over_are_deleted(
    people: dict[str, int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_scope() as session:
        sessions.begin(session, user_id=people["duty"], now=now - timedelta(hours=13))
        kept = sessions.hash_of(sessions.begin(session, user_id=people["duty"], now=now))
        links.make(session, name="kan", now=now - timedelta(days=2))
    minute.do((sessions.tidy, links.tidy))
    with session_scope() as session:
        assert session.scalars(select(DeskSession.token_hash)).all() == [kept]
        assert session.scalars(select(DeskLink)).all() == []


def test_a_task_that_fails_costs_the_others_nothing(
    each_database_url: str, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(session: Session, now: datetime) -> None:
        users.add(session, name="half", role="viewer", now=now)
        raise RuntimeError("broken")

    def whole(session: Session, now: datetime) -> None:
        users.add(session, name="whole", role="viewer", now=now)

    assert minute.do((broken, whole))
    with session_scope() as session:
        assert [one.name for one in users.all_users(session)] == ["whole"]
    assert "broken failed" in caplog.text


def test_two_processes_do_not_do_it_at_once(each_database_url: str, now: datetime) -> None:
    inside, go_on, done = threading.Event(), threading.Event(), []

    def slow(session: Session, now: datetime) -> None:
        inside.set()
        go_on.wait(10)

    first = threading.Thread(target=lambda: done.append(minute.do((slow,))))
    first.start()
    assert inside.wait(10)
    assert minute.do(()) is False
    go_on.set()
    first.join(10)
    assert done == [True]
    assert minute.do(()) is True


async def test_the_app_does_it_as_long_as_it_runs(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(minute, "SECONDS", 0.01)
    monkeypatch.setattr(minute, "do", lambda tasks: seen.append(clock.now()) or True)
    app = create_app()
    async with app.router.lifespan_context(app):
        with anyio.fail_after(10):
            while len(seen) < 3:
                await anyio.sleep(0.01)
    count = len(seen)
    await anyio.sleep(0.1)
    assert len(seen) <= count + 1
