"""The chain of what was done: every way of changing it afterwards is seen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from bot.desk import audit
from bot.storage.database import session_scope
from bot.storage.tables import AuditEntry, Counter


@pytest.fixture
def five(each_database_url: str, now: datetime) -> str:
    """Five lines, on each kind of database."""
    for number in range(1, 6):
        with session_scope() as session:
            audit.note(
                session, by="zhiban", action="incident.confirm", subject=f"SJ-{number}", grade="III", n=number
            )
    return each_database_url


def verdict(head: str = "") -> audit.Verdict:
    with session_scope() as session:
        return audit.verify(session, head=head)


def change(make: Callable[[Session], object]) -> None:
    with session_scope() as session:
        make(session)


def test_an_empty_chain_holds(each_database_url: str) -> None:
    assert verdict() == audit.Verdict(0, "")
    assert verdict().holds


def test_a_chain_that_nobody_touched_holds(five: str) -> None:
    found = verdict()
    assert found.holds
    assert found.lines == 5
    assert len(found.head) == 64


@pytest.mark.parametrize("line", [1, 3, 5])
@pytest.mark.parametrize(
    ("column", "value"),
    [("by", "guanli"), ("by", "zhiban "), ("action", "incident.override"), ("subject", "SJ-9"), ("subject", ""), ("at", datetime(2026, 11, 23, 18, 1)),
     ("detail", {"grade": "IV", "n": 3}), ("detail", {}), ("previous", "1" * 64), ("hash", "2" * 64), ("id", 77)],
)  # fmt: skip
def test_a_line_that_was_changed_is_found_in_each_column(
    five: str, line: int, column: str, value: object
) -> None:
    change(lambda s: s.execute(update(AuditEntry).where(AuditEntry.id == line).values({column: value})))
    found = verdict()
    assert not found.holds
    assert found.lines == line - 1
    assert str(line) in (found.fault or "")


@pytest.mark.parametrize("line", [1, 3, 5])
def test_a_line_that_was_taken_out_is_missed(five: str, line: int) -> None:
    change(lambda s: s.execute(delete(AuditEntry).where(AuditEntry.id == line)))
    assert not verdict().holds
    assert verdict().lines == line - 1


def test_lines_taken_out_and_the_rest_numbered_anew_are_missed(five: str) -> None:
    change(lambda s: s.execute(delete(AuditEntry).where(AuditEntry.id == 2)))
    for number in (3, 4, 5):
        change(lambda s, n=number: s.execute(update(AuditEntry).where(AuditEntry.id == n).values(id=n - 1)))
    change(lambda s: s.execute(update(Counter).where(Counter.series == audit.SERIES).values(value=4)))
    found = verdict()
    assert not found.holds
    assert found.lines == 1


def test_two_lines_that_changed_places_are_found(five: str) -> None:
    for was, becomes in ((2, 99), (3, 2), (99, 3)):
        change(
            lambda s, a=was, b=becomes: s.execute(update(AuditEntry).where(AuditEntry.id == a).values(id=b))
        )
    assert not verdict().holds
    assert verdict().lines == 1


def test_a_line_put_in_between_is_found(five: str) -> None:
    def put(session: Session) -> None:
        row = session.get(AuditEntry, 5)
        session.add(
            AuditEntry(
                id=6,
                at=row.at,
                by="guanli",
                action="x",
                subject="",
                detail={},
                previous=row.hash,
                hash="f" * 64,
            )
        )
        session.get(Counter, audit.SERIES).value = 6

    change(put)
    assert not verdict().holds
    assert verdict().lines == 5


def test_a_chain_made_anew_without_the_key_does_not_hold(five: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    monkeypatch.setattr(audit, "keyed_hash", lambda _purpose, line: hashlib.sha256(line.encode()).hexdigest())

    def forge(session: Session) -> None:
        previous = audit.FIRST
        for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
            row.detail, row.previous = {**row.detail, "grade": "IV"}, previous
            row.hash = previous = audit._hash(row)

    change(forge)
    assert verdict().holds, "the forger finds nothing wrong"
    monkeypatch.undo()
    from bot.settings import Settings
    from bot.storage import database

    monkeypatch.setattr(database, "settings", lambda: Settings(database_url=five))
    assert not verdict().holds
    assert verdict().lines == 0


def test_lines_cut_off_at_the_end_are_missed(five: str) -> None:
    change(lambda s: s.execute(delete(AuditEntry).where(AuditEntry.id > 3)))
    found = verdict()
    assert (found.lines, found.holds) == (3, False)


def test_lines_cut_off_are_missed_after_new_ones_too(five: str) -> None:
    change(lambda s: s.execute(delete(AuditEntry).where(AuditEntry.id > 3)))
    change(lambda s: audit.note(s, by="zhiban", action="x"))
    assert not verdict().holds


def test_who_cuts_the_count_too_is_found_by_a_head_that_was_told(five: str) -> None:
    told = verdict().head
    change(lambda s: s.execute(delete(AuditEntry).where(AuditEntry.id > 3)))
    change(lambda s: s.execute(update(Counter).where(Counter.series == audit.SERIES).values(value=3)))
    assert verdict().holds
    assert not verdict(told).holds


def test_a_head_of_before_is_still_found_later(five: str) -> None:
    told = verdict().head
    change(lambda s: audit.note(s, by="zhiban", action="x"))
    assert verdict(told).holds


def test_what_is_rolled_back_leaves_no_gap(five: str) -> None:
    def fail(session: Session) -> None:
        audit.note(session, by="zhiban", action="x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change(fail)
    change(lambda s: audit.note(s, by="zhiban", action="y"))
    assert (verdict().lines, verdict().holds) == (6, True)


def test_lines_written_at_once_stand_in_one_row(each_database_url: str, now: datetime) -> None:
    def write(number: int) -> None:
        with session_scope() as session:
            audit.lock(session)
            session.execute(text("SELECT 1"))
            audit.note(session, by=f"user-{number}", action="x")

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(write, range(40)))
    assert (verdict().lines, verdict().holds) == (40, True)


def test_whatever_is_noted_is_hashed_as_it_is_stored(each_database_url: str, now: datetime) -> None:
    with session_scope() as session:
        audit.note(
            session, by="甲" * 80, action="x" * 64, subject="乙\x00" + "丙" * 90, at_time=now, day=date(2026, 1, 2),
            spelled="\ud800 \x00 \\u0000 𠮷 é", number=0.1, many=[1, None, True], keys={"b": 1, "a": {"z": 1}},
        )  # fmt: skip
        audit.note(session, by="", action="", wait=timedelta(minutes=5))
    assert (verdict().lines, verdict().holds) == (2, True)
    with session_scope() as session:
        lines = list(audit.audit_lines(session))
    assert [line["id"] for line in lines] == [2, 1]
    assert lines[1]["detail"]["at_time"] == "2026-11-23 18:00:00"
