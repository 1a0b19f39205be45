"""The nearest points: by position, township, or what people call a place; the line of `nearest`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.eldercare.nearest import is_elsewhere, nearest, nearest_line
from bot.errors import BadInput
from bot.places.positions import Position, distance_m, from_wgs84
from bot.storage.tables import Base, Place, ServicePoint
from tests.timing import seconds


def point(
    id_: str, township: str, lat: float, lon: float, services: str = "meals", **more: Any
) -> ServicePoint:
    return ServicePoint(
        id=id_,
        name=f"{id_}点",
        kind="point",
        township=township,
        services=services.split(),
        lat=lat,
        lon=lon,
        **more,
    )


@pytest.fixture
def county(session: Session) -> Session:
    """Three points in 三塘镇 from west to east, one in 泉溪镇 close by, one in 栗江镇 far off."""
    session.add_all(
        [
            point("west", "三塘镇", 26.78, 112.40, "meals", village="白水村"),
            point("middle", "三塘镇", 26.78, 112.42, "meals day_care", address="三塘镇老街12号"),
            point("east", "三塘镇", 26.78, 112.44, "visit"),
            point("near", "泉溪镇", 26.78, 112.421, "meals medicine", village="白水村"),
            point("far", "栗江镇", 26.60, 112.60, "day_care medicine", address="茶园屋场"),
        ]
    )
    session.flush()
    return session


def ids(found: Any) -> list[str]:
    return [p.id for p in found.points]


def test_the_nearest_to_a_position_come_first_with_their_distance(county: Session) -> None:
    here = Position(26.78, 112.45)
    found = nearest(county, position=here)
    assert ids(found) == ["east", "near", "middle"]
    assert found.measured_from == "position"
    assert found.points[0].distance_m == pytest.approx(distance_m(here, Position(26.78, 112.44)))


@pytest.mark.parametrize(
    ("lat", "lon", "elsewhere"), [(39.9, 116.4, True), (26.78, 113.2, True), (26.78, 112.9, False)]
)
def test_a_position_far_from_every_point_is_not_in_the_county(
    county: Session, lat: float, lon: float, elsewhere: bool
) -> None:
    assert is_elsewhere(county, Position(lat, lon)) is elsewhere


def test_without_points_no_position_is_elsewhere(session: Session) -> None:
    assert not is_elsewhere(session, Position(39.9, 116.4))


def test_a_townships_own_points_come_before_a_neighbour_that_is_nearer(county: Session) -> None:
    found = nearest(county, township="三塘镇", limit=5)
    assert ids(found) == ["middle", "east", "west", "near", "far"]
    assert (found.near, found.township, found.measured_from) == ("三塘镇", "三塘镇", "township")


def test_distances_count_from_the_imported_position_of_the_township(county: Session) -> None:
    county.add(Place(code="1", level="township", name="三塘镇", township="三塘镇", lat=26.78, lon=112.40))
    county.flush()
    found = nearest(county, township="三塘镇")
    assert ids(found) == ["west", "middle", "east"]
    assert found.points[0].distance_m == pytest.approx(0, abs=0.01)


def test_a_township_that_has_neither_points_nor_position_gives_no_distances(county: Session) -> None:
    found = nearest(county, township="茶市镇")
    assert (found.measured_from, [p.distance_m for p in found.points]) == (None, [None] * 3)


def test_an_unknown_township_is_refused(county: Session) -> None:
    with pytest.raises(BadInput, match="不认识"):
        nearest(county, township="火星镇")


@pytest.mark.parametrize(
    ("said", "first", "near", "measured_from"),
    [
        ("三塘", "middle", "三塘镇", "township"),
        ("三塘镇白水村", "west", "三塘镇白水村", "village"),
        ("泉溪白水村", "near", "泉溪镇白水村", "village"),
        ("三塘老街", "middle", "三塘镇老街", "village"),
        ("老街", "middle", "三塘镇老街", "village"),
        ("三塘镇附近", "middle", "三塘镇附近", "township"),
        ("茶园屋场", "far", "栗江镇茶园屋场", "village"),
    ],
)
def test_a_place_as_people_say_it(
    county: Session, said: str, first: str, near: str, measured_from: str
) -> None:
    found = nearest(county, place=said)
    assert (found.points[0].id, found.near, found.measured_from) == (first, near, measured_from)
    assert found.points[0].here is (measured_from == "village")


def test_a_village_in_two_townships_is_asked_back(county: Session) -> None:
    found = nearest(county, place="白水村")
    assert (found.points, found.candidates) == ((), ("三塘镇", "泉溪镇"))


def test_an_imported_village_without_a_point_leads_to_its_township(county: Session) -> None:
    county.add(Place(code="1", level="village", name="青山村", township="栗江镇"))
    county.flush()
    found = nearest(county, place="青山村三组", limit=1)
    assert (ids(found), found.township) == (["far"], "栗江镇")


def test_huaqiao_village_does_not_lie_in_huaqiao_town(county: Session) -> None:
    assert nearest(county, place="花桥村").township == "车江街道"


@pytest.mark.parametrize("said", ["月亮上", "附近", "  "])
def test_a_place_that_nobody_knows_gives_nothing(county: Session, said: str) -> None:
    found = nearest(county, place=said)
    assert (found.points, found.near, found.matched) == ((), None, False)


def test_only_points_with_all_services_come(county: Session) -> None:
    found = nearest(county, position=Position(26.78, 112.45), services=["meals", "day_care"])
    assert ids(found) == ["middle"]
    assert found.matched


def test_where_none_has_all_those_with_some_come_and_it_is_told(county: Session) -> None:
    found = nearest(county, position=Position(26.78, 112.45), services=["visit", "day_care"])
    assert ids(found) == ["east", "middle", "far"]
    assert not found.matched


def test_a_service_that_nobody_has_gives_nothing(county: Session) -> None:
    found = nearest(county, position=Position(26.78, 112.45), services=["toilet"])
    assert found.points == ()
    assert not found.matched


def test_an_empty_database_gives_nothing(session: Session) -> None:
    assert nearest(session, position=Position(26.7, 112.4)).points == ()
    assert not nearest(session, township="三塘镇").matched


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 50))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_distances_never_fall_along_the_list(county: Session, lat: float, lon: float, limit: int) -> None:
    metres = [p.distance_m for p in nearest(county, position=Position(lat, lon), limit=limit).points]
    assert metres == sorted(metres)
    assert len(metres) == min(limit, 5)


def test_the_line_has_the_shape_of_the_interface(county: Session) -> None:
    line = {"lat": 26.78, "lon": 112.45, "datum": "wgs84", "services": ["助餐"], "limit": 1}
    answer = nearest_line(county, line)
    (first,) = answer["points"]
    assert {"id", "name", "kind", "township", "distance_m", "services", "phone", "lat", "lon"} <= set(first)
    assert (first["id"], first["kind"], first["services"]) == ("near", "屋场养老服务点", ["助餐", "叫医送药"])
    assert isinstance(first["distance_m"], int)
    assert 2800 < first["distance_m"] < 2950
    assert answer["matched"] is True
    assert json.dumps(answer)


def test_positions_go_out_in_the_datum_that_was_asked_for(county: Session) -> None:
    lat, lon = from_wgs84(Position(26.78, 112.44), "gcj02")
    first = nearest_line(county, {"lat": lat, "lon": lon, "datum": "gcj02"})["points"][0]
    assert (first["id"], first["distance_m"]) == ("east", 0)
    assert (first["lat"], first["lon"]) == pytest.approx((lat, lon), abs=1e-6)
    assert "position=112.440000,26.780000" in first["map_link"]


def test_without_a_datum_wgs84_is_taken(county: Session) -> None:
    answer = nearest_line(county, {"lat": 26.78, "lon": 112.44})
    assert (answer["datum"], answer["points"][0]["distance_m"]) == ("wgs84", 0)


def test_a_place_on_a_line_is_understood(county: Session) -> None:
    answer = nearest_line(county, {"place": "三塘镇", "services": "meals、日间照料", "limit": None})
    assert ([p["id"] for p in answer["points"]], answer["near"]) == (["middle"], "三塘镇")


def test_with_both_the_position_counts(county: Session) -> None:
    assert nearest_line(county, {"lat": 26.6, "lon": 112.6, "place": "三塘镇"})["points"][0]["id"] == "far"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({}, "没有说在哪里"),
        ({"lat": 26.7}, "没有 lon"),
        ({"lon": 112.4}, "没有 lat"),
        ({"lat": "26.7", "lon": 112.4}, "lat 是 '26.7'"),
        ({"lat": True, "lon": 112.4}, "lat 是 True"),
        ({"lat": float("nan"), "lon": 112.4}, "纬度"),
        ({"lat": 112.4, "lon": 26.7}, "写反"),
        ({"lat": 26.7, "lon": 112.4, "datum": "bd09"}, "坐标系"),
        ({"lat": 26.7, "lon": 112.4, "datum": 1}, "坐标系"),
        ({"lat": 26.7, "lon": 112.4, "limit": 0}, "1 到 50"),
        ({"lat": 26.7, "lon": 112.4, "limit": 51}, "1 到 50"),
        ({"lat": 26.7, "lon": 112.4, "limit": 2.5}, "整数"),
        ({"lat": 26.7, "lon": 112.4, "limit": True}, "整数"),
        ({"lat": 26.7, "lon": 112.4, "services": ["飞行"]}, "飞行"),
        ({"lat": 26.7, "lon": 112.4, "services": [1]}, "列表"),
        ({"lat": 26.7, "lon": 112.4, "services": {"a": 1}}, "列表"),
        ({"place": 5}, "place 是 5"),
        ({"place": " "}, "place 是"),
        ({"place": "月亮上"}, "不认识地名"),
        ({"place": "白水村"}, "三塘镇、泉溪镇"),
    ],
)
def test_a_line_that_cannot_be_used_says_why(county: Session, line: Mapping[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        nearest_line(county, line)


def test_two_thousand_points_take_less_than_twenty_milliseconds() -> None:
    engine = create_engine("sqlite://", future=True)
    Base.metadata.create_all(engine)
    with Session(engine, future=True) as session:
        session.add_all(point(f"p{i}", "三塘镇", 26 + i / 2000, 112 + i % 97 / 97) for i in range(2000))
        session.commit()
    with Session(engine, future=True) as session:
        here = Position(26.7, 112.5)
        assert seconds(lambda: nearest(session, position=here, services=["meals"]), tries=15) < 0.02
