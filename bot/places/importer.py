"""Import of a list of townships and villages (`wuchang places import FILE`).

A file is taken whole or not at all: every fault is collected with its line number first.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.places.gazetteer import gazetteer
from bot.places.positions import GCJ02, Position, to_wgs84
from bot.storage.tables import Place, ServicePoint

ENCODINGS = ("utf-8-sig", "gb18030")  # Excel in Chinese saves CSV as the second
_COLUMNS = ("level", "code", "name", "parent", "lng_gcj02", "lat_gcj02")
_LEVELS = ("county", "township", "village")
# The statistical list has units that are no place to live in: prisons, farms, development zones.
_NO_TOWNSHIP = "类似乡级单位"
_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d+)?", re.ASCII)
_MAX_CODE, _MAX_NAME = 32, 128


@dataclass(frozen=True)
class SheetRow:
    """A row of a CSV file: the line it begins on, and its cells by column, trimmed."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Faults:
    """Faults of a file, collected while it is read; `stop` raises them all at once."""

    path: Path
    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, column: str, what: str) -> None:
        """Note a fault in `column` ("" where it is the whole line) of `line`."""
        self.found.append((line, column, what))

    def stop(self) -> None:
        """Raise BadInput naming every fault in the order of lines, if there is any."""
        if not self.found:
            return
        shown = (
            f"第{line}行{f' {column} 列' if column else ''}：{what}"
            for line, column, what in sorted(self.found)
        )
        raise BadInput(
            f"{self.path.name} 有 {len(self.found)} 处错误，一行也没有导入。请改好后再导入：\n"
            + "\n".join(shown)
        )


def read_sheet(
    path: Path, needed: Iterable[str], faults: Faults, also: Mapping[str, str] | None = None
) -> list[SheetRow]:
    """The rows of a CSV file with a header, blank ones left out (UTF-8 with or without BOM, or GB18030).

    `needed` columns have to be there; `also` maps other headings to column names. Rows with more
    cells than the header are faults.

    Raises:
        BadInput: no such file, not a text file, or a header that lacks a column.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    header: list[str] | None = None
    rows: list[SheetRow] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as fault:
            faults.add(line, "", f"不是正确的 CSV（{fault}），多半是引号没有成对")
            break
        if not any(cells):
            continue
        if header is None:
            header = [(also or {}).get(name, name.lower()) for name in cells]
            _check_header(path, header, tuple(needed))
        elif any(cells[len(header) :]):
            faults.add(
                line, "", f"有 {len(cells)} 格，表头只有 {len(header)} 列，多半是内容里有逗号却没加引号"
            )
        else:
            rows.append(SheetRow(line, dict(zip(header, cells, strict=False))))
    if header is None:
        raise BadInput(f"{path.name} 是空的，没有表头。第一行要写列名：{'、'.join(needed)}。")
    return rows


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise BadInput(f"读不了 {path}：{fault.strerror}。请看路径对不对。") from None
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput(f"{path.name} 不是文本 CSV（是 Excel 文件吗）。请另存为“CSV UTF-8（逗号分隔）”再导入。")


def _check_header(path: Path, header: list[str], needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        raise BadInput(
            f"{path.name} 的表头缺少列 {'、'.join(missing)}。第一行要写列名：{'、'.join(needed)}。"
        )
    double = sorted({name for name in header if name and header.count(name) > 1})
    if double:
        raise BadInput(f"{path.name} 的表头里 {'、'.join(double)} 写了不止一次，请只留一列。")


def read_degrees(row: SheetRow, columns: tuple[str, str], datum: str, faults: Faults) -> Position | None:
    """Position in the (lat, lon) `columns` of a row, given in `datum`; where there is none, a fault, None."""
    wrong = [column for column in columns if not _NUMBER.fullmatch(row[column])]
    for column in wrong:
        said = f"{row[column]!r} 不是度数" if row[column] else "没有填"
        faults.add(row.line, column, f"{said}，要写十进制的度，如 26.70")
    if wrong:
        return None
    try:
        return to_wgs84(float(row[columns[0]]), float(row[columns[1]]), datum)
    except BadInput as fault:
        faults.add(row.line, columns[0], str(fault))
        return None


@dataclass(frozen=True)
class PlaceRow:
    """A township or village to import; `township` is the official township (its own name for one)."""

    code: str
    level: str
    name: str
    township: str
    position: Position | None = None


def read_places(path: Path | str) -> list[PlaceRow]:
    """The townships and villages of a statistical list, coordinates turned into WGS-84.

    Columns used: level (county, township, village), code, name, parent, lng_gcj02, lat_gcj02
    (both may be empty); `type` where it is there. The county itself and units that nobody lives in
    are left out.

    Raises:
        BadInput: every fault of the file, with its line.
    """
    path = Path(path)
    faults = Faults(path)
    rows = read_sheet(path, _COLUMNS, faults)
    unreal = {row["name"] for row in rows if row["type"] == _NO_TOWNSHIP}
    rows = [row for row in rows if row["name"] not in unreal and row["parent"] not in unreal]
    townships = {row["name"] for row in rows if row["level"] == "township"}
    codes: dict[str, int] = {}
    for row in rows:
        _check_row(row, townships, codes, faults)
    places = [_place(row, faults) for row in rows if row["level"] in ("township", "village")]
    faults.stop()
    if not places:
        raise BadInput(f"{path.name} 里没有乡镇，也没有村，没有导入。请看 level 列写了没有。")
    return places


def _check_row(row: SheetRow, townships: set[str], codes: dict[str, int], faults: Faults) -> None:
    if row["level"] not in _LEVELS:
        faults.add(row.line, "level", f"{row['level']!r} 不能用，只能写 {'、'.join(_LEVELS)}")
    for column, longest in (("code", _MAX_CODE), ("name", _MAX_NAME)):
        if not row[column] or len(row[column]) > longest:
            faults.add(row.line, column, f"要有 1 到 {longest} 个字")
    first = codes.setdefault(row["code"], row.line)
    if row["code"] and first != row.line:
        faults.add(row.line, "code", f"{row['code']} 和第{first}行重复")
    if row["level"] == "village" and row["parent"] not in townships:
        faults.add(row.line, "parent", f"文件里没有名叫 {row['parent']!r} 的乡镇（街道），村要写明属于哪一个")
    if row["level"] == "township" and row["name"] and official_township(row["name"]) is None:
        faults.add(row.line, "name", f"不认识乡镇（街道）{row['name']}，本县的见 data/places/townships.yml")


def _place(row: SheetRow, faults: Faults) -> PlaceRow:
    position = None
    if row["lat_gcj02"] or row["lng_gcj02"]:
        position = read_degrees(row, ("lat_gcj02", "lng_gcj02"), GCJ02, faults)
    named = row["name"] if row["level"] == "township" else row["parent"]
    township = official_township(named) or named
    name = township if row["level"] == "township" else row["name"]
    return PlaceRow(row["code"], row["level"], name, township, position)


def official_township(name: str) -> str | None:
    """The official name of a township given by its official, short, old or pinyin name; None for others."""
    return gazetteer().names.get(name.strip().lower())


def import_places(session: Session, rows: Iterable[PlaceRow]) -> int:
    """Put `rows` in the place of what was imported before; how many there are now. The caller commits."""
    session.execute(delete(Place))
    places = [
        Place(
            code=row.code,
            level=row.level,
            name=row.name,
            township=row.township,
            lat=row.position.lat if row.position else None,
            lon=row.position.lon if row.position else None,
        )
        for row in rows
    ]
    session.add_all(places)
    session.flush()
    return len(places)


def load_villages(session: Session) -> list[tuple[str, str]]:
    """(village, township) of every imported village, as `bot.places.gazetteer.gazetteer` takes them."""
    query = select(Place.name, Place.township).where(Place.level == "village").order_by(Place.code)
    return [(name, township) for name, township in session.execute(query)]


def township_position(session: Session, township: str) -> Position | None:
    """About where a township is: its imported coordinates, else the middle of its points, else None."""
    own = select(Place.lat, Place.lon).where(
        Place.level == "township", Place.name == township, Place.lat.is_not(None)
    )
    points = select(func.avg(ServicePoint.lat), func.avg(ServicePoint.lon)).where(
        ServicePoint.township == township
    )
    for query in (own, points):
        found = session.execute(query).first()
        if found and found[0] is not None:
            return Position(float(found[0]), float(found[1]))
    return None
