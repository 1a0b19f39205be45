"""What the crowd of `tools/load_web.py` takes for an error."""

from __future__ import annotations

import pytest

from tools.load_web import Person, fault

TROUBLE = ("对不起，系统出了点问题。",)


def test_an_answer_to_this_person_is_none_and_their_report_is_noted() -> None:
    person = Person(7)
    assert fault(person, r"139\*{4}0007", "电话：139****0007", TROUBLE) is None
    assert fault(person, "HN", "您的报修号是 HN261126-012。", TROUBLE) is None
    assert person.report == "HN261126-012"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("对不起，系统出了点问题。", "trouble"),
        ("电话：139****0008", "somebody else's phone"),
        ("HN261126-001：泉溪镇", "somebody else's report"),
        ("您说什么？", "not the answer"),
        ("", "not the answer"),
    ],
)
def test_an_error_is_seen(answer: str, kind: str) -> None:
    assert fault(Person(7, report="HN261126-012"), "HN261126-012", answer, TROUBLE) == kind


def test_everybody_in_the_crowd_has_a_phone_of_their_own() -> None:
    assert len({Person(number).phone[-4:] for number in range(10_000)}) == 10_000


def test_who_reports_asks_for_their_own_number() -> None:
    person = Person(0)
    talk = person.talk()
    assert person.phone in next(talk)[0]
    assert next(talk)[0] == "对"
    person.report = "HN261126-012"
    assert next(talk) == ("我报的那个修好了没有", "HN261126-012")
