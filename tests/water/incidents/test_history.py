"""The history of an incident: lines are added in order and its version rises with each."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.storage.tables import Incident
from bot.water.incidents.history import EventLine, events_of, note
from tests.conftest import NOW


def an_incident(number: str) -> Incident:
    return Incident(number=number, kind="supply", opened_at=NOW, last_report_at=NOW)


def test_lines_come_back_in_order_with_who_and_what(session: Session) -> None:
    first, other = an_incident("SJ1"), an_incident("SJ2")
    session.add_all([first, other])
    opened = note(session, first, "opened", at=NOW)
    note(session, other, "opened", at=NOW)
    fact = note(session, first, "fact", at=NOW, by="李四", name="households", value=12)
    assert events_of(session, first.id) == (
        EventLine(opened.id, NOW, "opened", None, {}),
        EventLine(fact.id, NOW, "fact", "李四", {"name": "households", "value": 12}),
    )
    assert (first.version, other.version) == (2, 1)


def test_an_unknown_kind_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="renamed"):
        note(session, an_incident("SJ1"), "renamed", at=NOW)
