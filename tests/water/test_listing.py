"""The list of incidents for the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.settings import Settings
from bot.storage.tables import Incident, IncidentDuty
from bot.water import assessing
from bot.water.listing import IncidentLine, list_incidents
from bot.water.rising import Rise
from tests.conftest import NOW
from tests.water.reporting import HOUR, filed, incident_of


def listed(session: Session, order: str = "time", **more: object) -> tuple[IncidentLine, ...]:
    asked = {"status": "open", "township": None, "limit": 50, "offset": 0, **more}
    return list_incidents(session, order=order, now=NOW, **asked)  # type: ignore[arg-type]


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
    late = NOW - timedelta(minutes=5)
    duty(session, light, "1", due_at=late)
    duty(session, light, "2", due_at=NOW + HOUR)
    duty(session, light, "3", due_at=late, done_at=NOW)
    duty(session, light, "4", due_at=late, dropped_at=NOW)
    duty(session, grave, "1")
    session.flush()
    return light, grave, later


def test_the_orders(session: Session) -> None:
    light, grave, later = three(session)
    assert [line.number for line in listed(session, "time")] == [later.number, grave.number, light.number]
    assert [line.number for line in listed(session, "grade")] == [grave.number, later.number, light.number]
    assert [line.number for line in listed(session, "overdue")] == [light.number, later.number, grave.number]
    light.confirmed_grade = "I"
    assert next(line.number for line in listed(session, "grade")) == light.number
    with pytest.raises(BadInput, match="没有这种排法"):
        listed(session, "colour")


def test_a_line_says_what_stands_in_the_row_with_duties_counted(session: Session) -> None:
    light, grave, _later = three(session)
    lines = {line.number: line for line in listed(session)}
    assert (lines[light.number].waiting, lines[light.number].overdue) == (2, 1)
    assert (lines[grave.number].waiting, lines[grave.number].overdue) == (1, 0)
    assert (lines[grave.number].grade, lines[grave.number].clauses, lines[grave.number].households) == (
        "III", ("3.2.3(3)",), 1500,
    )  # fmt: skip
    assert lines[light.number].rise == Rise("IV", NOW + 34 * HOUR, "3.2.4(4)")


def test_pages_and_filters(session: Session) -> None:
    light, grave, later = three(session)
    light.status = "closed"
    assert [line.number for line in listed(session)] == [later.number, grave.number]
    assert [line.number for line in listed(session, township="泉溪镇")] == [grave.number]
    assert [line.number for line in listed(session, status=None, limit=1, offset=2)] == [light.number]
    assert listed(session, status="merged") == ()


def test_places_outside_the_supply_area_are_told_apart(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area="三塘镇"))
    three(session)
    assert {line.township: line.plan_applies for line in listed(session)} == {
        "三塘镇": True, "泉溪镇": False, "茶市镇": False,
    }  # fmt: skip
    assert {line.township: line.pass_on_to for line in listed(session)} == {
        "三塘镇": (), "泉溪镇": ("泉溪镇", "县水利局"), "茶市镇": ("茶市镇", "县水利局"),
    }  # fmt: skip


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
