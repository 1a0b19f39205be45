"""Datums, distances and links."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.places.positions import (
    Position,
    check,
    distance_m,
    distances_m,
    from_wgs84,
    map_link,
    to_wgs84,
)  # fmt: skip

# Inside the area where the datums differ, a little away from its edge.
in_china = st.builds(Position, st.floats(18, 54), st.floats(74, 135))
anywhere = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))


@given(in_china)
def test_gcj02_and_back_is_within_a_millionth_of_a_metre(position: Position) -> None:
    lat, lon = from_wgs84(position, "gcj02")
    assert distance_m(position, to_wgs84(lat, lon, "gcj02")) < 1e-6


@given(in_china)
def test_gcj02_lies_some_hundred_metres_off(position: Position) -> None:
    assert 1 < distance_m(position, Position(*from_wgs84(position, "gcj02"))) < 1500


def test_gcj02_agrees_with_a_published_pair() -> None:
    lat, lon = from_wgs84(Position(39.915, 116.404), "gcj02")
    assert (lat, lon) == pytest.approx((39.91640428150164, 116.41024449916938), abs=1e-9)


@pytest.mark.parametrize(("lat", "lon"), [(51.5, -0.12), (-33.9, 151.2), (26.7, 140.0), (-90, 180)])
def test_abroad_the_datums_are_the_same(lat: float, lon: float) -> None:
    assert to_wgs84(lat, lon, "gcj02") == Position(lat, lon)
    assert from_wgs84(Position(lat, lon), "gcj02") == (lat, lon)


def test_wgs84_stays_as_it_is() -> None:
    assert to_wgs84(26.7, 112.6, "WGS-84") == Position(26.7, 112.6)


@given(anywhere, anywhere)
def test_distance_is_symmetric_and_never_more_than_half_way_round(a: Position, b: Position) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a), abs=1e-6)
    assert 0 <= distance_m(a, b) <= 20_015_200


@given(anywhere)
def test_a_place_is_no_way_from_itself(a: Position) -> None:
    assert distance_m(a, a) == 0


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_m(Position(26, 112), Position(27, 112)) == pytest.approx(111_195, abs=1)


def test_a_degree_of_longitude_is_shorter_in_the_county() -> None:
    expected = 111_195 * math.cos(math.radians(26.7))
    assert distance_m(Position(26.7, 112), Position(26.7, 113)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [
        (90.001, 0, "纬度"),
        (-90.001, 0, "纬度"),
        (0, 180.001, "经度"),
        (0, -180.001, "经度"),
        (math.nan, 0, "纬度"),
        (0, math.nan, "经度"),
        (math.inf, 0, "纬度"),
        (112.6, 26.7, "写反"),
    ],
)
def test_what_is_no_position_is_refused(lat: float, lon: float, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check(lat, lon)


def test_the_edges_are_positions() -> None:
    assert check(90, -180) == Position(90, -180)


@pytest.mark.parametrize("datum", ["bd09", "", "GPS", None, 4326])
def test_another_datum_is_refused_and_the_two_are_named(datum: str) -> None:
    with pytest.raises(BadInput, match="wgs84.*gcj02"):
        to_wgs84(26.7, 112.6, datum)


def test_the_link_has_longitude_first_and_nothing_that_must_be_encoded() -> None:
    link = map_link(Position(26.7, 112.6))
    assert link == (
        "https://uri.amap.com/marker?position=112.600000,26.700000&coordinate=wgs84&callnative=1&src=wuchang"
    )


@given(anywhere, st.lists(anywhere, max_size=5))
def test_many_distances_at_once_are_those_of_each(origin: Position, others: list[Position]) -> None:
    at_once = distances_m(origin, [other.lat for other in others], [other.lon for other in others])
    assert at_once == pytest.approx([distance_m(origin, other) for other in others], abs=1e-4)
