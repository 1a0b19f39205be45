"""A closed incident asks its reporters whether the water is back; enough households that say no open it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage import accounts, staff
from bot.storage.inbox import handover_lines
from bot.storage.outbox import collect, outgoing_lines
from bot.storage.tables import ChannelAccount, DeskUser, Incident, OutageReport
from bot.water.duty.alarms import is_forgotten
from bot.water.duty.duty_lines import duty_board
from bot.water.incidents.answered import answers_of
from bot.water.incidents.assessing import assess
from bot.water.incidents.closing import answer, close_incident, close_report, reopen
from bot.water.incidents.decisions import override_grade, set_fact
from bot.water.incidents.history import events_of, note
from bot.water.reporting.amending import settle
from bot.water.telling import news, notices
from tests.conftest import NOW
from tests.water.incidents.test_incidents import file
from tests.water.telling.test_telling import confirmed, heard

DAY = timedelta(days=1)


def closed(session: Session, *senders: str) -> Incident:
    incident, *_ = [file(session, sender) for sender in senders]
    close_incident(session, number=incident.number, by="张三", now=NOW)
    return incident


def says(session: Session, sender: str, back: bool, number: str | None = None) -> bool | None:
    done = answer(session, channel="rest", sender=sender, back=back, now=NOW, number=number)
    return None if done is None else done.reopened


def statuses(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(OutageReport.status).order_by(OutageReport.id)))


def test_all_reporters_are_asked_once_with_buttons(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    file(session, "b")
    done = close_incident(session, number=incident.number, by="张三", now=NOW)
    assert (len(done.reports), done.asked, incident.status, incident.closed_at) == (3, 2, "closed", NOW)
    assert statuses(session) == ["closed"] * 3
    (said,) = heard(session, "b")
    assert said == "三塘镇金盘小区：工作人员说水恢复了。您家水来了吗？回“来了”或者“还没来”。"
    assert [line.kind for line in events_of(session, incident.id)][-2:] == ["closed", "told"]


def test_what_still_waited_to_be_told_is_void(session: Session) -> None:
    incident = file(session, "a")
    news.tell_cause(session, number=incident.number, cause="爆管", by="张三", now=NOW)
    close_incident(session, number=incident.number, by="张三", now=NOW)
    assert len(heard(session, "a")) == 1


@pytest.mark.parametrize("number", ["SJ261123-999", "", "'; --"])
def test_only_what_is_there_is_closed(session: Session, number: str) -> None:
    with pytest.raises(NotFound):
        close_incident(session, number=number, by="张三", now=NOW)


def test_only_an_open_one_is_closed_and_only_a_closed_one_opened(session: Session) -> None:
    incident = file(session, "a")
    with pytest.raises(BadInput):
        reopen(session, number=incident.number, by="张三", now=NOW)
    close_incident(session, number=incident.number, by="张三", now=NOW)
    with pytest.raises(BadInput):
        close_incident(session, number=incident.number, by="张三", now=NOW)


def test_one_no_of_several_leaves_it_closed_and_is_passed_on_to_staff(session: Session) -> None:
    incident = closed(session, "a", "b", "c")
    assert says(session, "a", False) is False
    assert says(session, "a", False) is False
    assert incident.status == "closed"
    (line,) = handover_lines(session)
    assert (line["reason"], line["sender"]) == ("not_restored", "a")
    assert line["text"].startswith(incident.number)


def test_two_households_that_say_no_open_it_again(session: Session) -> None:
    incident = closed(session, "a", "b", "c")
    assert [says(session, "a", False), says(session, "b", False)] == [False, True]
    assert (incident.status, incident.closed_at) == ("open", None)
    assert statuses(session) == ["open"] * 3
    last = events_of(session, incident.id)
    assert [line.kind for line in last if line.kind in ("closed", "reopened")] == ["closed", "reopened"]


def test_the_others_hear_that_it_is_looked_at_again(session: Session) -> None:
    closed(session, "a", "b", "c", "d")
    for sender in "abcd":
        heard(session, sender)
    says(session, "d", True)
    says(session, "a", False)
    says(session, "b", False)
    assert [len(heard(session, sender)) for sender in "abcd"] == [1, 0, 1, 0]
    assert statuses(session) == ["open", "open", "open", "restored"]


def test_who_said_yes_had_water_when_it_was_closed_and_who_then_says_no_had_not(session: Session) -> None:
    incident = closed(session, "a", "b", "c", "d")
    later = NOW + timedelta(hours=3)
    for sender, back in (("c", True), ("d", True), ("a", False), ("b", False)):
        answer(session, channel="rest", sender=sender, back=back, now=later)
    assert incident.status == "open"
    said = {report.sender_id: report.restored_at for report in session.scalars(select(OutageReport))}
    assert said == {"a": None, "b": None, "c": NOW, "d": NOW}
    answer(session, channel="rest", sender="d", back=False, now=later)
    assert assess(incident, later).tally.back == 1


@pytest.mark.parametrize(("back", "opened"), [(4, True), (5, False)])
def test_thirty_per_cent_of_those_who_answer(session: Session, back: int, opened: bool) -> None:
    """Two of six are a third, two of seven less than thirty per cent."""
    yes = [f"y{i}" for i in range(back)]
    incident = closed(session, *yes, "n1", "n2")
    for sender in yes:
        says(session, sender, True)
    says(session, "n1", False)
    says(session, "n2", False)
    assert (incident.status == "open") is opened


def test_of_a_single_reporter_one_no_is_enough(session: Session) -> None:
    incident = closed(session, "a")
    assert says(session, "a", False) is True
    assert incident.status == "open"


def test_two_of_one_household_are_one_no(session: Session) -> None:
    incident = closed(session, "a", "b", "c")
    for report in incident.reports:
        if report.sender_id in "ab":
            report.household = "h1"
    session.flush()
    assert [says(session, "a", False), says(session, "b", False)] == [False, False]
    counted = answers_of(session, incident)
    assert (counted.asked, counted.back, counted.not_back) == (2, 0, 1)


def test_a_later_word_counts_instead(session: Session) -> None:
    incident = closed(session, "a", "b", "c")
    says(session, "a", False)
    says(session, "a", True)
    assert says(session, "b", False) is False
    assert statuses(session) == ["restored", "closed", "closed"]
    says(session, "a", False)
    assert incident.status == "open"


def test_who_was_not_asked_or_long_ago_has_nothing_to_answer(session: Session) -> None:
    incident = closed(session, "a")
    assert says(session, "z", True) is None
    assert says(session, "a", True, "SJ261123-999") is None
    later = NOW + 7 * DAY + timedelta(seconds=1)
    assert answer(session, channel="rest", sender="a", back=True, now=later) is None
    assert answer(session, channel="web", sender="a", back=True, now=NOW) is None
    assert incident.status == "closed"


def test_closed_again_the_rest_is_asked_again(session: Session) -> None:
    incident = closed(session, "a", "b", "c")
    says(session, "a", True)
    reopen(session, number=incident.number, by="张三", now=NOW, reason="又爆了")
    assert close_incident(session, number=incident.number, by="张三", now=NOW).asked == 2
    assert answers_of(session, incident).round == 2
    assert len([text for text in heard(session, "b") if "来了吗" in text]) == 1


def test_who_is_on_duty_is_told_at_once(session: Session) -> None:
    staff.add(session, name="李四", role=None, now=NOW)
    accounts.note(session, channel="telegram", address="9", now=NOW)
    row = session.scalars(select(ChannelAccount)).one()
    row.staff_id = session.scalars(select(staff.Staff)).one().id
    session.add(
        DeskUser(name="lisi", role="duty", staff_id=row.staff_id, on_duty=True, created_at=NOW, failures=0)
    )
    session.flush()
    incident = closed(session, "a")
    says(session, "a", False)
    (line,) = [line for line in outgoing_lines(session) if line["channel"] == "telegram"]
    assert line["text"].startswith(f"{incident.number}（三塘镇金盘小区）：1户说还没好")


def test_the_public_hears_of_the_end_and_that_it_is_not_over(session: Session) -> None:
    incident = file(session, "a")
    confirmed(session, incident)
    close_incident(session, number=incident.number, by="张三", now=NOW)
    (over,) = notices.current(session, NOW)
    assert (over.kind, over.texts["zh"]["headline"]) == ("Cancel", "三塘镇金盘小区的水恢复了")
    says(session, "a", False)
    (again,) = notices.current(session, NOW)
    assert (again.kind, len(again.references)) == ("Alert", 2)


def test_a_drill_asks_its_senders_alone(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    incident.drill = True
    next(report for report in incident.reports if report.sender_id == "a").drill = True
    session.flush()
    assert close_incident(session, number=incident.number, by="张三", now=NOW).asked == 1
    assert list(collect(session, channel="rest", sender="b", now=NOW)) == []
    assert heard(session, "a")[0].startswith("【演练】")
    says(session, "a", False)
    assert list(handover_lines(session)) == []


def test_a_report_closed_by_staff_has_water_from_then_on(session: Session) -> None:
    incident = file(session, "a")
    first = session.scalars(select(OutageReport.number)).one()
    file(session, "b")
    close_report(session, number=first, by="张三", now=NOW + timedelta(hours=1))
    assert incident.status == "open"
    assert assess(incident, NOW + DAY).tally.back == 1


def test_a_later_no_of_an_incident_that_is_open_again_lets_its_hours_run_on(session: Session) -> None:
    incident = closed(session, "a", "b")
    says(session, "a", False)
    assert says(session, "b", False) is True
    later = NOW + timedelta(hours=2)
    for sender in ("a", "b"):
        answer(session, channel="rest", sender=sender, back=True, now=later)
    assert incident.next_grade_at is None
    answer(session, channel="rest", sender="a", back=False, now=later)
    assert incident.next_grade_at is not None


@pytest.mark.parametrize(("restored", "status"), [(True, "restored"), (False, "withdrawn")])
def test_a_report_that_its_person_settled_stays_settled(
    session: Session, restored: bool, status: str
) -> None:
    incident = file(session, "a")
    file(session, "b")
    first = session.scalars(select(OutageReport.number).order_by(OutageReport.id)).first()
    settle(session, sender="a", now=NOW, restored=restored)
    counted = incident.reports_count
    with pytest.raises(BadInput):
        close_report(session, number=first, by="张三", now=NOW + DAY)
    assert (statuses(session), incident.reports_count) == ([status, "open"], counted)


def test_the_last_report_closed_by_itself_closes_its_incident_in_the_one_way(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    first, last = session.scalars(select(OutageReport.number).order_by(OutageReport.id)).all()
    assert close_report(session, number=first, by="张三", now=NOW) == (first,)
    assert (incident.status, heard(session, "a")) == ("open", [])
    assert close_report(session, number=last.lower(), by="张三", now=NOW) == (incident.number, last)
    assert (incident.status, incident.closed_at) == ("closed", NOW)
    assert len(heard(session, "b")) == 1
    with pytest.raises(NotFound):
        close_report(session, number="HN990101-001", by="张三", now=NOW)


@pytest.mark.parametrize("how", ["facts", "grade", "step"])
def test_what_staff_took_up_does_not_end_by_its_reporters_word(session: Session, how: str) -> None:
    incident = file(session, "a")
    if how == "facts":
        set_fact(session, number=incident.number, name="deaths", value=3, by="张三", now=NOW)
    elif how == "grade":
        override_grade(session, number=incident.number, grade="IV", reason="x", by="张三", now=NOW)
    else:
        note(session, incident, "step", at=NOW, by="张三", group="综合协调组", out=True)
    settle(session, sender="a", now=NOW, restored=True)
    assert (statuses(session), incident.status) == (["restored"], "open")


def test_who_reported_twice_and_says_that_the_water_is_back_is_out_no_longer(session: Session) -> None:
    incident = file(session, "a")
    file(session, "b")
    file(session, "a")
    settle(session, sender="a", now=NOW, restored=True)
    assert statuses(session) == ["restored", "open", "restored"]
    assert assess(incident, NOW + DAY).tally.back == 1


def test_that_all_its_reporters_ended_it_stands_in_the_history(session: Session) -> None:
    incident = file(session, "a")
    settle(session, sender="a", now=NOW, restored=True)
    line = next(line for line in events_of(session, incident.id) if line.kind == "closed")
    assert (incident.status, line.by, line.detail["reason"]) == ("closed", None, "reporters")


def test_a_grade_that_time_brought_while_it_was_closed_counts_from_its_opening(session: Session) -> None:
    incident = closed(session, "a", "b")
    later = NOW + 3 * DAY
    reopen(session, number=incident.number, by="张三", now=later)
    assert incident.grade == "IV"
    line = next(line for line in duty_board(session, incident, later) if line.key == "5.2.2.1-to-bureau")
    assert (line.counted_from, line.state) == (later, "open")


def test_one_that_is_opened_again_is_neither_forgotten_nor_quiet(session: Session) -> None:
    incident = closed(session, "a", "b")
    later = NOW + 8 * DAY
    reopen(session, number=incident.number, by=None, now=later)
    assert not is_forgotten(incident, later)
    assert file(session, "c", at=later, started_at=None) is incident


def test_closed_and_opened_twice_asks_twice(session: Session) -> None:
    incident = file(session, "a")
    for number in range(2):
        at = NOW + number * DAY
        close_incident(session, number=incident.number, by="张三", now=at)
        with pytest.raises(BadInput):
            close_incident(session, number=incident.number, by="张三", now=at)
        reopen(session, number=incident.number, by="张三", now=at)
        with pytest.raises(BadInput):
            reopen(session, number=incident.number, by="张三", now=at)
    assert statuses(session) == ["open"]
    assert [line.detail["round"] for line in events_of(session, incident.id) if line.kind == "closed"] == [
        1,
        2,
    ]
