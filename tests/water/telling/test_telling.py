"""Reporters hear of each change of their incident once, subscribers of a confirmed one and its end; nobody at night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage import accounts
from bot.storage.forget import forget
from bot.storage.outbox import collect, outgoing_lines
from bot.storage.tables import Incident
from bot.water.incidents.closing import close_incident
from bot.water.incidents.decisions import override_grade
from bot.water.incidents.history import events_of
from bot.water.incidents.merging import merge, undo
from bot.water.reporting.amending import settle
from bot.water.telling import news, notices, telling
from bot.water.telling.shown_places import area_of_incident
from bot.water.telling.subscriptions import subscribe
from tests.conftest import NOW
from tests.water.incidents.test_incidents import file

HOUR = timedelta(hours=1)
NIGHT, MORNING = datetime(2026, 11, 23, 23), datetime(2026, 11, 24, 7)


def heard(session: Session, sender: str, at: datetime = NOW) -> list[str]:
    return list(collect(session, channel="rest", sender=sender, now=at))


def confirmed(session: Session, incident: Incident, grade: str | None = "IV", at: datetime = NOW) -> None:
    incident.grade = incident.confirmed_grade = grade
    incident.confirmed_at = at
    incident.clauses = ["3.2.4(4)"] if grade else []
    news.confirmed(session, incident, by="张三", now=at)
    session.flush()


def expect(session: Session, incident: Incident, at: datetime | None, now: datetime = NOW) -> int:
    return news.set_expected(session, number=incident.number, at=at, by="张三", now=now)


def test_each_reporter_hears_when_the_water_is_expected_once(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    file(session, "b")
    assert [expect(session, incident, NOW + 2 * HOUR) for _ in "123"] == [2, 0, 0]
    (said,) = heard(session, "a")
    assert said == "三塘镇金盘小区：预计今天（11月23日周一）晚上8点来水。到时候还没来，跟我说一声。"
    assert len(heard(session, "b")) == 1


def test_a_time_that_changes_and_changes_back_is_told_each_time(session: Session) -> None:
    incident = file(session, "a")
    told = []
    for at in (NOW + 2 * HOUR, NOW + 3 * HOUR, NOW + 2 * HOUR):
        expect(session, incident, at)
        told += heard(session, "a")
    assert [("8点" in text, "9点" in text) for text in told] == [(True, False), (False, True), (True, False)]


def test_of_two_times_that_wait_only_the_later_is_said(session: Session) -> None:
    incident = file(session, "a")
    expect(session, incident, NOW + 2 * HOUR)
    expect(session, incident, NOW + 3 * HOUR)
    (said,) = heard(session, "a")
    assert "9点" in said


def test_a_time_that_is_taken_back_is_put_right(session: Session) -> None:
    incident = file(session, "a")
    assert expect(session, incident, None) == 0
    expect(session, incident, NOW + 2 * HOUR)
    heard(session, "a")
    expect(session, incident, None)
    (said,) = heard(session, "a")
    assert "不准了" in said


@pytest.mark.parametrize("at", [NOW, NOW - HOUR, NOW + timedelta(days=61)])
def test_a_time_that_cannot_be_is_refused(session: Session, at: datetime) -> None:
    incident = file(session, "a")
    with pytest.raises(BadInput):
        expect(session, incident, at)
    assert incident.expected_at is None


def test_cause_and_trucks_are_told_as_staff_say_them(session: Session) -> None:
    incident = file(session, "a")
    news.tell_cause(session, number=incident.number, cause="主管爆了。", by="张三", now=NOW)
    news.tell_trucks(session, number=incident.number, where="金盘小区门口", at=NOW + HOUR, by="张三", now=NOW)
    assert heard(session, "a") == [
        "三塘镇金盘小区停水的原因查到了：主管爆了。工作人员在处理。",
        "金盘小区门口有送水车，今天（11月23日周一）晚上7点到，请带桶去接水。",
    ]
    told = [line for line in events_of(session, incident.id) if line.kind == "told"]
    assert [(line.by, line.detail["what"]) for line in told] == [("张三", "cause"), ("张三", "trucks")]


@pytest.mark.parametrize("text", ["", "  ", "爆" * 101])
def test_too_little_or_too_much_is_refused(session: Session, text: str) -> None:
    incident = file(session, "a")
    with pytest.raises(BadInput):
        news.tell_cause(session, number=incident.number, cause=text, by="张三", now=NOW)
    with pytest.raises(NotFound):
        news.tell_cause(session, number="SJ000000-000", cause="爆管", by="张三", now=NOW)


def test_who_took_the_report_back_or_has_water_is_not_told(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    file(session, "c")
    settle(session, sender="b", now=NOW, restored=True)
    settle(session, sender="c", now=NOW, restored=False)
    assert expect(session, incident, NOW + HOUR) == 1


def test_who_wanted_to_be_forgotten_and_programs_are_not_told(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    forget(session, channel="rest", sender="a", now=NOW)
    for report in incident.reports:
        if report.sender_id == "b":
            report.channel = "open311"
    session.flush()
    assert expect(session, incident, NOW + HOUR) == 0


def test_at_night_it_waits_for_the_morning_and_a_time_in_the_night_is_not_told(session: Session) -> None:
    incident = file(session, "a", at=NIGHT, started_at=(NIGHT - HOUR).isoformat())
    assert expect(session, incident, NIGHT + 4 * HOUR, NIGHT) == 0
    assert expect(session, incident, MORNING + HOUR, NIGHT) == 1
    assert heard(session, "a", MORNING - timedelta(minutes=1)) == []
    assert "今天（11月24日周二）上午8点" in heard(session, "a", MORNING)[0]


@pytest.mark.parametrize("fields", [{"grade": "II"}, {"confirmed_grade": "I"}, {"kind": "quality"}])
def test_what_cannot_wait_is_told_at_night(session: Session, fields: dict[str, str]) -> None:
    incident = file(session, "a", at=NIGHT, started_at=(NIGHT - HOUR).isoformat())
    for name, value in fields.items():
        setattr(incident, name, value)
    assert expect(session, incident, NIGHT + 4 * HOUR, NIGHT) == 1
    assert len(heard(session, "a", NIGHT)) == 1


def test_a_drill_is_told_to_its_senders_alone_and_marked(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    subscribe(session, channel="rest", sender="s", township="三塘镇", place="三塘镇", now=NOW)
    incident.drill = True
    next(report for report in incident.reports if report.sender_id == "a").drill = True
    session.flush()
    confirmed(session, incident)
    assert expect(session, incident, NOW + HOUR) == 1
    assert heard(session, "a")[0].startswith("【演练】")
    assert [line["sender"] for line in outgoing_lines(session)] == ["a"]
    assert notices.current(session, NOW) == ()
    assert [notice.drill for notice in notices.current(session, NOW, drill=True)] == [True]


def test_who_came_to_it_later_hears_that_it_is_dealt_with_there(session: Session) -> None:
    incident = file(session, "a")
    incident.households_count = 7
    assert [telling.tell_joined(session, incident, incident.reports, now=NOW) for _ in "12"] == [1, 0]
    number = incident.reports[0].number
    assert heard(session, "a") == [f"报修{number}：跟三塘镇金盘小区的一起处理了，一共7户报，不用再报。"]


# subscribers


@pytest.fixture
def neighbour(session: Session) -> str:
    subscribe(session, channel="rest", sender="s", township="三塘镇", place="三塘镇金盘小区", now=NOW)
    session.flush()
    return "s"


def test_a_subscriber_hears_of_what_staff_confirmed_and_not_before(session: Session, neighbour: str) -> None:
    incident = file(session, "a")
    assert telling.tell_subscribers(session, incident, what=telling.NEWS, now=NOW) == 0
    confirmed(session, incident)
    confirmed(session, incident, "III")
    said = heard(session, neighbour)
    assert said == ["三塘镇金盘小区：停水或者水小了，今天（11月23日周一）下午5点开始的。工作人员在处理。"]
    assert heard(session, "a") == []


def test_bad_water_is_told_first_not_to_be_drunk(session: Session, neighbour: str) -> None:
    confirmed(session, file(session, "a", problems=("bad_water",)), None)
    assert "先别喝" in heard(session, neighbour)[0]


def test_a_reporter_who_subscribed_too_is_told_as_a_reporter_alone(session: Session) -> None:
    subscribe(session, channel="rest", sender="a", township="三塘镇", place="三塘镇", now=NOW)
    confirmed(session, file(session, "a"))
    assert heard(session, "a") == []


def test_a_start_said_roughly_is_not_told_to_the_hour(session: Session, neighbour: str) -> None:
    confirmed(session, file(session, "a", started_grain="day"))
    assert "今天（11月23日周一）开始的" in heard(session, neighbour)[0]


def test_each_hears_it_in_their_language(session: Session) -> None:
    sender, _ = accounts.note(session, channel="telegram", address="7", now=NOW, language="en")
    subscribe(session, channel="telegram", sender=sender, township="三塘镇", place="三塘镇", now=NOW)
    confirmed(session, file(session, "a"))
    (line,) = outgoing_lines(session)
    assert line["text"].startswith("三塘镇金盘小区: no water or low pressure, since today")


# notices


def current(session: Session, at: datetime = NOW) -> list[Any]:
    return [
        (notice.number.split(".")[1], notice.kind, notice.grade) for notice in notices.current(session, at)
    ]


def test_what_is_not_confirmed_is_no_news(session: Session) -> None:
    incident = file(session, "a")
    assert notices.publish(session, incident, by="张三", now=NOW) is None
    assert current(session) == []


def test_a_change_of_the_grade_is_an_update_and_the_same_again_is_nothing(session: Session) -> None:
    incident = file(session, "a")
    confirmed(session, incident)
    confirmed(session, incident)
    assert current(session) == [("1", "Alert", "IV")]
    confirmed(session, incident, "III")
    assert current(session) == [("2", "Update", "III")]
    (notice,) = notices.current(session, NOW)
    assert notice.references == ((f"{incident.number}.1", NOW),)
    assert notice.texts["zh"]["description"] == (
        "三塘镇金盘小区停水或者水小，11月23日周一下午5点开始的。什么时候来水还没有消息。定为较大（Ⅲ级），《供水应急预案》3.2.4(4)。"
    )


def test_no_clause_is_named_where_staff_set_another_grade(session: Session) -> None:
    incident = file(session, "a")
    confirmed(session, incident)
    incident.confirmed_grade = "II"
    news.confirmed(session, incident, by="张三", now=NOW)
    (notice,) = notices.current(session, NOW)
    assert (notice.grade, notice.clauses) == ("II", ())
    assert "3.2" not in notice.texts["zh"]["description"]


def test_an_expected_time_is_an_update(session: Session) -> None:
    incident = file(session, "a")
    confirmed(session, incident)
    expect(session, incident, NOW + HOUR)
    (notice,) = notices.current(session, NOW)
    assert notice.kind == "Update"
    assert "预计11月23日周一晚上7点来水" in notice.texts["zh"]["description"]


def test_while_the_incident_is_open_its_notice_is_renewed(session: Session) -> None:
    incident = file(session, "a")
    confirmed(session, incident)
    later = NOW + notices.VALID - notices.RENEW_BEFORE
    assert [notices.renew(session, later - timedelta(seconds=1)), notices.renew(session, later)] == [0, 1]
    assert notices.renew(session, later + timedelta(minutes=1)) == 0
    assert current(session, later) == [("2", "Update", "IV")]


def test_what_staff_confirmed_is_shown_until_staff_end_it(session: Session) -> None:
    """One reporter whose water is back does not end what staff answer for."""
    incident = file(session, "a")
    confirmed(session, incident)
    settle(session, sender="a", now=NOW, restored=True)
    assert current(session) == [("1", "Alert", "IV")]
    close_incident(session, number=incident.number, by="张三", now=NOW)
    assert ("1", "Alert", "IV") not in current(session)


def test_a_phone_in_the_name_of_an_area_is_not_published(session: Session) -> None:
    incident = file(session, "a")
    incident.area = "金盘小区13912340001\x07老王"
    assert area_of_incident(incident) == "三塘镇金盘小区 老王"


def test_what_staff_confirm_at_the_desk_is_news_at_once(session: Session, neighbour: str) -> None:
    incident = file(session, "a")
    override_grade(session, number=incident.number, grade="III", reason="现场看过", by="张三", now=NOW)
    assert current(session) == [("1", "Alert", "III")]
    assert len(heard(session, neighbour)) == 1


def of_merging(session: Session, at: datetime = NOW) -> tuple[Incident, Incident]:
    """The whole, confirmed like what is merged into it."""
    whole, part = file(session, "a"), file(session, "b", detail="老街", place="三塘镇老街")
    for one in (part, whole):
        confirmed(session, one, at=at)
    return whole, part


def shown(session: Session, at: datetime = NOW) -> list[tuple[str, str, str | None]]:
    return [(one.number, one.kind, one.into) for one in notices.current(session, at)]


def test_the_notice_of_what_is_merged_points_to_the_whole_until_that_is_undone(session: Session) -> None:
    whole, part = of_merging(session)
    merge(session, into=whole.number, numbers=[part.number], by="张三", now=NOW + HOUR)
    (last,) = (one for one in notices.current(session, NOW + HOUR) if one.subject == part.number)
    assert (last.kind, last.into, last.over) == ("Cancel", whole.number, False)
    assert [number for number, _sent in last.references] == [f"{part.number}.1"]
    assert last.texts["zh"]["headline"] == "三塘镇老街停水，和三塘镇金盘小区的一起处理"
    assert f"（{whole.number}）" in last.texts["zh"]["description"]
    assert "恢复" not in str(last.texts)
    assert last.texts["en"]["headline"].endswith("dealt with together with 三塘镇金盘小区")
    event = next(line.id for line in events_of(session, whole.id) if line.kind == "merged")
    undo(session, event_id=event, by="张三", now=NOW + 2 * HOUR)
    assert (f"{part.number}.3", "Alert", None) in shown(session, NOW + 2 * HOUR)
    assert len(shown(session, NOW + 2 * HOUR)) == 2


def test_what_was_merged_is_shown_no_longer_than_the_whole_goes_on(session: Session) -> None:
    whole, part = of_merging(session)
    merge(session, into=whole.number, numbers=[part.number], by="张三", now=NOW + HOUR)
    close_incident(session, number=whole.number, by="张三", now=NOW + 2 * HOUR)
    assert shown(session, NOW + 2 * HOUR) == [(f"{whole.number}.3", "Cancel", None)]


def test_merging_withdraws_nothing_that_was_never_out(session: Session) -> None:
    whole, part = file(session, "a"), file(session, "b", detail="老街", place="三塘镇老街")
    merge(session, into=whole.number, numbers=[part.number], by="张三", now=NOW)
    event = next(line.id for line in events_of(session, whole.id) if line.kind == "merged")
    undo(session, event_id=event, by="张三", now=NOW)
    assert shown(session) == []
