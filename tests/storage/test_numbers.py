"""Numbers that are read out on the phone: never the same one twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FuturesTimeout
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.storage.database import engine_for, session_scope
from bot.storage.numbers import next_number, number_of_new
from bot.storage.tables import CareRequest, Counter, OutageReport

DAY = datetime(2026, 11, 23, 18, 0)
THREADS, EACH = 6, 8


def test_counts_by_series_and_day(session: Session) -> None:
    assert [next_number(session, "HN", DAY) for _ in range(3)] == [f"HN261123-00{i}" for i in (1, 2, 3)]
    assert next_number(session, "YL", DAY) == "YL261123-001"
    assert next_number(session, "HN", DAY + timedelta(days=1)) == "HN261124-001"
    assert next_number(session, "HN", DAY) == "HN261123-004"


def test_goes_on_beyond_three_digits(session: Session) -> None:
    session.add(Counter(series="HN261123", value=999))
    session.flush()
    assert next_number(session, "HN", DAY) == "HN261123-1000"


def report(number: str, draft: str | None) -> OutageReport:
    return OutageReport(
        number=number, draft_id=draft, place="", problem="no_water", sender_id="a", created_at=DAY
    )


def test_a_draft_gets_one_number_however_often_it_is_filed(session: Session) -> None:
    first = number_of_new(session, "HN", DAY, OutageReport, "d")
    assert first == "HN261123-001"
    session.add(report(first, "d"))
    assert number_of_new(session, "HN", DAY, OutageReport, "d") is None
    assert number_of_new(session, "HN", DAY, OutageReport, "e") == "HN261123-002"  # none was used up
    assert number_of_new(session, "YL", DAY, CareRequest, "d") == "YL261123-001"
    assert next_number(session, "HN", DAY) == "HN261123-003"


def test_what_comes_of_no_draft_is_always_new(session: Session) -> None:
    session.add(report("HN-1", None))
    numbers = [number_of_new(session, "HN", DAY, OutageReport, "") for _ in range(2)]
    assert numbers == ["HN261123-001", "HN261123-002"]


def test_a_number_that_was_rolled_back_is_given_again(database_url: str) -> None:
    given = []

    def fails() -> None:
        with session_scope() as session:
            given.append(next_number(session, "HN", DAY))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert given == ["HN261123-001"]
    with session_scope() as session:
        assert next_number(session, "HN", DAY) == "HN261123-001"


def test_threads_never_get_the_same_number(database_url: str) -> None:
    def take(_: int) -> Iterator[str]:
        for _i in range(EACH):
            with session_scope() as session:
                yield next_number(session, "HN", DAY)

    with ThreadPoolExecutor(THREADS) as pool:
        numbers = [n for found in pool.map(lambda i: list(take(i)), range(THREADS)) for n in found]
    assert sorted(numbers) == [f"HN261123-{i:03d}" for i in range(1, THREADS * EACH + 1)]


def test_two_sessions_at_once_wait_for_each_other(database_url: str) -> None:
    """The second session gets its number only once the first has committed, and it is another one."""
    first = Session(engine_for(database_url), future=True)
    with ThreadPoolExecutor(1) as pool:
        with first, first.begin():
            mine = next_number(first, "HN", DAY)

            def other() -> str:
                with session_scope() as session:
                    return next_number(session, "HN", DAY)

            waiting = pool.submit(other)
            with pytest.raises(FuturesTimeout):
                waiting.result(timeout=0.3)
        theirs = waiting.result(timeout=60)
    assert {mine, theirs} == {"HN261123-001", "HN261123-002"}
    assert re.fullmatch(r"HN\d{6}-\d{3}", theirs)
