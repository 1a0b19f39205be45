"""Service points and places come in and are found alike on both kinds of database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.eldercare.nearest import nearest, nearest_line
from bot.eldercare.points import import_points, read_points
from bot.errors import BadInput
from bot.places.importer import import_places, load_villages, read_places
from bot.places.positions import Position
from bot.runtime.prepare import SAMPLE_POINTS
from bot.storage.tables import Place, ServicePoint

POINTS = """id,name,kind,township,village,address,services,phone,opening_hours,lat,lon,datum,demo
near,甲村养老驿站,养老驿站,三塘镇,甲村,甲村1号,助餐、日间照料,0734-8550000,每天 8:00-17:00,26.7800,112.4400,wgs84,0
far,乙村养老驿站,养老驿站,三塘镇,乙村,乙村1号,助餐,0734-8550001,每天 8:00-17:00,26.8800,112.4400,wgs84,0
"""


def points_file(folder: Path, text: str = POINTS) -> Path:
    path = folder / "points.csv"
    path.write_text(text, encoding="utf8")
    return path


def test_points_are_stored_and_a_second_import_changes_nothing(session: Session, tmp_path: Path) -> None:
    rows = read_points(points_file(tmp_path))
    import_points(session, rows)
    import_points(session, rows)
    session.expire_all()
    stored = {p.id: p for p in session.scalars(select(ServicePoint))}
    assert set(stored) == {"near", "far"}
    assert stored["near"].services == ["meals", "day_care"]
    assert stored["near"].demo is False
    assert (stored["near"].lat, stored["near"].lon) == pytest.approx((26.78, 112.44))


def test_replace_removes_what_the_file_does_not_hold(session: Session, tmp_path: Path) -> None:
    import_points(session, read_points(points_file(tmp_path)))
    shorter = "\n".join(POINTS.splitlines()[:2]) + "\n"
    import_points(session, read_points(points_file(tmp_path, shorter)), replace=True)
    assert list(session.scalars(select(ServicePoint.id))) == ["near"]


def test_nearest_first_with_distance_and_service(session: Session, tmp_path: Path) -> None:
    import_points(session, read_points(points_file(tmp_path)))
    here = Position(26.79, 112.44)
    found = nearest(session, position=here, place=None, services=(), limit=3)
    assert [p.id for p in found.points] == ["near", "far"]
    assert found.points[0].distance_m == pytest.approx(1112, abs=5)
    only = nearest(session, position=Position(26.88, 112.44), place=None, services=("day_care",), limit=3)
    assert [p.id for p in only.points] == ["near"]


def test_the_batch_door_finds_the_sample(session: Session) -> None:
    import_points(session, read_points(SAMPLE_POINTS))
    answer = nearest_line(session, {"place": "三塘镇", "limit": 2})
    assert len(answer["points"]) == 2
    assert answer["points"][0]["township"] == "三塘镇"
    with pytest.raises(BadInput):
        nearest_line(session, {"lat": "x"})


def test_places_come_in(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(
        "level,code,name,parent,lng_gcj02,lat_gcj02\ntownship,430422101,三塘镇,430422,112.44,26.79\n"
        "village,430422101201,樟树村,三塘镇,112.45,26.80\n",
        encoding="utf8",
    )
    import_places(session, read_places(path))
    session.flush()
    assert session.scalar(select(func.count(Place.code))) == 2
    assert ("樟树村", "三塘镇") in set(load_villages(session))
