"""Supply zones: the file is taken whole or not at all, and reports of one zone fall together."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.errors import BadInput
from bot.storage.tables import SupplyZone
from bot.water.incidents.assessing import assess
from bot.water.reporting.zones import import_zones, zone_lines, zone_of
from tests.conftest import NOW
from tests.water.filed import filed, incident_of

HEAD = "code,name,township,areas,households\n"


def written(folder: Path, body: str, *, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = folder / "zones.csv"
    path.write_text(head + body, encoding=encoding)
    return path


def test_a_file_is_imported_and_listed(session: Session, tmp_path: Path) -> None:
    path = written(
        tmp_path, "jp,金盘片,三塘,金盘小区；老街,1200\nqx,泉溪全镇,泉溪镇,,5300\n", encoding="gb18030"
    )
    assert import_zones(session, path, NOW) == 2
    assert list(zone_lines(session)) == [
        {
            "code": "jp", "name": "金盘片", "township": "三塘镇", "areas": ["金盘小区", "老街"], "households": 1200,
            "imported_at": with_offset(NOW),
        },
        {
            "code": "qx", "name": "泉溪全镇", "township": "泉溪镇", "areas": [], "households": 5300,
            "imported_at": with_offset(NOW),
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("a,,三塘镇,,5\n", "第2行 name 列"),
        (",片,三塘镇,,5\n", "第2行 code 列"),
        ("a,片,三塘镇,,5\na,片二,泉溪镇,,5\n", "第3行 code 列：a 和第2行重复"),
        ("a,片,北京,,5\n", "不认识乡镇（街道）北京"),
        ("a,片,三塘镇,,0\n", "第2行 households 列"),
        ("a,片,三塘镇,,五百\n", "第2行 households 列"),
        ("a,片,三塘镇,,400001\n", "第2行 households 列"),
        ("a,片,三塘镇,老街,5\nb,片二,三塘镇,新街;老街,5\n", "第3行 areas 列：老街 已经在第2行的片区里"),
        ("a,片,三塘镇,,5\nb,片二,三塘镇,,5\n", "整个乡镇 已经在第2行的片区里"),
        ("", "没有供水片区"),
    ],
)
def test_a_fault_changes_nothing(session: Session, tmp_path: Path, body: str, fault: str) -> None:
    import_zones(session, written(tmp_path, "old,旧片,三塘镇,老街,7\n"), NOW)
    with pytest.raises(BadInput, match="一行也没有导入") as raised:
        import_zones(session, written(tmp_path, body and body + "ok,好片,茶市镇,,9\n"), NOW)
    assert fault in str(raised.value)
    assert session.scalars(select(SupplyZone.code)).all() == ["old"]


@pytest.mark.parametrize(
    ("township", "area", "code"),
    [
        ("三塘镇", "金盘小区", "jp"),
        ("三塘镇", "金盘小区一期", "jp"),
        ("三塘镇", "金盘", "jp"),
        ("三塘镇", "樟树村", None),
        ("三塘镇", "新", None),
        ("三塘镇", "", None),
        ("泉溪镇", "老街", "qx"),
        ("泉溪镇", "", "qx"),
        ("茶市镇", "老街", None),
        (None, "金盘小区", None),
    ],
)
def test_the_zone_of_a_place(
    session: Session, tmp_path: Path, township: str | None, area: str, code: str | None
) -> None:
    body = "jp,金盘片,三塘镇,金盘小区;老街,12\nx,新街片,三塘镇,新街,3\ny,新桥片,三塘镇,新桥,3\nqx,泉溪,泉溪镇,,53\n"
    import_zones(session, written(tmp_path, body), NOW)
    found = zone_of(session, township, area)
    assert (found.code if found else None) == code


def test_reports_of_one_zone_fall_together_and_of_two_do_not(session: Session, tmp_path: Path) -> None:
    import_zones(
        session, written(tmp_path, "jp,金盘片,三塘镇,金盘小区;老街,12\nx,新街片,三塘镇,新街,3\n"), NOW
    )
    first = incident_of(session, filed(session, "a", detail="金盘小区"))
    assert incident_of(session, filed(session, "b", detail="老街5号")) is first
    assert incident_of(session, filed(session, "c", detail="新街")) is not first
    assert (first.households_count, assess(first, NOW).households_estimated) == (2, 12)


def test_a_new_file_replaces_the_old_and_open_incidents_follow(session: Session, tmp_path: Path) -> None:
    import_zones(session, written(tmp_path, "jp,金盘片,三塘镇,金盘小区,12\nx,新街片,三塘镇,新街,3\n"), NOW)
    incident = incident_of(session, filed(session))
    kept = incident.zone_id
    import_zones(session, written(tmp_path, "jp,金盘大片,三塘镇,金盘小区,15\n"), NOW)
    assert (incident.zone_id, incident.zone.households) == (kept, 15)
    import_zones(session, written(tmp_path, "x,新街片,三塘镇,新街,3\n"), NOW)
    session.refresh(incident)
    assert incident.zone_id is None
    assert session.scalars(select(SupplyZone.code)).all() == ["x"]
