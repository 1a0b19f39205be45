"""The list of incidents: its orders, filters and pages, without a look at any report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.desk import listing
from bot.desk.listing import ListLine, Wanted, list_incidents
from bot.storage.forget import forget
from bot.storage.tables import Incident, IncidentDuty, OutageReport
from bot.water.duty.alarms import heading
from bot.water.duty.duty_lines import grades_of
from bot.water.incidents.decisions import override_grade, set_fact
from bot.water.reporting.amending import settle
from tests.conftest import NOW
from tests.water.filed import HOUR, filed, incident_of


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """On SQLite and on PostgreSQL."""
    return each_database_url


def listed(session: Session, order: str = "time", **more: object) -> tuple[ListLine, ...]:
    return list_incidents(session, Wanted(order=order, **more), now=NOW).lines  # type: ignore[arg-type]


def duty(session: Session, incident: Incident, key: str, **values: object) -> None:
    session.add(
        IncidentDuty(
            incident_id=incident.id, key=key, who="x", what="y", clause="4.2.1", added_at=NOW, **values
        )
    )


def three(session: Session) -> tuple[Incident, Incident, Incident]:
    light = incident_of(session, filed(session, "a", hours=2))
    grave = incident_of(session, filed(session, "b", township="泉溪镇", hours=37, households=1500))
    later = incident_of(session, filed(session, "c", township="茶市镇", hours=2, at=NOW + HOUR))
    session.execute(IncidentDuty.__table__.delete())
    late = NOW - timedelta(minutes=5)
    duty(session, light, "1", due_at=late)
    duty(session, light, "2", due_at=NOW + HOUR)
    duty(session, light, "3", due_at=late, done_at=NOW)
    duty(session, light, "4", due_at=late, dropped_at=NOW)
    duty(session, grave, "1")
    session.flush()
    return light, grave, later


def numbers(lines: tuple[ListLine, ...]) -> list[str]:
    return [line.number for line in lines]


def test_the_orders(session: Session) -> None:
    light, grave, later = (one.number for one in three(session))
    assert numbers(listed(session, "time")) == [later, grave, light]
    assert numbers(listed(session, "grade")) == [grave, later, light]
    assert numbers(listed(session, "overdue")) == [light, grave, later]
    assert numbers(listed(session, "urgent")) == [light, grave, later]


def test_the_grade_that_staff_confirmed_counts_where_it_is_graver(session: Session) -> None:
    light, *_ = three(session)
    light.confirmed_grade = "I"
    assert listed(session, "grade")[0].number == light.number


def test_a_line_says_what_stands_in_the_row_with_duties_counted(session: Session) -> None:
    light, grave, _later = three(session)
    lines = {line.number: line for line in listed(session)}
    assert (lines[light.number].overdue, lines[light.number].due_at) == (1, NOW + HOUR)
    assert (lines[grave.number].overdue, lines[grave.number].due_at) == (0, None)
    assert (lines[grave.number].grade, lines[grave.number].clauses, lines[grave.number].households) == (
        "III", ("3.2.3(3)",), 1500,
    )  # fmt: skip
    assert lines[grave.number].awaits
    assert (lines[light.number].next_grade, lines[light.number].rises_at) == ("IV", NOW + 34 * HOUR)


def test_the_list_says_as_the_incident_does_whether_a_grade_waits(session: Session) -> None:
    """Staff set II down to III: that other clauses give II too is nothing new to them; a rise from lower down is."""
    found = incident_of(session, filed(session, "a", hours=2))
    said = []
    for name, value in (
        (None, None), ("deaths", 3), ("people_to_relocate", 5000), ("deaths", None), ("people_to_relocate", None),
        ("people_to_relocate", 5000),
    ):  # fmt: skip
        if name is not None:
            set_fact(session, number=found.number, name=name, value=value, by="陈", now=NOW + HOUR)
        if name == "deaths" and value:
            said.append(waits(session, found))
            override_grade(session, number=found.number, grade="III", reason="一人", by="陈", now=NOW + HOUR)
        said.append(waits(session, found))
    assert said == [False, True, False, False, False, False, True]


def waits(session: Session, found: Incident) -> bool:
    """What the list says, which is what the history says."""
    (line,) = listed(session)
    assert line.awaits is (grades_of(found).pending is not None)
    return line.awaits


def test_filters(session: Session) -> None:
    light, grave, later = three(session)
    light.status = "closed"
    assert numbers(listed(session)) == [later.number, grave.number]
    assert numbers(listed(session, township="泉溪镇")) == [grave.number]
    assert numbers(listed(session, grade="III")) == [grave.number]
    assert numbers(listed(session, words="金盘", status="")) == [later.number, grave.number, light.number]
    assert listed(session, status="merged") == ()


def test_pages(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _light, grave, later = (one.number for one in three(session))
    monkeypatch.setattr(listing, "PAGE", 2)
    first = list_incidents(session, Wanted(order="time"), now=NOW)
    last = list_incidents(session, Wanted(order="time", page=2), now=NOW)
    assert (numbers(first.lines), first.more) == ([later, grave], True)
    assert (len(last.lines), last.more) == (1, False)


def test_no_report_is_read(session: Session) -> None:
    three(session)
    session.flush()
    said: list[str] = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda _c, _cu, statement, *_: said.append(statement)
    )
    listed(session, "grade")
    assert len(said) == 2
    assert not any("outage_report" in statement for statement in said)


def test_who_cannot_wait_is_counted_by_household_until_the_water_is_back(session: Session) -> None:
    found = incident_of(session, filed(session, "a", words=("我娘瘫在床上",)))
    filed(session, "a", words=("还是我屋里，老娘瘫在床上",), at=NOW + HOUR)
    filed(session, "b", detail="金盘小区2栋", words=("屋里有婴儿",), at=NOW + HOUR)
    plain = incident_of(session, filed(session, "c", township="茶市镇", at=NOW + HOUR, words=("没水",)))
    assert [(line.number, line.vulnerable) for line in listed(session)] == [
        (plain.number, 0),
        (found.number, 2),
    ]
    assert numbers(listed(session, "urgent")) == [found.number, plain.number]
    assert numbers(listed(session, vulnerable=True)) == [found.number]
    settle(session, sender="a", now=NOW + HOUR, restored=True)
    assert listed(session, vulnerable=True)[0].vulnerable == 1
    settle(session, sender="b", now=NOW + HOUR, restored=True)
    assert listed(session, vulnerable=True, status="") == ()


def test_a_grade_that_waits_is_told_with_who_cannot_wait(session: Session) -> None:
    found = incident_of(session, filed(session, "a", words=("我娘瘫在床上",)))
    assert heading(found)["place"] == "三塘镇金盘小区（1户有病弱的人，要先照顾）"
    forget(session, channel="rest", sender="a", now=NOW)
    assert session.scalars(select(OutageReport.vulnerable)).all() == [None]
    assert heading(found)["place"] == "三塘镇金盘小区"


def test_what_the_address_asks_for() -> None:
    assert Wanted.of({"vulnerable": "1"}).vulnerable
    assert not Wanted.of({"vulnerable": "x"}).vulnerable
