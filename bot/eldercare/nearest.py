"""The service points nearest to a position or to a place that somebody named (`wuchang nearest`)."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.eldercare.origin import LightPoint, Origin, all_points, find_origin
from bot.eldercare.points import KINDS
from bot.eldercare.services import service_codes, service_name, split_services
from bot.errors import BadInput
from bot.places.positions import (
    WGS84,
    Position,
    check_datum,
    distances_m,
    from_wgs84,
    map_link,
    to_wgs84,
)
from bot.storage.tables import ServicePoint

MAX_LIMIT, DEFAULT_LIMIT = 50, 3
# Metres to the nearest point of all, beyond which a position cannot lie in the county.
FAR_M = 60_000


@dataclass(frozen=True)
class FoundPoint:
    """A service point with its distance.

    Attributes:
        services: codes; `kind`: station, point or centre; `position`: WGS-84.
        distance_m: metres in a straight line from where the person is, None where that is not known.
            With a place's name it counts from the middle of that place (`Nearest.measured_from`).
        here: it lies in the very village or street that was named; do not tell its distance.
        demo: an example, not a real point.
    """

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
    distance_m: float | None
    here: bool = False


@dataclass(frozen=True)
class Nearest:
    """Service points, nearest first.

    Attributes:
        points: at most as many as asked for; () where none fits or the place is not known.
        near: the place as understood (三塘镇, 三塘镇老街), None where a position or nothing was given.
        township: its township, where known.
        measured_from: what distances count from: "position", "village" or "township" (both about),
            or None (there are no distances).
        matched: every point offers all services asked for. False: no point in the county does, and
            `points` offer some of them; or there is no point at all.
        candidates: townships to choose from where the name stands in several; `points` is () then.
    """

    points: tuple[FoundPoint, ...]
    near: str | None
    township: str | None
    measured_from: str | None
    matched: bool
    candidates: tuple[str, ...] = ()


def nearest(
    session: Session,
    *,
    position: Position | None = None,
    township: str | None = None,
    place: str | None = None,
    services: Sequence[str] = (),
    limit: int = 3,
) -> Nearest:
    """The `limit` service points nearest to a position, or else a township, or else a place as said.

    Points that offer all `services` (codes) come alone; where there is none in the county, those that
    offer some. With a place, points in the village or street that was named come first, then those
    of its township, then the rest, each by distance. With nothing given, any points without distance.

    Raises:
        BadInput: a position outside -90..90 / -180..180, an unknown township, or a limit outside 1..50.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise BadInput(f"limit 是 {limit}，要在 1 到 {MAX_LIMIT} 之间。")
    everything = all_points(session)
    origin = find_origin(session, everything, position, township, place)
    if origin.candidates or (place and origin.near is None and origin.position is None):
        return Nearest((), None, None, None, False, origin.candidates)
    fitting, matched = _offering(everything, frozenset(services))
    points = _load(session, _first(fitting, origin, limit), origin)
    return Nearest(points, origin.near, origin.township, origin.measured_from, matched)


def is_elsewhere(session: Session, position: Position) -> bool:
    """True where even the nearest of all points is further away than the county is wide."""
    found = nearest(session, position=position, limit=1).points
    return bool(found) and (found[0].distance_m or 0.0) > FAR_M


def _first(points: Sequence[LightPoint], origin: Origin, limit: int) -> list[tuple[LightPoint, float]]:
    """The first `limit` points with their metres (0 where these are not known): those right there, those of the
    township that was named, the rest; each by distance, the id last, so that the order is always the same."""
    at = origin.position
    metres = distances_m(at, [p.lat for p in points], [p.lon for p in points]) if at else [0.0] * len(points)
    named = origin.township if origin.measured_from != "position" else None
    here = origin.here
    ranked = zip(
        [bool(here) and point.id not in here for point in points],
        [named is not None and point.township != named for point in points],
        metres,
        points,  # the id is what a point begins with
        strict=True,
    )
    return [(point, far) for _, _, far, point in heapq.nsmallest(limit, ranked)]


def _offering(points: Sequence[LightPoint], wanted: frozenset[str]) -> tuple[list[LightPoint], bool]:
    full = [point for point in points if wanted <= point.services]
    if full:
        return full, True
    return [point for point in points if not wanted.isdisjoint(point.services)], False


def _load(
    session: Session, chosen: Sequence[tuple[LightPoint, float]], origin: Origin
) -> tuple[FoundPoint, ...]:
    ids = [light.id for light, _metres in chosen]
    query = select(ServicePoint).where(ServicePoint.id.in_(ids))
    rows = {row.id: row for row in session.execute(query).scalars()}
    return tuple(
        FoundPoint(
            id=light.id,
            name=rows[light.id].name,
            kind=rows[light.id].kind,
            township=light.township,
            village=light.village,
            address=light.address,
            services=tuple(rows[light.id].services),
            phone=rows[light.id].phone,
            opening_hours=rows[light.id].opening_hours,
            position=light.position,
            demo=rows[light.id].demo,
            distance_m=metres if origin.position else None,
            here=light.id in origin.here,
        )
        for light, metres in chosen
    )


def nearest_line(session: Session, line: Mapping[str, Any]) -> dict[str, Any]:
    """The points nearest to `lat`, `lon` or else to `place`, in the datum that was asked for.

    `line` has lat and lon in degrees, with `datum` wgs84 (taken where it is missing) or gcj02; or
    `place`, a name as people say it. With both, the position counts. `services`: a list (or one
    text) of codes or names; `limit`: 1 to 50, else 3.

    Returns:
        `points` (nearest first; `distance_m` whole metres in a straight line or None, lat and lon in
        the datum), `near`, `township`, `measured_from`, `matched` as in `Nearest`, and `datum`.

    Raises:
        BadInput: names what cannot be used and what can.
    """
    datum = check_datum(line["datum"]) if line.get("datum") is not None else WGS84
    position = _position(line, datum)
    place = line.get("place")
    if place is not None and (not isinstance(place, str) or not place.strip()):
        raise BadInput(f"place 是 {place!r}，要写地名，如 三塘镇。")
    if position is None and place is None:
        raise BadInput("没有说在哪里：要有 lat 和 lon，或者 place（地名）。")
    services = _services(line.get("services"))
    limit = _limit(line.get("limit"))
    found = nearest(session, position=position, place=place, services=services, limit=limit)
    if found.candidates:
        raise BadInput(f"{place} 不止一处：{'、'.join(found.candidates)}。请写明乡镇（街道）。")
    if position is None and found.near is None:
        raise BadInput(f"不认识地名 {place!r}。请写乡镇（街道）的名字，或者给 lat 和 lon。")
    return _shown(found, datum)


def _shown(found: Nearest, datum: str) -> dict[str, Any]:
    return {
        "points": [_point(point, datum) for point in found.points],
        "near": found.near,
        "township": found.township,
        "measured_from": found.measured_from,
        "matched": found.matched,
        "datum": datum,
    }


def _point(point: FoundPoint, datum: str) -> dict[str, Any]:
    lat, lon = from_wgs84(point.position, datum)
    return {
        "id": point.id,
        "name": point.name,
        "kind": KINDS.get(point.kind, point.kind),
        "township": point.township,
        "distance_m": None if point.distance_m is None else round(point.distance_m),
        "services": [service_name(code) for code in point.services],
        "phone": point.phone,
        "lat": round(lat, 7),
        "lon": round(lon, 7),
        "village": point.village,
        "address": point.address,
        "opening_hours": point.opening_hours,
        "demo": point.demo,
        "here": point.here,
        "map_link": map_link(point.position),
    }


def _position(line: Mapping[str, Any], datum: str) -> Position | None:
    given = {name: line.get(name) for name in ("lat", "lon")}
    missing = [name for name, value in given.items() if value is None]
    if len(missing) == 2:
        return None
    if missing:
        raise BadInput(f"只有 {'lon' if missing == ['lat'] else 'lat'}，没有 {missing[0]}：两个都要。")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadInput(f"{name} 是 {value!r}，要写数字，单位是度，如 26.70。")
    return to_wgs84(float(line["lat"]), float(line["lon"]), datum)


def _services(given: object) -> tuple[str, ...]:
    if given is None:
        return ()
    words = split_services(given) if isinstance(given, str) else given
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        raise BadInput(f'services 是 {given!r}，要写服务的列表，如 ["助餐", "日间照料"]，没有要求写 []。')
    return service_codes(words)


def _limit(given: object) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if isinstance(given, bool) or not isinstance(given, int):
        raise BadInput(f"limit 是 {given!r}，要写 1 到 {MAX_LIMIT} 的整数。")
    return given
