"""The response goes along where incidents are merged or split, as the duties that it did go; undone, it goes back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.words import told
from bot.storage.tables import Incident, IncidentEvent
from bot.water.duty.duty_lines import duty_board
from bot.water.incidents.closing import close_incident, reopen
from bot.water.incidents.history import events_of
from bot.water.incidents.merging import merge, split, undo
from bot.water.incidents.response import call_group, response_of, runs_at, take_step, withdraw_step
from bot.water.papers.paper_course import course
from bot.water.papers.paper_parts import papers
from tests.water.desk import OPENED, decide, incident, report

MINUTE = timedelta(minutes=1)
LATER = OPENED + 30 * MINUTE
ENDS = ("end_proposed", "end_approved", "end_ordered", "ended")
GROUP = "后勤送水保障组"


def graded(session: Session, grade: str | None = "III", **fields: str) -> Incident:
    found = incident(session, **fields)
    decide(session, found, grade, at=OPENED)
    return found


def two(session: Session) -> tuple[Incident, Incident]:
    """Two incidents of grade III."""
    return graded(session), graded(session, area="新街")


def go(session: Session, found: Incident, *steps: str, at: int = 10, by: str = "王") -> None:
    for step in steps:
        take_step(session, number=found.number, step=step, by=by, now=OPENED + at * MINUTE)


def merged(session: Session, into: Incident, *others: Incident) -> int:
    """Put them together; the id of the event, by which it is undone."""
    merge(session, into=into.number, numbers=[one.number for one in others], by="李", now=LATER)
    return last(session, into, "merged")


def last(session: Session, found: Incident, kind: str) -> int:
    query = select(IncidentEvent.id).where(IncidentEvent.incident_id == found.id, IncidentEvent.kind == kind)
    return int(session.scalars(query.order_by(IncidentEvent.id.desc())).first())


def taken(session: Session, found: Incident) -> list[tuple[str, str]]:
    return [(one.step, one.by) for one in response_of(session, found).taken]


def turns(session: Session, found: Incident) -> list[str]:
    return [turn.step for turn in response_of(session, found).turns]


def out(session: Session, found: Incident) -> list[str]:
    return [one.group.name for one in response_of(session, found).groups if one.called_at]


def test_the_response_to_a_part_is_that_to_the_whole(session: Session) -> None:
    whole, part = two(session)
    go(session, part, "proposed", "filed", "started")
    event = merged(session, whole, part)
    state = response_of(session, whole)
    assert (state.running, turns(session, whole)) == ("III", ["end_proposed"])
    assert {(one.step, one.at, one.by, one.carried_from) for one in state.taken} == {
        (step, OPENED + 10 * MINUTE, "王", part.number) for step in ("proposed", "filed", "started")
    }
    undo(session, event_id=event, by="李", now=LATER)
    assert (taken(session, whole), turns(session, whole)) == ([], ["proposed"])
    assert turns(session, part) == ["end_proposed"]


def test_the_history_says_for_which_it_was_taken(session: Session) -> None:
    whole, part = two(session)
    go(session, part, "proposed")
    call_group(session, number=part.number, group=GROUP, by="王", now=OPENED + 11 * MINUTE)
    event = merged(session, whole, part)
    undo(session, event_id=event, by="李", now=LATER)
    lines = [line for line in events_of(session, whole.id) if line.kind == "step"]
    assert {line.by for line in lines} == {"李"}
    assert [told(line) for line in lines] == [
        f"提出启动（县住房和城乡建设局，Ⅲ级（较大））（{part.number} 时办的：王 11-23 18:10）",
        f"{GROUP}集结（{part.number} 时办的：王 11-23 18:11）", f"{GROUP}撤回（撤销合并）",
        "撤回这一步：提出启动（县住房和城乡建设局，Ⅲ级（较大））（撤销合并）",
    ]  # fmt: skip
    words = papers()["words"]
    board = duty_board(session, whole, LATER)
    text = [said for _at, said in course(whole, lines, board, words)]
    assert f"{part.number}已于2026-11-23 18:10由县住房和城乡建设局提出启动，一并计入" in text
    assert f"{part.number}已于2026-11-23 18:11启动{GROUP}，一并计入" in text


def test_what_the_whole_took_itself_stays_its_own(session: Session) -> None:
    whole, part = two(session)
    go(session, part, "proposed", "started", at=10)
    go(session, whole, "proposed", at=20, by="陈")
    event = merged(session, whole, part)
    assert taken(session, whole) == [("started", "王"), ("proposed", "陈")]
    undo(session, event_id=event, by="李", now=LATER)
    assert taken(session, whole) == [("proposed", "陈")]


def test_of_several_the_first_counts_and_another_stands_in_for_it(session: Session) -> None:
    whole, part = two(session)
    other = graded(session, area="正街")
    go(session, part, "proposed", at=12)
    go(session, other, "proposed", at=10, by="赵")
    first = merged(session, whole, other)
    merged(session, whole, part)
    assert taken(session, whole) == [("proposed", "赵")]
    undo(session, event_id=first, by="李", now=LATER)
    assert taken(session, whole) == [("proposed", "王")]


def test_two_merged_at_once_count_by_who_was_first(session: Session) -> None:
    whole, part = two(session)
    other = graded(session, area="正街")
    go(session, part, "proposed", "started", at=12)
    go(session, other, "proposed", at=10, by="赵")
    merged(session, whole, part, other)
    assert taken(session, whole) == [("proposed", "赵"), ("started", "王")]


def test_a_graver_response_than_the_grade_is_ended_by_who_started_it(session: Session) -> None:
    whole, part = graded(session, "III"), graded(session, "I", area="新街")
    go(session, part, "proposed", "approved", "started")
    decide(session, part, "III", at=OPENED + 20 * MINUTE)
    merged(session, whole, part)
    go(session, whole, *ENDS[:-1], at=31)
    (turn,) = response_of(session, whole).turns
    assert (turn.step, turn.grade, turn.office) == ("ended", "I", "县应急指挥中心")


def test_the_end_of_a_part_is_not_the_end_of_the_whole(session: Session) -> None:
    whole, part = two(session)
    go(session, part, "proposed", "started", *ENDS)
    merged(session, whole, part)
    assert (taken(session, whole), turns(session, whole)) == ([], ["proposed"])


def test_nor_is_the_end_of_the_whole_that_of_a_part_that_comes_later(session: Session) -> None:
    whole, part = two(session)
    go(session, whole, "proposed", "filed", "started", *ENDS, at=5, by="陈")
    go(session, part, "proposed", "filed", "started", at=10)
    event = merged(session, whole, part)
    state = response_of(session, whole)
    assert (state.running, state.ended_at, turns(session, whole)) == ("III", None, ["end_proposed"])
    go(session, whole, *ENDS, at=40)
    assert response_of(session, whole).ended_at == OPENED + 40 * MINUTE
    undo(session, event_id=event, by="李", now=LATER)
    assert response_of(session, whole).ended_at == OPENED + 40 * MINUTE


def test_what_was_only_proposed_goes_on_though_the_whole_had_been_ended(session: Session) -> None:
    whole, part = two(session)
    go(session, whole, "proposed", "filed", "started", *ENDS, at=5, by="陈")
    go(session, part, "proposed", at=10)
    event = merged(session, whole, part)
    assert turns(session, whole) == ["filed", "started"]
    undo(session, event_id=event, by="李", now=LATER)
    assert (turns(session, whole), response_of(session, whole).ended_at) == ([], OPENED + 5 * MINUTE)


def test_a_step_noted_by_mistake_is_withdrawn_of_the_whole_with_its_duties(session: Session) -> None:
    whole, part = two(session)
    go(session, part, "proposed")
    event = merged(session, whole, part)
    withdraw_step(session, number=whole.number, step="proposed", by="陈", reason="记错了", now=LATER)
    assert taken(session, whole) == []
    assert not [line.key for line in duty_board(session, whole, LATER) if line.done_at]
    undo(session, event_id=event, by="李", now=LATER)
    assert (taken(session, whole), taken(session, part)) == ([], [("proposed", "王")])
    assert [line.key for line in duty_board(session, part, LATER) if line.done_at]


def test_what_was_merged_before_it_was_opened_again_counts_no_more(session: Session) -> None:
    whole, part = two(session)
    go(session, part, "proposed", "started")
    merged(session, whole, part)
    close_incident(session, number=whole.number, by="陈", now=LATER, reason="误报")
    reopen(session, number=whole.number, by="李", now=LATER)
    assert (taken(session, whole), turns(session, whole)) == ([], ["proposed"])


def test_groups_that_are_out_go_along_and_are_stood_down_when_it_is_undone(session: Session) -> None:
    whole, part = two(session)
    call_group(session, number=part.number, group=GROUP, by="王", now=OPENED + MINUTE)
    call_group(session, number=part.number, group="专家技术保障组", by="王", now=OPENED + MINUTE)
    call_group(session, number=whole.number, group="专家技术保障组", by="陈", now=OPENED + 2 * MINUTE)
    event = merged(session, whole, part)
    assert set(out(session, whole)) == {GROUP, "专家技术保障组"}
    undo(session, event_id=event, by="李", now=LATER)
    assert out(session, whole) == ["专家技术保障组"]
    assert set(out(session, part)) == {GROUP, "专家技术保障组"}


def parted(session: Session, *steps: str) -> tuple[Incident, Incident]:
    """An incident of which steps were taken, and what was split off it at `LATER`."""
    whole = incident(session)
    first, _second = (report(session, whole) for _ in range(2))
    decide(session, whole, "III", at=OPENED)
    go(session, whole, *steps)
    return whole, split(session, number=whole.number, reports=[first.number], by="李", now=LATER)


def test_the_response_to_the_whole_was_one_to_what_is_split_off(session: Session) -> None:
    whole, made = parted(session, "proposed", "started", "end_proposed")
    assert taken(session, made) == [("proposed", "王"), ("started", "王")]
    state = response_of(session, made)
    assert (state.running, [turn.step for turn in state.turns]) == ("III", ["filed", "end_proposed"])
    assert turns(session, whole) == ["filed", "end_approved"]


def test_a_splitting_undone_takes_no_step_twice(session: Session) -> None:
    whole, made = parted(session, "proposed", "started")
    withdraw_step(session, number=whole.number, step="started", by="陈", reason="记错了", now=LATER)
    other = graded(session, area="新街")
    go(session, other, "proposed", "filed", by="赵")
    decide(session, other, None, at=LATER)
    merged(session, made, other)
    undo(session, event_id=last(session, whole, "split"), by="李", now=LATER)
    assert taken(session, whole) == [("proposed", "王"), ("filed", "赵")]


def test_the_part_says_whose_the_response_is_while_it_runs_there(session: Session) -> None:
    """It is one response, ended where it was started (5.5): closing the part needs nothing thought up."""
    whole, made = parted(session, "proposed", "started")
    assert runs_at(session, response_of(session, made)) == whole.number
    assert runs_at(session, response_of(session, whole)) is None
    go(session, whole, *ENDS, at=40)
    assert runs_at(session, response_of(session, made)) is None
