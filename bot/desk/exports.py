"""Reports and incidents as CSV, XLSX and GeoJSON, piece by piece: a million reports need no more memory than a hundred.

No names, phones or words of residents are in any of them. A cell that a spreadsheet would take for a formula gets an
apostrophe before it, for places are typed by anybody.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.desk.sheets import xlsx
from bot.errors import NotFound
from bot.masked import mask_words
from bot.storage.tables import Incident, OutageReport

AT_ONCE = 1000
_PIECE = 64 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MAY_BE_PHONE = re.compile(
    r"[0-9０-９〇一二三四五六七八九零幺](?:\W?\w?\W?[0-9０-９〇一二三四五六七八九零幺]){6}"
)
_BOM = "\ufeff"  # without it Excel takes UTF-8 for GBK

Row = Sequence[Any]


@dataclass(frozen=True)
class Sheet:
    """What is exported: `columns` are (name for programs, heading for people); `rows` gives values in their order."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Callable[[Session], Iterator[Row]]


@dataclass(frozen=True)
class Form:
    """How it is written: the file's ending, its type, and the function that makes the bytes."""

    ending: str
    content_type: str
    pieces: Callable[[Sheet, Iterable[Row]], Iterator[bytes]]


def find(sheet: str, form: str) -> tuple[Sheet, Form]:
    """The sheet ("reports" or "incidents") and the form ("csv", "xlsx" or "geojson").

    Raises:
        NotFound: there is no such sheet or form.
    """
    if sheet not in SHEETS or form not in FORMS:
        raise NotFound("没有这种导出。可以导出 reports（报修）或 incidents（事件）的 csv、xlsx、geojson。")
    return SHEETS[sheet], FORMS[form]


def file_name(sheet: Sheet, form: Form, now: datetime) -> str:
    """The name of the file that somebody saves."""
    return f"{sheet.name}-{now:%Y%m%d-%H%M}.{form.ending}"


def guarded(value: Any) -> Any:
    """`value` as a cell that no spreadsheet runs."""
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(_FORMULA):
        return f"'{value}"
    return value


# the forms


def csv_pieces(sheet: Sheet, rows: Iterable[Row]) -> Iterator[bytes]:
    """UTF-8 with a mark that Excel needs, headings first."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    kept.write(_BOM)
    writer.writerow([heading for _, heading in sheet.columns])
    for row in rows:
        writer.writerow([guarded(_plain(value)) for value in row])
        if kept.tell() > _PIECE:
            yield kept.getvalue().encode()
            kept.seek(0)
            kept.truncate()
    yield kept.getvalue().encode()


def xlsx_pieces(sheet: Sheet, rows: Iterable[Row]) -> Iterator[bytes]:
    """One sheet, for each million rows another."""
    heads = [heading for _, heading in sheet.columns]
    return xlsx(sheet.name, heads, ([guarded(_cell(value)) for value in row] for row in rows))


def geojson_pieces(sheet: Sheet, rows: Iterable[Row]) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946); what has no place is a feature without geometry."""
    names = [name for name, _ in sheet.columns]
    yield b'{"type":"FeatureCollection","features":['
    first = True
    for row in rows:
        feature = json.dumps(_feature(dict(zip(names, row, strict=True))), ensure_ascii=False)
        yield (feature if first else f",\n{feature}").encode()
        first = False
    yield b"]}"


def _feature(values: Mapping[str, Any]) -> dict[str, Any]:
    lat, lon = values["lat"], values["lon"]
    point = None if lat is None or lon is None else {"type": "Point", "coordinates": [lon, lat]}
    told = {name: _json(value) for name, value in values.items() if name not in ("lat", "lon")}
    return {"type": "Feature", "id": values["number"], "geometry": point, "properties": told}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "是" if value else ""
    return "" if value is None else value


def _cell(value: Any) -> Any:
    return _plain(value) if isinstance(value, bool) else value


def _json(value: Any) -> Any:
    return with_offset(value) if isinstance(value, datetime) else value


# the sheets


def _incident_rows(session: Session) -> Iterator[Row]:
    """Each incident at the middle of its reports that have a place on the map."""
    middle = (
        select(
            OutageReport.incident_id.label("id"), func.avg(OutageReport.lat).label("lat"),
            func.avg(OutageReport.lon).label("lon"),
        )
        .where(OutageReport.lat.is_not(None))
        .group_by(OutageReport.incident_id)
        .subquery()
    )  # fmt: skip
    columns = (
        Incident.number, Incident.status, Incident.kind, Incident.township, Incident.area, Incident.started_at,
        Incident.opened_at, Incident.closed_at, Incident.grade, Incident.clauses, Incident.confirmed_grade,
        Incident.confirmed_at, Incident.reports_count, Incident.households_count, Incident.expected_at, Incident.drill,
        middle.c.lat, middle.c.lon,
    )  # fmt: skip
    query = select(*columns).outerjoin(middle, middle.c.id == Incident.id).order_by(Incident.id)
    for row in _streamed(session, query):
        yield [", ".join(value) if isinstance(value, list) else value for value in row]


def _report_rows(session: Session) -> Iterator[Row]:
    query = (
        select(
            OutageReport.number, Incident.number.label("incident"), OutageReport.township, OutageReport.place,
            OutageReport.problem, OutageReport.started_at, OutageReport.created_at, OutageReport.households,
            OutageReport.scope, OutageReport.urgent, OutageReport.casualties, OutageReport.status,
            OutageReport.channel, OutageReport.joined, OutageReport.drill, OutageReport.lat, OutageReport.lon,
        )
        .outerjoin(Incident, Incident.id == OutageReport.incident_id)
        .order_by(OutageReport.id)
    )  # fmt: skip
    for number, incident, township, place, *rest in _streamed(session, query):
        yield (number, incident, township, _without_phone(place), *rest)


def _without_phone(place: str) -> str:
    """A place with the phone masked that somebody wrote into it; looked for only where there are figures enough."""
    return mask_words(place) if _MAY_BE_PHONE.search(place) else place


def _streamed(session: Session, query: Any) -> Iterator[Any]:
    yield from session.execute(query.execution_options(yield_per=AT_ONCE, stream_results=True))


SHEETS = {
    "incidents": Sheet(
        "incidents",
        (
            ("number", "编号"), ("status", "状态"), ("kind", "类别"), ("township", "乡镇"), ("area", "地方"),
            ("started_at", "开始停水"), ("opened_at", "立案"), ("closed_at", "结束"), ("grade", "判定级别"),
            ("clauses", "依据"), ("confirmed_grade", "确认级别"), ("confirmed_at", "确认时间"), ("reports", "报修数"),
            ("households", "户数（至少）"), ("expected_at", "预计来水"), ("drill", "演练"), ("lat", "纬度"),
            ("lon", "经度"),
        ),
        _incident_rows,
    ),
    "reports": Sheet(
        "reports",
        (
            ("number", "编号"), ("incident", "事件"), ("township", "乡镇"), ("place", "地方"), ("problem", "问题"),
            ("started_at", "开始停水"), ("reported_at", "报修时间"), ("households", "户数"), ("scope", "范围"),
            ("urgent", "急"), ("casualties", "伤亡"), ("status", "状态"), ("channel", "渠道"), ("joined", "怎么归并"),
            ("drill", "演练"), ("lat", "纬度"), ("lon", "经度"),
        ),
        _report_rows,
    ),
}  # fmt: skip
FORMS = {
    "csv": Form("csv", "text/csv; charset=utf-8", csv_pieces),
    "xlsx": Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_pieces),
    "geojson": Form("geojson", "application/geo+json", geojson_pieces),
}
