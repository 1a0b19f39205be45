"""Import of service points from a CSV file (`wuchang points import FILE`).

A file is taken whole or not at all: every fault is collected with its line and column first.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.eldercare.services import service_codes, split_services
from bot.errors import BadInput
from bot.places.gazetteer import gazetteer
from bot.places.importer import Faults, SheetRow, official_township, read_degrees, read_sheet
from bot.places.positions import Position, check_datum
from bot.storage.tables import ServicePoint

# Kinds as stored, and as the plan calls them (一, 三（一）); a village's 养老服务中心 is its 养老驿站.
KINDS = {"station": "养老驿站", "point": "屋场养老服务点", "centre": "综合养老服务中心"}
KINDS_EN = {
    "station": "eldercare station",
    "point": "wuchang service point",
    "centre": "township eldercare centre",
}
_KIND_NAMES = {**{kind: kind for kind in KINDS}, **{name: kind for kind, name in KINDS.items()}}
_KIND_NAMES |= {"养老服务中心": "station", "驿站": "station", "养老服务点": "point", "center": "centre"}

# fmt: off
COLUMNS = ("id", "name", "kind", "township", "village", "address", "services", "phone", "opening_hours",
           "lat", "lon", "datum", "demo")
_NEEDED = ("id", "name", "kind", "township", "services", "lat", "lon", "datum")
_HEADINGS = {"编号": "id", "名称": "name", "类型": "kind", "类别": "kind", "乡镇": "township",
             "乡镇（街道）": "township", "村": "village", "村（社区）": "village", "地址": "address",
             "服务": "services", "服务项目": "services", "电话": "phone", "开放时间": "opening_hours",
             "纬度": "lat", "经度": "lon", "坐标系": "datum", "演示": "demo"}
# fmt: on
# Widths of the columns in the table `service_point`.
_LONGEST = {"id": 64, "name": 128, "village": 128, "address": 255, "phone": 32, "opening_hours": 255}
_PHONE = re.compile(r"\+?\d[\d\-() ]{3,}\d([转x]\d{1,6})?([、/;；, ]+\+?\d[\d\-() ]{3,}\d)*", re.ASCII)
_TRUE, _FALSE = {"1", "true", "yes", "y", "是"}, {"", "0", "false", "no", "n", "否"}
# The county with a wide margin (WGS-84): what lies outside is a slip of the pen, not a service point here.
_LATS, _LONS = (26.0, 27.5), (111.5, 113.7)


def kind_name(kind: str, language: str = "zh") -> str:
    """What a kind of point is called in `language` ("en", anything else gives Chinese)."""
    return (KINDS_EN if language == "en" else KINDS)[kind]


@dataclass(frozen=True)
class PointRow:
    """A service point to import; `services` are codes, `position` is WGS-84, `kind` one of KINDS."""

    id: str
    name: str
    kind: str
    township: str
    village: str
    address: str
    services: tuple[str, ...]
    phone: str | None
    opening_hours: str | None
    position: Position
    demo: bool


@dataclass(frozen=True)
class Import:
    """What an import did, as ids of points; `removed_demo` are among `removed`."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    removed_demo: tuple[str, ...]


def read_points(path: Path | str) -> list[PointRow]:
    """The service points of a CSV file (UTF-8 or GB18030, headings of COLUMNS or in Chinese).

    `datum` (wgs84 or gcj02) has to be given on every line: without it a point would be several
    hundred metres off. `services` are codes or names, parted by ; or 、. `demo` 1 marks an example.

    Raises:
        BadInput: every fault of the file, with its line and column.
    """
    path = Path(path)
    faults = Faults(path)
    first: dict[str, int] = {}
    rows = read_sheet(path, _NEEDED, faults, _HEADINGS)
    points = [_point(row, first, faults) for row in rows]
    faults.stop()
    if not points:
        raise BadInput(f"{path.name} 里只有表头，没有服务点，没有导入。")
    return [point for point in points if point]


def _point(row: SheetRow, first: dict[str, int], faults: Faults) -> PointRow | None:
    _check_texts(row, first, faults)
    kind = _KIND_NAMES.get(row["kind"])
    if kind is None:
        faults.add(row.line, "kind", f"{row['kind']!r} 不能用，只能写 {'、'.join(KINDS.values())}")
    township = _township(row, faults)
    services = _tried(row, "services", lambda: service_codes(split_services(row["services"])), faults)
    position = _position(row, faults)
    demo = row["demo"].lower()
    if demo not in _TRUE | _FALSE:
        faults.add(row.line, "demo", f"{row['demo']!r} 不能用，演示数据写 1，真实的写 0 或不填")
    if kind is None or township is None or services is None or position is None:
        return None
    return PointRow(
        id=row["id"],
        name=row["name"],
        kind=kind,
        township=township,
        village=row["village"],
        address=row["address"],
        services=services,
        phone=row["phone"] or None,
        opening_hours=row["opening_hours"] or None,
        position=position,
        demo=demo in _TRUE,
    )


def _tried(
    row: SheetRow, column: str, read: Callable[[], tuple[str, ...]], faults: Faults
) -> tuple[str, ...] | None:
    try:
        return read()
    except BadInput as fault:
        faults.add(row.line, column, str(fault))
        return None


def _check_texts(row: SheetRow, first: dict[str, int], faults: Faults) -> None:
    for column in ("id", "name"):
        if not row[column]:
            faults.add(row.line, column, "没有填")
    for column, longest in _LONGEST.items():
        if len(row[column]) > longest:
            faults.add(row.line, column, f"有 {len(row[column])} 个字，最多 {longest} 个")
    line = first.setdefault(row["id"], row.line)
    if row["id"] and line != row.line:
        faults.add(row.line, "id", f"{row['id']} 和第{line}行重复，每个点的编号只能用一次")
    if row["phone"] and not _PHONE.fullmatch(row["phone"]):
        faults.add(row.line, "phone", f"{row['phone']!r} 不像电话号码，要写如 0734-8550000，不知道就空着")


def _township(row: SheetRow, faults: Faults) -> str | None:
    said = row["township"]
    official = official_township(said)
    if official is None:
        near = nearest_township(said)
        advice = f"是不是 {near}" if near else "要写本县乡镇（街道）的全名"
        faults.add(row.line, "township", f"不认识 {said!r}，{advice}" if said else "没有填")
    return official


def nearest_township(said: str) -> str | None:
    """The township whose name looks or sounds most like `said`, None where none does."""
    places = gazetteer()
    heard = places.find_township(said)
    if heard:
        return heard[0]
    near = difflib.get_close_matches(said, places.names, n=1, cutoff=0.6)
    return places.names[near[0]] if near else None


def _position(row: SheetRow, faults: Faults) -> Position | None:
    try:
        datum = check_datum(row["datum"])
    except BadInput as fault:
        faults.add(
            row.line,
            "datum",
            str(fault) if row["datum"] else "没有填，要写 wgs84（GPS）或 gcj02（高德、腾讯、微信）",
        )
        datum = None
    position = read_degrees(row, ("lat", "lon"), datum or "wgs84", faults)
    if position and not (_LATS[0] <= position.lat <= _LATS[1] and _LONS[0] <= position.lon <= _LONS[1]):
        faults.add(
            row.line, "lat", f"{row['lat']}, {row['lon']} 不在衡南县一带，是不是写错了，或经纬度写反了"
        )
        return None
    return position if datum else None


def import_points(session: Session, rows: Sequence[PointRow], *, replace: bool = False) -> Import:
    """Store `rows`: a known id is changed, a new one added. The caller commits.

    What is in the database and not in `rows` stays, with two exceptions: real points drive out
    all examples (demo), and `replace` removes everything else.

    Raises:
        BadInput: real points mixed with examples, or examples to be laid beside real points:
            people would be sent to addresses that were made up.
    """
    stored = {point.id: point for point in session.execute(select(ServicePoint)).scalars()}
    ids = {row.id for row in rows}
    real = [row for row in rows if not row.demo]
    _refuse_mixture(rows, [] if replace else [p for p in stored.values() if not p.demo])
    gone = [p for p in stored.values() if p.id not in ids and (replace or (real and p.demo))]
    added, changed, unchanged = [], [], []
    for row in rows:
        values = _values(row)
        point = stored.get(row.id)
        if point is None:
            session.add(ServicePoint(**values))
            added.append(row.id)
        elif _update(point, values):
            changed.append(row.id)
        else:
            unchanged.append(row.id)
    removed, removed_demo = _ids(gone), _ids(point for point in gone if point.demo)
    if removed:
        session.execute(delete(ServicePoint).where(ServicePoint.id.in_(removed)))
    session.flush()
    return Import(tuple(added), tuple(changed), tuple(unchanged), removed, removed_demo)


def _refuse_mixture(rows: Sequence[PointRow], real_stored: Sequence[ServicePoint]) -> None:
    examples = [row.id for row in rows if row.demo]
    if examples and len(examples) < len(rows):
        raise BadInput(
            f"文件里真实的点和演示的点混在一起（演示：{'、'.join(examples)}），没有导入。"
            "不能把编造的地址告诉老人：请删掉演示的行，是真实的就把 demo 改成 0。"
        )
    if examples and real_stored:
        raise BadInput(
            f"数据库里已有 {len(real_stored)} 个真实的点，演示的点没有导入。"
            "真要换成演示数据，请用整体替换（replace），真实的点会被删除。"
        )


def _values(row: PointRow) -> dict[str, object]:
    values = asdict(row)
    del values["position"]
    return {**values, "services": list(row.services), "lat": row.position.lat, "lon": row.position.lon}


def _update(point: ServicePoint, values: dict[str, object]) -> bool:
    different = {name: value for name, value in values.items() if getattr(point, name) != value}
    for name, value in different.items():
        setattr(point, name, value)
    return bool(different)


def _ids(points: Iterable[ServicePoint]) -> tuple[str, ...]:
    return tuple(sorted(str(point.id) for point in points))
