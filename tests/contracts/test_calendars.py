"""Years of working days that staff loaded: kept in the database, used in the reckoning."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from bot.contracts.calendars import store_years, stored_calendar
from bot.contracts.checklist import checklist
from bot.contracts.workdays import YearUnknown
from bot.storage.database import session_scope

YEAR = 2040  # far beyond what the library knows
NEW_YEAR, MADE_UP = dt.date(YEAR, 1, 2), dt.date(YEAR, 1, 7)  # a Monday off, a Saturday worked
TABLE = {YEAR: (frozenset({dt.date(YEAR, 1, 1), NEW_YEAR}), frozenset({MADE_UP}))}


def test_a_year_that_nobody_loaded_is_said_not_guessed(session: Session) -> None:
    with pytest.raises(YearUnknown, match=str(YEAR)):
        stored_calendar(session).is_workday(NEW_YEAR)


def test_a_loaded_year_survives_the_session(database_url: str) -> None:
    with session_scope() as session:
        store_years(session, TABLE)
    with session_scope() as session:
        calendar = stored_calendar(session)
    assert not calendar.is_workday(NEW_YEAR)
    assert calendar.is_workday(MADE_UP)
    assert calendar.is_workday(dt.date(YEAR, 1, 3))
    assert not calendar.is_workday(dt.date(YEAR, 1, 8))


def test_a_year_loaded_again_is_replaced(database_url: str) -> None:
    with session_scope() as session:
        store_years(session, TABLE)
    with session_scope() as session:
        store_years(session, {YEAR: (frozenset(), frozenset())})
    with session_scope() as session:
        calendar = stored_calendar(session)
    assert calendar.is_workday(NEW_YEAR)
    assert not calendar.is_workday(MADE_UP)


def test_the_library_s_years_stay(database_url: str) -> None:
    with session_scope() as session:
        store_years(session, TABLE)
        calendar = stored_calendar(session)
    assert not calendar.is_workday(dt.date(2025, 10, 1))


def test_a_checklist_reckons_with_a_loaded_year(session: Session) -> None:
    store_years(session, TABLE)
    session.flush()
    case = {"signing_party": "county", "contract_type": "采购合同", "submitted_on": f"{YEAR}-01-03"}
    # Working days after the 3rd: 4, 5, 6, 7 (a Saturday worked), 9, 10, 11.
    assert checklist(case, calendar=stored_calendar(session)).earliest_signing_date == dt.date(YEAR, 1, 11)
