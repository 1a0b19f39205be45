"""Exports: what stands in the files, that a spreadsheet runs nothing of it, and that nobody is in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import exports
from bot.storage.tables import AuditEntry

from .cases import burst, in_database
from .conftest import Browser

FORMULA = '=HYPERLINK("http://x","y")'


@pytest.fixture
def duty(browser: Callable[..., Browser], now: datetime) -> Browser:
    in_database(lambda s: burst(s, now, area=FORMULA))
    return browser("duty")


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_csv_has_each_report_once_and_no_phone_or_word(duty: Browser) -> None:
    answer = duty.get("/export/reports.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"] == 'attachment; filename="reports-20261123-1800.csv"'
    rows = table(answer.content)
    assert [row["问题"] for row in rows] == ["no_water"] * 3
    assert rows[0]["户数"] == "1200"
    assert rows[0]["开始停水"] == "2026-11-22 02:00"
    assert "1391234" not in answer.text


def test_a_spreadsheet_runs_nothing(duty: Browser) -> None:
    (row,) = table(duty.get("/export/incidents.csv").content)
    assert row["地方"] == f"'{FORMULA}"
    book = openpyxl.load_workbook(io.BytesIO(duty.get("/export/incidents.xlsx").content))
    cells = {cell.column: cell for cell in book.active[2]}
    assert cells[5].value == f"'{FORMULA}"
    assert {cell.data_type for cell in cells.values()} <= {"s", "inlineStr", "n", "d"}


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\n=1"])
def test_each_beginning_of_a_formula_is_guarded(start: str) -> None:
    assert exports.guarded(start).startswith("'")


@pytest.mark.parametrize("value", ["老街", "3", 3, -3, None, True, datetime(2026, 1, 1), "a=b"])
def test_nothing_else_is_changed(value: Any) -> None:
    assert exports.guarded(value) == value


def test_geojson_is_one_collection_with_points_in_the_order_of_the_standard(duty: Browser) -> None:
    found = json.loads(duty.get("/export/incidents.geojson").content)
    (one,) = found["features"]
    assert one["geometry"]["type"] == "Point"
    assert one["geometry"]["coordinates"] == pytest.approx([112.37, 26.971])
    assert one["properties"]["households"] == 1200
    assert one["properties"]["opened_at"].startswith("2026-11-22T02:00:00")


def test_what_has_no_place_is_a_feature_without_one(people: dict[str, int], now: datetime) -> None:
    sheet, form = exports.find("reports", "geojson")
    row = [None] * len(sheet.columns)
    assert json.loads(b"".join(form.pieces(sheet, [row, row])))["features"][1]["geometry"] is None
    assert json.loads(b"".join(form.pieces(sheet, [])))["features"] == []


def test_the_audit_tells_who_took_what(duty: Browser) -> None:
    assert duty.get("/export/reports.xlsx").status_code == 200
    assert duty.get("/export/phones.csv").status_code == 404
    assert duty.get("/export/reports.doc").status_code == 404
    rows = in_database(
        lambda s: s.execute(select(AuditEntry.by, AuditEntry.action, AuditEntry.subject)).all()
    )
    assert [tuple(row) for row in rows if row.action.startswith("export")] == [
        ("zhiban", "export.reports", "xlsx")
    ]


def test_many_rows_come_in_pieces(session: Session, now: datetime) -> None:
    sheet, form = exports.find("reports", "csv")
    row = ["x" * 50] * len(sheet.columns)
    pieces = list(form.pieces(sheet, [row] * 1000))
    assert len(pieces) > 5
    assert len(table(b"".join(pieces))) == 1000


def test_both_sheets_are_read_on_both_databases(each_database_url: str, now: datetime) -> None:
    in_database(lambda s: burst(s, now))
    for name, count in (("incidents", 1), ("reports", 3)):
        rows = in_database(lambda s, name=name: [list(row) for row in exports.SHEETS[name].rows(s)])
        assert len(rows) == count
        assert all(len(row) == len(exports.SHEETS[name].columns) for row in rows)
