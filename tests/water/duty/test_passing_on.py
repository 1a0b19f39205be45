"""An outage outside the supply area reaches the township and the office, or who is on duty is asked to telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import Settings
from bot.storage import staff
from bot.storage.tables import DeskUser, OutgoingMessage, Staff
from bot.water.incidents import assessing
from bot.water.incidents.clockwork import tick_all
from tests.water.desk import OPENED, incident

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def supply_area(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area="云集街道"))


def member(session: Session, name: str, unit: str, *, on_duty: bool = False) -> None:
    staff.add(session, name=name, role=unit, now=OPENED)
    code = staff.new_code(session, name=name, now=OPENED).replace("-", "")
    staff.bind(session, code, channel="telegram", sender=name, now=OPENED)
    if on_duty:
        whose = session.scalars(select(Staff.id).where(Staff.name == name)).one()
        session.add(
            DeskUser(name=name, role="duty", staff_id=whose, on_duty=True, created_at=OPENED, failures=0)
        )
    session.flush()


def told(session: Session) -> dict[str, str]:
    rows = session.scalars(select(OutgoingMessage).where(OutgoingMessage.kind == "outside")).all()
    assert len({row.sender_id for row in rows}) == len(rows)  # nobody twice
    return {row.sender_id: row.text for row in rows}


def test_township_and_office_are_told_once(session: Session) -> None:
    for name, unit in (("镇", "三塘镇"), ("局", "县水利局"), ("别镇", "泉溪镇")):
        member(session, name, unit)
    member(session, "值班", "自来水公司", on_duty=True)
    found = incident(session)
    for minute in range(3):
        tick_all(session, OPENED + minute * MINUTE)
    said = told(session)
    assert set(said) == {"镇", "局"}
    assert all(found.number in text and "三塘镇老街" in text and "1.4" in text for text in said.values())


def test_for_an_office_without_an_account_who_is_on_duty_telephones(session: Session) -> None:
    member(session, "镇", "三塘镇")
    member(session, "值班", "自来水公司", on_duty=True)
    incident(session)
    tick_all(session, OPENED + MINUTE)
    said = told(session)
    assert set(said) == {"镇", "值班"}
    assert "县水利局" in said["值班"]
    assert "三塘镇、" not in said["值班"]


@pytest.mark.parametrize(
    "fields", [{"township": "云集街道"}, {"township": None}, {"status": "closed"}, {"at": OPENED - timedelta(days=2)}]
)  # fmt: skip
def test_what_lies_inside_is_over_or_old_is_not_passed_on(
    session: Session, fields: dict[str, object]
) -> None:
    member(session, "局", "县水利局")
    member(session, "值班", "自来水公司", on_duty=True)
    incident(session, **fields)  # type: ignore[arg-type]
    tick_all(session, OPENED + MINUTE)
    assert told(session) == {}


def test_that_of_a_drill_is_marked(session: Session) -> None:
    member(session, "镇", "三塘镇")
    member(session, "局", "县水利局")
    incident(session, drill=True)
    tick_all(session, OPENED + MINUTE)
    assert all(text.startswith("【演练】") for text in told(session).values())
    assert told(session)
