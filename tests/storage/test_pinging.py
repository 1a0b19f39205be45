"""A kept connection is asked whether it lives only where there is a reason to, and a dead one is never used."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from bot.storage import pinging
from bot.storage.database import make_engine
from tests import postgres
from tests.until import wait_for

_PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = make_engine(f"{postgres_url}/postgres")
    yield made
    made.dispose()


@pytest.fixture
def pings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections that were asked whether they live."""
    asked: list[Any] = []
    ping = engine.dialect.do_ping  # type: ignore[attr-defined]
    monkeypatch.setattr(engine.dialect, "do_ping", lambda one: asked.append(one) or ping(one))
    return asked


def pid_of(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(_PID))


def ended(engine: Engine, pids: list[int]) -> None:
    """End the server's side of connections; return once they are gone."""
    # Each statement in a transaction of its own: within one the server shows who is connected as it was first seen.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM unnest(:pids) AS pid"), {"pids": pids})
        left = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:pids)")
        wait_for(lambda: connection.scalar(left, {"pids": pids}) == 0)


def test_one_that_was_used_just_now_is_not_asked(engine: Engine, pings: list[Any]) -> None:
    assert len({pid_of(engine) for _ in range(5)}) == 1
    assert pings == []


def test_one_that_lay_unused_is_asked_and_stays(
    engine: Engine, pings: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pid_of(engine)
    later = monotonic() + 60
    monkeypatch.setattr(pinging, "monotonic", lambda: later)
    assert (pid_of(engine), len(pings)) == (before, 1)
    assert (pid_of(engine), len(pings)) == (before, 1)  # it was used at that time


def test_one_whose_way_was_cut_is_made_anew(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is heard of such a one: only the answer that fails to come tells."""
    before = pid_of(engine)
    later = monotonic() + 60
    monkeypatch.setattr(pinging, "monotonic", lambda: later)
    monkeypatch.setattr(engine.dialect, "do_ping", lambda _: False)
    assert pid_of(engine) != before


def test_one_that_the_server_ended_is_noticed_however_short_the_time(
    engine: Engine, postgres_url: str, pings: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "_UNUSED", 3600.0)
    other = make_engine(f"{postgres_url}/postgres")
    with engine.connect() as one, engine.connect() as two:
        before = [int(one.scalar(_PID)), int(two.scalar(_PID))]
    ended(other, before)
    other.dispose()
    # By what the first tells the second is made anew too.
    with engine.connect() as one, engine.connect() as two:
        assert not {one.scalar(_PID), two.scalar(_PID)} & set(before)
    assert len(pings) == 1


def test_word_from_a_living_server_costs_a_question_alone(engine: Engine, pings: list[Any]) -> None:
    with engine.connect() as listening, engine.connect() as telling:
        before = listening.scalar(_PID)
        listening.execute(text("LISTEN news"))
        listening.commit()
        telling.execute(text("NOTIFY news"))
        telling.commit()
        wait_for(lambda: pinging._was_heard_of(listening.connection.dbapi_connection))
    with engine.connect() as one, engine.connect() as two:
        assert before in (one.scalar(_PID), two.scalar(_PID))
    assert len(pings) == 1


def test_a_server_that_was_started_anew_is_served_by_new_connections() -> None:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.server() as url:
        engine = make_engine(f"{url}/postgres")
        with engine.connect() as connection:
            before = connection.scalar(text("SELECT pg_postmaster_start_time()"))
            folder = connection.scalar(text("SHOW data_directory"))
        postgres.restart(folder)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_postmaster_start_time()")) > before
        engine.dispose()
