"""What the desk's clock does each minute: grades, reminders and alarms, to whom, when, and once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.words import told
from bot.settings import Settings
from bot.storage import outbox, staff
from bot.storage.tables import ChannelAccount, DeskUser, Handover, Incident, OutgoingMessage, Staff
from bot.water import drill
from bot.water.duty import alarms
from bot.water.duty.duty_lines import duty_board, sync_duties, tick
from bot.water.incidents import assessing, clockwork
from bot.water.incidents.clockwork import tick_all
from bot.water.incidents.decisions import confirm_grade, set_fact
from bot.water.incidents.history import events_of
from bot.water.papers.paper_course import course
from bot.water.papers.paper_parts import papers
from bot.water.plan.duties import duties_for
from bot.water.telling import planned
from tests.water.desk import OPENED, decide, incident, report, worked_out
from tests.water.filed import filed

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def officer(
    session: Session,
    name: str,
    *,
    on_duty: bool = False,
    role: str | None = "duty",
    channel: str = "telegram",
) -> None:
    """A member of staff with an account; `role` None: no user of the desk."""
    staff.add(session, name=name, role=None, now=OPENED)
    code = staff.new_code(session, name=name, now=OPENED).replace("-", "")
    assert staff.bind(session, code, channel=channel, sender=f"{channel}-{name}", now=OPENED).name == name
    if role:
        whose = session.scalars(select(Staff.id).where(Staff.name == name)).one()
        session.add(
            DeskUser(name=name, role=role, staff_id=whose, on_duty=on_duty, created_at=OPENED, failures=0)
        )
    session.flush()


def said(session: Session, kind: str) -> list[tuple[str, str]]:
    """(to whom, text) of every message of `kind` put so far, oldest first."""
    rows = session.scalars(
        select(OutgoingMessage).where(OutgoingMessage.kind == kind).order_by(OutgoingMessage.id)
    )
    return [(row.sender_id, row.text) for row in rows]


def each_minute(session: Session, start: datetime, minutes: int, kind: str) -> list[int]:
    """Let the clock run; the minutes after `start` at which messages of `kind` were put."""
    heard = []
    for minute in range(minutes + 1):
        before = len(said(session, kind))
        tick_all(session, start + minute * MINUTE)
        if len(said(session, kind)) > before:
            heard.append(minute)
    return heard


# reminders


def test_who_is_on_duty_is_reminded_before_the_time_is_over_then_when_it_is_then_an_hour_later(
    session: Session,
) -> None:
    officer(session, "陈", on_duty=True)
    officer(session, "王")
    found = incident(session, facts={"deaths": 1}, last_report_at=OPENED)
    assert each_minute(session, OPENED, 180, "duty") == [20, 31, 90]
    assert {to for to, _text in said(session, "duty")} == {"telegram-陈"}
    soon, over, late = (text for _to, text in said(session, "duty"))
    head, *lines = soon.split("\n")
    assert head == f"{found.number} 三塘镇老街（Ⅲ级（较大））有6项要在时限内办："
    assert lines[0] == "还剩10分钟：县自来水有限公司→县住房和城乡建设局，18:30前（4.2.1）"
    assert lines[-1] == "另有1项，见工作台。"
    assert over.split("\n")[1].startswith("已超1分钟：县自来水有限公司")
    assert late.split("\n")[1].startswith("已超1小时：")


def test_what_is_done_is_not_reminded_of(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    found = incident(session)
    tick_all(session, OPENED)
    timed = [line for line in duty_board(session, found, OPENED) if line.due_at]
    for line in timed[1:]:
        tick(session, incident=found, key=line.key, by="陈", how="电话", now=OPENED)
    tick_all(session, OPENED + 25 * MINUTE)
    ((_to, text),) = said(session, "duty")
    assert text.count("→") == 1
    tick(session, incident=found, key=timed[0].key, by="陈", how="电话", now=OPENED + 26 * MINUTE)
    assert each_minute(session, OPENED + 27 * MINUTE, 120, "duty") == []


def test_without_grade_and_danger_once_is_enough(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    incident(session)
    assert each_minute(session, OPENED, 120, "duty") == [20]


def test_old_reports_without_a_grade_do_not_ring_at_a_first_start(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    incident(session, at=OPENED - 2 * HOUR)
    incident(session, at=OPENED - HOUR, facts={"deaths": 1})
    tick_all(session, OPENED)
    ((_to, text),) = said(session, "duty")
    assert "Ⅲ级" in text


def test_an_urgent_incident_without_a_grade_is_reminded_of_as_a_graded_one(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    found = incident(session)
    report(session, found, urgent=True)
    assert each_minute(session, OPENED, 120, "duty") == [20, 31, 90]


def test_a_line_that_was_over_when_it_came_is_reminded_of_at_once(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    found = incident(session, started_at=OPENED - 25 * HOUR)
    report(session, found, started_at=OPENED - 25 * HOUR, started_grain="hour")
    found.graded_at = OPENED
    worked_out(session, found, "II", at=OPENED)
    tick_all(session, OPENED)
    assert "5.2.1" in said(session, "duty")[0][1]
    assert "已超1天30分钟" in said(session, "duty")[0][1]


def test_what_is_closed_or_long_forgotten_rings_no_more(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    closed, old = incident(session, grade="IV"), incident(session, at=OPENED - timedelta(days=8), grade="IV")
    for found in (closed, old):
        found.graded_at = OPENED
        sync_duties(session, found, now=found.opened_at)
    closed.status = "closed"
    tick_all(session, OPENED + HOUR)
    assert said(session, "duty") == []


def test_where_nobody_can_be_told_it_is_tried_again(session: Session) -> None:
    found = incident(session)
    tick_all(session, OPENED + 20 * MINUTE)
    assert said(session, "duty") == []
    assert {line.reminded_at for line in duty_board(session, found, OPENED)} == {None}
    officer(session, "陈", on_duty=True)
    tick_all(session, OPENED + 21 * MINUTE)
    assert len(said(session, "duty")) == 1


def test_a_drill_says_so_in_every_message(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    incident(session, drill=True, facts={"deaths": 1})
    tick_all(session, OPENED + 25 * MINUTE)
    heard = [text for kind in ("duty", "grade") for _to, text in said(session, kind)]
    assert len(heard) == 2
    assert all(text.startswith("【演练】") for text in heard)


# whom


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({"陈": ("duty", True), "王": ("duty", False), "李": ("admin", False)}, {"陈"}),
        ({"陈": ("viewer", True), "王": ("duty", False)}, {"陈"}),
        ({"王": ("duty", False), "周": ("duty", False), "李": ("admin", False), "吴": ("viewer", False)}, {"王", "周"}),
        ({"李": ("admin", False), "吴": (None, False)}, {"李"}),
        ({"吴": (None, False), "郑": ("viewer", False)}, {"吴", "郑"}),
        ({}, set()),
    ],
)  # fmt: skip
def test_alarms_go_to_who_is_on_duty_else_to_ever_more_people(
    session: Session, people: dict[str, tuple[str | None, bool]], told: set[str]
) -> None:
    for name, (role, on_duty) in people.items():
        officer(session, name, role=role, on_duty=on_duty)
    assert {one.sender.removeprefix("telegram-") for one in alarms.on_duty(session, now=OPENED)} == told


@pytest.mark.parametrize("change", ["disabled", "removed", "unreachable", "window", "used_up"])
def test_somebody_on_duty_who_cannot_be_reached_is_not_all_who_is_told(session: Session, change: str) -> None:
    officer(session, "陈", on_duty=True)
    officer(session, "王")
    account = session.scalars(select(ChannelAccount).where(ChannelAccount.sender_id == "telegram-陈")).one()
    if change == "disabled":
        session.scalars(select(DeskUser).where(DeskUser.name == "陈")).one().disabled_at = OPENED
    elif change == "removed":
        staff.remove(session, name="陈", now=OPENED)
    elif change == "unreachable":
        account.unreachable_at = OPENED
    elif change == "window":
        account.pushes_until = OPENED
    else:
        account.pushes_until, account.pushes_left = OPENED + HOUR, 0
    session.flush()
    told = {one.sender for one in alarms.on_duty(session, now=OPENED)}
    heard_later = {"telegram-陈"} if change in ("window", "used_up") else set()
    assert told == {"telegram-王"} | heard_later


# grades


def test_a_grade_that_waits_is_told_once(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    found = incident(session, facts={"deaths": 1})
    assert each_minute(session, OPENED, 5, "grade") == [0]
    (_to, text), *_none = said(session, "grade")
    assert text == (
        f"{found.number} 三塘镇老街按现有情况达到Ⅲ级（较大）（3.2.3(3)），待确认。请上工作台核对，时限已经开始计算。"
    )
    confirm_grade(session, number=found.number, by="陈", now=OPENED + 6 * MINUTE)
    assert each_minute(session, OPENED + 6 * MINUTE, 5, "grade") == []
    set_fact(session, number=found.number, name="deaths", value=3, by="陈", now=OPENED + 12 * MINUTE)
    assert each_minute(session, OPENED + 12 * MINUTE, 3, "grade") == [0]
    assert "达到Ⅱ级" in said(session, "grade")[-1][1]
    decide(session, found, "III", at=OPENED + 16 * MINUTE)  # they know, and leave it
    assert each_minute(session, OPENED + 17 * MINUTE, 3, "grade") == []


def grades_told(session: Session, name: str) -> list[list[str]]:
    """The lines of what is yet to be said to somebody of grades, a message each."""
    due = outbox.due(session, channel="telegram", sender=f"telegram-{name}", now=OPENED + HOUR)
    return [message.text.split("\n") for message in due if message.kind == "grade"]


def test_many_grades_in_one_minute_ring_once_the_gravest_first(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    ones = [incident(session, facts={"deaths": 1}) for _number in range(12)]
    grave = [incident(session, facts={"deaths": deaths}) for deaths in (3, 10)]
    tick_all(session, OPENED)
    ((head, *lines),) = grades_told(session, "陈")
    assert head == "14起事件达到级别，待确认：Ⅰ级1起、Ⅱ级1起、Ⅲ级12起。请上工作台核对，时限已经开始计算。"
    assert lines[0] == f"{grave[1].number} 三塘镇老街：Ⅰ级（3.2.1(7)）"
    assert lines[1].startswith(f"{grave[0].number} 三塘镇老街：Ⅱ级")
    assert lines[2].startswith(f"{ones[0].number} ")
    assert (len(lines), lines[-1]) == (11, "另有4起，见工作台。")
    assert each_minute(session, OPENED + MINUTE, 3, "grade") == []


def test_no_grave_one_is_left_out_of_many(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    grave = [incident(session, facts={"deaths": 3}) for _number in range(13)]
    incident(session, facts={"deaths": 1})
    tick_all(session, OPENED)
    ((_head, *lines),) = grades_told(session, "陈")
    assert [line.split()[0] for line in lines[:-1]] == [one.number for one in grave]
    assert lines[-1] == "另有1起，见工作台。"


def test_a_later_alarm_takes_the_place_of_none_that_waits(session: Session) -> None:
    """Nobody has read the first message when the first incident of it gets graver."""
    officer(session, "陈", on_duty=True)
    first, _second = (incident(session, facts={"deaths": 1}) for _number in range(2))
    tick_all(session, OPENED)
    set_fact(session, number=first.number, name="deaths", value=10, by="陈", now=OPENED + MINUTE)
    tick_all(session, OPENED + MINUTE)
    together, alone = grades_told(session, "陈")
    assert (len(together), len(alone)) == (3, 1)
    assert f"{first.number} 三塘镇老街按现有情况达到Ⅰ级" in alone[0]


def test_who_comes_on_duty_later_hears_of_what_waits_in_one_message(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    for _number in range(2):
        incident(session, facts={"deaths": 1})
    tick_all(session, OPENED)
    officer(session, "王", on_duty=True)
    incident(session, facts={"deaths": 1})
    tick_all(session, OPENED + MINUTE)
    assert [len(lines) for lines in grades_told(session, "王")] == [4]
    assert [len(lines) for lines in grades_told(session, "陈")] == [3, 1]


def test_grades_of_a_drill_are_a_message_of_their_own_that_goes_with_it(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    for number in range(4):
        incident(session, facts={"deaths": 1}, drill=number < 2)
    tick_all(session, OPENED)
    assert [lines[0][:6] for lines in grades_told(session, "陈")] == ["2起事件达到", "【演练】2起"]
    drill.remove(session)
    assert [lines[0][:6] for lines in grades_told(session, "陈")] == ["2起事件达到"]


def test_time_alone_raises_the_grade_on_its_minute(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    found = incident(session)
    for name, value in {
        "accident_kind": "fire", "supply_effect": "interrupted", "interruption_hours": 23.5,
    }.items():  # fmt: skip
        set_fact(session, number=found.number, name=name, value=value, by="陈", now=OPENED)
    grades = {}
    for minute in (0, 29, 31):
        tick_all(session, OPENED + minute * MINUTE)
        grades[minute] = found.grade
    assert grades == {0: None, 29: None, 31: "II"}
    due = next(line.due_at for line in duty_board(session, found, OPENED) if line.key == "4.2.2-main-facts")
    assert due is not None
    assert OPENED + 60 * MINUTE <= due < OPENED + 61 * MINUTE


def asked_of(session: Session, found: Incident, at: datetime) -> set[str]:
    """The keys of the lines on the board that are asked."""
    return {line.key for line in duty_board(session, found, at) if line.state not in ("dropped", "done")}


def test_who_lies_outside_of_a_supply_area_that_was_changed_has_no_duties_any_more_and_back(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, moved = (incident(session, facts={"deaths": 1}, township=name) for name in ("三塘镇", "泉溪镇"))
    nowhere = incident(session, facts={"deaths": 1}, township=None)
    moments = [OPENED + number * 30 * MINUTE for number in range(4)]
    tick_all(session, moments[0])
    before = asked_of(session, moved, moments[0])
    assert (moved.grade, moved.plan_applies) == ("III", None)
    for number, area in enumerate(("三塘镇,泉溪镇", "三塘镇", "泉溪镇，三塘镇")):
        monkeypatch.setattr(assessing, "settings", lambda area=area: Settings(supply_area=area))
        now = moments[number + 1]
        tick_all(session, now)
        out = area == "三塘镇"
        assert (moved.grade, moved.plan_applies) == (None if out else "III", not out)
        assert asked_of(session, moved, now) == (set() if out else before)
        assert asked_of(session, inside, now) == asked_of(session, nowhere, now) == before
        assert assessing.to_grade(session, now) == []
    assert [told(line) for line in events_of(session, moved.id) if line.kind == "fact"] == [
        "在县城供水范围内（1.4）：否", "在县城供水范围内（1.4）：是",
    ]  # fmt: skip
    board = duty_board(session, moved, moments[3])
    course_told = [
        text for _at, text in course(moved, events_of(session, moved.id), board, papers()["words"])
    ]
    assert "县城供水范围调整，该地不在范围内，不按本预案办（1.4）" in course_told
    monkeypatch.setattr(assessing, "settings", Settings)
    assert assessing.to_grade(session, moments[3]) == [inside, moved]
    tick_all(session, moments[3])
    assert (moved.plan_applies, asked_of(session, moved, moments[3])) == (None, before)


def test_what_staff_confirmed_outside_of_the_area_stays_under_the_plan_and_is_not_graded_each_minute(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = incident(session, facts={"deaths": 1})
    decide(session, found, "III", at=OPENED)
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area="泉溪镇"))
    tick_all(session, OPENED + MINUTE)
    assert (found.grade, found.plan_applies) == (None, False)
    assert asked_of(session, found, OPENED + MINUTE) == {duty.key for duty in duties_for("III")}
    assert assessing.to_grade(session, OPENED + MINUTE) == []


def test_a_new_incident_has_its_duties_without_the_clock(session: Session) -> None:
    done = filed(session, at=OPENED)
    found = session.scalars(select(Incident).where(Incident.number == done.incident)).one()
    assert {line.due_at for line in duty_board(session, found, OPENED)} == {None, OPENED + 30 * MINUTE}


# people in danger


def test_an_urgent_report_rings_at_once_without_words_or_phone(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    filed(
        session,
        at=OPENED,
        danger="chlorine",
        words=("氯气泄漏，我叫何国安",),
        phone="13800001234",
        detail="老街5号",
    )
    ((to, text),) = said(session, "alarm")
    handover = session.scalars(select(Handover)).one()
    assert (to, handover.alarmed_at) == ("telegram-陈", OPENED)
    assert (
        text == f"紧急：有人报告危险（第{handover.id}号求助），三塘镇老街。请马上上工作台接手，先打110、120。"
    )
    tick_all(session, OPENED + MINUTE)
    assert len(said(session, "alarm")) == 1


def test_an_alarm_of_the_first_word_rings_again_with_the_place(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    waiting = Handover(
        reason="emergency", urgent=True, channel="rest", sender_id="a", created_at=OPENED, text="氯气泄漏"
    )
    session.add(waiting)
    tick_all(session, OPENED)
    filed(session, sender="a", at=OPENED + MINUTE, danger="chlorine", words=("氯气泄漏",))
    first, second = (text for _to, text in said(session, "alarm"))
    assert "地点还没说" in first
    assert "三塘镇金盘小区" in second
    assert session.scalars(select(Handover)).one() is waiting


def test_a_crisis_rings_and_what_can_wait_does_not(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    for reason, urgent, status in (
        ("crisis", True, "open"),
        ("asked", False, "open"),
        ("emergency", True, "taken"),
        ("emergency", True, "closed"),
    ):
        session.add(
            Handover(
                reason=reason, urgent=urgent, status=status, channel="rest", sender_id="a", created_at=OPENED, text="我不想活了",
            )
        )  # fmt: skip
    tick_all(session, OPENED)
    # Danger that is told while staff have the conversation rings too.
    crisis, danger = (text for _to, text in said(session, "alarm"))
    assert "情绪危急" in crisis
    assert "报告危险" in danger
    assert "不想活" not in crisis + danger


def test_a_report_is_kept_whatever_becomes_of_its_alarm(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer(session, "陈", on_duty=True)

    def broken(*_: Any, **__: Any) -> int:
        raise RuntimeError("no way out")

    with monkeypatch.context() as patched:
        patched.setattr(alarms, "tell_on_duty", broken)
        done = filed(session, at=OPENED, danger="chlorine", words=("氯气",))
    assert session.scalars(select(Incident.number)).all() == [done.incident]
    assert said(session, "alarm") == []
    tick_all(session, OPENED + MINUTE)
    assert len(said(session, "alarm")) == 1


def emergency(session: Session, sender: str, at: datetime) -> Handover:
    made = Handover(
        reason="emergency", urgent=True, channel="rest", sender_id=sender, created_at=at, text="x"
    )
    session.add(made)
    session.flush()
    return made


def test_somebody_in_danger_is_heard_whose_row_has_the_id_of_one_deleted_before(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    first = emergency(session, "a", OPENED)
    number = first.id
    tick_all(session, OPENED)
    session.delete(first)  # as when somebody is forgotten
    session.flush()
    session.expunge_all()
    session.add(
        Handover(
            id=number, reason="emergency", urgent=True, channel="rest", sender_id="b", created_at=OPENED + MINUTE, text="y"
        )
    )  # fmt: skip
    tick_all(session, OPENED + MINUTE)
    assert len(said(session, "alarm")) == 2


def test_an_alarm_of_a_drill_says_so_before_there_is_a_report_and_goes_with_it(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    emergency(session, "drill-何国安", OPENED)
    tick_all(session, OPENED)
    ((_to, text),) = said(session, "alarm")
    assert text.startswith("【演练】紧急")
    drill.remove(session)
    assert said(session, "alarm") == []


# many at once


def test_many_incidents_at_once_are_one_message_with_the_gravest_first(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    found = [
        incident(session, facts={"poisoned_or_seriously_injured": 2 if number else 12}) for number in range(7)
    ]
    assert each_minute(session, OPENED, 120, "duty") == [20, 31, 90]
    texts = [text.split("\n") for _to, text in said(session, "duty")]
    assert [len(lines) for lines in texts] == [7, 7, 7]
    assert texts[0][0] == "有7起事件的职责快到时限或已过时限："
    assert texts[0][1].startswith(f"{found[0].number} 三塘镇老街（Ⅲ级（较大））")
    assert texts[0][-1] == "另有2起，见工作台。"


def test_a_drill_never_stands_in_one_message_with_life(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    for number in range(12):
        incident(session, facts={"deaths": 1}, drill=number < 6)
    tick_all(session, OPENED)
    tick_all(session, OPENED + 20 * MINUTE)
    assert sorted(text.split("\n")[0] for _to, text in said(session, "duty")) == [
        "【演练】有6起事件的职责快到时限或已过时限：",
        "有6起事件的职责快到时限或已过时限：",
    ]


def test_no_reminder_of_many_takes_the_place_of_another_that_waits(session: Session) -> None:
    """Not that of a drill the place of life's, nor a later one of other incidents."""
    officer(session, "陈", on_duty=True)
    for at, number in ((OPENED, 12), (OPENED + 10 * MINUTE, 6)):
        for one in range(number):
            incident(session, at=at, facts={"deaths": 1}, drill=one >= 6)
        tick_all(session, at)
    for minutes in (20, 30):
        tick_all(session, OPENED + minutes * MINUTE)
    due = outbox.due(session, channel="telegram", sender="telegram-陈", now=OPENED + 2 * HOUR)
    assert [message.text[:4] == "【演练】" for message in due if message.kind == "duty"] == [
        False,
        True,
        False,
    ]
    drill.remove(session)
    due = outbox.due(session, channel="telegram", sender="telegram-陈", now=OPENED + 2 * HOUR)
    assert [message.text[:4] == "【演练】" for message in due if message.kind == "duty"] == [False, False]


def test_old_reports_that_nobody_closed_ring_nobody_at_a_first_start(session: Session) -> None:
    officer(session, "陈", on_duty=True)
    long_ago = OPENED - timedelta(days=30)
    for _number in range(3):
        old = incident(session, at=long_ago)
        report(session, old, started_at=long_ago, latest_start=long_ago, started_grain="hour", household="h")
    assert each_minute(session, OPENED, 90, "grade") == []
    assert said(session, "duty") == []
    assert old.grade == "IV"  # it stands on the desk all the same
    set_fact(session, number=old.number, name="deaths", value=1, by="陈", now=OPENED + 2 * HOUR)
    assert each_minute(session, OPENED + 2 * HOUR, 30, "grade") == [0]


# whatever fails


def test_one_that_fails_keeps_nobody_else_from_being_warned(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    officer(session, "陈", on_duty=True)
    bad, good = incident(session, facts={"deaths": 1}), incident(session, facts={"deaths": 1})
    refresh = clockwork.refresh

    def grading(session: Session, one: Incident, *, now: datetime) -> Any:
        if one is bad:
            raise ValueError("cannot be graded")
        return refresh(session, one, now=now)

    def telling(*_: Any) -> int:
        raise ValueError("cannot be told")

    monkeypatch.setattr(clockwork, "refresh", grading)
    monkeypatch.setattr(planned, "due_tellings", telling)
    tick_all(session, OPENED)
    session.flush()
    assert (bad.grade, good.grade) == (None, "III")
    assert [text.split()[0] for _to, text in said(session, "grade")] == [good.number]
    assert bad.number in caplog.text
    assert "planned outages failed" in caplog.text


def test_subscribers_are_told_of_planned_outages_by_the_same_clock(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(planned, "due_tellings", lambda _session, now: asked.append(now) or 0)
    tick_all(session, OPENED)
    assert asked == [OPENED]
