"""Where a person is, as far as a position, a township or a place's name tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.places.gazetteer import Resolved, gazetteer, in_township
from bot.places.importer import load_villages, official_township, township_position
from bot.places.positions import Position, check
from bot.storage.tables import ServicePoint

# Words that stand for no place of their own: 三塘镇附近.
_NOWHERE = (
    "附近",
    "旁边",
    "周边",
    "这边",
    "那边",
    "这里",
    "那里",
    "镇上",
    "街上",
    "村里",
    "乡里",
    "社区",
    "屋场",
    "我家",
    "家里",
)


class LightPoint(NamedTuple):
    """What is needed of every point to choose among them; there are thousands, so a plain tuple."""

    id: str
    township: str
    village: str
    address: str
    services: frozenset[str]
    lat: float
    lon: float

    @property
    def position(self) -> Position:
        """In WGS-84."""
        return Position(self.lat, self.lon)


@dataclass(frozen=True)
class Origin:
    """Where the person is: a name, a township, points right there, a position, or candidates."""

    near: str | None = None
    township: str | None = None
    here: frozenset[str] = frozenset()
    position: Position | None = None
    measured_from: str | None = None
    candidates: tuple[str, ...] = ()


def all_points(session: Session) -> list[LightPoint]:
    """Every stored point, with as little as the choice needs."""
    table = ServicePoint.__table__.c  # plain rows: the ORM's would take half as long again
    # Services as they are stored: many points offer the same ones, and each list is read once.
    services = cast(table.services, Text)
    query = select(table.id, table.township, table.village, table.address, services, table.lat, table.lon)
    return [
        LightPoint(id_, township, village, address, _codes(stored), lat, lon)
        for id_, township, village, address, stored, lat, lon in session.execute(query).all()
    ]


@lru_cache(maxsize=1024)
def _codes(stored: str) -> frozenset[str]:
    """The services of a list in JSON."""
    return frozenset(json.loads(stored))


def find_origin(
    session: Session,
    points: Sequence[LightPoint],
    position: Position | None,
    township: str | None,
    place: str | None,
) -> Origin:
    """Where the person is: the position if there is one, else the township, else the place as said.

    Raises:
        BadInput: a position outside -90..90 / -180..180, or an unknown township.
    """
    if position is not None:
        return Origin(position=check(position.lat, position.lon), measured_from="position")
    if township is not None:
        official = official_township(township)
        if official is None:
            raise BadInput(f"不认识乡镇（街道）{township!r}，要写本县乡镇（街道）的名字，如 三塘镇。")
        return _of_township(session, official, official)
    if place is not None and place.strip():
        return _of_place(session, points, place)
    return Origin()


def _of_township(session: Session, township: str, near: str) -> Origin:
    position = township_position(session, township)
    return Origin(near, township, position=position, measured_from="township" if position else None)


def _of_place(session: Session, points: Sequence[LightPoint], place: str) -> Origin:
    found = gazetteer(load_villages(session)).resolve(place)
    here = _right_there(points, found)
    townships = sorted({point.township for point in here})
    if found.candidates or (found.township is None and len(townships) > 1):
        return Origin(candidates=found.candidates or tuple(townships))
    near = found.text
    if found.township and found.detail != found.text:
        near = in_township(found.township, found.detail)  # 三塘老街 -> 三塘镇老街
    if here:
        near = near if found.township else townships[0] + near
        ids = frozenset(point.id for point in here)
        return Origin(near, townships[0], ids, _middle(here), "village")
    if found.township is None:
        return Origin()
    return _of_township(session, found.township, near)


def _middle(points: Sequence[LightPoint]) -> Position:
    lats, lons = [point.lat for point in points], [point.lon for point in points]
    return Position(sum(lats) / len(lats), sum(lons) / len(lons))


def _right_there(points: Sequence[LightPoint], found: Resolved) -> list[LightPoint]:
    """Points whose village is named in the place, or whose village or address holds what was named."""
    detail = found.detail
    for word in _NOWHERE:
        detail = detail.removesuffix(word)
    own = [point for point in points if found.township in (None, point.township)]
    if len(detail) < 2:
        return []
    by_village = [point for point in own if len(point.village) > 1 and point.village in detail]
    return by_village or [point for point in own if detail in point.village or detail in point.address]
