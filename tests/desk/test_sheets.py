"""XLSX exports: what another program reads in them, and that others are answered meanwhile."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import exports
from tests.conftest import NOW

from .conftest import NAMES, Browser
from .served import served_desk

SHEET = exports.Sheet("reports", (("a", "一"), ("b", "二"), ("c", "三")), exports.SHEETS["reports"].rows)

VALUES = st.one_of(
    st.none(), st.integers(-(2**53), 2**53), st.floats(-1e12, 1e12),
    st.text(), st.from_regex(r"_x[0-9A-Fa-f]{4}_"), st.sampled_from([" a ", "a<&>\"'", "两行\n字", "\t", "]]>", "=1+1"]),
    st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(lambda at: at.replace(microsecond=0)),
)  # fmt: skip


def read(body: bytes) -> list[list[tuple[Any, ...]]]:
    """Rows of each sheet, as openpyxl reads them."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [list(sheet.values) for sheet in book.worksheets]


def as_read(value: Any) -> Any:
    """What comes back: no empty text, no characters that XML cannot hold."""
    return (exports.guarded(exports._NO_XML.sub("", value)) or None) if isinstance(value, str) else value


@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read(rows: list[list[Any]]) -> None:
    (found,) = read(b"".join(exports.xlsx_pieces(SHEET, rows)))
    assert found[0] == ("一", "二", "三")
    wanted = [[as_read(value) for value in row] for row in rows]
    for given_row, row in zip(wanted, found[1:] + [(None,) * 3] * len(rows), strict=False):
        for given_value, value in zip(given_row, row, strict=True):
            if isinstance(given_value, datetime):
                assert abs(value - given_value) < timedelta(seconds=1)
            elif isinstance(given_value, str):
                assert openpyxl.utils.escape.unescape(value) == given_value
            else:
                assert value == pytest.approx(given_value, rel=1e-14)  # a spreadsheet keeps 16 figures


@pytest.mark.parametrize(("rows", "wanted"), [(0, [0]), (2, [2]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_more_than_a_sheet_takes_begin_another(
    monkeypatch: pytest.MonkeyPatch, rows: int, wanted: list[int]
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    found = read(b"".join(exports.xlsx_pieces(SHEET, [[n, 0, 0] for n in range(rows)])))
    assert [len(sheet) - 1 for sheet in found] == wanted
    assert [row[0] for sheet in found for row in sheet[1:]] == list(range(rows))


def many(count: int) -> Iterator[list[Any]]:
    for n in range(count):
        yield [f"HN261123-{n:06d}", "SJ261123-001", "三塘镇", "三塘镇老街", "no_water", NOW, NOW, n % 9, "street",
               False, None, "open", "web", "rule", False, 26.9, 112.3]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_others_are_answered_while_somebody_exports(
    browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def rows(_session: Any) -> Iterator[list[Any]]:
        for n, row in enumerate(many(5000)):
            if n == 2000:
                begun.set()
                go_on.wait(20)
            yield row

    slow = replace(exports.SHEETS["reports"], rows=rows)
    monkeypatch.setitem(exports.SHEETS, "reports", slow)
    cookies = {"desk": browser("duty").cookies["desk"]}
    with served_desk() as port:
        url = f"http://127.0.0.1:{port}"
        got: list[int] = []
        download = threading.Thread(
            target=lambda: got.append(
                len(httpx.get(f"{url}/export/reports.{form}", cookies=cookies, timeout=120).content)
            )
        )
        download.start()
        assert begun.wait(10)
        start = time.monotonic()
        assert httpx.get(f"{url}/", cookies=cookies, timeout=60).status_code == 200
        assert NAMES["duty"] in httpx.get(f"{url}/account", cookies=cookies, timeout=60).text
        assert time.monotonic() - start < 5
        go_on.set()
        download.join(30)
    assert got
    assert got[0] > 20_000
