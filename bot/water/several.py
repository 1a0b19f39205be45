"""Several places in one message: taken as reports of their own, one after the other."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.details import combine_places
from bot.dialogue.turn import Understood
from bot.places.gazetteer import Gazetteer
from bot.water.draft import Draft
from bot.water.problems import find_problems


def split(draft: Draft, message: Understood, places: Gazetteer) -> Draft:
    """Two places, each followed by its own problem, become two drafts, taken one after the other."""
    found = message.all("place")
    if len(found) < 2 or "不是" in message.text:
        return draft
    pieces = []
    for place, following in zip(found, (*found[1:], None), strict=True):
        part = message.plain[place.end : following.start if following else None]
        pieces.append((places.resolve(place.value), find_problems(part)))
    whole = [(place, problems) for place, problems in pieces if problems]
    if len(whole) < 2 or len({place.text for place, _ in whole}) < 2:
        return draft
    rest = tuple(
        Draft(problems=problems, **draft.at(place), words=draft.words).to_json()
        for place, problems in whole[1:]
    )
    first, problems = whole[0]
    return replace(draft, problems=problems, **draft.at(first), rest=rest)


def swap(draft: Draft, message: Understood, places: Gazetteer) -> Draft | None:
    """Another of the places that were named first is wanted before this one."""
    found = combine_places(places, message.all("place"))
    if not draft.rest or found is None:
        return None
    for i, other in enumerate(draft.rest):
        other_place = str(other["place"])
        if found.text in other_place or (found.detail and found.detail in other_place):
            mine = replace(draft, rest=()).to_json()
            rest = (mine, *(o for k, o in enumerate(draft.rest) if k != i))
            return replace(Draft.from_json(other), rest=rest, phone=draft.phone, name=draft.name)
    return None


def inherit(following: Draft, filed: Draft) -> Draft:
    """Time, phone and name said for the first place hold for the next, unless it has its own."""
    asked = tuple(q for q in filed.asked if q in ("rest", "outage_households", "outage_phone"))
    return replace(
        following,
        started_at=following.started_at or filed.started_at,
        started_text=following.started_text or filed.started_text,
        started_grain=following.started_grain or filed.started_grain,
        phone=following.phone or filed.phone,
        name=following.name or filed.name,
        words=filed.words,
        rest=tuple(r for r in following.rest if r.get("place") != filed.place),
        asked=asked,
    )
