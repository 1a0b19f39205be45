"""Who starts, approves and ends the response, and the groups of 2.2."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import Session

from bot.desk.words import told
from bot.errors import BadInput, NotFound
from bot.settings import ROOT
from bot.storage.tables import Incident
from bot.water.duty.duty_lines import duty_board, tick
from bot.water.incidents.closing import close_incident
from bot.water.incidents.history import events_of, note
from bot.water.incidents.response import call_group, response_of, running_grade, take_step, withdraw_step
from bot.water.plan.groups import all_groups
from tests.water.desk import OPENED, decide, incident, worked_out

MINUTE = timedelta(minutes=1)
COMPANY, BUREAU, CENTRE = "县自来水有限公司", "县住房和城乡建设局", "县应急指挥中心"
SCENE, RESPONSIBLE = "现场指挥部", "供水突发事故责任单位"
# Every step of each grade in the plan's order: step, office, clause.
WAY = {
    "IV": [("proposed", COMPANY, "5.1.1"), ("filed", COMPANY, "5.1.1"), ("started", COMPANY, "5.1.1")],
    "III": [("proposed", BUREAU, "5.1.2"), ("filed", BUREAU, "5.1.2"), ("started", BUREAU, "5.2.2(2)")],
    "II": [("proposed", BUREAU, "5.1.3"), ("approved", "分管县领导", "5.1.3"), ("started", BUREAU, "5.1.3")],
    "I": [("proposed", BUREAU, "5.1.4"), ("approved", "县长", "5.1.4"), ("started", CENTRE, "5.1.4")],
}
ENDS = {"IV": COMPANY, "III": BUREAU, "II": BUREAU, "I": CENTRE}
AFTERCARE = {
    "IV": (COMPANY, "6.1.1"),
    "III": (COMPANY, "6.1.1"),
    "II": (BUREAU, "6.1.2"),
    "I": ("县政府", "6.1.3"),
}


def graded(session: Session, grade: str) -> Incident:
    found = incident(session)
    worked_out(session, found, grade, at=OPENED)
    decide(session, found, grade, at=OPENED)
    return found


def go(session: Session, found: Incident, *steps: str, now: datetime = OPENED) -> Any:
    state = response_of(session, found)
    for step in steps:
        state = take_step(session, number=found.number, step=step, by="陈", office="", now=now)
    return state


def turns(state: Any) -> list[tuple[str, str, str]]:
    return [(turn.step, turn.office, turn.clause) for turn in state.turns]


@pytest.mark.parametrize("grade", WAY)
def test_the_whole_way(session: Session, grade: str) -> None:
    found = graded(session, grade)
    ending = [
        ("end_proposed", RESPONSIBLE, "5.4.2(1)"),
        ("end_approved", SCENE, "5.4.2(1)"),
        ("end_ordered", SCENE, "5.4.2(2)"),
        ("ended", ENDS[grade], "5.5"),
    ]
    for step, office, clause in WAY[grade] + ending:
        state = response_of(session, found)
        assert (step, office, clause) in turns(state)
        assert all(turn.grade == grade for turn in state.turns)
        state = take_step(session, number=found.number, step=step, by="陈", office=office, now=OPENED)
        assert (state.taken[-1].step, state.taken[-1].office, state.taken[-1].by) == (step, office, "陈")
        assert state.running == (
            grade if "started" in {t.step for t in state.taken} and step != "ended" else None
        )
        assert (state.aftercare_lead, state.aftercare_clause) == AFTERCARE[grade]
    assert (state.turns, state.ended_at) == ((), OPENED)


def test_the_plans_time_stands_beside_the_proposal(session: Session) -> None:
    (turn,) = response_of(session, graded(session, "II")).turns
    assert (turn.when, turn.to) == ("接到报告后60分钟内", CENTRE)


def test_filing_holds_nobody_up_and_stays_open(session: Session) -> None:
    found = graded(session, "III")
    assert [step for step, *_ in turns(go(session, found))] == ["proposed"]
    assert [step for step, *_ in turns(go(session, found, "proposed"))] == ["filed", "started"]
    assert [step for step, *_ in turns(go(session, found, "started"))] == ["filed", "end_proposed"]
    assert [step for step, *_ in turns(go(session, found, "filed"))] == ["end_proposed"]


@pytest.mark.parametrize(
    ("grade", "before", "step", "office", "says"),
    [
        ("II", [], "started", BUREAU, "提出启动"),
        ("II", ["proposed"], "started", BUREAU, "分管县领导批准"),
        ("II", ["proposed"], "approved", "县长", "由分管县领导办"),
        ("I", ["proposed"], "approved", "分管县领导", "由县长办"),
        ("I", ["proposed", "approved"], "started", BUREAU, "由县应急指挥中心办"),
        ("II", ["proposed", "approved", "started"], "ended", BUREAU, "提出终止"),
        ("II", ["proposed", "approved", "started", "end_proposed"], "ended", BUREAU, "现场指挥部批准终止"),
        ("I", ["proposed", "approved", "started", "end_proposed", "end_approved"], "ended", BUREAU, "现场指挥部下达终止命令"),
        ("I", ["proposed", "approved", "started", "end_proposed", "end_approved", "end_ordered"], "ended", BUREAU, "由县应急指挥中心办"),
        ("IV", [], "approved", "县长", "还轮不到"),
        ("IV", [], "sung", COMPANY, "没有“sung”"),
        ("IV", ["proposed", "started", "end_proposed", "end_approved", "end_ordered", "ended"], "started", COMPANY, "已经结束"),
    ],
)  # fmt: skip
def test_out_of_turn(
    session: Session, grade: str, before: list[str], step: str, office: str, says: str
) -> None:
    found = graded(session, grade)
    go(session, found, *before)
    with pytest.raises(BadInput, match=says):
        take_step(session, number=found.number, step=step, by="陈", office=office, now=OPENED)
    assert len(response_of(session, found).taken) == len(before)


def test_no_response_without_a_confirmed_grade(session: Session) -> None:
    found = incident(session)
    worked_out(session, found, "II", at=OPENED)
    assert response_of(session, found).turns == ()
    with pytest.raises(BadInput, match="先确认级别"):
        go(session, found, "proposed")
    with pytest.raises(NotFound):
        take_step(session, number="SJ0", step="proposed", by="陈", office="", now=OPENED)


def test_whoever_is_responsible_puts_its_own_name_to_the_proposal_to_end(session: Session) -> None:
    found = graded(session, "IV")
    go(session, found, "proposed", "started")
    state = take_step(
        session, number=found.number, step="end_proposed", by="陈", office="城南水厂", now=OPENED
    )
    assert state.taken[-1].office == "城南水厂"


def test_a_graver_grade_is_proposed_anew_and_ended_by_who_started_it(session: Session) -> None:
    found = graded(session, "IV")
    go(session, found, "proposed", "filed", "started")
    worked_out(session, found, "II", at=OPENED + MINUTE)
    assert [step for step, *_ in turns(response_of(session, found))] == ["end_proposed"]  # not confirmed yet
    decide(session, found, "II", at=OPENED + 2 * MINUTE)
    state = response_of(session, found)
    assert (state.running, turns(state)) == ("IV", [("proposed", BUREAU, "5.1.3")])
    state = go(session, found, "proposed", "approved", "started", now=OPENED + 3 * MINUTE)
    assert state.running == "II"
    decide(session, found, "IV", at=OPENED + 4 * MINUTE)  # it got better: who started II ends it
    state = go(session, found, "end_proposed", "end_approved", "end_ordered", now=OPENED + 5 * MINUTE)
    assert turns(state) == [("ended", BUREAU, "5.5")]
    assert (state.aftercare_lead, state.aftercare_clause) == (BUREAU, "6.1.2")


def test_what_gets_graver_after_its_end_is_answered_anew(session: Session) -> None:
    found = graded(session, "IV")
    go(session, found, "proposed", "filed", "started", "end_proposed", "end_approved", "end_ordered", "ended")
    decide(session, found, "IV", at=OPENED + timedelta(hours=1))
    assert response_of(session, found).turns == ()  # nothing new
    decide(session, found, "II", at=OPENED + timedelta(hours=1))
    state = response_of(session, found)
    assert ([turn.step for turn in state.turns], state.ended_at) == (["proposed"], None)
    state = go(session, found, "proposed", "approved", "started", now=OPENED + timedelta(hours=1))
    assert (state.running, state.ended_at, state.turns[0].step) == ("II", None, "end_proposed")
    state = go(
        session,
        found,
        "end_proposed",
        "end_approved",
        "end_ordered",
        "ended",
        now=OPENED + timedelta(hours=2),
    )
    assert (state.running, state.ended_at, state.turns) == (None, OPENED + timedelta(hours=2), ())


def test_an_incident_opened_again_begins_anew(session: Session) -> None:
    found = graded(session, "IV")
    go(session, found, "proposed", "started", "end_proposed", "end_approved", "end_ordered", "ended")
    note(session, found, "reopened", at=OPENED + MINUTE)
    state = response_of(session, found)
    assert (state.taken, state.ended_at) == ((), None)
    assert turns(state) == [("proposed", COMPANY, "5.1.1")]


@pytest.mark.parametrize(
    ("grade", "steps", "keys"),
    [
        ("II", ["proposed"], {"5.1.3-propose", "5.2.3.2-propose"}),
        ("II", ["proposed", "approved"], {"5.1.3-propose", "5.2.3.2-propose", "5.1.3-ask-approval"}),
        ("I", ["proposed", "approved", "started"], {"5.1.4-propose", "5.2.4.2-propose", "5.1.4-ask-approval", "5.1.4-start"}),
        ("IV", ["proposed", "filed", "started"], {"5.1.1-propose", "5.1.1-file"}),
        ("III", ["proposed", "filed"], {"5.1.2-propose", "5.1.2-file"}),
        ("IV", ["proposed", "started", "end_proposed", "end_approved", "end_ordered", "ended"], {
            "5.1.1-propose", "5.4.2.1-propose-end", "5.4.2.2-order-end", "5.5-end-by-company",
        }),
    ],
)  # fmt: skip
def test_a_step_does_its_duties(session: Session, grade: str, steps: list[str], keys: set[str]) -> None:
    found = graded(session, grade)
    go(session, found, *steps, now=OPENED + MINUTE)
    done = {line.key: line for line in duty_board(session, found, OPENED + MINUTE) if line.state == "done"}
    assert done.keys() == keys
    assert {line.done_by for line in done.values()} == {"陈"}
    assert done[next(iter(keys))].done_how.count("：") == 1


def test_a_step_taken_back_opens_its_duties_and_stays_in_the_history(session: Session) -> None:
    found = graded(session, "II")
    go(session, found, "proposed", "approved")
    with pytest.raises(BadInput, match="最后"):
        withdraw_step(session, number=found.number, step="proposed", by="王", reason="x", now=OPENED)
    with pytest.raises(BadInput, match="理由"):
        withdraw_step(session, number=found.number, step="approved", by="王", reason=" ", now=OPENED)
    state = withdraw_step(session, number=found.number, step="approved", by="王", reason="还没批", now=OPENED)
    assert [one.step for one in state.taken] == ["proposed"]
    assert turns(state) == [("approved", "分管县领导", "5.1.3")]
    open_again = {
        line.key for line in duty_board(session, found, OPENED) if line.step and line.done_at is None
    }
    assert "5.1.3-ask-approval" in open_again
    assert "5.1.3-propose" not in open_again
    assert [e.detail.get("withdrawn") for e in events_of(session, found.id) if e.kind == "step"] == [
        None,
        None,
        True,
    ]
    assert [one.step for one in go(session, found, "approved").taken] == ["proposed", "approved"]


@pytest.mark.parametrize("key", ["5.4.2.1-propose-end", "5.4.2.2-order-end", "5.5-end-by-company"])
def test_no_step_to_the_end_is_ticked_past_the_others(session: Session, key: str) -> None:
    found = graded(session, "IV")
    go(session, found, "proposed", "started")
    with pytest.raises(BadInput, match="不能直接勾"):
        tick(session, incident=found, key=key, by="陈", how="电话", now=OPENED)
    go(session, found, "end_proposed", "end_approved", "end_ordered", "ended")
    assert {line.key: line.state for line in duty_board(session, found, OPENED)}[key] == "done"


def test_an_incident_is_closed_before_its_response_ended_with_a_reason_alone(session: Session) -> None:
    found = graded(session, "IV")
    assert running_grade(session, found) is None
    go(session, found, "proposed", "started", "end_proposed", "end_approved")
    with pytest.raises(BadInput, match="Ⅳ级响应还没有宣布结束"):
        close_incident(session, number=found.number, by="陈", now=OPENED, reason=" ")
    assert (found.status, running_grade(session, found)) == ("open", "IV")
    close_incident(session, number=found.number, by="陈", now=OPENED, reason="误报")
    (closed,) = (event for event in events_of(session, found.id) if event.kind == "closed")
    assert told(closed) == "Ⅳ级响应还没有宣布结束（误报）"


def test_once_its_response_ended_an_incident_is_closed_without_more_ado(session: Session) -> None:
    found = graded(session, "IV")
    go(session, found, "proposed", "started", "end_proposed", "end_approved", "end_ordered", "ended")
    close_incident(session, number=found.number, by="陈", now=OPENED)
    (closed,) = (event for event in events_of(session, found.id) if event.kind == "closed")
    assert told(closed) == ""


# the groups of 2.2


def test_groups_are_called_out_and_stood_down(session: Session) -> None:
    found = graded(session, "II")
    state = call_group(session, number=found.number, group="后勤送水保障组", by="陈", now=OPENED + MINUTE)
    out = {one.group.name: one for one in state.groups if one.called_at}
    assert {name: (one.called_at, one.called_by) for name, one in out.items()} == {
        "后勤送水保障组": (OPENED + MINUTE, "陈")
    }
    assert len(state.groups) == 11
    state = call_group(session, number=found.number, group="后勤送水保障组", by="陈", now=OPENED, out=False)
    assert not any(one.called_at for one in state.groups)
    with pytest.raises(BadInput, match="综合协调组"):
        call_group(session, number=found.number, group="合唱组", by="陈", now=OPENED)


def test_the_groups_are_those_of_the_digest_with_the_same_units() -> None:
    digest = yaml.safe_load((ROOT / "data/law/digest/water.yml").read_text(encoding="utf8"))
    texts = {row["id"]: row["answer"] for row in digest["clauses"] if row["id"].startswith("water/2.2/")}
    assert {f"water/2.2/{group.name}" for group in all_groups()} == texts.keys()
    for group in all_groups():
        text = texts[f"water/2.2/{group.name}"]
        assert group.clause == f"2.2 {group.name}"
        for unit in (*group.led_by, *group.members):
            assert unit in text, f"{group.name}: {unit}"
        said = text.split("。")[0] if group.name != "事故调查评估组" else text
        lead = said[: said.index("参与")] if "参与" in said else said
        assert all(unit in lead for unit in group.led_by), group.name
        if group.name not in ("综合协调组", "治安救助组", "医疗救护组", "事故调查评估组"):
            assert group.and_others
    assert [group.name for group in all_groups() if group.one_of] == ["事故调查评估组"]
