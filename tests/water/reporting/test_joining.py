"""Which incident a report joins, how well others fit, and what a tap or a drill changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, OutageReport, SupplyZone
from bot.water.incidents.merging import merge
from bot.water.reporting import open_incidents
from bot.water.reporting.amending import filed_draft, revise
from bot.water.reporting.joining import join
from bot.water.reporting.open_incidents import candidates, lock_the_same
from tests.conftest import NOW
from tests.water.filed import HOUR, filed, incident_of, report_of


def fits(session: Session, **asked: Any) -> list[tuple[str, str]]:
    """(area, fit) of the candidates."""
    place = {
        "township": "三塘镇",
        "detail": "",
        "kind": "supply",
        "started_at": NOW - HOUR,
        "now": NOW,
        **asked,
    }
    return [(one.area, one.fit) for one in candidates(session, **place)]


def test_candidates_come_best_first(session: Session) -> None:
    session.add(
        SupplyZone(
            code="1", name="片", township="三塘镇", areas=["老街", "新街"], households=9, imported_at=NOW
        )
    )
    for sender, detail in (("a", "金盘小区"), ("b", "老街"), ("c", "樟树村")):
        filed(session, sender, detail=detail)
    filed(session, "d", township="泉溪镇", detail="老街")
    assert fits(session, detail="老街5号") == [("老街", "same")]
    assert fits(session, detail="老街东段") == [("老街", "within")]
    assert fits(session, detail="新街") == [("老街", "zone")]
    assert fits(session, detail="竹山村") == []
    assert sorted(fits(session)) == [("樟树村", "township"), ("老街", "township"), ("金盘小区", "township")]
    assert fits(session, township=None, detail="老街") == [("老街", "namesake"), ("老街", "namesake")]
    assert fits(session, township=None) == []


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "quality"},
        {"started_at": NOW - 14 * HOUR},
        {"now": NOW + 25 * HOUR, "started_at": None},
        {"drill": True},
    ],
)
def test_another_kind_time_or_a_drill_is_no_candidate(session: Session, other: dict[str, Any]) -> None:
    filed(session, "a")
    assert fits(session, detail="金盘小区") == [("金盘小区", "same")]
    assert fits(session, detail="金盘小区", **other) == []


DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("days", "hours", "same"),
    [
        (3, 3 * 24 + 1, True), (3, 3 * 24 + 13, True), (3, 3 * 24 - 11, True), (3, 3 * 24 + 14, False), (3, 1, False),
        (3, None, False), (6.9, 6.9 * 24 + 1, True), (7.1, 7.1 * 24 + 1, False),
    ],
)  # fmt: skip
def test_an_outage_of_which_nobody_wrote_for_days_is_joined_by_its_start(
    session: Session, days: float, hours: float | None, same: bool
) -> None:
    """It began an hour before its first report, `days` ago; the next one says that it began `hours` ago."""
    first = incident_of(session, filed(session, "a"))
    assert (incident_of(session, filed(session, "b", at=NOW + days * DAY, hours=hours)) is first) is same


def test_a_start_that_the_incident_does_not_know_brings_no_report_back_to_it(session: Session) -> None:
    first = incident_of(session, filed(session, "a", hours=None))
    assert incident_of(session, filed(session, "b", at=NOW + 3 * DAY, hours=73)) is not first


def test_a_closed_one_is_never_joined_by_its_start(session: Session) -> None:
    first = incident_of(session, filed(session, "a"))
    first.status = "closed"
    assert incident_of(session, filed(session, "b", at=NOW + 3 * DAY, hours=73)) is not first


def test_what_was_quiet_for_days_is_joined_through_the_place_of_a_merged_one(session: Session) -> None:
    first = incident_of(session, filed(session, "a"))
    other = incident_of(session, filed(session, "b", detail="老街"))
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    later = filed(session, "c", detail="老街", at=NOW + 3 * DAY, hours=73)
    assert incident_of(session, later) is first


def test_the_person_may_be_asked_of_what_was_quiet_for_days(session: Session) -> None:
    filed(session, "a")
    asked = {"detail": "金盘小区", "now": NOW + 3 * DAY}
    assert fits(session, started_at=None, **asked) == []
    assert fits(session, started_at=None, to_ask=True, **asked) == [("金盘小区", "same")]
    assert fits(session, started_at=None, to_ask=True, detail="金盘小区", now=NOW + 8 * DAY) == []
    (found,) = candidates(session, township="三塘镇", kind="supply", started_at=None, to_ask=True, **asked)
    assert (found.quiet, found.sure) == (True, False)
    filed(session, "b", detail="金盘小区东区", at=NOW + 2.5 * DAY)
    assert fits(session, started_at=None, to_ask=True, **asked) == [
        ("金盘小区东区", "within"), ("金盘小区", "same"),
    ]  # fmt: skip


def test_the_look_back_goes_no_further_than_the_start_that_was_told() -> None:
    """Most reports tell a start of the last hours: for these no more rows are read than before."""
    assert open_incidents._looked_back(NOW - 2 * HOUR, NOW, False) == NOW - open_incidents.QUIET
    assert open_incidents._looked_back(None, NOW, False) == NOW - open_incidents.QUIET
    assert open_incidents._looked_back(NOW - 3 * DAY, NOW, False) == NOW - 3 * DAY - open_incidents.SAME_START
    assert open_incidents._looked_back(NOW - 30 * DAY, NOW, False) == NOW - open_incidents.LONG_QUIET


_starts = st.sampled_from([None, 1, 10, 30, 60])
_incidents = st.lists(
    st.tuples(
        st.sampled_from(["open", "open", "merged", "closed"]), st.sampled_from(["金盘小区", "金盘小区", "老街"]), _starts,
        st.sampled_from([0, 5, 20, 30, 60, 170]), st.integers(0, 3),
    ),
    max_size=5,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=_incidents, hours=_starts)
@example([("open", "老街", 1, 0, 0), ("merged", "金盘小区", 1, 0, 0), ("open", "金盘小区", 1, 0, 0)], 1)
@example([("open", "金盘小区", None, 30, 0), ("open", "金盘小区", 30, 20, 0)], 30)
def test_the_one_of_the_very_place_is_the_first_of_all_that_fit(
    session: Session, stored: list[tuple[Any, ...]], hours: int | None
) -> None:
    """It is found without looking at the others only where that makes no difference."""
    trial = session.begin_nested()
    rows: list[Incident] = []
    for number, (wanted, area, began, quiet, into) in enumerate(stored):
        # There is nothing yet to merge the first into.
        status = wanted if number or wanted != "merged" else "closed"
        rows.append(
            Incident(
                number=f"SJ-{number}", status=status, kind="supply", township="三塘镇", area=area, opened_at=NOW, facts={},
                started_at=None if began is None else NOW - began * HOUR, last_report_at=NOW - quiet * HOUR,
            )
        )  # fmt: skip
        session.add(rows[-1])
        session.flush()
        if status == "merged":
            rows[-1].merged_into_id = rows[into % number].id
    like = {
        "township": "三塘镇", "kind": "supply", "now": NOW, "drill": False,
        "started_at": None if hours is None else NOW - hours * HOUR,
    }  # fmt: skip
    sure = [one for one in candidates(session, detail="金盘小区", **like) if one.sure]
    same = lock_the_same(session, area="金盘小区", **like)
    if same is not None:
        assert (sure[0].incident_id, sure[0].fit, sure[0].through) == (same.id, "same", None)
    elif sure and sure[0].fit == "same":
        assert any(row.status == "merged" and row.area == "金盘小区" for row in rows)
    trial.rollback()


def test_only_a_sure_fit_joins_by_itself(session: Session) -> None:
    first = incident_of(session, filed(session, "a"))
    done = filed(session, "b", detail="")
    assert incident_of(session, done) is not first
    assert report_of(session, done).joined == "rule"


def test_a_drill_and_life_never_meet(session: Session) -> None:
    life = incident_of(session, filed(session, "a"))
    drill = incident_of(session, filed(session, "b", drill=True))
    assert (life.drill, drill.drill, drill is life) == (False, True, False)
    assert incident_of(session, filed(session, "c", drill=True)) is drill
    assert incident_of(session, filed(session, "d")) is life


def told(session: Session, into: str, *, drill: bool = False) -> OutageReport:
    """A report of a township alone whose person tapped on the incident `into`."""
    report = OutageReport(
        number=f"HN{into}{drill}", place="三塘镇", township="三塘镇", problem="no_water", also_problems=[], urgent=False,
        status="open", text="", channel="web", sender_id="t", created_at=NOW, drill=drill,
    )  # fmt: skip
    join(session, report, "", into=into)
    return report


def test_a_tap_joins_what_no_rule_would(session: Session) -> None:
    incident = incident_of(session, filed(session, "a"))
    report = told(session, incident.number)
    assert (report.incident, report.joined, incident.reports_count) == (incident, "tap", 2)


def test_a_draft_that_names_its_incident_is_filed_there(session: Session) -> None:
    incident = incident_of(session, filed(session, "a"))
    done = filed(session, "b", detail="", joins=incident.number)
    assert (incident_of(session, done), report_of(session, done).joined, done.others) == (incident, "tap", 1)


def test_what_the_person_said_it_is_not_is_joined_only_at_the_very_same_place(session: Session) -> None:
    incident = incident_of(session, filed(session, "a", detail="老街东段"))
    declined = (incident.number,)
    assert incident_of(session, filed(session, "b", detail="老街", declined=declined)) is not incident
    assert incident_of(session, filed(session, "c", detail="老街东段3号", declined=declined)) is incident


def test_a_tap_on_what_was_merged_or_closed_meanwhile(session: Session) -> None:
    first = incident_of(session, filed(session, "a"))
    other = incident_of(session, filed(session, "b", detail="老街"))
    merge(session, into=first.number, numbers=[other.number], by=None, now=NOW)
    assert told(session, other.number).incident is first
    first.status = "closed"
    assert told(session, first.number).incident not in (first, other)


def test_a_tap_never_leads_from_a_drill_into_life(session: Session) -> None:
    incident = incident_of(session, filed(session, "a"))
    assert told(session, incident.number, drill=True).incident is not incident


def test_a_report_put_right_later_is_graded_at_that_time(session: Session) -> None:
    """It moves an hour after it was made: both incidents are graded for then."""
    left = incident_of(session, filed(session, "a", hours=35.5))
    filed(session, "b", hours=35.5)
    draft = filed_draft(session, sender="b", said="", now=NOW + HOUR)
    assert draft is not None
    moved = replace(draft, detail="老街", place="三塘镇老街")
    revise(session, draft=moved, now=NOW + HOUR)
    made = session.scalars(select(OutageReport).where(OutageReport.sender_id == "b")).one().incident
    assert (left.graded_at, made.graded_at, left.grade, made.grade) == (NOW + HOUR, NOW + HOUR, "IV", "IV")
    assert (left.reports_count, made.area) == (1, "老街")


def test_the_draft_filed_twice_counts_once(session: Session) -> None:
    done = filed(session, "a", id="same")
    again = filed(session, "a", id="same")
    assert again == done
    assert incident_of(session, done).reports_count == 1
