"""Reports that come at the same moment: each joins, each counts once, and none joins what was closed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.storage.database import session_scope
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents.history import events_of
from bot.water.incidents.merging import merge
from bot.water.incidents.moments import locked
from bot.water.reporting.reports import Filed
from tests.conftest import NOW
from tests.until import wait_for
from tests.water.filed import filed, incident_of

THREADS, EACH = 6, 4


def at_once(work: Callable[[int], object]) -> None:
    """Do `work` in threads that begin together."""
    begin = Barrier(THREADS)

    def one(number: int) -> None:
        begin.wait(timeout=60)
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))


def file_one(sender: str, seconds: float = 0) -> Filed:
    with session_scope() as session:
        return filed(session, sender, at=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("first", [True, False])
def test_all_of_one_place_join_one_incident_and_count(database_url: str, first: bool) -> None:
    """Also where none is there yet: one of them opens it."""
    if first:
        file_one("first")
    at_once(lambda thread: [file_one(f"{thread} {number}", number) for number in range(EACH)])
    with session_scope() as session:
        (incident,) = session.scalars(select(Incident)).all()
        reports = session.scalars(select(OutageReport)).all()
        count = THREADS * EACH + first
        assert (len(reports), {report.incident_id for report in reports}) == (count, {incident.id})
        assert (incident.reports_count, incident.households_count) == (count, count)
        assert len({report.number for report in reports}) == count
        assert incident.last_report_at == NOW + timedelta(seconds=EACH - 1)
        assert [event.kind for event in events_of(session, incident.id)].count("opened") == 1


def test_one_person_is_one_household_however_often_they_write_at_once(database_url: str) -> None:
    at_once(lambda thread: [file_one("same", number) for number in range(EACH)])
    with session_scope() as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.reports_count, incident.households_count) == (THREADS * EACH, 1)


def test_a_change_by_staff_at_the_same_time_is_not_lost(database_url: str) -> None:
    file_one("first")

    def work(thread: int) -> None:
        for number in range(EACH):
            if thread % 2:
                file_one(f"{thread} {number}")
                continue
            with session_scope() as session:
                incident = locked(session, session.scalars(select(Incident)).one())
                incident.facts = {"households": incident.facts.get("households", 0) + 1}

    at_once(work)
    with session_scope() as session:
        incident = session.scalars(select(Incident)).one()
        half = THREADS // 2 * EACH
        assert (incident.facts["households"], incident.reports_count) == (half, half + 1)


def waits(session: Session) -> bool:
    """Whether another transaction of this database waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with session.get_bind().connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
        return bool(watching.scalar(text(query)))


@pytest.fixture
def with_row_locks(database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite locks the whole file: nobody reads a row that another is about to change")


@pytest.mark.usefixtures("with_row_locks")
def test_a_report_that_waited_for_a_closing_opens_another() -> None:
    before = file_one("a").incident
    with ThreadPoolExecutor(1) as pool:
        with session_scope() as session:
            incident = locked(session, before)
            incident.status, incident.closed_at = "closed", NOW
            session.flush()
            late = pool.submit(file_one, "b")
            wait_for(lambda: waits(session))
        after = late.result(timeout=60).incident
    assert after != before
    with session_scope() as session:
        counts = session.scalars(select(Incident.reports_count).order_by(Incident.id)).all()
        assert counts == [1, 1]


@pytest.mark.usefixtures("with_row_locks")
def test_a_report_that_waited_for_a_merging_goes_where_the_others_went() -> None:
    before = file_one("a").incident
    with session_scope() as session:
        target = filed(session, "b", detail="老街").incident
    with ThreadPoolExecutor(1) as pool:
        with session_scope() as session:
            merge(session, into=target, numbers=[before], by=None, now=NOW)
            late = pool.submit(file_one, "c")
            wait_for(lambda: waits(session))
        assert late.result(timeout=60).incident == target
    with session_scope() as session:
        assert session.scalars(select(Incident).where(Incident.number == target)).one().reports_count == 3


@pytest.mark.usefixtures("with_row_locks")
def test_a_report_that_waited_for_another_counts_it() -> None:
    """What is added up is read after the lock is held, not as it stood before the wait."""
    before = file_one("a").incident
    with ThreadPoolExecutor(1) as pool:
        with session_scope() as session:
            incident = locked(session, before)
            session.add(_by_hand(incident))
            session.flush()
            late = pool.submit(file_one, "c")
            wait_for(lambda: waits(session))
        assert late.result(timeout=60).others == 2
    with session_scope() as session:
        assert incident_of(session, late.result()).reports_count == 3


def _by_hand(incident: Incident) -> OutageReport:
    return OutageReport(
        number="HN-by-hand", place="金盘小区", township="三塘镇", area="金盘小区", problem="no_water", also_problems=[],
        urgent=False, status="open", text="", channel="web", sender_id="b", created_at=NOW, incident_id=incident.id,
    )  # fmt: skip
