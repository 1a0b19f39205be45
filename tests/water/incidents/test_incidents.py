"""Reports of one place and time become one incident; its grade follows from what is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import Settings
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents import assessing, incidents
from bot.water.incidents.assessing import assess, facts_of, outside_supply_area
from bot.water.incidents.incidents import incident_lines
from bot.water.reporting.reports import file_report
from bot.water.talk.areas import area_of
from bot.water.talk.draft import Draft
from tests.conftest import NOW

GRADES = (None, "IV", "III", "II", "I")
HOUR = timedelta(hours=1)


def file(session: Session, sender: str = "a", *, at: datetime = NOW, **fields: Any) -> Incident:
    """File a report of no water at 三塘镇金盘小区 begun an hour before, with `fields` changed; its incident."""
    known: dict[str, Any] = {
        "problems": ("no_water",), "township": "三塘镇", "place": "三塘镇金盘小区", "detail": "金盘小区",
        "started_at": (NOW - HOUR).isoformat(), "started_text": "x", "started_grain": "hour",
    }  # fmt: skip
    filed = file_report(session, draft=Draft(**{**known, **fields}), channel="rest", sender=sender, now=at)
    return session.scalars(select(Incident).where(Incident.number == filed.incident)).one()


# which reports belong together


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"detail": "金盘小区5栋", "place": "三塘镇金盘小区5栋"},
        {"detail": "金盘小区门口", "place": "三塘镇金盘小区门口"},
        {"problems": ("low_pressure",)},
        {"problems": ("burst", "no_water")},
        {"started_at": (NOW - 12 * HOUR).isoformat()},
        {"started_at": None},
    ],
)
def test_joins(session: Session, fields: dict[str, Any]) -> None:
    assert file(session, "a") is file(session, "b", **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"problems": ("bad_water",)},
        {"township": "泉溪镇", "place": "泉溪镇金盘小区"},
        {"township": None, "place": "金盘小区"},
        {"detail": "老街", "place": "三塘镇老街"},
        {"detail": "", "place": "三塘镇"},
        {"started_at": (NOW - 14 * HOUR).isoformat()},
    ],
)
def test_does_not_join(session: Session, fields: dict[str, Any]) -> None:
    assert file(session, "a") is not file(session, "b", **fields)


def test_a_closed_incident_takes_no_more_reports(session: Session) -> None:
    first = file(session, "a")
    first.status = incidents.CLOSED
    assert file(session, "b") is not first


@pytest.mark.parametrize(("hours", "joined"), [(23, True), (24, True), (25, False)])
def test_an_incident_that_was_quiet_for_a_day_takes_no_more_reports(
    session: Session, hours: int, joined: bool
) -> None:
    first = file(session, "a", started_at=None)
    later = file(session, "b", at=NOW + hours * HOUR, started_at=None)
    assert (later is first) is joined


def test_a_place_without_township_joins_its_like(session: Session) -> None:
    unknown = {"township": None, "place": "牛婆凼", "detail": "牛婆凼"}
    assert file(session, "a", **unknown) is file(session, "b", **unknown)


def test_the_narrowest_fitting_area_is_chosen(session: Session) -> None:
    wide = file(session, "a", detail="樟树村", place="三塘镇樟树村")
    narrow = file(session, "b", detail="老街", place="三塘镇老街")
    assert file(session, "c", detail="老街3号", place="三塘镇老街3号") is narrow
    assert file(session, "d", detail="樟树村5组", place="三塘镇樟树村5组") is wide


def test_the_first_start_told_stays_that_of_the_incident(session: Session) -> None:
    """Were it the earliest, reports that each began ten hours before the last would chain back over days."""
    first = file(session, "a", started_at=(NOW - 2 * HOUR).isoformat())
    joined = file(session, "b", started_at=(NOW - 12 * HOUR).isoformat())
    assert joined is first
    assert first.started_at == NOW - 2 * HOUR
    assert file(session, "c", started_at=(NOW - 22 * HOUR).isoformat()) is not first


def test_households_count_only_for_the_hours_that_they_were_out(session: Session) -> None:
    """Five households for 8 hours and one for 8 hours are no six households for 36."""
    incident = file(session, "a", started_at=(NOW - 8 * HOUR).isoformat())
    for person in "bcdef":
        file(session, person, started_at=(NOW - 8 * HOUR).isoformat())
    assert facts_of(incident, NOW)["households"] == 6
    assert facts_of(incident, NOW)["interruption_hours"] == 8.0
    late = file(session, "g", started_at=(NOW - 1 * HOUR).isoformat())
    assert late is incident
    later = NOW + 28.5 * HOUR  # the first six: 36.5 hours; the last: 29.5
    assert facts_of(incident, later) == {
        "households": 6, "supply_effect": "interrupted", "interruption_hours": 36.5,
    }  # fmt: skip
    assert assess(incident, later).grading.clauses == ("3.2.4(4)",)


@pytest.mark.parametrize(
    ("detail", "area"),
    [
        ("金盘小区", "金盘小区"),
        ("金盘小区5栋", "金盘小区"),
        ("金盘小区门口", "金盘小区"),
        ("金盘小区3栋2单元501室", "金盘小区"),
        ("金盘小区5-301", "金盘小区"),
        ("双桥村3组", "双桥村"),
        ("双桥村第三组", "双桥村"),
        ("双桥村十二组王家屋场", "双桥村"),
        ("老街28号", "老街"),
        ("老街， 28号", "老街"),
        ("中学对面", "中学"),
        ("供销社旁边", "供销社"),
        ("3组", "3组"),
        ("门口", "门口"),
        ("三塘村", "三塘村"),
        ("", ""),
    ],
)
def test_area_of(detail: str, area: str) -> None:
    assert area_of(detail) == area


# the facts


def test_one_person_counts_once_by_the_largest_figure(session: Session) -> None:
    file(session, "a", households=5)
    incident = file(session, "a", households=30)
    file(session, "a", households=10)
    session.flush()
    assert facts_of(incident, NOW)["households"] == 30


def test_people_who_give_no_figure_count_one_each(session: Session) -> None:
    for sender in "abcd":
        incident = file(session, sender)
    session.flush()
    assert facts_of(incident, NOW)["households"] == 4


def test_neighbours_figures_are_not_added_up(session: Session) -> None:
    file(session, "a", households=30)
    incident = file(session, "b", households=40)
    session.flush()
    assert facts_of(incident, NOW)["households"] == 40


def test_the_hours_run_on(session: Session) -> None:
    incident = file(session)
    session.flush()
    assert facts_of(incident, NOW)["interruption_hours"] == 1.0
    assert facts_of(incident, NOW + 30 * HOUR)["interruption_hours"] == 31.0


def test_a_clock_set_back_gives_no_negative_hours(session: Session) -> None:
    incident = file(session)
    session.flush()
    assert facts_of(incident, NOW - 5 * HOUR)["interruption_hours"] == 0.0


def test_without_a_start_no_hours_are_claimed(session: Session) -> None:
    incident = file(session, started_at=None, started_text="好久了")
    session.flush()
    assert "interruption_hours" not in facts_of(incident, NOW)


def test_low_pressure_is_no_interruption(session: Session) -> None:
    incident = file(session, problems=("low_pressure",), households=900)
    session.flush()
    facts = facts_of(incident, NOW)
    assert facts["supply_effect"] == "reduced_pressure"
    assert "interruption_hours" not in facts


def test_people_hurt_count_once_and_nought_claims_nothing(session: Session) -> None:
    first = file(session, "a", danger="poisoning", casualties=3, problems=("bad_water",))
    file(session, "b", danger="poisoning", casualties=5, problems=("bad_water",))
    none = file(session, "c", township="泉溪镇", place="泉溪镇", detail="", danger="chlorine", casualties=0)
    session.flush()
    assert facts_of(first, NOW)["poisoned_or_seriously_injured"] == 5
    assert "poisoned_or_seriously_injured" not in facts_of(none, NOW)


def test_what_staff_set_wins(session: Session) -> None:
    incident = file(session, households=30)
    incident.facts = {"households": 20000, "interruption_hours": 49}
    session.flush()
    facts = facts_of(incident, NOW)
    assert (facts["households"], facts["interruption_hours"]) == (20000, 49)


# the grade


def test_the_grade_grows_as_reports_come_and_never_falls(session: Session) -> None:
    grades, now = [], NOW + 49 * HOUR
    for sender, households in (("a", 1), ("b", 3500), ("c", 12000), ("d", 2), ("e", 45000)):
        incident = file(session, sender, households=households)
        session.flush()
        session.expire(incident, ["reports"])
        grades.append(GRADES.index(assess(incident, now).grading.grade))
    assert grades == sorted(grades)
    assert grades[0] < grades[-1]


@pytest.mark.parametrize("problem", ["no_water", "low_pressure", "burst", "bad_water"])
def test_the_highest_possible_is_never_below_the_grade(session: Session, problem: str) -> None:
    known = product((None, 1, 40, 3500, 12000, 45000), (0, 13, 25, 49))
    for number, (households, hours) in enumerate(known):
        start = NOW - hours * HOUR
        incident = Incident(
            number=f"SJ{number}", started_at=start, facts={}, township="三塘镇", kind="supply", opened_at=NOW,
            last_report_at=NOW,
        )  # fmt: skip
        report = OutageReport(
            number=f"HN{number}", place="三塘镇", problem=problem, households=households, sender_id="a",
            created_at=NOW, started_at=start, latest_start=start, incident=incident,
        )  # fmt: skip
        session.add_all([incident, report])
        assessed = assess(incident, NOW)
        assert GRADES.index(assessed.highest_possible) >= GRADES.index(assessed.grading.grade)


def test_reports_leave_the_households_open_and_staff_close_them(session: Session) -> None:
    """One report proves one household; more may be without water until staff say how many."""
    incident = file(session, households=1)
    session.flush()
    assert assess(incident, NOW + 49 * HOUR).highest_possible is not None
    incident.facts = {
        "households": 1, "supply_effect": "interrupted", "interruption_hours": 1, "deaths": 0,
        "poisoned_or_seriously_injured": 0,
    }  # fmt: skip
    closed = GRADES.index(assess(incident, NOW).highest_possible)
    incident.facts = {}
    assert closed <= GRADES.index(assess(incident, NOW).highest_possible)


def test_a_day_named_without_a_clock_time_adds_no_hours(session: Session) -> None:
    """昨天停的 is at least since the last minute of that day: the facts are lower bounds."""
    incident = file(session, started_at="2026-11-22T00:00:00", started_text="昨天", started_grain="day")
    session.flush()
    assert facts_of(incident, NOW)["interruption_hours"] <= 18.0


@pytest.mark.parametrize(
    ("area", "township", "outside"),
    [
        ("", "三塘镇", None),
        ("云集街道，三塘镇", "三塘镇", False),
        ("云集街道", "三塘镇", True),
        ("云集街道", None, None),
    ],
)
def test_the_supply_area_is_only_claimed_where_it_is_configured(
    monkeypatch: pytest.MonkeyPatch, area: str, township: str | None, outside: bool | None
) -> None:
    monkeypatch.setattr(assessing, "settings", lambda: Settings(supply_area=area))
    assert outside_supply_area(township) is outside


def test_the_lines_for_staff(session: Session) -> None:
    file(session, "a", households=30)
    file(session, "b", danger="injury", casualties=1)
    file(session, "c", township=None, place="牛婆凼", detail="牛婆凼", problems=("bad_water",))
    session.flush()
    session.expire_all()
    first, second = incident_lines(session, NOW)
    assert first["number"] == "SJ261123-001"
    assert first["reports"] == ["HN261123-001", "HN261123-002"]
    assert (first["townships"], first["status"], first["kind"], first["area"], first["urgent"]) == (
        ["三塘镇"], "open", "supply", "金盘小区", True,
    )  # fmt: skip
    assert first["facts"]["households"] == 30
    assert first["started_at"].startswith("2026-11-23T17:00:00")
    assert (second["townships"], second["urgent"], second["kind"]) == ([], False, "quality")
    assert {"id", "grade", "clauses", "highest_possible"} <= set(first)
