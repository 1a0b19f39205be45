"""What was done goes along where incidents become one or are taken apart; what the end asks is due again after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.words import told
from bot.storage.tables import Incident, IncidentDuty, IncidentEvent
from bot.water.duty.duty_lines import duty_board, tick, untick
from bot.water.incidents.closing import close_incident, reopen
from bot.water.incidents.history import EventLine, events_of
from bot.water.incidents.merging import merge, split, undo
from bot.water.papers.paper_course import course
from bot.water.papers.paper_parts import papers
from bot.water.plan.duties import all_duties
from tests.water.desk import OPENED, decide, incident, report, worked_out

MINUTE = timedelta(minutes=1)
LATER = OPENED + 30 * MINUTE
TOLD, FOUND = "5.2.2.1-to-bureau", "4.2.1-company-to-bureau"
ENDS = ("5.4.2.3-monitor", "6.1.1-lead", "6.2.2-summary")


def two(session: Session) -> tuple[Incident, Incident]:
    """Two incidents of grade III."""
    found = incident(session), incident(session, area="新街")
    for one in found:
        decide(session, one, "III", at=OPENED)
    return found


def done(session: Session, found: Incident, key: str, at: int = 10, by: str = "王") -> None:
    moment = OPENED + at * MINUTE
    tick(session, incident=found, key=key, by=by, how="电话", now=moment)


def row(session: Session, found: Incident, key: str) -> IncidentDuty:
    query = select(IncidentDuty).where(IncidentDuty.incident_id == found.id, IncidentDuty.key == key)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def ticked(session: Session, found: Incident) -> set[str]:
    query = select(IncidentDuty.key).where(
        IncidentDuty.incident_id == found.id, IncidentDuty.done_at.is_not(None)
    )
    return set(session.scalars(query))


def of_duty(session: Session, found: Incident, key: str) -> list[EventLine]:
    return [
        line for line in events_of(session, found.id) if line.kind == "duty" and line.detail["key"] == key
    ]


def as_written(session: Session, found: Incident) -> str:
    """The course of the incident as the papers tell it."""
    board = duty_board(session, found, LATER)
    return str([text for _at, text in course(found, events_of(session, found.id), board, papers()["words"])])


def merged(session: Session, into: Incident, *others: Incident) -> int:
    """Put them together; the id of the event, by which it is undone."""
    merge(session, into=into.number, numbers=[one.number for one in others], by="李", now=LATER)
    return last(session, into, "merged")


def last(session: Session, found: Incident, kind: str) -> int:
    query = select(IncidentEvent.id).where(IncidentEvent.incident_id == found.id, IncidentEvent.kind == kind)
    return int(session.scalars(query.order_by(IncidentEvent.id.desc())).first())


def test_what_was_done_for_the_merged_one_is_done_for_the_whole(session: Session) -> None:
    whole, part = two(session)
    done(session, part, TOLD)
    event = merged(session, whole, part)
    line = row(session, whole, TOLD)
    assert (line.done_at, line.done_by, line.done_how) == (OPENED + 10 * MINUTE, "王", "电话")
    (said,) = of_duty(session, whole, TOLD)
    assert (said.by, said.at, said.detail["from"], said.detail["done_by"]) == ("李", LATER, part.number, "王")
    assert told(said) == f"5.2.2(1) 办好：电话（{part.number} 时办的：王 11-23 18:10）"
    text = as_written(session, whole)
    assert f"{part.number}已于2026-11-23 18:10办理，一并计入：立即启动先期处理机制" in text
    undo(session, event_id=event, by="李", now=LATER)
    assert (ticked(session, whole), ticked(session, part)) == (set(), {TOLD})
    assert [one.detail["done"] for one in of_duty(session, whole, TOLD)] == [True, False]


def test_what_the_whole_had_done_itself_stays_its_own(session: Session) -> None:
    whole, part = two(session)
    done(session, part, TOLD, 10)
    done(session, whole, TOLD, 20, by="陈")
    event = merged(session, whole, part)
    assert row(session, whole, TOLD).done_by == "陈"
    undo(session, event_id=event, by="李", now=LATER)
    assert row(session, whole, TOLD).done_by == "陈"


def test_of_several_that_did_it_the_first_counts_and_another_stands_in_for_it(session: Session) -> None:
    whole, part = two(session)
    other = incident(session, area="正街")
    decide(session, other, "III", at=OPENED)
    done(session, part, TOLD, 12)
    done(session, other, TOLD, 10, by="赵")
    first = merged(session, whole, other)
    merged(session, whole, part)
    assert row(session, whole, TOLD).done_by == "赵"
    undo(session, event_id=first, by="李", now=LATER)
    assert row(session, whole, TOLD).done_by == "王"


def test_the_end_of_a_part_is_not_the_end_of_the_whole(session: Session) -> None:
    whole, part = two(session)
    for key in (TOLD, *ENDS):
        done(session, part, key)
    merged(session, whole, part)
    assert ticked(session, whole) == {TOLD}


def test_a_line_that_a_later_grade_brings_was_done_too(session: Session) -> None:
    whole, part = incident(session), incident(session, area="新街")
    for one in (whole, part):
        worked_out(session, one, None, at=OPENED)
    worked_out(session, part, "II", at=OPENED)
    done(session, part, "4.2.2-main-facts")
    merged(session, whole, part)
    assert ticked(session, whole) == set()
    decide(session, whole, "II", at=LATER)
    assert ticked(session, whole) == {"4.2.2-main-facts"}
    assert of_duty(session, whole, "4.2.2-main-facts")[-1].detail["from"] == part.number


def parted(session: Session, **ticks: Any) -> tuple[Incident, Incident]:
    """An incident of which something was done, and what was split off it at `LATER`."""
    whole = incident(session)
    first, _second = (report(session, whole) for _ in range(2))
    decide(session, whole, None, at=OPENED)
    decide(session, whole, "III", at=OPENED)
    for key in (FOUND, TOLD, *ENDS):
        done(session, whole, key)
    return whole, split(session, number=whole.number, reports=[first.number], by="李", now=LATER)


def test_what_was_done_for_the_whole_was_done_for_what_is_split_off(session: Session) -> None:
    whole, made = parted(session)
    assert ticked(session, made) == {FOUND}
    said = of_duty(session, made, FOUND)[-1]
    assert (said.by, said.detail["from"], said.detail["done_by"]) == ("李", whole.number, "王")
    done(session, whole, "5.2.2.1-file", 40)
    decide(session, made, "III", at=OPENED + 50 * MINUTE)
    assert ticked(session, made) == {FOUND, TOLD}


def test_a_splitting_undone_brings_along_what_was_done_for_the_part(session: Session) -> None:
    whole, made = parted(session)
    untick(session, incident=whole, key=FOUND, by="陈", now=LATER, reason="勾错了")
    done(session, made, "4.2.1-company-to-county", 40)
    undo(session, event_id=last(session, whole, "split"), by="李", now=OPENED + 50 * MINUTE)
    assert "4.2.1-company-to-county" in ticked(session, whole)
    assert FOUND not in ticked(session, whole)


def test_what_the_end_asks_is_due_again_once_it_is_opened_again(session: Session) -> None:
    found = two(session)[0]
    for round_ in (2, 3):
        for key in (TOLD, *ENDS):
            done(session, found, key, 10 * round_)
        close_incident(session, number=found.number, by="陈", now=OPENED + 10 * round_ * MINUTE)
        reopen(session, number=found.number, by="李", now=OPENED + 10 * round_ * MINUTE)
        assert ticked(session, found) == {TOLD}
        said = of_duty(session, found, "6.2.2-summary")[-1]
        assert (said.by, said.detail["done"], said.detail["round"]) == ("李", False, round_)
        assert said.detail["was"] == {
            "at": (OPENED + 10 * round_ * MINUTE).isoformat(), "by": "王", "how": "电话",
        }  # fmt: skip
    assert told(said) == "6.2.2 改回没办（事件重新打开，第 3 轮要再办）"
    text = as_written(session, found)
    assert "事件重新打开，须再次办理：编制应急处置总结报告" in text


def test_what_the_plan_asks_only_at_the_end_is_that_of_its_parts_on_the_end() -> None:
    at_end = {duty.clause for duty in all_duties().values() if duty.at_end}
    later = {duty.clause for duty in all_duties().values() if duty.clause.startswith(("5.4", "5.5", "6."))}
    assert at_end == later
