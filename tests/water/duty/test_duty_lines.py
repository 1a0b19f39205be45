"""The clocks of duties: from which moment, to which minute, and what stays when the grade changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage.tables import Incident, IncidentDuty
from bot.water.duty import duty_lines
from bot.water.duty.duty_lines import duty_board, overdue, set_moment, sync_duties, tick, untick
from bot.water.incidents import merging
from bot.water.incidents.history import events_of
from bot.water.plan.duties import all_duties, duties_for
from bot.water.plan.duty_clocks import GRADES, grades_now
from tests.water.desk import OPENED, decide, incident, report, worked_out

MINUTE = timedelta(minutes=1)
ANY = {duty.key for duty in duties_for(None)}
# Each duty with minutes: its grade (None: any incident), and how many minutes after which moment it is due.
TIMED: list[tuple[str, str | None, int, str]] = [
    ("4.2.1-company-to-bureau", None, 30, "opened"),
    ("4.2.1-company-to-county", None, 30, "opened"),
    ("4.2.1-other-units-to-county", None, 30, "opened"),
    ("4.2.1-other-units-to-company", None, 30, "opened"),
    ("4.2.2-main-facts", "II", 30, "reached"),
    ("4.2.2-main-facts", "I", 30, "reached"),
    ("4.2.2-in-writing", "II", 120, "reached"),
    ("4.2.2-in-writing", "I", 120, "reached"),
    ("4.2.2-cyberspace-office", "II", 120, "reached"),
    ("4.2.2-cyberspace-office", "I", 120, "reached"),
    ("5.2.1-first-judgement", "II", 30, "began"),
    ("5.2.1-first-judgement", "I", 30, "began"),
    ("5.2.2.1-to-bureau", "IV", 30, "reached"),
    ("5.2.2.1-to-bureau", "III", 30, "reached"),
    ("5.2.2.1-file", "IV", 30, "reached"),
    ("5.2.2.1-file", "III", 30, "reached"),
    ("5.2.3.1-main-facts", "II", 30, "reached"),
    ("5.2.3.2-propose", "II", 60, "reached"),
    ("5.2.4.1-main-facts", "I", 30, "reached"),
    ("5.2.4.1-to-city", "I", 30, "reached"),
]
BEGAN = OPENED - 10 * MINUTE
REACHED = OPENED + 7 * MINUTE


def line(session: Session, found: Incident, key: str, now: datetime = OPENED) -> Any:
    return next(one for one in duty_board(session, found, now) if one.key == key)


def keys(session: Session, found: Incident, *states: str) -> set[str]:
    board = duty_board(session, found, OPENED)
    return {one.key for one in board if one.dropped_at is None and (not states or one.state in states)}


def test_a_duty_with_minutes_is_due_to_the_minute(session: Session) -> None:
    for grade in (None, *GRADES):
        found = incident(session, started_at=BEGAN)
        report(session, found, started_at=BEGAN, started_grain="minute")
        sync_duties(session, found, now=OPENED)
        worked_out(session, found, grade, at=REACHED)
        for key, its_grade, minutes, moment in TIMED:
            if its_grade == grade:
                start = {"opened": OPENED, "reached": REACHED, "began": BEGAN}[moment]
                _due_to_the_minute(session, found, key, grade, start, start + minutes * MINUTE)


def _due_to_the_minute(
    session: Session, found: Incident, key: str, grade: str | None, start: datetime, due: datetime
) -> None:
    case = f"{key} at {grade}"
    shown = line(session, found, key)
    assert (shown.counted_from, shown.due_at, shown.grade) == (start, due, grade), case
    second = timedelta(seconds=1)
    states = [line(session, found, key, at).state for at in (due - second, due, due + second)]
    assert states == ["open", "open", "overdue"], case  # the last minute still counts
    for at, over in ((due, False), (due + second, True)):
        assert ((found.number, key) in {(one.incident, one.key) for one in overdue(session, at)}) is over, (
            case
        )
    assert line(session, found, key, due - 5 * MINUTE).remaining == 5 * MINUTE, case
    assert line(session, found, key, due + 5 * MINUTE).remaining == -5 * MINUTE, case


def test_the_table_above_holds_every_duty_with_minutes() -> None:
    listed = {(key, grade) for key, grade, _minutes, _moment in TIMED}
    raised = {d.key for d in all_duties().values() if d.counted_from == "raise"}
    assert raised == {"5.2.2.3-raised"}  # tested below
    for grade in (None, *GRADES):
        timed = {d.key for d in duties_for(grade) if d.within_minutes is not None}
        assert {(key, grade) for key in timed - ANY - raised} == {
            r for r in listed if r[1] == grade and grade
        }
    assert {d.key for d in duties_for(None) if d.within_minutes} == {
        key for key, grade in listed if not grade
    }


@pytest.mark.parametrize("grade", [None, *GRADES])
def test_what_has_no_minutes_has_no_clock(session: Session, grade: str | None) -> None:
    found = incident(session)
    worked_out(session, found, grade, at=OPENED)
    without = {d.key for d in duties_for(grade) if d.within_minutes is None} | {"5.2.2.3-raised"}
    for one in duty_board(session, found, OPENED + timedelta(days=3)):
        assert (one.due_at is None) == (one.key in without), one.key
        if one.key in without:
            assert (one.counted_from, one.remaining, one.state) == (None, None, "open")


@pytest.mark.parametrize(
    ("grain", "began", "from_began"),
    [
        ("minute", BEGAN, True),
        ("hour", BEGAN, True),
        ("part", BEGAN, False),  # 昨晚 is no moment to count minutes from
        ("day", BEGAN, False),
        (None, BEGAN, False),
        ("minute", OPENED + MINUTE, False),  # nothing begins after it was reported
    ],
)
def test_half_an_hour_from_the_event_needs_an_exact_start(
    session: Session, grain: str | None, began: datetime, from_began: bool
) -> None:
    found = incident(session, started_at=began)
    report(session, found, started_at=began, started_grain=grain)
    worked_out(session, found, "I", at=REACHED)
    start = began if from_began else OPENED
    assert line(session, found, "5.2.1-first-judgement").due_at == start + 30 * MINUTE


def test_an_event_long_past_is_overdue_as_soon_as_it_is_on_the_board_and_says_so(session: Session) -> None:
    began = OPENED - timedelta(hours=25)
    found = incident(session, started_at=began)
    report(session, found, started_at=began, started_grain="hour")
    worked_out(session, found, "II", at=REACHED)
    shown = line(session, found, "5.2.1-first-judgement", REACHED)
    assert (shown.state, shown.born_late) == ("overdue", True)
    assert not line(session, found, "4.2.2-main-facts", REACHED).born_late


def test_time_alone_raised_it_some_minutes_ago(session: Session) -> None:
    found = incident(session)
    found.grade = "II"
    sync_duties(session, found, now=OPENED + timedelta(hours=30), reached=OPENED + timedelta(hours=24))
    assert line(session, found, "4.2.2-main-facts").due_at == OPENED + timedelta(hours=24, minutes=30)
    later = incident(session, grade="II")  # never counted from what is still to come
    sync_duties(session, later, now=OPENED, reached=OPENED + timedelta(hours=1))
    assert line(session, later, "4.2.2-main-facts").due_at == OPENED + 30 * MINUTE


# grades that come and go


def test_the_worked_out_grade_waits_for_staff_with_its_clocks_running(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    assert keys(session, found) == ANY
    worked_out(session, found, "II", at=REACHED)
    assert {one.key for one in duty_board(session, found, OPENED) if one.awaiting} == {
        d.key for d in duties_for("II")
    } - ANY
    decide(session, found, "II", at=REACHED + 20 * MINUTE)
    assert not any(one.awaiting for one in duty_board(session, found, OPENED))
    assert line(session, found, "4.2.2-main-facts").due_at == REACHED + 30 * MINUTE


def test_a_rise_after_it_was_confirmed_waits_for_staff_again(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "IV", at=OPENED)
    decide(session, found, "IV", at=OPENED + MINUTE)
    raised = OPENED + timedelta(hours=24)
    worked_out(session, found, "II", at=raised)
    both = {d.key for grade in ("II", "IV") for d in duties_for(grade)}
    assert keys(session, found) == both | {"5.2.2.3-raised/raised"}
    shown = line(session, found, "5.2.2.3-raised/raised")
    assert (shown.due_at, shown.awaiting) == (raised + 30 * MINUTE, True)
    assert (shown.clause, shown.who) == ("5.2.2(3)", "县住房和城乡建设局")
    decide(session, found, "II", at=raised + 5 * MINUTE)
    assert keys(session, found) == {d.key for d in duties_for("II")} | {"5.2.2.3-raised/raised"}
    shown = line(session, found, "5.2.2.3-raised/raised")
    assert (shown.due_at, shown.awaiting) == (raised + 30 * MINUTE, False)


def test_grave_from_the_first_is_no_raise(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "II", at=OPENED)
    worked_out(session, found, "I", at=REACHED)
    assert "5.2.2.3-raised/raised" not in keys(session, found)


def test_from_four_to_three_is_no_such_raise(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "IV", at=OPENED)
    worked_out(session, found, "III", at=REACHED)
    assert "5.2.2.3-raised/raised" not in keys(session, found)
    assert (
        line(session, found, "5.2.2.1-to-bureau").due_at == OPENED + 30 * MINUTE
    )  # one clock for both grades


def test_staff_who_put_a_grade_lower_are_not_asked_again_until_it_gets_graver(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "III", at=OPENED)
    decide(session, found, "IV", at=REACHED)
    assert keys(session, found) == {d.key for d in duties_for("IV")}
    worked_out(session, found, "III", at=REACHED + MINUTE)
    assert not any(one.awaiting for one in duty_board(session, found, OPENED))
    worked_out(session, found, "II", at=REACHED + 2 * MINUTE)
    assert any(one.awaiting for one in duty_board(session, found, OPENED))


def test_staff_who_give_no_grade_take_it_out_of_the_plan(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "IV", at=OPENED)
    decide(session, found, None, at=REACHED)
    assert keys(session, found) == set()
    assert overdue(session, OPENED + timedelta(days=1)) == ()
    worked_out(session, found, "III", at=REACHED + MINUTE)
    assert keys(session, found) == {d.key for d in duties_for("III")}


def test_a_line_that_comes_back_has_the_clock_it_had(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "II", at=OPENED)
    worked_out(session, found, None, at=REACHED)
    assert line(session, found, "4.2.2-main-facts").state == "dropped"
    assert "4.2.2-main-facts" not in {o.key for o in overdue(session, OPENED + timedelta(days=1))}
    worked_out(session, found, "II", at=REACHED + MINUTE)
    assert line(session, found, "4.2.2-main-facts").due_at == OPENED + 30 * MINUTE
    assert line(session, found, "4.2.2-main-facts").state == "open"


def test_outside_the_supply_area_the_plan_asks_nothing_until_staff_give_a_grade(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duty_lines, "outside_supply_area", lambda township: township == "三塘镇")
    found = incident(session)
    worked_out(session, found, "II", at=OPENED)
    assert duty_board(session, found, OPENED) == ()
    decide(session, found, "IV", at=OPENED)
    assert keys(session, found) == {d.key for d in duties_for("IV")}


# ticking


def test_a_tick_says_who_when_and_how_and_the_first_counts(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    key = "4.2.1-company-to-bureau"
    done = tick(session, incident=found.number, key=key, by="陈", how=" 电话报告，李接 ", now=REACHED)
    assert (done.state, done.done_at, done.done_by, done.done_how) == (
        "done",
        REACHED,
        "陈",
        "电话报告，李接",
    )
    again = tick(session, incident=found, key=key, by="王", how="", now=REACHED + MINUTE)
    assert (again.done_at, again.done_by) == (REACHED, "陈")
    assert [event.kind for event in events_of(session, found.id)] == ["duty"]
    assert key not in {one.key for one in overdue(session, OPENED + timedelta(days=1))}


def test_done_late_is_seen(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    due = OPENED + 30 * MINUTE
    now = OPENED + timedelta(hours=2)
    first, second, third = sorted(ANY & {key for key, *_ in TIMED})[:3]
    assert not tick(session, incident=found, key=first, by="陈", how="", now=now, at=due).late
    assert tick(session, incident=found, key=second, by="陈", how="", now=now, at=due + MINUTE).late
    assert tick(session, incident=found, key=third, by="陈", how="", now=now).late


@pytest.mark.parametrize("minutes", [1, 60, -11, -24 * 60])
def test_a_time_that_cannot_be_is_refused(session: Session, minutes: int) -> None:
    found = incident(session, started_at=BEGAN)
    sync_duties(session, found, now=OPENED)
    with pytest.raises(BadInput):
        tick(
            session, incident=found, key="4.2.1-company-to-bureau", by="陈", how="", now=OPENED,
            at=OPENED + minutes * MINUTE,
        )  # fmt: skip
    assert not line(session, found, "4.2.1-company-to-bureau").done_at


def test_a_tick_taken_back_stays_in_the_history(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    key = "4.2.1-company-to-county"
    tick(session, incident=found, key=key, by="陈", how="传真", now=REACHED)
    back = untick(session, incident=found, key=key, by="王", now=REACHED + MINUTE, reason="报错了")
    assert (back.state, back.done_at, back.due_at) == ("open", None, OPENED + 30 * MINUTE)
    untick(session, incident=found, key=key, by="王", now=REACHED + MINUTE)  # nothing is ticked any more
    done, undone = (event.detail for event in events_of(session, found.id))
    assert (done["done"], undone["done"], undone["reason"]) == (True, False, "报错了")
    assert undone["was"] == {"at": REACHED.isoformat(), "by": "陈", "how": "传真"}


def test_what_is_not_there(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    with pytest.raises(NotFound, match="职责"):
        tick(session, incident=found, key="4.2.2-main-facts", by="陈", how="", now=OPENED)
    with pytest.raises(NotFound, match="SJ000000-000"):
        tick(session, incident="SJ000000-000", key="4.2.1-finder", by="陈", how="", now=OPENED)


def test_what_is_closed_or_merged_is_not_overdue(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    late = OPENED + timedelta(hours=1)
    assert len(overdue(session, late)) == 4
    for status in ("closed", "merged"):
        found.status = status
        assert overdue(session, late) == ()
    found.grade = "II"
    sync_duties(session, found, now=OPENED)
    assert keys(session, found) == ANY  # it was merged: its duties are those of the other incident


# moments put right


@pytest.mark.parametrize(
    ("which", "moved"),
    [
        ("alert", {k for k, g, *_ in TIMED if g is None}),
        ("incident", {"5.2.1-first-judgement"}),
        ("report", {"5.2.3.2-propose"}),
        ("grade", {"4.2.2-main-facts", "4.2.2-in-writing", "4.2.2-cyberspace-office", "5.2.3.1-main-facts"}),
    ],
)
def test_a_moment_put_right_moves_the_clocks_that_rest_on_it_and_no_other(
    session: Session, which: str, moved: set[str]
) -> None:
    found = incident(session)
    worked_out(session, found, "II", at=OPENED)
    before = {one.key: one.due_at for one in duty_board(session, found, OPENED)}
    at = OPENED - 12 * MINUTE
    set_moment(session, number=found.number, which=which, at=at, by="陈", now=REACHED, reason="110先接的警")
    after = {one.key: one for one in duty_board(session, found, OPENED)}
    assert {key for key in before if after[key].due_at != before[key]} == moved
    for key in moved:
        assert after[key].due_at == at + timedelta(minutes=all_duties()[key].within_minutes or 0)
        assert after[key].counted_from == at
    (event,) = events_of(session, found.id)
    assert (event.kind, event.by, event.detail["reason"]) == ("fact", "陈", "110先接的警")
    assert {m["key"]: m["was"] for m in event.detail["moved"]} == {
        key: before[key].isoformat() for key in moved
    }


def test_a_moment_put_right_holds_for_lines_that_come_later(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    at = OPENED - timedelta(hours=2)
    set_moment(session, number=found.number, which="incident", at=at, by="陈", now=OPENED, reason="水厂记录")
    set_moment(session, number=found.number, which="grade", at=at, by="陈", now=OPENED, reason="试")
    worked_out(session, found, "I", at=REACHED)
    assert line(session, found, "5.2.1-first-judgement").due_at == at + 30 * MINUTE
    assert line(session, found, "4.2.2-main-facts").due_at == REACHED + 30 * MINUTE
    assert found.started_at == at


@pytest.mark.parametrize(
    ("which", "at", "reason", "says"),
    [
        ("noon", OPENED, "x", "noon"),
        ("alert", OPENED + MINUTE, "x", "还没到"),
        ("alert", OPENED, "  ", "理由"),
    ],
)
def test_a_moment_that_cannot_be_set(
    session: Session, which: str, at: datetime, reason: str, says: str
) -> None:
    found = incident(session)
    with pytest.raises(BadInput, match=says):
        set_moment(session, number=found.number, which=which, at=at, by="陈", now=OPENED, reason=reason)


# whatever the grade does

_GRADE = st.sampled_from([None, *GRADES])
_STEP = st.one_of(
    st.tuples(st.just("worked_out"), _GRADE),
    st.tuples(st.just("decide"), _GRADE),
    st.tuples(st.just("tick"), st.integers(0, 60)),
    st.tuples(st.just("wait"), st.integers(1, 3000)),
    st.tuples(st.just("moment"), st.sampled_from(["alert", "incident", "report", "grade"])),
)


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(_STEP, max_size=12))
def test_no_change_of_grade_loses_or_moves_anything(session: Session, steps: list[tuple[str, Any]]) -> None:
    found, now = incident(session), OPENED
    sync_duties(session, found, now=now)
    dues = {one.key: one.due_at for one in duty_board(session, found, now)}
    done: dict[str, tuple[datetime, str]] = {}
    for kind, what in steps:
        if kind == "worked_out":
            worked_out(session, found, what, at=now)
        elif kind == "decide":
            decide(session, found, what, at=now)
        elif kind == "tick":
            board = duty_board(session, found, now)
            if board:
                one = board[what % len(board)]
                ticked = tick(
                    session, incident=found, key=one.key, by="陈", how=str(what), now=now, step=one.step
                )
                done.setdefault(ticked.key, (ticked.done_at or now, ticked.done_how or ""))
        elif kind == "moment":
            set_moment(session, number=found.number, which=what, at=now, by="陈", now=now, reason="试")
            for moved in events_of(session, found.id)[-1].detail["moved"]:
                assert dues.pop(moved["key"]) == datetime.fromisoformat(moved["was"])
        else:
            now += what * MINUTE
        shown = {one.key: one for one in duty_board(session, found, now)}
        assert dues.keys() <= shown.keys()
        for key, due in dues.items():
            assert shown[key].due_at == due
        dues = {key: one.due_at for key, one in shown.items()}
        for key, (at, how) in done.items():
            assert (shown[key].state, shown[key].done_at, shown[key].done_how) == ("done", at, how)
        active = {key for key, one in shown.items() if one.dropped_at is None}
        firm = found.confirmed_grade
        if found.confirmed_at is None or firm:
            assert {d.key for d in duties_for(firm)} <= active
        if found.confirmed_at is None:
            assert {d.key for d in duties_for(found.grade)} <= active


def test_two_processes_add_a_line_at_once(session: Session) -> None:
    found = incident(session)
    sync_duties(session, found, now=OPENED)
    rows = duty_lines.rows_of

    def none_yet(*_: Any) -> dict[str, IncidentDuty]:
        return {}

    duty_lines.rows_of = none_yet  # type: ignore[assignment]
    try:
        sync_duties(session, found, now=REACHED)
    finally:
        duty_lines.rows_of = rows
    stored = session.scalars(select(IncidentDuty).where(IncidentDuty.incident_id == found.id)).all()
    assert sorted(row.key for row in stored) == sorted(ANY)
    assert {row.added_at for row in stored} == {OPENED}


@given(worked=_GRADE, confirmed=_GRADE, seen=_GRADE, decided=st.booleans())
def test_what_waits_is_graver_than_what_staff_have_seen(
    worked: str | None, confirmed: str | None, seen: str | None, decided: bool
) -> None:
    order = [*GRADES, None]
    found = grades_now(worked_out=worked, confirmed=confirmed, decided=decided, seen=seen, applies=True)
    if not decided:
        assert (found.firm, found.pending) == (None, worked)
    else:
        assert found.firm == confirmed
        graver = order.index(worked) < min(order.index(confirmed), order.index(seen))
        assert found.pending == (worked if graver else None)


def test_merged_incidents_count_from_their_first_alert_until_that_is_undone(session: Session) -> None:
    first = incident(session, at=OPENED - 20 * MINUTE)
    later, last = incident(session), incident(session, at=OPENED + MINUTE)
    for found in (first, later, last):
        report(session, found, household=found.number)
        sync_duties(session, found, now=found.opened_at)
    key = "4.2.1-company-to-bureau"
    merging.merge(session, into=later.number, numbers=[last.number], by="陈", now=REACHED)
    assert line(session, later, key).due_at == OPENED + 30 * MINUTE
    merging.merge(session, into=later.number, numbers=[first.number], by="陈", now=REACHED)
    assert line(session, later, key).due_at == OPENED + 10 * MINUTE
    merged = [event for event in events_of(session, later.id) if event.kind == "merged"][-1]
    merging.undo(session, event_id=merged.id, by="陈", now=REACHED)
    assert line(session, later, key).due_at == OPENED + 30 * MINUTE
    assert {(one.incident, one.key) for one in overdue(session, OPENED + 15 * MINUTE)} == {
        (first.number, key) for key, grade, *_ in TIMED if grade is None
    }
