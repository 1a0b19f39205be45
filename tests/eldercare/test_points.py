"""Import of service points: every fault with its line, what an import changes, the sample."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.eldercare.hours import answer_for_day
from bot.eldercare.points import Import, import_points, kind_name, read_points
from bot.eldercare.services import all_services
from bot.errors import BadInput
from bot.places.gazetteer import gazetteer
from bot.places.positions import Position, distance_m, to_wgs84
from bot.settings import ROOT
from bot.storage.tables import ServicePoint

SAMPLE = ROOT / "data" / "sample" / "service_points.csv"
HEADER = "id,name,kind,township,village,address,services,phone,opening_hours,lat,lon,datum,demo"
GOOD = {
    "id": "a1",
    "name": "甲村养老驿站",
    "kind": "养老驿站",
    "township": "三塘镇",
    "village": "甲村",
    "address": "甲村老街1号",
    "services": "助餐、日间照料",
    "phone": "0734-8550000",
    "opening_hours": "每天 8:00-17:00",
    "lat": "26.78",
    "lon": "112.44",
    "datum": "wgs84",
    "demo": "0",
}


def csv_text(*changes: dict[str, str]) -> str:
    """A file with one row for each of `changes` to a good row."""
    rows = [",".join({**GOOD, **change}[name] for name in HEADER.split(",")) for change in changes]
    return "\n".join([HEADER, *rows]) + "\n"


def csv_file(folder: Path, *changes: dict[str, str], encoding: str = "utf-8") -> Path:
    """The same as a file in `folder`."""
    path = folder / "points.csv"
    path.write_bytes(csv_text(*changes).encode(encoding))
    return path


def stored(session: Session) -> set[str]:
    return set(session.execute(select(ServicePoint.id)).scalars())


def brought_in(session: Session, folder: Path, *changes: dict[str, str], replace: bool = False) -> Import:
    return import_points(session, read_points(csv_file(folder, *changes)), replace=replace)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_good_row_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    (row,) = read_points(csv_file(tmp_path, {}, encoding=encoding))
    assert (row.kind, row.township, row.services) == ("station", "三塘镇", ("meals", "day_care"))
    assert (row.position, row.phone, row.demo) == (Position(26.78, 112.44), "0734-8550000", False)


def test_a_file_may_have_chinese_headings(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(
        "编号,名称,类型,乡镇,服务,纬度,经度,坐标系\nx,某点,屋场养老服务点,鸡笼镇,meals;送药,26.83,112.26,gcj02\n",
        encoding="utf8",
    )
    (row,) = read_points(path)
    assert (row.kind, row.township, row.services) == ("point", "岐山镇", ("meals", "medicine"))
    assert (row.phone, row.opening_hours, row.village, row.demo) == (None, None, "", False)


def test_gcj02_is_turned_into_wgs84(tmp_path: Path) -> None:
    (row,) = read_points(csv_file(tmp_path, {"datum": "GCJ-02"}))
    assert distance_m(row.position, to_wgs84(26.78, 112.44, "gcj02")) < 0.01


FAULTS = [
    ("no id", {"id": ""}, "id", "没有填"),
    ("an id too long", {"id": "x" * 65}, "id", "最多 64"),
    ("no name", {"name": ""}, "name", "没有填"),
    ("a kind of its own", {"kind": "敬老院"}, "kind", "屋场养老服务点"),
    ("a township misspelt by ear", {"township": "三唐镇"}, "township", "是不是 三塘镇"),
    ("a township misspelt by eye", {"township": "铁丝唐镇"}, "township", "是不是 铁丝塘镇"),
    ("a township of elsewhere", {"township": "London"}, "township", "全名"),
    ("no township", {"township": ""}, "township", "没有填"),
    ("a service that is none", {"services": "助餐、飞行"}, "services", "'飞行'"),
    ("a phone that is none", {"phone": "问村长"}, "phone", "不像电话"),
    ("a latitude in words", {"lat": "二十六"}, "lat", "不是度数"),
    ("no longitude", {"lon": ""}, "lon", "没有填"),
    ("NaN", {"lat": "nan"}, "lat", "不是度数"),
    ("a latitude too large", {"lat": "95"}, "lat", "-90 到 90"),
    ("lat and lon exchanged", {"lat": "112.44", "lon": "26.78"}, "lat", "写反"),
    ("another end of the world", {"lat": "0", "lon": "0"}, "lat", "不在衡南县"),
    ("no datum", {"datum": ""}, "datum", "没有填"),
    ("a datum that is not read", {"datum": "bd09"}, "datum", "bd09"),
    ("demo in other words", {"demo": "也许"}, "demo", "演示数据写 1"),
]


@pytest.mark.parametrize(
    ("change", "column", "said"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_fault_is_told_with_line_and_column(
    tmp_path: Path, change: dict[str, str], column: str, said: str
) -> None:
    with pytest.raises(BadInput) as raised:
        read_points(csv_file(tmp_path, {"id": "other"}, change))
    told = str(raised.value)
    assert re.search(rf"^第3行 {column} 列：.*{re.escape(said)}", told, re.MULTILINE), told
    assert "有 1 处错误" in told


def test_all_faults_are_told_at_once_in_order(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as raised:
        read_points(
            csv_file(tmp_path, *[{**row[1], "id": row[1].get("id", f"p{i}")} for i, row in enumerate(FAULTS)])
        )
    lines = [int(number) for number in re.findall(r"^第(\d+)行", str(raised.value), re.MULTILINE)]
    assert lines == list(range(2, len(FAULTS) + 2))


def test_an_id_given_twice_names_the_first_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="第4行 id 列：a1 和第2行重复"):
        read_points(csv_file(tmp_path, {}, {"id": "b"}, {}))


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    path = csv_file(tmp_path, {"address": '"两行的\n地址"'}, {"id": "b", "kind": "x"})
    path.write_text(path.read_text(encoding="utf8").replace(HEADER, HEADER + "\n\n"), encoding="utf8")
    with pytest.raises(BadInput, match="第6行 kind"):
        read_points(path)


def test_a_comma_too_many_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="第2行：有 14 格"):
        read_points(csv_file(tmp_path, {"address": "老街,1号"}))


def test_a_column_that_is_missing_or_double_is_told(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("id,name\n", encoding="utf8")
    with pytest.raises(BadInput, match="缺少列 kind、township"):
        read_points(path)
    path.write_text(HEADER + ",电话\n", encoding="utf8")
    with pytest.raises(BadInput, match="phone 写了不止一次"):
        read_points(path)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="只有表头"):
        read_points(csv_file(tmp_path))


def test_a_second_import_changes_what_changed_and_keeps_the_rest(tmp_path: Path, session: Session) -> None:
    brought_in(session, tmp_path, {}, {"id": "a2"}, {"id": "a3"})
    done = brought_in(session, tmp_path, {}, {"id": "a2", "phone": "0734-8550001"}, {"id": "a4"})
    assert done == Import(("a4",), ("a2",), ("a1",), (), ())
    assert stored(session) == {"a1", "a2", "a3", "a4"}


def test_replace_removes_the_others(tmp_path: Path, session: Session) -> None:
    brought_in(session, tmp_path, {}, {"id": "a2"})
    assert brought_in(session, tmp_path, {"id": "a2"}, replace=True).removed == ("a1",)
    assert stored(session) == {"a2"}


def test_real_points_drive_out_the_sample(tmp_path: Path, session: Session) -> None:
    sample = import_points(session, read_points(SAMPLE))
    done = brought_in(session, tmp_path, {})
    assert done.removed == done.removed_demo == tuple(sorted(sample.added))
    assert stored(session) == {"a1"}


def test_the_sample_is_not_laid_beside_real_points(tmp_path: Path, session: Session) -> None:
    brought_in(session, tmp_path, {})
    with pytest.raises(BadInput, match="1 个真实的点"):
        import_points(session, read_points(SAMPLE))
    assert stored(session) == {"a1"}
    assert import_points(session, read_points(SAMPLE), replace=True).removed == ("a1",)


def test_real_and_example_points_in_one_file_are_refused(tmp_path: Path, session: Session) -> None:
    with pytest.raises(BadInput, match="演示：a2"):
        brought_in(session, tmp_path, {}, {"id": "a2", "demo": "1"})
    assert stored(session) == set()


def test_an_example_that_became_real_is_changed(tmp_path: Path, session: Session) -> None:
    brought_in(session, tmp_path, {"demo": "1"})
    assert brought_in(session, tmp_path, {"demo": "0"}).changed == ("a1",)


def test_the_sample_has_one_to_three_points_in_every_township() -> None:
    count = Counter(row.township for row in read_points(SAMPLE))
    assert set(count) == set(gazetteer().townships)
    assert set(count.values()) <= {1, 2, 3}
    assert 38 <= sum(count.values()) <= 46


def test_the_sample_is_plainly_marked() -> None:
    for row in read_points(SAMPLE):
        assert row.demo
        assert row.name.endswith("（演示）")
        assert "演示" in row.address
        assert re.fullmatch(r"0734-8550\d{3}", row.phone or "")


def test_the_sample_shows_every_service_and_kind_and_hours_that_are_understood() -> None:
    rows = read_points(SAMPLE)
    assert {code for row in rows for code in row.services} == set(all_services())
    assert {kind_name(row.kind) for row in rows} == {"养老驿站", "屋场养老服务点", "综合养老服务中心"}
    assert all(answer_for_day(row.opening_hours, date(2026, 11, 23)) for row in rows)


def test_kinds_have_english_names() -> None:
    assert kind_name("station", "en") == "eldercare station"
