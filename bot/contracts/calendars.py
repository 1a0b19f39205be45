"""The calendar with the years that staff loaded into the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.contracts.workdays import Calendar
from bot.storage.tables import HolidayYear

Years = Mapping[int, tuple[frozenset[dt.date], frozenset[dt.date]]]


def store_years(session: Session, years: Years) -> None:
    """Keep the holidays and make-up days of `years`; a year that is there already is replaced."""
    for year, (holidays, workdays) in years.items():
        row = session.get(HolidayYear, year) or HolidayYear(year=year)
        row.holidays, row.workdays = _iso(holidays), _iso(workdays)
        session.add(row)


def stored_calendar(session: Session) -> Calendar:
    """The library's years, and those in the database."""
    rows = session.scalars(select(HolidayYear))
    return Calendar({row.year: (_dates(row.holidays), _dates(row.workdays)) for row in rows})


def _iso(days: Iterable[dt.date]) -> list[str]:
    return sorted(day.isoformat() for day in days)


def _dates(days: Iterable[str]) -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(day) for day in days)
