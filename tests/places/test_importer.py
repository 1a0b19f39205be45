"""Import of townships and villages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.places.gazetteer import gazetteer
from bot.places.importer import import_places, load_villages, read_places, township_position
from bot.places.positions import Position, distance_m, to_wgs84
from bot.storage.tables import Base, Place, ServicePoint

HEADER = "level,code,name,parent,type,lng_gcj02,lat_gcj02\n"
GOOD = HEADER + (
    "county,1,衡南县,衡阳市,县,112.6,26.7\n"
    "township,10,三塘镇,衡南县,镇,112.44,26.78\n"
    "township,11,泉溪镇,衡南县,镇,,\n"
    "township,12,某某监狱,衡南县,类似乡级单位,,\n"
    "village,101,甲村,三塘镇,村,,\n"
    "village,102,乙社区,泉溪镇,社区,,\n"
    "village,103,监狱生活区,某某监狱,其他,,\n"
)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://", future=True)
    Base.metadata.create_all(engine)
    with Session(engine, future=True) as session:
        yield session


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "places.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_villages_get_their_township_in_every_encoding(
    tmp_path: Path, session: Session, encoding: str
) -> None:
    import_places(session, read_places(written(tmp_path, GOOD, encoding)))
    assert load_villages(session) == [("甲村", "三塘镇"), ("乙社区", "泉溪镇")]


def test_county_and_units_that_nobody_lives_in_are_left_out(tmp_path: Path) -> None:
    names = [row.name for row in read_places(written(tmp_path, GOOD))]
    assert names == ["三塘镇", "泉溪镇", "甲村", "乙社区"]


def test_coordinates_are_turned_into_wgs84(tmp_path: Path, session: Session) -> None:
    import_places(session, read_places(written(tmp_path, GOOD)))
    found = township_position(session, "三塘镇")
    assert found
    assert distance_m(found, to_wgs84(26.78, 112.44, "gcj02")) < 0.01


def test_a_township_under_its_old_name_gets_its_official_one(tmp_path: Path) -> None:
    text = HEADER + "township,1,鸡笼镇,衡南县,镇,,\nvillage,2,丙村,鸡笼镇,村,,\n"
    assert {row.township for row in read_places(written(tmp_path, text))} == {"岐山镇"}


def test_an_import_takes_the_place_of_the_one_before(tmp_path: Path, session: Session) -> None:
    rows = read_places(written(tmp_path, GOOD))
    import_places(session, rows)
    assert import_places(session, rows[:1]) == 1
    assert session.execute(select(func.count()).select_from(Place)).scalar_one() == 1


def test_imported_villages_are_resolved(tmp_path: Path, session: Session) -> None:
    import_places(session, read_places(written(tmp_path, GOOD)))
    assert gazetteer(load_villages(session)).resolve("乙社区3栋").township == "泉溪镇"


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    text = HEADER + (
        "township,10,三塘镇,衡南县,镇,112.44,26.78\n"  # line 2 is good
        "hamlet,11,某屋场,三塘镇,,,\n"
        "village,,甲村,三塘镇,村,,\n"
        "village,13,乙村,火星镇,村,,\n"
        "village,10,丙村,三塘镇,村,,\n"
        "township,15,火星镇,衡南县,镇,26.78,112.44\n"
        "township,16,泉溪镇,衡南县,镇,112.44,\n"
        "township,17,泉溪镇,衡南县,镇,112.44,二十六\n"
        "village,18,丁村,三塘镇,村,,,,,extra\n"
        "village,19,,三塘镇,村,,\n"
    )
    with pytest.raises(BadInput) as raised:
        read_places(written(tmp_path, text))
    told = str(raised.value)
    expected = ["第3行 level", "第4行 code", "第6行 code", "第7行 name", "第7行 lat_gcj02"]
    expected += ["第8行 lat_gcj02", "第9行 lat_gcj02", "第10行", "第11行 name"]
    for part in expected:
        assert part in told
    assert "\n第2行" not in told
    assert "一行也没有导入" in told


def test_a_village_without_its_township_in_the_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="第2行 parent 列"):
        read_places(written(tmp_path, HEADER + "village,13,乙村,火星镇,村,,\n"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "空的"),
        (HEADER.encode(), "没有乡镇"),
        (b"level,code\n", "缺少列 name"),
        (b"PK\x03\x04\x00\x00", "Excel"),
        (b"\xff\xff\xff", "不是文本"),
        ((HEADER + 'village,1,"甲村,三塘镇,村,,\n').encode(), "引号"),
    ],
)
def test_what_is_no_such_file_is_told(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=said):
        read_places(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="路径"):
        read_places(tmp_path / "none.csv")


def test_a_township_without_coordinates_is_in_the_middle_of_its_points(session: Session) -> None:
    for number, lat in enumerate((26.70, 26.72)):
        session.add(
            ServicePoint(
                id=str(number), name="点", kind="point", township="泉溪镇", services=[], lat=lat, lon=112.6
            )
        )
    session.flush()
    found = township_position(session, "泉溪镇")
    assert found
    assert distance_m(found, Position(26.71, 112.6)) < 0.01


def test_a_township_that_nothing_is_known_of_has_no_position(session: Session) -> None:
    assert township_position(session, "泉溪镇") is None
