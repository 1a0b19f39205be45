"""Positions on the map: datums, distances, links.

Everything is kept in WGS-84, the datum of GPS and Telegram. Chinese maps and WeChat give GCJ-02,
which lies several hundred metres off here, so a position that comes in always says which datum it is in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import BadInput

WGS84, GCJ02 = "wgs84", "gcj02"
DATUMS = (WGS84, GCJ02)
EARTH_RADIUS_M = 6_371_008.8  # mean radius
# The ellipsoid (Krasovsky 1940) and the box within which GCJ-02 differs from WGS-84.
_AXIS, _FLATNESS = 6_378_245.0, 0.00669342162296594323
_LAT_BOX, _LON_BOX = (0.8293, 55.8271), (72.004, 137.8347)
_INVERSE_STEPS = 6  # each step leaves less than a hundredth of the error before it


@dataclass(frozen=True)
class Position:
    """A place on the map in WGS-84 degrees (`lat` -90..90, `lon` -180..180)."""

    lat: float
    lon: float


def check(lat: float, lon: float) -> Position:
    """The position at `lat`, `lon`, as given.

    Raises:
        BadInput: not a number, or outside -90..90 / -180..180.
    """
    if not -90 <= lat <= 90:  # NaN fails this too
        hint = "，是不是把经度和纬度写反了" if -90 <= lon <= 90 and abs(lat) <= 180 else ""
        raise BadInput(f"纬度 {lat} 不在 -90 到 90 之间{hint}。纬度写在 lat，经度写在 lon。")
    if not -180 <= lon <= 180:
        raise BadInput(f"经度 {lon} 不在 -180 到 180 之间。纬度写在 lat，经度写在 lon。")
    return Position(lat, lon)


def check_datum(datum: object) -> str:
    """`datum` as one of DATUMS, whatever its case.

    Raises:
        BadInput: another one; it says which can be used.
    """
    name = datum.strip().lower().replace("-", "") if isinstance(datum, str) else ""
    if name not in DATUMS:
        raise BadInput(
            f"坐标系 {datum!r} 不能用，只能写 wgs84（GPS）或 gcj02（高德、腾讯、微信）。"
            "百度坐标（bd09）请先转换。"
        )
    return name


def to_wgs84(lat: float, lon: float, datum: str) -> Position:
    """The WGS-84 position of a point given in `datum`.

    Raises:
        BadInput: outside the range of degrees, or an unknown datum.
    """
    given = check(lat, lon)
    if check_datum(datum) == WGS84 or not _shifted(lat, lon):
        return given
    true_lat, true_lon = lat, lon
    for _ in range(_INVERSE_STEPS):
        shift_lat, shift_lon = _shift(true_lat, true_lon)
        true_lat, true_lon = lat - shift_lat, lon - shift_lon
    return Position(true_lat, true_lon)


def from_wgs84(position: Position, datum: str) -> tuple[float, float]:
    """(lat, lon) of `position` in `datum`; unchanged outside the area where GCJ-02 differs.

    Raises:
        BadInput: outside the range of degrees, or an unknown datum.
    """
    check(position.lat, position.lon)
    if check_datum(datum) == WGS84 or not _shifted(position.lat, position.lon):
        return position.lat, position.lon
    shift_lat, shift_lon = _shift(position.lat, position.lon)
    return position.lat + shift_lat, position.lon + shift_lon


def distance_m(a: Position, b: Position) -> float:
    """Metres between two positions in a straight line over the ground (haversine)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = math.sin((lat_b - lat_a) / 2)
    half_lon = math.sin(math.radians(b.lon - a.lon) / 2)
    root = half_lat * half_lat + math.cos(lat_a) * math.cos(lat_b) * half_lon * half_lon
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, root)))


def distances_m(origin: Position, lats: Sequence[float], lons: Sequence[float]) -> list[float]:
    """`distance_m` from one position to many, given as their degrees; thousands take less than a millisecond."""
    import numpy as np  # 30 MB, which the desk does without

    lat_a, lat_b = math.radians(origin.lat), np.radians(np.asarray(lats, dtype=np.float64))
    half_lat = np.sin((lat_b - lat_a) / 2)
    half_lon = np.sin(np.radians(np.asarray(lons, dtype=np.float64) - origin.lon) / 2)
    root = half_lat * half_lat + math.cos(lat_a) * np.cos(lat_b) * half_lon * half_lon
    metres: list[float] = (2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, root)))).tolist()
    return metres


def map_link(position: Position) -> str:
    """A link that shows `position` in Amap's app or on its web page.

    Without the point's name: encoded, a Chinese name would be ten times as long as the rest.
    """
    return (
        f"https://uri.amap.com/marker?position={position.lon:.6f},{position.lat:.6f}"
        "&coordinate=wgs84&callnative=1&src=wuchang"
    )


def _shifted(lat: float, lon: float) -> bool:
    return _LAT_BOX[0] <= lat <= _LAT_BOX[1] and _LON_BOX[0] <= lon <= _LON_BOX[1]


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """What GCJ-02 adds to (lat, lon), in degrees."""
    x, y = lon - 105.0, lat - 35.0
    short = _waves((20, 6 * x), (20, 2 * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (short + _waves((20, y), (40, y / 3)) + _waves((160, y / 12), (320, y / 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (short + _waves((20, x), (40, x / 3)) + _waves((150, x / 12), (300, x / 30))) * 2 / 3
    sine = math.sin(math.radians(lat))
    bulge = 1 - _FLATNESS * sine * sine
    meridian = _AXIS * (1 - _FLATNESS) / (bulge * math.sqrt(bulge))
    parallel = _AXIS / math.sqrt(bulge) * math.cos(math.radians(lat))
    return math.degrees(north / meridian), math.degrees(east / parallel)


def _waves(*waves: tuple[float, float]) -> float:
    return sum(height * math.sin(phase * math.pi) for height, phase in waves)
