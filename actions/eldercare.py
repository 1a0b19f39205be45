"""Jobs of eldercare: the nearest service point, a care request, a volunteer."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from actions.jobs import Job
from actions.turn import Turn, places
from bot.dialogue.details import combine_places, mask_phone, strip_filler
from bot.dialogue.turn import Say, Step
from bot.eldercare.followup import Followup, followup, wants_to_send_location
from bot.eldercare.hours import open_on, walking_minutes
from bot.eldercare.intake import Wish, take_care, take_volunteer
from bot.eldercare.nearest import FoundPoint, Nearest, nearest
from bot.eldercare.services import find_services, service_name
from bot.eldercare.wishes import register_care, register_volunteer
from bot.places.positions import Position, map_link

# Metres below which a distance from the middle of a township says nothing.
ROUGH = 500


class PointJob(Job):
    """The nearest service point to a place or location, with the services asked for."""

    form = "point_form"
    intents = frozenset({"find_service_point", "inform", "affirm", "ask_eldercare", "request_care"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """Place and services of this message, joined with what was searched before."""
        if not asked and answer_about_found_points(turn):
            return Step(None)
        before = draft if asked else turn.memory.get("search")
        search = {**(before or {})}
        services = find_services(turn.message.plain)
        search["services"] = (
            list(dict.fromkeys([*search.get("services", []), *services]))
            if services
            else (search.get("services", []) if asked or not _names_place(turn) else [])
        )
        search.update(_place_of(turn, asked))
        if "place" in search or "lat" in search:
            return Step(search, (), None, done=True)
        wants_to_send = asked and wants_to_send_location(turn.message.plain)
        return Step(search, (), "point_how" if wants_to_send else "point_place")

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Find the points and tell them."""
        position = Position(draft["lat"], draft["lon"]) if "lat" in draft else None
        found = nearest(
            session, position=position, place=draft.get("place"), services=tuple(draft["services"]), limit=3
        )
        if position is None and (found.candidates or found.near is None):
            return _ask_where_again(turn, draft, found)
        turn.memory = {**turn.memory, "search": draft, "points": [_remembered(p) for p in found.points]}
        return Step(None, (_points_said(turn, draft, found),))


def _ask_where_again(turn: Turn, draft: dict[str, Any], found: Nearest) -> Step:
    """The name stands in several townships, or in no list."""
    kept = {"services": draft["services"]}
    if found.candidates:
        values = {"place": draft["place"], "townships": "、".join(found.candidates)}
        return Step(kept, (Say("utter_which_township", values),), "point_place")
    return Step(kept, (Say("utter_place_unknown", {"place": draft["place"]}),), "point_place")


def _names_place(turn: Turn) -> bool:
    return bool(turn.message.all("place") or turn.message.all("coordinates"))


def _place_of(turn: Turn, asked: str | None) -> dict[str, Any]:
    """The place in a message: coordinates, a named place, or the bare answer to the question."""
    spot = turn.message.last("coordinates")
    if spot:
        return {"lat": spot.data["lat"], "lon": spot.data["lon"]}
    known = places(turn.now)
    place = combine_places(known, turn.message.all("place"))
    if place is None and asked and turn.message.text and not wants_to_send_location(turn.message.plain):
        place = known.resolve(strip_filler(turn.message.text))
    return {"place": place.text} if place else {}


def _remembered(point: FoundPoint) -> dict[str, Any]:
    return {
        "name": point.name, "phone": point.phone, "hours": point.opening_hours, "distance_m": point.distance_m,
    }  # fmt: skip


def _points_said(turn: Turn, draft: dict[str, Any], found: Nearest) -> Say:
    names = "、".join(service_name(code, turn.language) for code in draft["services"])
    wanted = turn.word("with_service", services=names) if names else turn.word("any_point")
    if not found.points:
        return Say("utter_points_none", {"service": names or wanted})
    place = draft.get("place") or turn.word("your_place")
    from_middle = found.measured_from in ("township", "village") and any(not p.here for p in found.points)
    lines = [_point_line(turn, i, point, rough=from_middle) for i, point in enumerate(found.points, 1)]
    note = turn.word("from_middle", place=found.near or place) if from_middle else ""
    demo = note + turn.word("demo") if any(point.demo for point in found.points) else note
    name = "utter_points" if found.matched else "utter_points_partly"
    return Say(name, {"place": place, "service": wanted, "lines": "\n".join(lines), "demo": demo})


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
        link=map_link(point.position, point.name),
    )


def _distance(turn: Turn, metres: float | None) -> str:
    if metres is None:
        return ""
    if metres < 1000:
        return turn.word("distance_m", m=max(10, round(metres / 10) * 10))
    return turn.word("distance", km=f"{metres / 1000:.1f}")


def answer_about_found_points(turn: Turn) -> bool:
    """Answer "is it open on Sunday", "how far on foot", "its phone" about the points found last."""
    points = turn.memory.get("points")
    asked = followup(turn.message.plain, turn.now) if points else None
    if not points or asked is None or _names_place(turn):
        return False
    _say_followup(turn, asked, points[0])
    return True


def _say_followup(turn: Turn, asked: Followup, point: dict[str, Any]) -> None:
    phone = point["phone"] or turn.word("unknown_phone")
    if asked.what == "walk":
        if point["distance_m"] is None:
            turn.say("utter_point_walk_unknown", name=point["name"])
            return
        metres = int(point["distance_m"])
        turn.say("utter_point_walk", name=point["name"], meters=metres, minutes=walking_minutes(metres))
    elif asked.what == "phone":
        turn.say("utter_point_phone", name=point["name"], phone=phone)
    elif not point["hours"]:
        turn.say("utter_point_hours_unknown", name=point["name"], phone=phone)
    else:
        opens = open_on(point["hours"], asked.day) if asked.day else None
        name = {True: "utter_point_open", False: "utter_point_shut", None: "utter_point_hours"}[opens]
        day = turn.word(f"weekday_{asked.day.weekday()}") if asked.day else ""
        turn.say(name, name=point["name"], hours=point["hours"], phone=phone, day=day)


class CareJob(Job):
    """A service asked for somebody."""

    form = "care_form"
    intents = frozenset({"request_care", "inform", "affirm", "deny"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the request."""
        return take_care(Wish.from_json(draft), turn.message, asked, places=places(turn.now), now=turn.now)

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Register it."""
        number = register_care(
            session, wish=Wish.from_json(draft), channel=turn.channel, sender=turn.sender, now=turn.now
        )
        return Step(None, (Say("utter_care_filed", {"number": number}),))

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_care_read_back":
            values = _wish_in_words(turn, values)
        turn.say(response, **values)


class VolunteerJob(Job):
    """Somebody offers to help."""

    form = "volunteer_form"
    intents = frozenset({"volunteer", "inform", "affirm", "deny", "request_care"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the offer."""
        return take_volunteer(
            Wish.from_json(draft), turn.message, asked, places=places(turn.now), now=turn.now
        )

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Register it."""
        number = register_volunteer(
            session, wish=Wish.from_json(draft), channel=turn.channel, sender=turn.sender, now=turn.now
        )
        return Step(None, (Say("utter_volunteer_filed", {"number": number}),))

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_volunteer_read_back":
            values = _wish_in_words(turn, values)
        turn.say(response, **values)


def _wish_in_words(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    unknown = turn.word("not_said")
    whom = turn.word(f"whom_{values['whom']}") if values["whom"] else ""
    services = "、".join(service_name(code, turn.language) for code in values["services"] if code != "other")
    words = [text for text in values["words"] if text]
    start = values["start_text"] or unknown
    if values["start"]:
        start = f"{values['start']}（{values['start_text']}）"
    return {
        "name": "，".join(part for part in (values["name"], whom) if part) or unknown,
        "place": values["place"] or unknown,
        "services": services or (words[0] if words else unknown),
        "skills": values["skills"] or services or unknown,
        "start": start,
        "phone": mask_phone(values["phone"]) or unknown,
        "wish": "；".join(words[:3]) or unknown,
    }
