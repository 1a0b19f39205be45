"""您家也是这个停水吗, from the database to the words: what is shown, to whom, and what stays unsaid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from actions import doubles
from actions.doubles import AskDouble
from actions.outage import OutageJob
from bot.places.importer import PlaceRow, import_places
from bot.storage.database import session_scope
from bot.storage.tables import Incident, OutageReport, SupplyZone
from tests.actions.talking import Person, responses
from tests.conftest import NOW
from tests.water.filed import filed

QUESTION = "outage_double"


@pytest.fixture
def neighbour(database_url: str, now: Any) -> Person:
    """In a county whose streets are known, so that they are shown whoever named them."""
    streets = enumerate(("老街", "新街", "老街东段", "老街西段"))
    with session_scope() as session:
        import_places(session, [PlaceRow(str(i), "village", name, "三塘镇", None) for i, name in streets])
    return Person("b")


def reported(sender: str = "a", **fields: Any) -> str:
    with session_scope() as session:
        return filed(session, sender, **fields).number


def tells(person: Person, text: str = "三塘镇停水了", place: str = "三塘镇") -> list[dict[str, Any]]:
    """What the form says to the first words of a report; its question is asked then."""
    said = person.says(OutageJob(), text, intent="report_outage", place=place)
    person.loop = OutageJob.form
    return said


def asked(person: Person, text: str = "三塘镇停水了") -> list[dict[str, Any]]:
    return person.says(AskDouble(), text)


def test_the_question_tells_place_and_start_and_nothing_else(neighbour: Person) -> None:
    reported(detail="老街何国安家", name="何国安", phone="13912340001", hours=23)
    assert tells(neighbour) == []
    assert neighbour.slots["requested_slot"] == QUESTION
    assert "何" not in str(neighbour.slots["draft"]["doubles"])
    (said,) = asked(neighbour)
    assert said["response"] == "utter_outage_double_supply"
    shown = {key: value for key, value in said.items() if value and key not in ("response", "template")}
    assert shown == {"place": "三塘镇老街", "since": "从昨天晚上7点开始"}


def test_a_place_that_may_not_be_read_is_asked_for_and_not_about(neighbour: Person) -> None:
    """A yes to 三塘镇 from somebody of 三塘镇 would say nothing."""
    reported(detail="王某欠债不还", hours=23)
    assert tells(neighbour) == []
    assert neighbour.slots["requested_slot"] == "outage_detail"
    assert (neighbour.slots["draft"]["doubles"], neighbour.slots["draft"]["offered"]) == ((), ())
    said = neighbour.says(OutageJob(), "是的", intent="affirm")
    assert (responses(said), neighbour.slots["requested_slot"]) == ([], "outage_time")
    with session_scope() as session:
        assert len(session.scalars(select(OutageReport)).all()) == 1


def test_who_names_that_place_is_asked_about_it_and_a_tap_files_it(neighbour: Person) -> None:
    first = reported(detail="欠债巷", hours=23)
    tells(neighbour)
    neighbour.says(OutageJob(), "欠债巷", place="欠债巷")
    assert neighbour.slots["requested_slot"] == QUESTION
    (said,) = asked(neighbour)
    assert (said["place"], said["since"]) == ("三塘镇欠债巷", "从昨天晚上7点开始")
    said = neighbour.says(OutageJob(), "是的", intent="affirm")
    assert (responses(said), "1" in said[0]["others"]) == (["utter_outage_filed"], True)
    with session_scope() as session:
        rows = session.scalars(select(OutageReport).order_by(OutageReport.id)).all()
        assert [(row.number, row.place) for row in rows] == [
            (first, "三塘镇欠债巷"), ("HN261123-002", "三塘镇欠债巷"),
        ]  # fmt: skip
        assert len({row.incident_id for row in rows}) == 1


@pytest.mark.parametrize(
    ("text", "place", "intent"),
    [("竹山村", "竹山村", "inform"), ("不晓得", "", "deny"), ("就是三塘镇", "三塘镇", "inform")],
)
def test_who_lives_elsewhere_or_does_not_say_gets_an_incident_of_their_own(
    neighbour: Person, text: str, place: str, intent: str
) -> None:
    reported(detail="欠债巷", hours=23)
    tells(neighbour)
    neighbour.says(OutageJob(), text, intent=intent, **({"place": place} if place else {}))
    assert neighbour.slots["requested_slot"] == "outage_time"
    for answer, meant in (("今天下午五点", "inform"), ("就我一家", "inform"), ("不留", "deny")):
        neighbour.says(OutageJob(), answer, intent=meant)
        assert neighbour.slots["requested_slot"] not in (QUESTION, "outage_detail")
    said = neighbour.says(OutageJob(), "对", intent="affirm")
    assert (responses(said), said[0]["others"]) == (["utter_outage_filed"], "")


def test_what_may_be_read_is_asked_about_first(neighbour: Person) -> None:
    reported(detail="欠债巷", hours=23)
    reported("c", detail="老街", hours=None)
    tells(neighbour)
    assert neighbour.slots["requested_slot"] == QUESTION
    (said,) = asked(neighbour)
    assert (said["response"], said["place"]) == ("utter_outage_double_supply", "三塘镇老街")
    neighbour.says(OutageJob(), "不是", intent="deny")
    assert neighbour.slots["requested_slot"] == "outage_detail"


def test_of_several_that_may_not_be_read_the_place_is_asked_for_once(neighbour: Person) -> None:
    reported(detail="王某欠债不还", hours=23)
    reported("c", detail="李某也不还", hours=None)
    tells(neighbour)
    assert neighbour.slots["requested_slot"] == "outage_detail"


def test_who_named_their_place_is_not_asked_about_a_hidden_one_of_its_zone(neighbour: Person) -> None:
    """What was quiet for days is asked about where the place fits; of this one only the township may be read."""
    with session_scope() as session:  # the whole township is one zone
        session.add(
            SupplyZone(code="z", name="z", township="三塘镇", areas=[], households=9, imported_at=NOW)
        )
    reported(detail="欠债巷", at=NOW - timedelta(days=3))
    tells(neighbour, "三塘镇新街停水了", "三塘镇新街")
    assert neighbour.slots["requested_slot"] == "outage_time"


@pytest.mark.parametrize(
    ("fields", "since"),
    [
        ({"hours": None}, ""), ({"hours": 23, "started_grain": "day"}, "从昨天开始"),
        ({"hours": 23, "started_grain": "part"}, "从昨天开始"), ({"hours": 72}, "从11月20日下午6点开始"), ({"hours": 2.5}, "从今天下午3点30分开始"),
    ],
)  # fmt: skip
def test_since_when_is_told_as_exactly_as_it_was_said(
    neighbour: Person, fields: dict[str, Any], since: str
) -> None:
    reported(detail="老街", **fields)
    tells(neighbour)
    (said,) = asked(neighbour)
    assert said["since"] == since


def test_what_was_quiet_for_days_is_asked_about_and_a_tap_joins_it(neighbour: Person) -> None:
    first = reported(detail="老街", at=NOW - timedelta(days=3))
    tells(neighbour, "三塘镇老街停水了", place="三塘镇老街")
    assert neighbour.slots["requested_slot"] == QUESTION
    (said,) = asked(neighbour)
    assert (said["place"], said["since"]) == ("三塘镇老街", "从11月20日下午5点开始")
    neighbour.says(OutageJob(), "是的", intent="affirm")
    with session_scope() as session:
        rows = session.scalars(select(OutageReport).order_by(OutageReport.id)).all()
        assert [(row.number, row.incident_id) for row in rows] == [(first, 1), (rows[1].number, 1)]


def test_a_tap_files_it_with_the_others(neighbour: Person) -> None:
    first = reported(detail="老街")
    tells(neighbour)
    said = neighbour.says(OutageJob(), "是的", intent="affirm")
    assert responses(said) == ["utter_outage_filed"]
    assert (said[0]["number"], "1" in said[0]["others"]) == ("HN261123-002", True)
    assert neighbour.slots["requested_slot"] is None
    with session_scope() as session:
        rows = session.scalars(select(OutageReport).order_by(OutageReport.id)).all()
        assert [(row.number, row.joined) for row in rows] == [(first, "rule"), ("HN261123-002", "tap")]
        (incident,) = session.scalars(select(Incident)).all()
        assert (incident.reports_count, incident.households_count) == (2, 2)


def test_an_incident_that_was_closed_while_it_was_asked_takes_nobody(neighbour: Person) -> None:
    reported(detail="老街")
    tells(neighbour)
    with session_scope() as session:
        session.scalars(select(Incident)).one().status = "closed"
    said = neighbour.says(OutageJob(), "是的", intent="affirm")
    assert (responses(said), said[0]["others"]) == (["utter_outage_filed"], "")


@pytest.mark.parametrize(
    ("sender", "drill", "question"),
    [
        ("drill-b", True, QUESTION), ("b", False, QUESTION), ("drill-b", False, "outage_detail"), ("b", True, "outage_detail"),
    ],
)  # fmt: skip
def test_a_drill_and_life_never_see_each_other(
    neighbour: Person, sender: str, drill: bool, question: str
) -> None:
    reported(detail="老街", drill=drill)
    neighbour.sender = sender
    tells(neighbour)
    assert neighbour.slots["requested_slot"] == question


def test_several_are_shown_as_buttons(neighbour: Person) -> None:
    reported(detail="老街", hours=23)
    reported("c", detail="新街", hours=None)
    tells(neighbour)
    (said,) = asked(neighbour)
    assert said["response"] == "utter_outage_double_which"
    # Those of a township alone stand in the order in which they were opened, the longer name first.
    assert said["buttons"] == [
        {"title": "三塘镇老街（昨天晚上7点开始）", "payload": "三塘镇老街"}, {"title": "三塘镇新街", "payload": "三塘镇新街"},
        {"title": "都不是", "payload": "都不是"},
    ]  # fmt: skip


def test_who_says_that_it_is_none_of_them_gets_an_incident_of_their_own(neighbour: Person) -> None:
    """The rule would join the first of the two ends of a street; the person knows better."""
    reported(detail="老街东段")
    reported("c", detail="老街西段")
    tells(neighbour, "三塘镇老街停水了", "三塘镇老街")
    assert neighbour.slots["requested_slot"] == QUESTION
    for text, intent in (
        ("都不是", "deny"),
        ("今天下午五点", "inform"),
        ("就我一家", "inform"),
        ("不留", "deny"),
    ):
        neighbour.says(OutageJob(), text, intent=intent)
    said = neighbour.says(OutageJob(), "对", intent="affirm")
    assert (responses(said), said[0]["others"]) == (["utter_outage_filed"], "")


def test_an_outage_that_began_at_another_time_is_not_asked_about(neighbour: Person) -> None:
    reported(detail="老街", hours=48)
    tells(neighbour, "三塘镇今天下午四点停水了")
    assert neighbour.slots["requested_slot"] == "outage_detail"


def test_one_that_has_been_quiet_for_a_day_is_not_asked_about(neighbour: Person) -> None:
    reported(detail="老街", at=NOW - timedelta(hours=25))
    tells(neighbour)
    assert neighbour.slots["requested_slot"] == "outage_detail"


def test_without_the_database_the_report_goes_on(neighbour: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    reported(detail="老街")

    def away(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(doubles, "candidates", away)
    tells(neighbour)
    assert neighbour.slots["requested_slot"] == "outage_detail"
