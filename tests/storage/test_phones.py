"""Whole phone numbers for staff who call back, and the note of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.eldercare.intake import Wish
from bot.eldercare.wishes import register_care
from bot.errors import NotFound
from bot.storage.phones import Reached, look_up, lookup_lines
from bot.storage.tables import Handover, PhoneLookup
from bot.water.reporting.reports import file_report
from bot.water.talk.draft import Draft
from tests.conftest import NOW

ASKED = {"by": "li", "now": NOW}


def report(session: Session, sender: str = "a", **more: object) -> str:
    draft = Draft(problems=("no_water",), **more)  # type: ignore[arg-type]
    return file_report(session, draft=draft, channel="rest", sender=sender, now=NOW).number


def handover(session: Session, text: str, phone: str | None = None, sender: str = "a") -> str:
    made = Handover(
        reason="emergency",
        urgent=True,
        text=text,
        phone=phone,
        channel="rest",
        sender_id=sender,
        created_at=NOW,
    )
    session.add(made)
    session.flush()
    return str(made.id)


def test_a_report_s_phone_and_name(session: Session) -> None:
    number = report(session, phone="13912340001", name="何国安")
    assert look_up(session, number=number, **ASKED) == Reached(number, "何国安", ("13912340001",))


@pytest.mark.parametrize("spelt", ["hn261123-001", " HN261123-001 ", "ＨＮ２６１１２３-００１"])
def test_a_number_may_be_spelt_in_any_way(session: Session, spelt: str) -> None:
    report(session, phone="13912340001")
    assert look_up(session, number=spelt, **ASKED).phones == ("13912340001",)


def test_a_care_request_s_phone(session: Session) -> None:
    wish = Wish(id="1", services=("meals",), name="陈桂香", phone="13912340002", words=("送饭",))
    number = register_care(session, wish=wish, channel="rest", sender="a", now=NOW)
    assert look_up(session, number=number, **ASKED) == Reached(number, "陈桂香", ("13912340002",))


def test_a_handover_by_its_id_with_the_phone_in_its_words(session: Session) -> None:
    waiting = handover(session, "漏氯气了，打我电话一三九一二三四零零零三")
    assert look_up(session, number=waiting, **ASKED).phones == ("13912340003",)


def test_a_handover_without_a_phone_has_that_of_the_same_person_s_report(session: Session) -> None:
    report(session, phone="13912340001")
    report(session, sender="b", phone="13912340009")
    assert look_up(session, number=handover(session, "有人晕倒了"), **ASKED).phones == ("13912340001",)


def test_each_look_is_noted_and_a_vain_one_is_not(session: Session) -> None:
    number = report(session, phone="13912340001")
    silent = report(session, sender="b")
    look_up(session, number=number, **ASKED)
    for wanted in (silent, "HN261123-999", "77", "1" * 30, "XX", ""):
        with pytest.raises(NotFound):
            look_up(session, number=wanted, **ASKED)
    assert [(row.number, row.by, row.at) for row in session.scalars(select(PhoneLookup))] == [
        (number, "li", NOW)
    ]
    look_up(session, number=number.lower(), by="wang", now=NOW)
    assert [(line["number"], line["by"]) for line in lookup_lines(session)] == [
        (number, "wang"),
        (number, "li"),
    ]
