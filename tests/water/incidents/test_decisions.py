"""What staff decide: facts with who and when, the grade confirmed or overridden, what is lacking, the next rise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.settings import Settings
from bot.storage.database import session_scope
from bot.storage.tables import Incident
from bot.water.duty.duty_lines import duty_board, grades_of
from bot.water.incidents import assessing
from bot.water.incidents.assessing import assess, refresh
from bot.water.incidents.deciding import lacking, shown_value
from bot.water.incidents.decisions import (
    confirm_grade,
    facts_with_sources,
    missing_for,
    next_rise,
    override_grade,
    set_fact,
)
from bot.water.incidents.history import events_of
from bot.water.incidents.moments import find_incident
from bot.water.plan.duties import duties_for
from bot.water.plan.facts import all_facts
from bot.water.words import grade_words, span
from tests.water.desk import OPENED, incident, report

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEAK = {"accident_kind": "chlorine_leak", "accident_severe": True}


def put(session: Session, found: Incident, facts: dict[str, Any], by: str = "陈") -> None:
    for name, value in facts.items():
        set_fact(session, number=found.number, name=name, value=value, by=by, now=OPENED)


def test_a_fact_grades_anew_at_once_and_says_who(session: Session) -> None:
    found = incident(session)
    put(session, found, LEAK)
    assert found.grade is None
    assessed = set_fact(
        session, number=found.number.lower(), name="dense_residential_area", value=True, by="王", now=OPENED + MINUTE,
        reason=" 水厂来电 ",
    )  # fmt: skip
    assert (assessed.grading.grade, found.grade, found.clauses) == ("I", "I", ["3.2.1(5)"])
    facts = {line.name: line for line in facts_with_sources(session, found, OPENED + MINUTE)}
    line = facts["dense_residential_area"]
    assert (line.value, line.shown, line.source, line.by) == (True, "是", "staff", "王")
    assert (line.at, line.reason) == (OPENED + MINUTE, "水厂来电")
    assert list(facts) == list(all_facts())
    assert (facts["cause"].value, facts["cause"].source, facts["cause"].shown) == (None, None, "")
    kinds = [event.kind for event in events_of(session, found.id)]
    assert kinds.count("fact") == 3
    assert kinds.count("graded") == 1


def test_what_reports_say_and_what_staff_say_instead(session: Session) -> None:
    found = incident(session, started_at=OPENED - HOUR)
    report(
        session,
        found,
        households=30,
        household="a",
        started_at=OPENED - HOUR,
        latest_start=OPENED - HOUR,
        started_grain="hour",
    )
    facts = {line.name: line for line in facts_with_sources(session, found, OPENED)}
    assert (facts["households"].value, facts["households"].source, facts["households"].by) == (
        30,
        "reports",
        None,
    )
    assert facts["households"].shown == "30户"
    put(session, found, {"households": 25})
    facts = {line.name: line for line in facts_with_sources(session, found, OPENED)}
    assert (facts["households"].value, facts["households"].source) == (25, "staff")
    set_fact(session, number=found.number, name="households", value=None, by="陈", now=OPENED)
    facts = {line.name: line for line in facts_with_sources(session, found, OPENED)}
    assert (facts["households"].value, facts["households"].source, facts["households"].by) == (
        30,
        "reports",
        None,
    )
    events = [event.detail for event in events_of(session, found.id) if event.kind == "fact"]
    assert [(event["value"], event["was"]) for event in events] == [(25, None), (None, 25)]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [("colour", "red", "colour"), ("colour", None, "colour"), ("households", -1, "households"), ("cause", "rain", "rain"), ("deaths", True, "deaths")],
)  # fmt: skip
def test_a_fact_that_cannot_be(session: Session, name: str, value: object, says: str) -> None:
    found = incident(session)
    with pytest.raises(BadInput, match=says):
        set_fact(session, number=found.number, name=name, value=value, by="陈", now=OPENED)
    assert found.facts == {}
    assert events_of(session, found.id) == ()


def test_two_who_set_facts_at_once_both_count(database_url: str) -> None:
    with session_scope() as session:
        number = incident(session).number
    names = ("deaths", "people_to_relocate", "poisoned_or_seriously_injured", "households")
    begin = Barrier(len(names))

    def put_one(name: str) -> None:
        with session_scope() as session:
            find_incident(session, number)  # both have read it before either writes
            begin.wait(timeout=60)
            set_fact(session, number=number, name=name, value=0, by="陈", now=OPENED)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(put_one, names))
    with session_scope() as session:
        assert find_incident(session, number).facts == dict.fromkeys(names, 0)


def test_nothing_and_no_are_facts_too(session: Session) -> None:
    found = incident(session)
    put(session, found, {"damage": [], "accident_severe": False, "deaths": 0})
    shown = {line.name: line.shown for line in facts_with_sources(session, found, OPENED) if line.source}
    assert shown == {"damage": "没有", "accident_severe": "否", "deaths": "0人"}


def test_confirming_answers_for_the_grade_as_it_was_worked_out(session: Session) -> None:
    found = incident(session)
    put(session, found, {**LEAK, "dense_residential_area": True})
    assert any(line.awaiting for line in duty_board(session, found, OPENED))
    confirm_grade(session, number=found.number, by="陈", now=OPENED + MINUTE, seen="I")
    assert (found.confirmed_grade, found.confirmed_at) == ("I", OPENED + MINUTE)
    event = events_of(session, found.id)[-1]
    assert (event.kind, event.by) == ("confirmed", "陈")
    assert (event.detail["grade"], event.detail["before"], event.detail["clauses"]) == (
        "I",
        None,
        ["3.2.1(5)"],
    )
    assert not any(line.awaiting for line in duty_board(session, found, OPENED))


def test_nobody_confirms_what_they_have_not_seen(session: Session) -> None:
    found = incident(session)
    with pytest.raises(BadInput, match="够不上"):
        confirm_grade(session, number=found.number, by="陈", now=OPENED)
    put(session, found, {**LEAK, "dense_residential_area": True})
    with pytest.raises(BadInput, match=r"现在是Ⅰ级（特别重大），不是Ⅳ级（一般）"):
        confirm_grade(session, number=found.number, by="陈", now=OPENED, seen="IV")
    found.grade = "IV"  # as a list showed it that was worked out a while ago
    with pytest.raises(BadInput, match="变了"):
        confirm_grade(session, number=found.number, by="陈", now=OPENED)
    assert found.confirmed_at is None


@pytest.mark.parametrize("grade", ["I", "II", "III", "IV", None])
def test_overriding_needs_a_reason(session: Session, grade: str | None) -> None:
    found = incident(session)
    put(session, found, {"deaths": 1})
    for reason in ("", "  "):
        with pytest.raises(BadInput, match="理由"):
            override_grade(session, number=found.number, grade=grade, reason=reason, by="陈", now=OPENED)
    override_grade(
        session, number=found.number, grade=grade, reason="县应急指挥中心电话", by="陈", now=OPENED
    )
    assert (found.confirmed_grade, found.confirmed_at, found.grade) == (grade, OPENED, "III")
    event = events_of(session, found.id)[-1]
    assert (event.kind, event.detail["worked_out"], event.detail["reason"]) == (
        "overridden",
        "III",
        "县应急指挥中心电话",
    )
    asked = {line.key for line in duty_board(session, found, OPENED) if line.dropped_at is None}
    assert {key for key in asked if not key.endswith("/raised")} == (
        {duty.key for duty in duties_for(grade)} if grade else set()
    )


def test_what_cannot_be_decided(session: Session) -> None:
    found = incident(session)
    with pytest.raises(BadInput, match="没有“V”"):
        override_grade(session, number=found.number, grade="V", reason="x", by="陈", now=OPENED)
    with pytest.raises(NotFound):
        confirm_grade(session, number="SJ000000-001", by="陈", now=OPENED)
    found.status = "merged"
    for decide in (
        lambda: confirm_grade(session, number=found.number, by="陈", now=OPENED),
        lambda: override_grade(session, number=found.number, grade="IV", reason="x", by="陈", now=OPENED),
        lambda: set_fact(session, number=found.number, name="deaths", value=1, by="陈", now=OPENED),
    ):
        with pytest.raises(BadInput, match="并入"):
            decide()


# what is lacking


def test_what_rises_again_after_it_fell_is_new_to_who_put_it_lower(session: Session) -> None:
    found = incident(session)
    put(session, found, {"deaths": 3})
    override_grade(session, number=found.number, grade="III", reason="一人", by="陈", now=OPENED)
    put(session, found, {"people_to_relocate": 5000})
    assert grades_of(found).pending is None  # no graver than what they knew
    put(session, found, {"deaths": None, "people_to_relocate": None})
    put(session, found, {"people_to_relocate": 5000})
    assert (found.grade, grades_of(found).pending) == ("II", "II")


def test_what_is_lacking_for_a_higher_grade_in_plain_words(session: Session) -> None:
    found = incident(session)
    put(
        session,
        found,
        {
            "accident_kind": "chlorine_leak",
            "accident_severe": True,
            "supply_effect": "interrupted",
            "interruption_hours": 3,
        },
    )
    missing = missing_for(refresh(session, found, now=OPENED))
    assert missing[0].clause == "3.2.1(5)"
    assert missing[0].needs == (("dense_residential_area", "水厂是否处于居民生活密集区"),)
    assert missing[0].text == (
        "Ⅰ级（3.2.1(5)）居民生活密集区的水厂严重泄氯。还要弄清：水厂是否处于居民生活密集区"
    )
    assert [one.grade for one in missing] == sorted(
        (one.grade for one in missing), key=["I", "II", "III", "IV"].index
    )
    # Staff's own three hours are taken as they are: no clause of 24 hours is lacking anything else.
    assert "3.2.2(3)" not in {one.clause for one in missing}


def test_figures_of_reports_may_be_higher_in_truth(session: Session) -> None:
    found = incident(session, started_at=OPENED - 40 * HOUR)
    start = OPENED - 40 * HOUR
    report(
        session,
        found,
        households=120,
        household="a",
        started_at=start,
        latest_start=start,
        started_grain="hour",
    )
    assessed = refresh(session, found, now=OPENED)
    assert assessed.grading.grade == "IV"
    by_clause = {one.clause: one for one in missing_for(assessed)}
    # Forty hours are enough for every figure clause; only the households have to be counted.
    needs = dict(by_clause["3.2.3(3)"].needs)
    assert "households" in needs
    assert "interruption_hours" not in needs
    assert "现在知道120户" in by_clause["3.2.3(3)"].text
    put(session, found, {"households": 120})
    by_clause = {one.clause: one for one in missing_for(assess(found, OPENED))}
    assert "households" not in dict(by_clause["3.2.3(3)"].needs)  # deaths and the like may still be told


def test_nothing_is_lacking_at_the_top_or_where_the_plan_does_not_hold(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = incident(session)
    put(session, found, {"deaths": 5})
    assert missing_for(assess(found, OPENED)) == ()
    other = incident(session)
    assert missing_for(assess(other, OPENED)) != ()
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area="云集街道"))
    assert missing_for(assess(other, OPENED)) == ()


def test_of_a_grade_the_nearest_clause_comes_first() -> None:
    known = {"cause": "war_or_terrorism", "contamination_site": "finished_water"}
    counts = [len(one.needs) for one in lacking(known, set(), None, None) if one.grade == "I"]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


# when time alone raises it


def test_the_next_rise_in_words(session: Session) -> None:
    found = incident(session)
    assert next_rise(found, OPENED) is None
    found.next_grade, found.next_clause = "II", "3.2.2(3)"
    found.next_grade_at = OPENED + 6 * HOUR + 20 * MINUTE
    rise = next_rise(found, OPENED)
    assert rise is not None
    assert (rise.grade, rise.clause, rise.remaining) == ("II", "3.2.2(3)", 6 * HOUR + 20 * MINUTE)
    assert rise.text == "再过6小时20分钟将达到Ⅱ级：3.2.2(3)"
    late = next_rise(found, OPENED + 7 * HOUR)
    assert late is not None
    assert (late.remaining, late.text) == (timedelta(), "时间已到Ⅱ级：3.2.2(3)")
    found.status = "closed"
    assert next_rise(found, OPENED) is None


def test_time_alone_raises_it_and_the_clocks_count_from_then(session: Session) -> None:
    found = incident(session)
    put(session, found, {**LEAK, "supply_effect": "interrupted", "interruption_hours": 23})
    rise = next_rise(found, OPENED)
    assert rise is not None
    assert (rise.grade, rise.clause) == ("II", "3.2.2(3)")
    assert HOUR <= rise.remaining < HOUR + MINUTE
    refresh(session, found, now=rise.at + 5 * HOUR)  # the machine was off meanwhile
    assert found.grade == "II"
    due = {line.key: line.due_at for line in duty_board(session, found, OPENED)}
    assert due["4.2.2-main-facts"] == rise.at + 30 * MINUTE
    assert due["5.2.3.2-propose"] == rise.at + HOUR


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=59), "不到1分钟"), (MINUTE, "1分钟"), (HOUR, "1小时"), (25 * HOUR, "1天1小时"),
        (-90 * MINUTE, "1小时30分钟"), (timedelta(), "不到1分钟"), (timedelta(days=2, minutes=5), "2天5分钟"),
    ],
)  # fmt: skip
def test_spans_in_words(length: timedelta, said: str) -> None:
    assert span(length) == said


def test_values_in_words() -> None:
    facts = all_facts()
    shown = {
        ("damage", ("pump_house_flooded", "equipment_destroyed")): "泵房淹没、机电设备毁损",
        ("interruption_hours", 36.5): "36.5小时",
        ("households", 12345): "12345户",
        ("cause", "drought"): "特大干旱",
    }
    for (name, value), said in shown.items():
        assert shown_value(facts[name], value) == said
    assert [grade_words(grade) for grade in ("II", None)] == ["Ⅱ级（重大）", "未定级"]
