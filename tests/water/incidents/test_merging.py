"""Merging, splitting and undoing: reports move, nobody counts twice, and undo gives back the same rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.settings import Settings
from bot.storage.outbox import collect
from bot.storage.tables import Incident, IncidentEvent, OutageReport, SupplyZone
from bot.water.duty.duty_lines import grades_of
from bot.water.incidents import assessing
from bot.water.incidents.assessing import assess
from bot.water.incidents.decisions import override_grade, set_fact
from bot.water.incidents.history import events_of
from bot.water.incidents.incidents import incident_lines
from bot.water.incidents.merging import merge, split, undo
from tests.conftest import NOW
from tests.water.filed import HOUR, filed, incident_of

COLUMNS = (
    "number", "status", "kind", "township", "area", "zone_id", "started_at", "last_report_at", "merged_into_id", "facts",
    "grade", "clauses", "highest_possible", "basis", "next_grade", "next_grade_at", "reports_count",
    "households_count",
)  # fmt: skip


def rows(session: Session) -> list[Any]:
    """Every incident and report as stored, but for what only counts changes."""
    session.flush()
    session.expire_all()
    incidents = session.scalars(select(Incident).order_by(Incident.id))
    reports = session.scalars(select(OutageReport).order_by(OutageReport.id))
    return [
        [tuple(getattr(row, name) for name in COLUMNS) for row in incidents],
        [(row.number, row.incident_id, row.joined, row.household, row.status) for row in reports],
    ]


def last_event(session: Session, incident: Incident, kind: str) -> int:
    query = select(IncidentEvent.id).where(
        IncidentEvent.incident_id == incident.id, IncidentEvent.kind == kind
    )
    return int(session.scalars(query.order_by(IncidentEvent.id.desc())).first())


def two(session: Session) -> tuple[Incident, Incident]:
    first = incident_of(session, filed(session, "a", hours=37))
    other = incident_of(session, filed(session, "b", detail="老街", hours=38))
    filed(session, "c", detail="老街5号", hours=38)
    return first, other


def test_merged_reports_count_together(session: Session) -> None:
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW)
    assert (first.reports_count, first.households_count, first.started_at) == (3, 3, NOW - 38 * HOUR)
    assert (other.status, other.merged_into_id, other.reports_count, other.grade) == (
        "merged", first.id, 0, None,
    )  # fmt: skip
    line = next(event for event in events_of(session, first.id) if event.kind == "merged")
    assert (line.by, [one["incident"] for one in line.detail["merged"]]) == ("李四", [other.number])


def told(session: Session, sender: str) -> list[str]:
    return list(collect(session, channel="rest", sender=sender, now=NOW))


def test_who_was_moved_hears_once_with_whom_they_are_dealt_with(session: Session) -> None:
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW)
    number = session.scalars(select(OutageReport.number).where(OutageReport.sender_id == "c")).one()
    assert told(session, "c") == [f"报修{number}：跟三塘镇金盘小区的一起处理了，一共3户报，不用再报。"]
    assert [len(told(session, sender)) for sender in "abc"] == [0, 1, 0]


def test_what_was_not_said_yet_of_a_merging_is_void_once_it_is_undone(session: Session) -> None:
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    undo(session, event_id=last_event(session, first, "merged"), by=None, now=NOW)
    assert told(session, "b") == []
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    assert len(told(session, "b")) == 1


def test_somebody_in_both_counts_once(session: Session) -> None:
    first = incident_of(session, filed(session, "a"))
    other = incident_of(session, filed(session, "a", detail="老街", phone="13912340001"))
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    assert (first.reports_count, first.households_count) == (2, 1)


def test_the_zones_of_merged_incidents_add_up(session: Session) -> None:
    for code, area, households in (("1", "金盘小区", 100), ("2", "老街", 20)):
        session.add(
            SupplyZone(
                code=code, name=area, township="三塘镇", areas=[area], households=households, imported_at=NOW
            )
        )
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    assert assess(first, NOW).households_estimated == 120


def test_a_report_goes_on_joining_the_incident_that_took_it_in(session: Session) -> None:
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    assert incident_of(session, filed(session, "d", detail="金盘小区", hours=37)) is first
    assert incident_of(session, filed(session, "e", detail="老街7号", hours=37)) is first
    assert incident_of(session, filed(session, "f", detail="樟树村", hours=37)) is not first


PLACES = ("金盘小区", "老街", "樟树村")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(PLACES), st.integers(0, 8), st.sampled_from([None, 5, 2000])),
        min_size=2, max_size=10,
    )
)  # fmt: skip
def test_undo_gives_back_the_same_rows(
    session: Session, told: list[tuple[str, str, int, int | None]]
) -> None:
    trial = session.begin_nested()
    for sender, place, hours, households in told:
        filed(session, sender, detail=place, hours=30 + hours, households=households)
    incidents = session.scalars(select(Incident).order_by(Incident.id)).all()
    before = rows(session)
    if len(incidents) > 1:
        into, *others = [incident.number for incident in incidents]
        merged = merge(session, into=into, numbers=others, by="李四", now=NOW)
        assert merged.reports_count == len(told)
        undo(session, event_id=last_event(session, merged, "merged"), by="李四", now=NOW)
        assert rows(session) == before
    elif len(told) > 1:
        (incident,) = incidents
        first = incident.reports[0].number
        split(session, number=incident.number, reports=[first], by=None, now=NOW)
        undo(session, event_id=last_event(session, incident, "split"), by=None, now=NOW)
        after = rows(session)
        assert after[1] == before[1]
        assert after[0][0] == before[0][0]
    trial.rollback()


def test_a_grade_that_staff_had_seen_does_not_wait_again_after_an_undoing(session: Session) -> None:
    first, other = two(session)
    override_grade(session, number=other.number, grade=None, reason="水表故障", by="张三", now=NOW)
    merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW)
    undo(session, event_id=last_event(session, first, "merged"), by="李四", now=NOW)
    assert (other.grade, grades_of(other).pending) == ("IV", None)


def test_a_report_of_after_the_merging_stays(session: Session) -> None:
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    later = filed(session, "z", at=NOW + HOUR, detail="金盘小区", hours=38)
    undo(session, event_id=last_event(session, first, "merged"), by=None, now=NOW + HOUR)
    assert incident_of(session, later) is first
    assert (first.reports_count, other.reports_count, first.last_report_at) == (2, 2, NOW + HOUR)


def test_reports_split_off_are_an_incident_of_their_own(session: Session) -> None:
    kept = filed(session, "a", hours=None)
    leaving = filed(session, "b", hours=37, detail="金盘小区5栋")
    source = incident_of(session, kept)
    made = split(session, number=source.number, reports=[leaving.number], by="李四", now=NOW)
    assert made.number != source.number
    assert (made.area, made.reports_count, made.grade, source.reports_count, source.grade) == (
        "金盘小区", 1, "IV", 1, None,
    )  # fmt: skip
    assert (made.started_at, source.started_at) == (NOW - 37 * HOUR, None)
    assert [event.kind for event in events_of(session, made.id)] == ["opened", "graded"]


def refused(session: Session, what: str, call: Any) -> None:
    with pytest.raises((BadInput, NotFound), match=what):
        call()


def test_what_cannot_be_merged(session: Session) -> None:
    first, other = two(session)
    bad = incident_of(session, filed(session, "q", problems=("bad_water",)))
    drill = incident_of(session, filed(session, "r", drill=True))

    def to_first(*numbers: str) -> Any:
        return lambda: merge(session, into=first.number, numbers=list(numbers), by=None, now=NOW)

    refused(session, "每个只选一次", to_first())
    refused(session, "每个只选一次", to_first(first.number))
    refused(session, "每个只选一次", to_first(other.number, other.number))
    refused(session, "水质", to_first(bad.number))
    refused(session, "演练", to_first(drill.number))
    refused(session, "没有事件", to_first("SJ999"))
    to_first(other.number)()
    refused(session, "已经并到别的事件里", to_first(other.number))


def test_what_cannot_be_split(session: Session) -> None:
    first, other = two(session)
    numbers = [report.number for report in other.reports]

    def off(*reports: str) -> Any:
        return lambda: split(session, number=other.number, reports=list(reports), by=None, now=NOW)

    refused(session, "至少留下一件", off())
    refused(session, "至少留下一件", off(*numbers))
    refused(session, "里没有报修", off(first.reports[0].number))


def test_what_cannot_be_undone(session: Session) -> None:
    first, other = two(session)
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    event = last_event(session, first, "merged")
    opened = last_event(session, first, "opened")
    theirs = last_event(session, other, "merged")

    def back(number: int) -> Any:
        return lambda: undo(session, event_id=number, by=None, now=NOW)

    refused(session, "没有编号", back(10**6))
    refused(session, "不是合并或拆分", back(opened))
    refused(session, "不是合并或拆分", back(theirs))
    back(event)()
    refused(session, "已经撤销过", back(event))


def test_what_staff_set_of_one_holds_for_all_of_it_until_that_is_undone(session: Session) -> None:
    first, other = two(session)
    set_fact(session, number=other.number, name="deaths", value=3, by="李四", now=NOW)
    set_fact(session, number=other.number, name="interruption_hours", value=10, by="李四", now=NOW)
    before = rows(session)
    merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW + HOUR)
    assert (first.grade, first.facts) == ("II", {"deaths": 3, "interruption_hours": 11})
    assert assess(first, NOW + 3 * HOUR).facts["interruption_hours"] == 13  # they run on
    undo(session, event_id=last_event(session, first, "merged"), by="李四", now=NOW)
    assert rows(session) == before


def test_a_fact_that_staff_put_right_after_a_merging_stays(session: Session) -> None:
    first, other = two(session)
    set_fact(session, number=other.number, name="deaths", value=3, by="李四", now=NOW)
    merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW)
    set_fact(session, number=first.number, name="deaths", value=4, by="李四", now=NOW)
    undo(session, event_id=last_event(session, first, "merged"), by="李四", now=NOW)
    assert (first.facts, other.facts) == ({"deaths": 4}, {"deaths": 3})


def test_facts_that_differ_are_for_staff_to_put_right(session: Session) -> None:
    first, other = two(session)
    set_fact(session, number=first.number, name="deaths", value=1, by="李四", now=NOW)
    set_fact(session, number=other.number, name="deaths", value=3, by="李四", now=NOW)
    before = rows(session)
    with pytest.raises(BadInput, match="不一样"):
        merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW)
    assert rows(session) == before


def test_the_incident_with_the_graver_confirmed_grade_takes_the_other_in(session: Session) -> None:
    first, other = two(session)
    override_grade(session, number=other.number, grade="II", reason="现场核实", by="李四", now=NOW)
    with pytest.raises(BadInput, match=f"把 {first.number} 并入 {other.number}"):
        merge(session, into=first.number, numbers=[other.number], by="李四", now=NOW)
    merge(session, into=other.number, numbers=[first.number], by="李四", now=NOW)
    assert (other.confirmed_grade, other.reports_count) == ("II", 3)


def test_places_inside_and_outside_the_supply_area_stay_apart(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = incident_of(session, filed(session, "a"))
    other = incident_of(session, filed(session, "b", township="泉溪镇"))
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area="三塘镇"))
    for into, number in ((first.number, other.number), (other.number, first.number)):
        with pytest.raises(BadInput, match=r"1\.4"):
            merge(session, into=into, numbers=[number], by=None, now=NOW)


def test_a_listed_incident_has_the_townships_of_all_its_reports(session: Session) -> None:
    first = incident_of(session, filed(session, "a"))
    other = incident_of(session, filed(session, "b", township="泉溪镇"))
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    line = next(line for line in incident_lines(session, NOW) if line["number"] == first.number)
    assert line["townships"] == ["三塘镇", "泉溪镇"]
