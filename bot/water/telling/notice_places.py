"""The places that the public notice of an incident names: its own, and those of what staff merged into it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident
from bot.texts import word
from bot.water.incidents.states import MERGED
from bot.water.telling import saying
from bot.water.telling.shown_places import public_area, shown_part
from bot.water.words import notice_words

LONGEST = 80  # characters; with the words around them they fit a headline

_Place = tuple[str, str]  # township and area, "" where there is none


def places_of(session: Session, incident: Incident, language: str) -> str:
    """Townships with their areas, the incident's own first: 三塘镇金盘小区、老街、泉溪镇正街; "" where none is known.

    What does not fit into `LONGEST` is counted, not named.
    """
    found = [place for place in _places(session, incident) if place != ("", "")]
    named = len(found)
    while named > 1 and len(_said(found[:named], language)) > LONGEST:
        named -= 1
    said = _said(found[:named], language)
    if named == len(found):
        return said
    more: str = notice_words()["more_places"][language]
    return more.format(places=said, count=len(found), rest=len(found) - named)


def _said(places: list[_Place], language: str) -> str:
    areas: dict[str, list[str]] = {}
    for township, area in places:
        areas.setdefault(township, []).append(area)
    return word("said_and", language).join(
        saying.places(township, of, language) for township, of in areas.items()
    )


def _places(session: Session, incident: Incident) -> list[_Place]:
    """Each place once, but none that lies in another of them."""
    own = (incident.township or "", public_area(None, incident.area))
    found = list(dict.fromkeys([own, *_of_parts(session, incident, own)]))
    return [one for one in found if not any(_covers(other, one) for other in found)]


def _of_parts(session: Session, whole: Incident, own: _Place) -> Iterator[_Place]:
    townships = {own[0]}
    for part in _parts(session, whole):
        township, area = part.township or "", shown_part(session, part, whole)
        # The township of a place that nobody may read is named, but not a second time, as if all of it were meant.
        if area or part.confirmed_at is not None or township not in townships:
            townships.add(township)
            yield township, area


def _parts(session: Session, whole: Incident) -> list[Incident]:
    """All that was merged into `whole`, over however many steps."""
    found: list[Incident] = []
    into = [whole.id]
    while into:
        query = select(Incident).where(Incident.merged_into_id.in_(into), Incident.status == MERGED)
        parts = list(session.scalars(query.order_by(Incident.id)))
        found += parts
        into = [part.id for part in parts]
    return found


def _covers(one: _Place, other: _Place) -> bool:
    return one != other and one[0] == other[0] and other[1].startswith(one[1])
