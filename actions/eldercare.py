"""Jobs of eldercare: the nearest service point, a care request, a volunteer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from actions.found_points import answer_about_found_points as answer_about_found_points
from actions.found_points import care_at_found_points, points_said, remember, remembered
from actions.jobs import Job
from actions.later import put_off
from actions.turn import Turn
from bot.dialogue.details import combine_places, mask_phone, strip_filler
from bot.dialogue.turn import Say, Step
from bot.eldercare.followup import (
    asks_how_it_stands,
    names_no_place,
    speaks_of_care,
    takes_care_back,
    wants_to_send_location,
)
from bot.eldercare.intake import Wish, take_care, take_volunteer
from bot.eldercare.nearest import DEFAULT_LIMIT, Nearest, is_elsewhere, nearest
from bot.eldercare.services import find_services, service_name
from bot.eldercare.wishes import open_care, register_care, register_volunteer, withdraw_care
from bot.places.current import current_places
from bot.places.gazetteer import Gazetteer
from bot.places.positions import Position
from bot.storage.database import session_scope
from bot.water.talk.beside import outage_beside

# How often a person is asked where, before the search ends without a place.
_TIMES = 2
LONGEST_PLACE = 25  # characters of a bare answer to where


class PointJob(Job):
    """The nearest service point to a place or location, with the services asked for.

    The draft holds `services`, `place` or `lat` and `lon`, and how often was asked where (`tries`).
    """

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
        where = _place_of(turn, asked)
        if where:
            search = {**_only(search, "services", "tries", "how_told", "doubtful"), **where}
        elsewhere = None if where else _elsewhere(turn, asked)
        if elsewhere:
            search.pop("place", None)
            return _ask_where(search, Say("utter_not_in_county", {"place": elsewhere}))
        if "place" in search or "lat" in search:
            return Step(search, (), None, done=True)
        if asked == "point_place" and wants_to_send_location(turn.message.plain):
            return Step({**search, "how_told": True}, (), "point_how")
        return _ask_where(search)

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Find the points and tell them."""
        position = Position(draft["lat"], draft["lon"]) if "lat" in draft else None
        if position and is_elsewhere(session, position):
            return _ask_where(draft, Say("utter_not_in_county", {"place": turn.word("your_place")}))
        found = nearest(
            session, position=position, place=draft.get("place"), services=tuple(draft["services"]),
            limit=DEFAULT_LIMIT,
        )  # fmt: skip
        if position is None and (found.candidates or found.near is None):
            return _ask_where_again(draft, found)
        search = _only(draft, "services", "place", "lat", "lon")
        remember(turn, search, remembered(turn, found))
        return Step(None, (points_said(turn, search, found),))


def _only(search: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: search[name] for name in names if name in search}


def _ask_where(search: dict[str, Any], *says: Say) -> Step:
    """Ask where, the second time in other words; after that the search ends."""
    tries = search.get("tries", 0)
    kept = _only(search, "services", "how_told", "doubtful")
    if tries >= _TIMES:
        return Step(None, (*says, Say("utter_points_need_place")))
    first = tries == 0 or search.get("how_told")
    return Step({**kept, "tries": tries + 1}, says, "point_place" if first else "point_how")


def _ask_where_again(draft: dict[str, Any], found: Nearest) -> Step:
    """The name stands in several townships, or in no list."""
    if not found.candidates:
        return _ask_where(draft, Say("utter_place_unknown", {"place": draft["place"]}))
    which = Say("utter_which_township", {"place": draft["place"], "townships": "、".join(found.candidates)})
    if draft["place"] == draft.get("doubtful"):
        return _ask_where(draft, which)
    kept = {"services": draft["services"], "tries": draft.get("tries", 0), "doubtful": draft["place"]}
    return Step(kept, (which,), "point_place")


def _names_place(turn: Turn) -> bool:
    return bool(turn.message.all("place") or turn.message.all("coordinates"))


def _place_of(turn: Turn, asked: str | None) -> dict[str, Any]:
    """The place in a message: coordinates, a named place, or the bare answer to the question."""
    spot = turn.message.last("coordinates")
    if spot:
        return {"lat": spot.data["lat"], "lon": spot.data["lon"]}
    known = current_places(turn.now)
    place = combine_places(known, turn.message.all("place"))
    if place is None and asked and _may_be_a_place(turn):
        place = known.resolve(strip_filler(turn.message.text))
    return {"place": place.text} if place else {}


def _may_be_a_place(turn: Turn) -> bool:
    message = turn.message
    silent = message.intent in ("affirm", "deny") or names_no_place(message.plain)
    # 我爷爷没人管，一个人在家吃不上饭 says who and what.
    silent = silent or bool(find_services(message.plain)) or len(message.text) > LONGEST_PLACE
    return bool(message.text) and not (
        silent or wants_to_send_location(message.plain) or _elsewhere(turn, "point_place")
    )


def _elsewhere(turn: Turn, asked: str | None) -> str | None:
    """A city outside the county that was named as the place, None where there is none."""
    known = current_places(turn.now)
    named = [place.value for place in turn.message.all("place")]
    said = [*named, strip_filler(turn.message.text)] if asked else named
    return next((text for text in said if text and known.is_outside(text)), None)


class CareJob(Job):
    """A service asked for somebody."""

    form = "care_form"
    intents = frozenset({"request_care", "inform", "affirm", "deny"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the request; it may also take back this one, or the last that was filed."""
        if takes_care_back(turn.message.plain):
            if asked:
                return Step(None, (Say("utter_cancelled"),))
            if not withdraw_last_care(turn):
                turn.say("utter_no_care_open")
            return Step(None)
        places = current_places(turn.now)
        wish = Wish.from_json(draft)
        if asked is None:
            if say_care_standing(turn):
                return Step(None)
            _keep_outage(turn)
            wish = _wish_at_points(turn, places) or wish
        return take_care(wish, turn.message, asked, places=places, now=turn.now)

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Register it."""
        number = register_care(
            session, wish=Wish.from_json(draft), channel=turn.channel, sender=turn.sender, now=turn.now
        )
        turn.memory = {**turn.memory, "care": number}
        name = "utter_care_filed" if draft["phone"] else "utter_care_filed_no_phone"
        return Step(None, (Say(name, {"number": number}),))

    def recap(self, turn: Turn, draft: dict[str, Any], asked: str) -> tuple[Say, ...]:
        """The request as it was read back."""
        return _read_back("care", draft, asked)

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_care_read_back":
            values = _wish_in_words(turn, values)
        turn.say(response, **values)


def _wish_at_points(turn: Turn, places: Gazetteer) -> Wish | None:
    """帮我登记 after points were found: what was looked for there is what is needed."""
    found = care_at_found_points(turn)
    if found is None:
        return None
    wish = Wish(services=tuple(found["services"]))
    if not found["place"]:
        return wish
    where = places.resolve(found["place"])
    return replace(wish, place=where.text, township=where.township, detail=where.detail)


def _keep_outage(turn: Turn) -> None:
    """An outage that was told before the wish for care, in the same message, is offered once the request is filed."""
    end = outage_beside(turn.message.plain)
    if end is None or turn.memory.get("later"):
        return
    said = turn.message.text[:end].rstrip(" ，,。")
    put_off(turn, "report_outage", said, (found for found in turn.message.found if found.end <= end))


class VolunteerJob(Job):
    """Somebody offers to help."""

    form = "volunteer_form"
    intents = frozenset({"volunteer", "inform", "affirm", "deny", "request_care"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the offer."""
        return take_volunteer(
            Wish.from_json(draft), turn.message, asked, places=current_places(turn.now), now=turn.now
        )

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Register it."""
        number = register_volunteer(
            session, wish=Wish.from_json(draft), channel=turn.channel, sender=turn.sender, now=turn.now
        )
        name = "utter_volunteer_filed" if draft["phone"] else "utter_volunteer_filed_no_phone"
        return Step(None, (Say(name, {"number": number}),))

    def recap(self, turn: Turn, draft: dict[str, Any], asked: str) -> tuple[Say, ...]:
        """The offer as it was read back."""
        return _read_back("volunteer", draft, asked)

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_volunteer_read_back":
            values = _wish_in_words(turn, values)
        turn.say(response, **values)


def _read_back(job: str, draft: dict[str, Any], asked: str) -> tuple[Say, ...]:
    if asked != f"{job}_confirm":
        return ()
    return (Say(f"utter_{job}_read_back", Wish.from_json(draft).to_json()),)


def _wish_in_words(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    unknown = turn.word("not_said")
    whom = "、".join(turn.word(f"whom_{code}") for code in (values["whom"] or "").split(",") if code)
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
    }


def say_care_standing(turn: Turn) -> bool:
    """How the person's open request for care stands, where the message asks for that; False where not, or there is none."""
    text = turn.message.plain
    if not (speaks_of_care(text) and asks_how_it_stands(text)):
        return False
    with session_scope() as session:
        found = open_care(session, turn.sender)
        if found is None:
            return False
        services = "、".join(service_name(code, turn.language) for code in found.services)
        turn.say("utter_care_standing", number=found.number, services=services)
    return True


def withdraw_last_care(turn: Turn) -> bool:
    """Take back the person's newest open request and say so; False where there is none.

    Whether the message asks for that is the caller's to know.
    """
    with session_scope() as session:
        number = withdraw_care(session, turn.sender)
    if number is None:
        return False
    turn.memory = {key: value for key, value in turn.memory.items() if key != "care"}
    turn.say("utter_care_withdrawn", number=number)
    return True
