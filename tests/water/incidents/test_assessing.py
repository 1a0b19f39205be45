"""The grade as it is written to the incident, what it rests on, and when time alone raises it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.settings import Settings
from bot.storage.tables import Incident, SupplyZone
from bot.water.incidents import assessing, history
from bot.water.incidents.assessing import assess, refresh, to_grade
from bot.water.incidents.history import events_of
from bot.water.incidents.incidents import incident_lines
from bot.water.plan.hours import latest_start
from bot.water.plan.rising import Rise
from bot.water.reporting import joining
from bot.water.reporting.amending import add_phone, settle
from tests.conftest import NOW
from tests.water.filed import HOUR, filed, incident_of, report_of


def refresh_due(session: Session, *, now: datetime) -> tuple[str, ...]:
    """As the clock does each minute; the numbers."""
    return tuple(refresh(session, incident, now=now).incident.number for incident in to_grade(session, now))


def graded(session: Session, incident: Incident) -> list[tuple[str | None, list[str]]]:
    return [
        (event.detail["grade"], event.detail["clauses"])
        for event in events_of(session, incident.id)
        if event.kind == "graded"
    ]


def test_a_report_opens_an_incident_with_its_columns_and_history(session: Session) -> None:
    incident = incident_of(session, filed(session, hours=37))
    assert (incident.grade, incident.clauses, incident.basis) == ("IV", ["3.2.4(4)"], "reports")
    assert (incident.reports_count, incident.households_count, incident.graded_at) == (1, 1, NOW)
    assert [event.kind for event in events_of(session, incident.id)] == ["opened", "graded"]
    assert graded(session, incident) == [("IV", ["3.2.4(4)"])]


def test_only_a_change_of_the_grade_is_noted(session: Session) -> None:
    incident = incident_of(session, filed(session, hours=37))
    version = incident.version
    filed(session, "b", hours=37)
    assert len(graded(session, incident)) == 1
    assert incident.version > version
    filed(session, "c", hours=37, households=1000)
    assert graded(session, incident)[-1] == ("III", ["3.2.3(3)"])


def test_the_three_figures_are_kept_apart(session: Session) -> None:
    zone = SupplyZone(
        code="1", name="金盘片", township="三塘镇", areas=["金盘小区"], households=1200, imported_at=NOW
    )
    session.add(zone)
    incident = incident_of(session, filed(session, hours=37))
    assessed = assess(incident, NOW)
    assert (assessed.households_reported, assessed.households_estimated, assessed.households_confirmed) == (
        1, 1200, None,
    )  # fmt: skip
    assert (assessed.grading.grade, assessed.basis, assessed.if_whole_zone) == ("IV", "reports", "III")
    incident.facts = {"households": 900}
    assessed = refresh(session, incident, now=NOW)
    assert (assessed.households_reported, assessed.households_estimated, assessed.households_confirmed) == (
        1, 1200, 900,
    )  # fmt: skip
    assert (assessed.basis, incident.basis, assessed.facts["households"]) == ("staff", "staff", 900)


def test_who_only_has_low_pressure_is_not_without_water(session: Session) -> None:
    filed(session, "a", hours=37)
    incident = incident_of(session, filed(session, "b", hours=37, problems=("low_pressure",), households=900))
    assessed = assess(incident, NOW)
    assert (assessed.facts["households"], assessed.facts["supply_effect"]) == (1, "interrupted")


def test_a_problem_named_second_counts_too(session: Session) -> None:
    incident = incident_of(session, filed(session, problems=("burst", "no_water"), hours=37))
    assert assess(incident, NOW).grading.grade == "IV"


def test_a_report_taken_back_counts_no_more(session: Session) -> None:
    filed(session, "a")
    incident = incident_of(session, filed(session, "b"))
    settle(session, sender="b", now=NOW, restored=False)
    assert (incident.reports_count, incident.households_count, incident.status) == (1, 1, "open")


def test_hours_of_who_says_that_the_water_is_back_do_not_grow(session: Session) -> None:
    """A thousand households of two reports; the larger one is back after 10 hours, and 36 are never reached by it."""
    filed(session, "a", hours=10, households=1000)
    incident = incident_of(session, filed(session, "b", hours=10))
    assert incident.next_grade == "III"
    settle(session, sender="a", now=NOW, restored=True)
    assert (incident.status, incident.households_count) == ("open", 1000)
    assert (incident.next_grade, incident.next_clause) == ("IV", "3.2.4(4)")
    later = assess(incident, NOW + 30 * HOUR)
    assert (later.grading.grade, later.facts["households"], later.facts["interruption_hours"]) == (
        "IV",
        1,
        40,
    )
    assert later.tally.back == 1


def test_a_report_that_is_over_at_an_unknown_time_is_over(session: Session) -> None:
    """Its household was out until it was reported, and who is still out counts alone from there."""
    first = filed(session, "a", hours=10)
    incident = incident_of(session, filed(session, "b", hours=10))
    settle(session, sender="a", now=NOW, restored=True)
    report_of(session, first).restored_at = None
    later = assess(incident, NOW + 30 * HOUR)
    assert (later.facts["households"], later.facts["interruption_hours"], later.tally.back) == (1, 40, 1)


# one person, one household, one count


def test_the_same_phone_on_two_channels_is_one_household(session: Session) -> None:
    filed(session, "a", phone="13912340001")
    incident = incident_of(session, filed(session, "b", channel="wechat", phone="139-1234-0001"))
    assert (incident.reports_count, incident.households_count) == (2, 1)


def test_a_phone_given_later_makes_two_reports_one_household(session: Session) -> None:
    filed(session, "a", phone="13912340001")
    incident = incident_of(session, filed(session, "b"))
    assert incident.households_count == 2
    add_phone(session, sender="b", phone="13912340001", now=NOW)
    assert incident.households_count == 1


def test_a_person_stays_one_household_whatever_they_give_later(session: Session) -> None:
    filed(session, "a")
    filed(session, "a", detail="金盘小区5栋302")
    incident = incident_of(session, filed(session, "a", phone="13912340001"))
    assert (incident.reports_count, incident.households_count) == (3, 1)


REPORTS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),  # sender
        st.sampled_from([None, "13912340001", "13912340002"]),
        st.sampled_from(["金盘小区", "金盘小区5栋302", "金盘小区5栋303"]),
        st.sampled_from([None, 1, 7, 40]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=REPORTS)
def test_counts_never_fall_by_a_report(
    session: Session, reports: list[tuple[str, str | None, str, int | None]]
) -> None:
    with session.begin_nested() as trial:
        before, senders, phones = 0, set(), set()
        for sender, phone, detail, households in reports:
            done = filed(session, sender, phone=phone, detail=detail, households=households)
            now = incident_of(session, done).households_count
            assert now >= before
            if sender in senders and not (households and households > before):
                assert now == before
            before = now
            senders.add(sender)
            phones.add(phone)
        trial.rollback()


# hours


@pytest.mark.parametrize(
    ("grain", "later"), [("minute", 0), ("hour", 0), ("part", 4), ("day", 24), (None, 0)]
)
def test_a_rough_start_counts_from_its_latest_moment(grain: str | None, later: int) -> None:
    assert latest_start(NOW, grain) == NOW + later * HOUR
    assert latest_start(None, grain) is None


def test_a_report_without_a_start_counts_from_when_it_was_made(session: Session) -> None:
    """One neighbour says since when, the other does not: both together are out only since the second wrote."""
    filed(session, "a", hours=40)
    incident = incident_of(session, filed(session, "b", hours=None))
    assert assess(incident, NOW).facts["households"] == 1  # those of 36 hours
    later = NOW + 36 * HOUR
    assert assess(incident, later).facts == {
        "households": 2, "supply_effect": "interrupted", "interruption_hours": 36.0,
    }  # fmt: skip


def test_hours_that_staff_set_run_on(session: Session) -> None:
    incident = incident_of(session, filed(session, hours=None))
    incident.facts = {"interruption_hours": 30}
    history.note(session, incident, "fact", at=NOW, by="李四", name="interruption_hours", value=30)
    assert assess(incident, NOW + 2 * HOUR).facts["interruption_hours"] == 32
    assessed = refresh(session, incident, now=NOW + 2 * HOUR)
    assert assessed.rise == Rise("IV", NOW + 6 * HOUR, "3.2.4(4)")


def test_a_closed_incident_stays_as_it_was(session: Session) -> None:
    incident = incident_of(session, filed(session, hours=1))
    incident.status, incident.closed_at = "closed", NOW + HOUR
    assessed = assess(incident, NOW + 90 * HOUR)
    assert (assessed.facts["interruption_hours"], assessed.grading.grade, assessed.rise) == (2.0, None, None)


# the next rise


def test_the_next_rise_is_written_and_comes_true(session: Session) -> None:
    incident = incident_of(session, filed(session, hours=10))
    assert (incident.next_grade, incident.next_grade_at, incident.next_clause) == (
        "IV", NOW + 26 * HOUR, "3.2.4(4)",
    )  # fmt: skip
    before = NOW + 26 * HOUR - timedelta(minutes=1)
    assert refresh_due(session, now=before) == ()
    assert assess(incident, before).grading.grade is None
    assert refresh_due(session, now=NOW + 26 * HOUR) == (incident.number,)
    assert (incident.grade, incident.next_grade) == ("IV", None)


# many reports


def test_of_an_incident_with_many_reports_the_sum_waits_for_the_clock(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "_ADD_UP_AT_ONCE", 2)
    filed(session, "a")
    filed(session, "b")
    later = NOW + timedelta(seconds=5)
    incident = incident_of(session, filed(session, "c", at=later))
    assert (incident.reports_count, incident.households_count) == (3, 2)
    assert refresh_due(session, now=later) == (incident.number,)
    assert incident.households_count == 3
    assert refresh_due(session, now=later) == ()


def test_somebody_hurt_is_never_left_waiting(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "_ADD_UP_AT_ONCE", 1)
    filed(session, "a")
    incident = incident_of(session, filed(session, "b", danger="injury", casualties=2))
    assert incident.grade == "IV"


# outside the supply area


def test_outside_the_supply_area_the_plan_gives_no_grade(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area="云集街道"))
    incident = incident_of(session, filed(session, hours=40, households=6000))
    assessed = assess(incident, NOW)
    assert (assessed.plan_applies, assessed.grading.grade, assessed.highest_possible) == (False, None, None)
    assert (assessed.grading.duties, assessed.grading.response, assessed.rise) == ((), None, None)
    assert (assessed.households_reported, incident.grade, incident.next_grade) == (6000, None, None)
    (opened,) = events_of(session, incident.id)
    assert opened.detail == {"pass_on_to": ["三塘镇", "县水利局"]}
    (line,) = incident_lines(session, NOW)
    assert (line["plan_applies"], line["pass_on_to"]) == (False, ["三塘镇", "县水利局"])
