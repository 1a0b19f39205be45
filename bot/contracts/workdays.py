"""Chinese working days, with the days off and the make-up days that the State Council sets each year.

The library ``chinese_calendar`` knows the years that were announced when it was released.
A later year is never guessed from weekends: either its table is handed in
(see :mod:`bot.contracts.holiday_table`) or :class:`YearUnknown` is raised.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import chinese_calendar  # type: ignore[import-untyped]  # ships no types

from bot.errors import BadInput

Pause = tuple[dt.date, dt.date]
"""First and last day, both inclusive, that a count passes over."""

_ONE_DAY = dt.timedelta(days=1)


class YearTable(NamedTuple):
    """One year's arrangement: days off (weekend days may be among them), and weekend days worked."""

    holidays: frozenset[dt.date]
    workdays: frozenset[dt.date]


class YearUnknown(BadInput):
    """The days off of a year are not known, so a count of working days cannot cross it.

    ``year`` is the year that is missing; ``counted`` of ``needed`` working days were
    reckoned before it began (both 0 where a single day was asked about).
    """

    def __init__(self, year: int, counted: int = 0, needed: int = 0) -> None:
        self.year, self.counted, self.needed = year, counted, needed
        super().__init__(
            f"算不出{year}年的工作日：还没有{year}年的放假和调休安排，不能按双休日猜。"
            f"请把国务院办公厅公布的{year}年放假、调休日期表导入后再算。"
        )


@dataclass(frozen=True)
class Calendar:
    """Working days of the years that the library knows and of those in ``extra``.

    A year in ``extra`` goes before the library's own: arrangements have been changed
    after they were first announced.
    """

    extra: Mapping[int, tuple[frozenset[dt.date], frozenset[dt.date]]] = field(default_factory=dict)

    def is_workday(self, day: dt.date) -> bool:
        """Whether offices work on that day. Raises :class:`YearUnknown`."""
        if day.year in self.extra:
            holidays, workdays = self.extra[day.year]
            return day in workdays or (day.weekday() < 5 and day not in holidays)
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            raise YearUnknown(day.year) from error

    def add_workdays(self, start: dt.date, n: int, skipping: Sequence[Pause] = ()) -> dt.date:
        """The ``n``-th working day after ``start``; ``start`` itself does not count.

        Days within one of the pauses ``skipping`` are passed over. ``n`` is at least 1.
        Raises :class:`YearUnknown` with how many days were counted so far.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, not {n}")
        day, counted = start, 0
        while counted < n:
            day += _ONE_DAY
            if any(first <= day <= last for first, last in skipping):
                continue
            counted += self._counts(day, counted, n)
        return day

    def _counts(self, day: dt.date, counted: int, needed: int) -> bool:
        try:
            return self.is_workday(day)
        except YearUnknown as error:
            raise YearUnknown(error.year, counted, needed) from error

    def next_workday(self, day: dt.date) -> dt.date:
        """``day`` itself where offices work on it, else the first working day after it."""
        while not self.is_workday(day):
            day += _ONE_DAY
        return day

    def workdays_before(self, day: dt.date, n: int) -> dt.date:
        """The ``n``-th working day before ``day``; ``day`` itself does not count. Raises :class:`YearUnknown`."""
        counted = 0
        while counted < n:
            day -= _ONE_DAY
            counted += self._counts(day, counted, n)
        return day
