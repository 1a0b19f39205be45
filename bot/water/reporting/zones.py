"""Supply zones: places that are fed together, with how many households live there (`wuchang zones import FILE`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.places.importer import Faults, SheetRow, official_township, read_sheet
from bot.storage.tables import Incident, SupplyZone
from bot.water.incidents.states import OPEN
from bot.water.talk.filling import MOST

_COLUMNS = ("code", "name", "township", "areas", "households")
_MAX_CODE, _MAX_NAME = 64, 128
_HEADINGS = {"编号": "code", "名称": "name", "乡镇": "township", "范围": "areas", "户数": "households"}


_OF_TOWNSHIP = (
    select(SupplyZone.id, SupplyZone.areas)
    .where(SupplyZone.township == bindparam("township"))
    .order_by(SupplyZone.id)
)


@dataclass(frozen=True)
class ZoneRow:
    """A zone to import; no areas: the whole township."""

    code: str
    name: str
    township: str
    areas: tuple[str, ...]
    households: int


def zone_of(session: Session, township: str | None, area: str) -> SupplyZone | None:
    """The zone that a place lies in: of its own area, else of the whole township; None where there is none.

    Args:
        area: village, estate or street; "" where only the township is known.
    """
    found = zone_id_of(session, township, area)
    zone: SupplyZone | None = session.get(SupplyZone, found) if found else None
    return zone


def zone_id_of(session: Session, township: str | None, area: str) -> int | None:
    """The id of `zone_of`."""
    if not township:
        return None
    session.flush()
    zones = session.connection().execute(_OF_TOWNSHIP, {"township": township}).all()
    named = [(name, zone.id) for zone in zones for name in zone.areas if area]
    around = [(len(name), zone) for name, zone in named if area.startswith(name)]  # 金盘小区一期 in 金盘小区
    if around:
        return int(max(around)[1])
    within = {zone for name, zone in named if name.startswith(area)}  # who says 金盘 means it
    if len(within) == 1:
        return int(within.pop())
    return next((int(zone.id) for zone in zones if not zone.areas), None)


def read_zones(path: Path | str) -> list[ZoneRow]:
    """The zones of a CSV file with the columns code, name, township, areas (with ; between them), households.

    Raises:
        BadInput: every fault of the file, with its line.
    """
    path = Path(path)
    faults = Faults(path)
    rows = read_sheet(path, _COLUMNS, faults, _HEADINGS)
    codes: dict[str, int] = {}
    taken: dict[tuple[str, str], int] = {}
    zones = [_zone(row, codes, taken, faults) for row in rows]
    if not rows:
        faults.add(1, "", "只有表头，没有供水片区")
    faults.stop()
    return zones


def _zone(row: SheetRow, codes: dict[str, int], taken: dict[tuple[str, str], int], faults: Faults) -> ZoneRow:
    for column, longest in (("code", _MAX_CODE), ("name", _MAX_NAME)):
        if not row[column] or len(row[column]) > longest:
            faults.add(row.line, column, f"要有 1 到 {longest} 个字")
    township = official_township(row["township"])
    if township is None:
        faults.add(
            row.line, "township", f"不认识乡镇（街道）{row['township']}，本县的见 data/places/townships.yml"
        )
    first = codes.setdefault(row["code"], row.line)
    if row["code"] and first != row.line:
        faults.add(row.line, "code", f"{row['code']} 和第{first}行重复")
    areas = tuple(part for part in re.split(r"[;；\s]+", row["areas"]) if part)
    for area in areas or ("",):
        first = taken.setdefault((township or row["township"], area), row.line)
        if first != row.line:
            faults.add(row.line, "areas", f"{area or '整个乡镇'} 已经在第{first}行的片区里")
    return ZoneRow(row["code"], row["name"], township or "", areas, _households(row, faults))


def _households(row: SheetRow, faults: Faults) -> int:
    said = row["households"]
    if not re.fullmatch(r"[0-9]{1,7}", said, re.ASCII) or not 0 < int(said) <= MOST:
        faults.add(row.line, "households", f"{said!r} 不能用，要写 1 到 {MOST} 的整数")
        return 0
    return int(said)


def import_zones(session: Session, path: Path | str, now: datetime) -> int:
    """Put the zones of a file in the place of those before; how many there are now. The caller commits.

    A code that was there keeps its zone; open incidents get the zone that their place lies in now.

    Raises:
        BadInput: the file has a fault; nothing is changed then.
    """
    rows = read_zones(path)
    known = {zone.code: zone for zone in session.scalars(select(SupplyZone))}
    for row in rows:
        zone = known.pop(row.code, None) or SupplyZone(code=row.code)
        zone.name, zone.township, zone.areas = row.name, row.township, list(row.areas)
        zone.households, zone.imported_at = row.households, now
        session.add(zone)
    session.flush()
    _remove(session, [zone.id for zone in known.values()])
    for incident in session.scalars(select(Incident).where(Incident.status == OPEN)):
        found = zone_of(session, incident.township, incident.area)
        incident.zone_id = found.id if found else None
    session.flush()
    return len(rows)


def _remove(session: Session, ids: list[int]) -> None:
    if not ids:
        return
    kept = {"synchronize_session": False}
    session.execute(
        update(Incident).where(Incident.zone_id.in_(ids)).values(zone_id=None), execution_options=kept
    )
    session.execute(delete(SupplyZone).where(SupplyZone.id.in_(ids)), execution_options=kept)
    session.expire_all()


def zone_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every zone as `wuchang zones list` prints it, by code."""
    for zone in session.scalars(select(SupplyZone).order_by(SupplyZone.code)):
        yield {
            "code": zone.code, "name": zone.name, "township": zone.township, "areas": list(zone.areas),
            "households": zone.households, "imported_at": with_offset(zone.imported_at),
        }  # fmt: skip
