"""Tables of days off: what is read, and what is refused with its line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from bot.contracts.holiday_table import BadHolidayTable, load_holidays, parse_holidays
from bot.errors import BadInput

CASES = yaml.safe_load((Path(__file__).parent / "holiday_tables.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["good"], ids=lambda case: case["name"])
def test_every_form_gives_the_same_table(case: dict, tmp_path: Path) -> None:
    path = tmp_path / case["file"]
    path.write_text(case["text"], encoding="utf-8")
    table = load_holidays(path)[2027]
    assert {
        dt.date(2027, 1, 1),
        dt.date(2027, 2, 5),
        dt.date(2027, 2, 7),
        dt.date(2027, 5, 1),
    } <= table.holidays
    assert table.workdays == {dt.date(2027, 2, 20)}


@pytest.mark.parametrize("case", CASES["bad"], ids=lambda case: case["name"])
def test_a_bad_table_is_refused_whole_and_by_line(case: dict) -> None:
    with pytest.raises(BadHolidayTable) as caught:
        parse_holidays(case["text"], case["form"])
    assert [line for line, _ in caught.value.problems] == case["lines"]
    assert case["says"] in str(caught.value)


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("x")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\xff")
    for name, says in (("a.xls", "格式不认识"), ("b.csv", "读不出来"), ("c.csv", "找不到")):
        with pytest.raises(BadInput, match=says):
            load_holidays(tmp_path / name)
