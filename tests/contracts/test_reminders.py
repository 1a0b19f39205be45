"""When a clerk is reminded: before and on the day of signing and filing, and after materials were asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.contracts.checklist import checklist
from bot.contracts.dossier import Dossier, tasks_of
from bot.contracts.reminders import reminders_of
from bot.contracts.workdays import Calendar
from tests.conftest import NOW

COUNTY = {"contract_type": "采购合同", "signing_party": "county"}
SIGNING = {**COUNTY, "submitted_on": "2026-11-26"}  # earliest 2026-12-07, a Monday
FILING = {**COUNTY, "signed_on": "2026-11-20"}  # the last day 2026-12-20 is a Sunday


def dossier(facts: dict[str, Any], ticked: tuple[str, ...] = (), status: str = "open") -> Dossier:
    found = checklist(facts)
    return Dossier(
        "HT261123-001", facts["contract_type"], status, facts, found, tasks_of(found, ticked), "rest", "a", NOW, NOW
    )  # fmt: skip


def told(case: Dossier, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(r.kind, f"{r.at:%m-%d %H:%M}") for r in reminders_of(case, calendar=Calendar(), now=now)]


def test_three_working_days_one_working_day_and_the_day_itself() -> None:
    assert told(dossier(SIGNING)) == [
        ("signing", "12-02 09:00"), ("signing", "12-04 09:00"), ("signing", "12-07 09:00"),
    ]  # fmt: skip
    assert told(dossier(FILING))[:3] == [
        ("filing", "12-16 09:00"), ("filing", "12-18 09:00"), ("filing", "12-20 09:00"),
    ]  # fmt: skip


def test_a_last_day_that_is_over_is_reminded_of_afterwards() -> None:
    assert told(dossier(FILING))[3:] == [
        ("filing_overdue", "12-21 09:00"), ("filing_overdue", "12-23 09:00"), ("filing_overdue", "12-29 09:00"),
    ]  # fmt: skip


def test_a_signing_that_is_only_planned_has_no_reminder_of_filing_and_keeps_that_of_signing() -> None:
    planned = dossier({**SIGNING, "signing_planned_on": "2026-12-08"})
    assert {kind for kind, _ in told(planned)} == {"signing"}


def test_a_supplement_that_is_ticked_without_its_day_is_still_reminded_of() -> None:
    facts = {**SIGNING, "supplement_requested_on": "2026-11-30"}
    assert {kind for kind, _ in told(dossier(facts, ("supplement-open",)))} == {"supplement"}


def test_of_materials_that_are_missing_one_is_reminded_afterwards() -> None:
    facts = {**SIGNING, "supplement_requested_on": "2026-11-30"}
    assert told(dossier(facts)) == [("supplement", "12-03 09:00"), ("supplement", "12-09 09:00")]
    complete = {**facts, "supplement_received_on": "2026-12-01"}
    assert {kind for kind, _ in told(dossier(complete))} == {"signing"}


@pytest.mark.parametrize(
    ("facts", "ticked"),
    [
        (SIGNING, ("signing",)),
        (FILING, ("signing", "filing-rest-day")),
    ],
)
def test_what_is_done_is_not_reminded_of(facts: dict[str, Any], ticked: tuple[str, ...]) -> None:
    assert told(dossier(facts)) != []
    assert told(dossier(facts, ticked)) == []


def test_a_signed_contract_is_not_reminded_of_signing_nor_a_closed_case_of_anything() -> None:
    signed = dossier({**SIGNING, "signed_on": "2026-12-07"}, ("signing",))
    assert {kind for kind, _ in told(signed)} == {"filing", "filing_overdue"}
    assert told(dossier(SIGNING, status="closed")) == []


def test_a_unit_of_its_own_files_nothing_and_has_no_reminder_of_it() -> None:
    assert told(dossier({**FILING, "signing_party": "department"})) == []


def test_what_would_have_come_already_is_left_out() -> None:
    assert told(dossier(SIGNING), datetime(2026, 12, 2, 9, 0)) == [
        ("signing", "12-04 09:00"), ("signing", "12-07 09:00"),
    ]  # fmt: skip
    assert told(dossier(SIGNING), datetime(2026, 12, 2, 8, 59))[0] == ("signing", "12-02 09:00")
    assert told(dossier(SIGNING), datetime(2026, 12, 8)) == []


def test_a_year_whose_days_off_are_not_known_is_counted_in_calendar_days() -> None:
    facts = {**COUNTY, "signed_on": "2030-03-01"}
    case = dossier(facts, ("signing",))
    assert [f"{r.at:%m-%d}" for r in reminders_of(case, calendar=Calendar(), now=NOW)][:3] == [
        "03-28",
        "03-30",
        "03-31",
    ]


def test_working_days_before() -> None:
    calendar = Calendar()
    day = datetime(2026, 10, 9).date()  # the first working day after the holidays of October
    before = calendar.workdays_before(day, 1)
    assert calendar.is_workday(before)
    assert not any(calendar.is_workday(before + timedelta(days=n)) for n in range(1, (day - before).days))
    assert calendar.add_workdays(calendar.workdays_before(day, 3), 3) == day
