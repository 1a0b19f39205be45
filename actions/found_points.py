"""Service points that were found: told, and asked about afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.turn import Turn
from bot.dialogue.turn import Say
from bot.eldercare.followup import Followup, followup, wants_registered
from bot.eldercare.hours import open_on, walking_minutes
from bot.eldercare.nearest import DEFAULT_LIMIT, MAX_LIMIT, FoundPoint, Nearest, nearest
from bot.eldercare.services import service_name
from bot.places.positions import Position, map_link
from bot.storage.database import session_scope

# Channels that show a place on a map of their own; the others have the link in the text.
WITH_MAP = frozenset({"telegram"})
# Metres below which a distance from the middle of a township says nothing.
ROUGH = 500


def remember(turn: Turn, search: dict[str, Any], points: list[dict[str, Any]]) -> None:
    """Keep what was searched and the points told, for questions about them."""
    turn.memory = {**turn.memory, "search": search, "points": points}


def remembered(turn: Turn, found: Nearest, skip: int = 0) -> list[dict[str, Any]]:
    """The points of `found` after the first `skip`, as they are kept and told, numbered from `skip` + 1."""
    rough = _from_middle(found)
    return [
        {
            "name": point.name, "phone": point.phone, "hours": point.opening_hours,
            "distance_m": point.distance_m, "line": _point_line(turn, i, point, rough=rough),
        }
        for i, point in enumerate(found.points, 1) if i > skip
    ]  # fmt: skip


def points_said(turn: Turn, search: dict[str, Any], found: Nearest) -> Say:
    """The answer to a search."""
    names = "、".join(service_name(code, turn.language) for code in search["services"])
    wanted = turn.word("with_service", services=names) if names else turn.word("any_point")
    if not found.points:
        return Say("utter_points_none", {"service": names or wanted})
    place = search.get("place") or turn.word("your_place")
    lines = "\n".join(point["line"] for point in remembered(turn, found))
    name = "utter_points" if found.matched else "utter_points_partly"
    notes = _notes(turn, place, found)
    return Say(
        name, {"place": place, "service": wanted, "lines": lines, "demo": notes, **on_map(turn, found.points)}
    )


def on_map(turn: Turn, points: Sequence[FoundPoint]) -> dict[str, Any]:
    """What goes along with an answer so that the channel shows the points on a map; nothing where it has none."""
    if turn.channel not in WITH_MAP or not points:
        return {}
    venues = [
        {"name": p.name, "address": p.address or p.township, "lat": p.position.lat, "lon": p.position.lon}
        for p in points
    ]
    return {"json_message": {"venues": venues}}


def _from_middle(found: Nearest) -> bool:
    return found.measured_from in ("township", "village") and any(not p.here for p in found.points)


def _notes(turn: Turn, place: str, found: Nearest) -> str:
    note = turn.word("from_middle", place=found.near or place) if _from_middle(found) else ""
    return note + turn.word("demo") if any(point.demo for point in found.points) else note


def _point_line(turn: Turn, index: int, point: FoundPoint, *, rough: bool) -> str:
    return turn.word(
        "point_line",
        index=index,
        name=point.name,
        distance=""
        if point.here or (rough and (point.distance_m or 0) < ROUGH)
        else _distance(turn, point.distance_m),
        services="、".join(service_name(code, turn.language) for code in point.services),
        phone=point.phone or turn.word("unknown_phone"),
        hours=point.opening_hours or turn.word("unknown_phone"),
        link=map_link(point.position),
    )


def _distance(turn: Turn, metres: float | None) -> str:
    if metres is None:
        return ""
    if metres < 1000:
        return turn.word("distance_m", m=max(10, round(metres / 10) * 10))
    return turn.word("distance", km=f"{metres / 1000:.1f}")


def answer_about_found_points(turn: Turn) -> bool:
    """Answer what is asked of the points found last: phone, way, hours, price, the next, only some.

    Changes `turn.memory` where other points are told.
    """
    points = turn.memory.get("points")
    asked = followup(turn.message.plain, turn.now) if points else None
    if not points or asked is None or turn.message.all("place") or turn.message.all("coordinates"):
        return False
    if asked.what == "service":
        _say_narrower(turn, asked)
    elif asked.what in ("more", "farther"):
        _say_more(turn, points, farther=asked.what == "farther")
    elif (asked.index or 0) > len(points):
        turn.say("utter_point_no_such", count=len(points))
    else:
        _say_about(turn, asked, points[(asked.index if asked.index is not None else 1) - 1])
    return True


def care_at_found_points(turn: Turn) -> dict[str, Any] | None:
    """Services and place of the points found last where the message asks to be registered, and names no other; else None."""
    search = turn.memory.get("search") if turn.memory.get("points") else None
    other = turn.message.all("place") or turn.message.all("coordinates")
    if not search or other or not wants_registered(turn.message.plain):
        return None
    return {"services": list(search["services"]), "place": search.get("place")}


def _search_again(search: dict[str, Any], limit: int) -> Nearest:
    position = Position(search["lat"], search["lon"]) if "lat" in search else None
    with session_scope() as session:
        return nearest(
            session, position=position, place=search.get("place"), services=tuple(search["services"]), limit=limit
        )  # fmt: skip


def _say_narrower(turn: Turn, asked: Followup) -> None:
    before = turn.memory["search"]
    search = {**before, "services": list(dict.fromkeys([*before["services"], *asked.services]))}
    found = _search_again(search, DEFAULT_LIMIT)
    said = points_said(turn, search, found)
    if found.points:
        remember(turn, search, remembered(turn, found))
    turn.say(said.response, **said.values)


def _say_more(turn: Turn, points: list[dict[str, Any]], *, farther: bool) -> None:
    search = turn.memory["search"]
    found = _search_again(search, min(MAX_LIMIT, len(points) + DEFAULT_LIMIT))
    fresh = remembered(turn, found, skip=len(points))
    if not fresh:
        turn.say("utter_points_no_more")
        return
    remember(turn, search, [*points, *fresh])
    notes = _notes(turn, search.get("place") or turn.word("your_place"), found)
    name = "utter_points_farther" if farther else "utter_points_more"
    told = on_map(turn, found.points[len(points) :])
    turn.say(name, lines="\n".join(point["line"] for point in fresh), demo=notes, **told)


def _say_about(turn: Turn, asked: Followup, point: dict[str, Any]) -> None:
    name, phone = point["name"], point["phone"] or turn.word("unknown_phone")
    if asked.what == "walk":
        if point["distance_m"] is None:
            turn.say("utter_point_walk_unknown", name=name)
            return
        metres = int(point["distance_m"])
        turn.say("utter_point_walk", name=name, meters=metres, minutes=walking_minutes(metres))
    elif asked.what == "phone":
        turn.say("utter_point_phone", name=name, phone=phone)
    elif asked.what == "price":
        turn.say("utter_point_price", name=name, phone=phone)
    elif asked.what == "booking":
        turn.say("utter_point_booking", name=name, phone=phone)
    elif asked.what == "visit":
        turn.say("utter_point_visit", name=name, phone=phone)
    elif asked.what == "line":
        turn.say("utter_point_one", line=point["line"])
    else:
        _say_hours(turn, asked, point, phone)


def _say_hours(turn: Turn, asked: Followup, point: dict[str, Any], phone: str) -> None:
    if not point["hours"]:
        turn.say("utter_point_hours_unknown", name=point["name"], phone=phone)
        return
    opens = open_on(point["hours"], asked.day.date()) if asked.day else None
    response = {True: "utter_point_open", False: "utter_point_shut", None: "utter_point_hours"}[opens]
    day = turn.word(f"weekday_{asked.day.weekday()}") if asked.day else ""
    turn.say(response, name=point["name"], hours=point["hours"], phone=phone, day=day)
