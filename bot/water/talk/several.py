"""Several places in one message: taken as reports of their own, one after the other."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue.details import combine_places
from bot.dialogue.turn import Understood
from bot.nlu.spans import Span
from bot.places.gazetteer import Gazetteer, Resolved
from bot.water.talk.draft import Draft
from bot.water.talk.problems import find_problems

_AND = re.compile(r"和|、|跟|同|还有|与|以及|and")
_ALSO = re.compile(r"^.{0,6}也(停|没|断|是|这样)")


def split(draft: Draft, message: Understood, places: Gazetteer) -> Draft:
    """Two places, each followed by its own problem, become two drafts, taken one after the other."""
    found = message.all("place")
    if len(found) < 2 or "不是" in message.text:
        return draft
    pieces: list[tuple[Resolved, tuple[str, ...]]] = []
    for place, following in zip(found, (*found[1:], None), strict=True):
        part = message.plain[place.end : following.start if following else None]
        problems = find_problems(part)
        if not problems and pieces and _ALSO.search(part):
            problems = pieces[-1][1]  # 我娘家泉溪镇也停了
        pieces.append((places.resolve(place.value), problems))
        if following and not problems and _AND.fullmatch(part.strip()):
            pieces[-1] = (pieces[-1][0], _problems_after(message, found, following))
    whole = [(place, problems) for place, problems in pieces if problems]
    if len(whole) < 2 or len({place.text for place, _ in whole}) < 2:
        return draft
    rest = tuple(
        Draft(problems=problems, **draft.at(place), words=draft.words).to_json()
        for place, problems in whole[1:]
    )
    first, problems = whole[0]
    return replace(draft, problems=problems, **draft.at(first), rest=rest)


def _problems_after(message: Understood, found: tuple[Span, ...], following: Span) -> tuple[str, ...]:
    """三塘镇和泉溪镇都停水了: the first place has the problem said behind the next one."""
    later = [span for span in found if span.start > following.start]
    return find_problems(message.plain[following.end : later[0].start if later else None])


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
