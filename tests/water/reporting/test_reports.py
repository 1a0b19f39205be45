"""File a report, ask how it stands, add to it; news of a place; subscriptions."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.places.gazetteer import Resolved
from bot.storage.inbox import handover_lines, subscription_lines
from bot.storage.tables import Handover, Incident, OutageReport, Subscription
from bot.water.reporting.amending import (
    Settled,
    add_phone,
    amend_report,
    filed_draft,
    mark_vulnerable,
    revise,
    settle,
)
from bot.water.reporting.reports import ADD_WITHIN, Filed, file_report
from bot.water.talk.draft import Draft
from bot.water.telling.standing import find_reports, outage_news, report_lines
from bot.water.telling.subscriptions import subscribe, unsubscribe
from tests.conftest import NOW

PHONE, NAME = "13912340001", "王建国"
DRAFT = Draft(
    problems=("burst", "no_water"), township="三塘镇", place="三塘镇老街", detail="老街",
    started_at="2026-11-22T20:00:00", started_text="昨晚八点", started_grain="hour", households=30,
    scope="street", phone=PHONE, name=NAME, words=("水管爆了", "整条街"),
)  # fmt: skip
URGENT = Draft(
    problems=("bad_water",), township="硫市镇", place="硫市镇水厂", detail="水厂", danger="chlorine", casualties=2,
    words=("漏氯气了",),
)  # fmt: skip


def file(session: Session, sender: str = "a", draft: Draft = DRAFT, **fields: Any) -> Filed:
    given = Draft(**{**asdict(draft), **fields})
    return file_report(session, draft=given, channel="rest", sender=sender, now=NOW)


def test_filing_stores_all_that_was_said(session: Session) -> None:
    filed = file(session)
    assert filed == Filed("HN261123-001", "SJ261123-001", 0, False)
    session.expire_all()
    (line,) = report_lines(session)
    assert line["started_at"].startswith("2026-11-22T20:00:00")
    assert line["reported_at"].startswith("2026-11-23T18:00:00")
    told = {
        "number": "HN261123-001", "township": "三塘镇", "place": "三塘镇老街", "problem": "burst",
        "also_problems": ["no_water"], "channel": "rest", "status": "open", "incident": "SJ261123-001",
        "households": 30, "scope": "street", "casualties": None, "urgent": False, "phone": PHONE, "name": NAME,
        "text": "水管爆了\n整条街",
    }  # fmt: skip
    assert {name: line[name] for name in told} == told


def test_numbers_go_up_and_others_are_counted_by_person(session: Session) -> None:
    assert [file(session, sender).others for sender in ("a", "b", "b", "c")] == [0, 1, 1, 2]
    assert [line["number"] for line in report_lines(session)] == [f"HN261123-00{i}" for i in (1, 2, 3, 4)]


def test_nothing_wrong_gives_no_report(session: Session) -> None:
    with pytest.raises(BadInput, match="what is wrong"):
        file(session, problems=())
    assert list(report_lines(session)) == []


def test_danger_without_a_problem_is_filed_and_staff_are_alerted(session: Session) -> None:
    filed = file(session, draft=URGENT, problems=(), phone=PHONE)
    session.flush()
    assert filed.urgent
    (alarm,) = handover_lines(session)
    assert (alarm["reason"], alarm["urgent"], alarm["phone"], alarm["status"]) == (
        "emergency",
        True,
        PHONE,
        "open",
    )
    assert alarm["text"] == f"HN261123-001 硫市镇水厂：水质不好、氯气；2人受伤或不舒服；电话{PHONE}\n漏氯气了"


def test_the_first_line_of_an_alarm_says_all_and_grows_with_what_is_told_later(session: Session) -> None:
    file(session, draft=URGENT, problems=("burst", "no_water"), casualties=2)
    (alarm,) = handover_lines(session)
    assert (
        alarm["text"] == "HN261123-001 硫市镇水厂：水管爆了、没水、氯气；2人受伤或不舒服；没留电话\n漏氯气了"
    )
    amend_report(session, sender="a", said=Draft(casualties=3, phone=PHONE, words=("又倒了一个",)), now=NOW)
    (alarm,) = handover_lines(session)
    assert (
        alarm["text"].split("\n")[0]
        == f"HN261123-001 硫市镇水厂：水管爆了、没水、氯气；3人受伤或不舒服；电话{PHONE}"
    )
    assert (alarm["phone"], alarm["text"].split("\n")[1:]) == (PHONE, ["漏氯气了", "又倒了一个"])


@pytest.mark.parametrize(("hurt", "told"), [(None, "伤了几人没说"), (0, "没人受伤")])
def test_an_alarm_says_what_is_not_known(session: Session, hurt: int | None, told: str) -> None:
    file(session, draft=URGENT, casualties=hurt, place=None, township=None, detail="")
    (alarm,) = handover_lines(session)
    assert alarm["text"].startswith(f"HN261123-001 地点没说：水质不好、氯气；{told}；没留电话")


def test_an_alarm_that_staff_closed_is_not_raised_again_by_a_further_word(session: Session) -> None:
    file(session, draft=URGENT)
    session.scalars(select(Handover)).one().status = "closed"
    amend_report(session, sender="a", said=Draft(casualties=1), now=NOW)
    assert [line["status"] for line in handover_lines(session)] == ["closed"]


def test_a_place_nobody_told_is_stored_as_empty(session: Session) -> None:
    file(session, draft=URGENT, place=None, township=None, detail="")
    (line,) = report_lines(session)
    assert (line["place"], line["township"]) == ("", None)


def test_an_ordinary_report_alerts_nobody(session: Session) -> None:
    file(session)
    session.flush()
    assert list(handover_lines(session)) == []


# how a report stands


@pytest.mark.parametrize("number", ["HN261123-002", "hn261123-002", "HN261123 -002"])
def test_found_by_the_whole_number_without_the_house(session: Session, number: str) -> None:
    file(session, "a")
    file(session, "b", place="三塘镇新街5栋301", detail="新街5栋301")
    found = find_reports(session, sender="stranger", number=number)
    assert [(s.number, s.place) for s in found] == [("HN261123-002", "三塘镇")]
    file(session, "c", place="三塘镇新街", detail="新街", phone=None)  # a second household names the street
    found = find_reports(session, sender="stranger", number=number)
    assert [s.place for s in found] == ["三塘镇新街"]


@pytest.mark.parametrize("number", ["002", "2"])
def test_the_last_digits_are_enough_for_ones_own_and_give_nobody_elses(session: Session, number: str) -> None:
    file(session, "a")
    file(session, "b", place="三塘镇新街5栋301", detail="新街5栋301")
    found = find_reports(session, sender="b", number=number)
    assert [(s.number, s.place) for s in found] == [("HN261123-002", "三塘镇新街5栋301")]
    assert find_reports(session, sender="stranger", number=number) == []


def test_a_draft_sent_again_is_the_same_report(session: Session) -> None:
    """A time-out at the last word, and the person says yes again."""
    once, again = (
        file_report(session, draft=replace(DRAFT, id="d1"), channel="web", sender="a", now=NOW) for _ in "12"
    )
    assert once.number == again.number
    assert len(list(report_lines(session))) == 1


def test_a_report_is_taken_back_or_said_to_be_over(session: Session) -> None:
    file(session, "a")
    assert settle(session, sender="b", now=NOW, restored=False) is None
    settled = settle(session, sender="a", now=NOW, restored=False)
    assert settled
    assert settled.number == "HN261123-001"
    assert settle(session, sender="a", now=NOW, restored=True) is None
    assert outage_news(session, township="三塘镇", detail="", now=NOW).incidents == ()


def test_of_several_places_the_named_one_is_over_and_the_others_are_told(session: Session) -> None:
    file(session, place="三塘镇老街", detail="老街")
    file(session, township="泉溪镇", place="泉溪镇新街", detail="新街")
    named = Resolved("三塘镇老街", "三塘镇", "老街")
    over = settle(session, sender="a", now=NOW, restored=True, place=named)
    assert over == Settled("HN261123-001", "三塘镇老街", ("泉溪镇新街",))
    assert (
        settle(session, sender="a", now=NOW, restored=True, place=named) is None
    )  # not the other one instead
    assert settle(session, sender="a", now=NOW, restored=True) == Settled("HN261123-002", "泉溪镇新街", ())


@pytest.mark.parametrize("number", ["HN261123-009", "9", "%", "HN261123-00_", "' OR 1=1 --", "_01"])
def test_an_unknown_number_finds_nothing(session: Session, number: str) -> None:
    file(session)
    assert find_reports(session, sender="a", number=number) == []


def test_found_by_phone_and_as_ones_own(session: Session) -> None:
    file(session, "a")
    file(session, "b", phone="13912349999")
    assert [s.number for s in find_reports(session, sender="x", phone=PHONE)] == ["HN261123-001"]
    assert [s.number for s in find_reports(session, sender="b")] == ["HN261123-002"]
    assert find_reports(session, sender="x") == []
    assert find_reports(session, sender="x", phone="139") == []


def test_newest_first_and_no_more_than_three(session: Session) -> None:
    for _ in range(5):
        file(session)
    assert [s.number for s in find_reports(session, sender="a")] == [f"HN261123-00{i}" for i in (5, 4, 3)]


def test_the_standing_tells_neither_phone_nor_name_nor_words(session: Session) -> None:
    file(session)
    (standing,) = find_reports(session, sender="x", number="HN261123-001")
    told = repr(standing)
    assert PHONE not in told
    assert NAME not in told
    assert "整条街" not in told
    assert set(asdict(standing)) == {"number", "place", "problem", "status", "reported_at", "others"}
    assert (standing.status, standing.reported_at) == ("open", NOW)


# news


def test_news_of_a_township_of_a_place_and_of_the_county(session: Session) -> None:
    file(session, "a")
    file(session, "b", draft=URGENT)
    here = outage_news(session, township="三塘镇", detail="", now=NOW)
    assert [(area, count) for area, count, *_ in here.incidents] == [("三塘镇", 1)]
    assert here.incidents[0][2] == DRAFT.started
    assert outage_news(session, township="泉溪镇", detail="", now=NOW).incidents == ()
    assert len(outage_news(session, township=None, detail="", now=NOW).incidents) == 2
    assert [a for a, *_ in outage_news(session, township=None, detail="老街", now=NOW).incidents] == [
        "三塘镇老街"
    ]


def test_the_place_asked_for_comes_first(session: Session) -> None:
    file(session, "a")
    file(session, "b", place="三塘镇新街", detail="新街")
    news = outage_news(session, township="三塘镇", detail="老街", now=NOW)
    assert news.incidents[0][0] == "三塘镇老街"


def test_closed_incidents_are_no_news(session: Session) -> None:
    file(session)
    for incident in session.scalars(select(Incident)):
        incident.status = "closed"
    assert outage_news(session, township="三塘镇", detail="", now=NOW).incidents == ()


def test_news_tell_neither_phone_nor_name(session: Session) -> None:
    file(session)
    told = repr(outage_news(session, township=None, detail="", now=NOW))
    assert PHONE not in told
    assert NAME not in told


@pytest.mark.parametrize("detail", ["%", "_", "牛婆凼"])
def test_a_place_without_outage_has_no_news(session: Session, detail: str) -> None:
    file(session)
    assert outage_news(session, township=None, detail=detail, now=NOW).incidents == ()


# what comes afterwards


def test_a_phone_sent_afterwards_belongs_to_the_last_report(session: Session) -> None:
    file(session, phone=None)
    file(session, phone=None)
    assert add_phone(session, sender="a", phone="13912340009", now=NOW + timedelta(hours=1)) == "HN261123-002"
    assert [line["phone"] for line in report_lines(session)] == [None, "13912340009"]


def test_a_phone_sent_much_later_or_by_somebody_else_belongs_to_none(session: Session) -> None:
    file(session, phone=None)
    late = NOW + ADD_WITHIN + timedelta(minutes=1)
    assert add_phone(session, sender="a", phone="13912340009", now=late) is None
    assert add_phone(session, sender="b", phone="13912340009", now=NOW) is None
    assert [line["phone"] for line in report_lines(session)] == [None]


def test_an_urgent_report_is_amended(session: Session) -> None:
    file(session, draft=URGENT)
    said = Draft(
        problems=("bad_water", "no_water"), casualties=5, phone=PHONE, name=NAME,
        started_at="2026-11-23T17:00:00", started_text="五点", words=("现在五个人",),
    )  # fmt: skip
    assert amend_report(session, sender="a", said=said, now=NOW) == "HN261123-001"
    session.flush()
    session.expire_all()
    (line,) = report_lines(session)
    assert (line["casualties"], line["phone"], line["name"], line["also_problems"]) == (
        5,
        PHONE,
        NAME,
        ["no_water"],
    )
    assert line["started_at"].startswith("2026-11-23T17:00:00")
    assert line["text"] == "漏氯气了\n现在五个人"


def test_who_cannot_wait_is_marked_afterwards_on_the_open_report_alone(session: Session) -> None:
    file(session)
    its = {"sender": "a", "now": NOW}
    assert mark_vulnerable(session, text="麻烦快一点", **its) is None
    assert mark_vulnerable(session, text="我婆婆瘫在床上", sender="b", now=NOW) is None
    assert mark_vulnerable(session, text="我婆婆瘫在床上", **its) == "HN261123-001"
    (report,) = session.scalars(select(OutageReport))
    assert (report.vulnerable, report.incident.vulnerable_count) == ("bedridden", 1)
    assert report.text.endswith("我婆婆瘫在床上")
    report.status = "restored"
    assert mark_vulnerable(session, text="还有个吸氧的", **its) is None


def test_amending_never_lowers_or_forgets(session: Session) -> None:
    file(session, draft=URGENT, started_at="2026-11-23T16:00:00", phone=PHONE)
    said = Draft(casualties=1, started_at="2026-11-23T17:00:00", words=("一个人",))
    amend_report(session, sender="a", said=said, now=NOW)
    (report,) = session.scalars(select(OutageReport))
    assert (report.casualties, report.phone, report.started_at.hour) == (2, PHONE, 16)


def test_the_start_told_afterwards_reaches_the_incident(session: Session) -> None:
    file(session, draft=URGENT)
    said = Draft(started_at="2026-11-23T17:00:00", started_text="五点")
    amend_report(session, sender="a", said=said, now=NOW)
    (incident,) = session.scalars(select(Incident))
    assert incident.started_at is not None


@pytest.mark.parametrize("said", [Draft(township="泉溪镇", place="泉溪镇", words=("泉溪也停水",))])
def test_another_place_is_no_amendment(session: Session, said: Draft) -> None:
    file(session, draft=URGENT)
    assert amend_report(session, sender="a", said=said, now=NOW) is None
    assert next(report_lines(session))["text"] == "漏氯气了"


def test_an_ordinary_report_is_not_amended(session: Session) -> None:
    file(session)
    assert amend_report(session, sender="a", said=Draft(words=("还有",)), now=NOW) is None


# subscriptions


def wish(session: Session, sender: str = "a", place: str = "三塘镇", township: str | None = "三塘镇") -> None:
    subscribe(session, channel="rest", sender=sender, township=township, place=place, now=NOW)
    session.flush()


def test_subscribing_twice_is_once(session: Session) -> None:
    wish(session)
    wish(session)
    wish(session, "b")
    wish(session, place="泉溪镇", township="泉溪镇")
    assert [(s["sender"], s["place"]) for s in subscription_lines(session)] == [
        ("a", "三塘镇"), ("b", "三塘镇"), ("a", "泉溪镇"),
    ]  # fmt: skip


def test_unsubscribing_ends_ones_own_and_can_be_taken_back(session: Session) -> None:
    wish(session)
    wish(session, place="泉溪镇", township="泉溪镇")
    wish(session, "b")
    assert unsubscribe(session, sender="a", township="三塘镇") == 1
    assert [(s["sender"], s["place"]) for s in subscription_lines(session)] == [
        ("a", "泉溪镇"),
        ("b", "三塘镇"),
    ]
    assert unsubscribe(session, sender="a") == 1
    assert unsubscribe(session, sender="a") == 0
    wish(session)
    assert len(list(session.scalars(select(Subscription).where(Subscription.sender_id == "a")))) == 2
    assert ("a", "三塘镇") in [(s["sender"], s["place"]) for s in subscription_lines(session)]


def test_a_filed_report_is_a_draft_again(session: Session) -> None:
    number = file(session).number
    again = filed_draft(session, sender="a", said="错了", now=NOW)
    assert again is not None
    assert replace(again, id=DRAFT.id, words=DRAFT.words, replaces="", asked=()) == DRAFT
    assert again.replaces == number
    assert filed_draft(session, sender="b", said="错了", now=NOW) is None
    assert filed_draft(session, sender="a", said="", now=NOW + ADD_WITHIN + timedelta(seconds=1)) is None
    settle(session, sender="a", now=NOW, restored=True)
    assert filed_draft(session, sender="a", said="", now=NOW) is None


def test_of_several_reports_the_one_that_is_named_is_corrected(session: Session) -> None:
    first = file(session).number
    file(session, place="泉溪镇新街", township="泉溪镇", detail="新街")
    assert filed_draft(session, sender="a", said="三塘镇老街报错了", now=NOW).replaces == first  # type: ignore[union-attr]


def test_an_urgent_report_is_not_reopened(session: Session) -> None:
    file(session, draft=URGENT)
    assert filed_draft(session, sender="a", said="", now=NOW) is None


def test_a_corrected_report_keeps_number_incident_and_what_staff_entered(session: Session) -> None:
    filed = file(session)
    incident = session.scalars(select(Incident)).one()
    incident.facts = {"households": 6000}
    draft = filed_draft(session, sender="a", said="", now=NOW)
    revised = revise(
        session, draft=replace(draft, started_at="2026-11-22T21:30:00"), now=NOW + timedelta(hours=1)
    )
    assert (revised.number, revised.incident) == (filed.number, filed.incident)
    assert (incident.status, incident.facts) == ("open", {"households": 6000})
    assert session.scalars(select(OutageReport)).one().started_at.hour == 21


def test_a_corrected_place_moves_the_report_to_its_incident(session: Session) -> None:
    filed = file(session)
    draft = filed_draft(session, sender="a", said="", now=NOW)
    moved = revise(
        session, draft=replace(draft, place="泉溪镇老街", township="泉溪镇", detail="老街"), now=NOW
    )
    assert moved.number == filed.number
    assert moved.incident != filed.incident
    states = {i.number: i.status for i in session.scalars(select(Incident))}
    assert states == {filed.incident: "closed", moved.incident: "open"}


def test_a_report_that_is_over_is_not_revised(session: Session) -> None:
    file(session)
    draft = filed_draft(session, sender="a", said="", now=NOW)
    settle(session, sender="a", now=NOW, restored=True)
    with pytest.raises(BadInput, match="no longer open"):
        revise(session, draft=draft, now=NOW)


def test_staff_get_one_alarm_for_one_emergency(session: Session) -> None:
    """What they were told at the first word is filled in when the report is filed; another alarm never is."""
    for text in ("我家老人煤气中毒叫不醒了", "漏氯气了"):
        session.add(
            Handover(
                reason="emergency", urgent=True, text=text, channel="rest", sender_id="a", created_at=NOW
            )
        )
    filed = file(session, draft=URGENT)
    gas, alarm = handover_lines(session)
    assert gas["text"] == "我家老人煤气中毒叫不醒了"
    assert filed.number in alarm["text"]
    file(session, "b", draft=URGENT)
    assert len(list(handover_lines(session))) == 3


def test_a_start_that_was_put_right_or_taken_back_is_no_longer_that_of_the_incident(session: Session) -> None:
    first = replace(DRAFT, started_at=(NOW - timedelta(hours=5)).isoformat())
    second = replace(DRAFT, started_at=(NOW - timedelta(hours=2)).isoformat())
    done = file(session, "a", first)
    incident = session.scalars(select(Incident).where(Incident.number == done.incident)).one()
    assert file(session, "b", second).incident == done.incident
    said = (NOW - timedelta(hours=3)).isoformat()
    revise(session, draft=replace(first, started_at=said, replaces=done.number), now=NOW)
    assert incident.started_at == NOW - timedelta(hours=3)
    settle(session, sender="a", now=NOW, restored=False)
    assert incident.started_at == NOW - timedelta(hours=2)


# who cannot wait for water


def test_who_cannot_wait_is_kept_with_the_report_and_stands_in_the_first_line(session: Session) -> None:
    file(session, draft=URGENT, problems=("no_water",), words=("漏氯气了", "我娘瘫在床上"))
    (alarm,) = handover_lines(session)
    assert alarm["text"].startswith("HN261123-001 硫市镇水厂：没水、氯气；有卧床不起；2人受伤或不舒服")
    amend_report(session, sender="a", said=Draft(words=("媳妇是孕妇",)), now=NOW)
    report = session.scalars(select(OutageReport)).one()
    assert report.vulnerable == "bedridden,pregnant"
    assert report.incident.vulnerable_count == 1
    (alarm,) = handover_lines(session)
    assert "；有卧床不起、孕妇、产妇；" in alarm["text"].split("\n")[0]
