"""Where an outage is, as far as one message tells."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue.details import combine_places, strip_filler
from bot.dialogue.turn import Understood
from bot.places.gazetteer import Gazetteer, Resolved, in_township
from bot.water.talk.draft import Draft
from bot.water.talk.problems import find_problems

_NO_ANSWER = re.compile(
    r"不(晓得|知道|清楚|记得)|搞不清|记不(清|得)|don'?t know|not sure|几点|什么|怎么|谁|哪|吗|你们|[?？]|^没有?$"
)
_NAME_BEFORE_PROBLEM = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,5}?)(这边|那边|这里|又|都|全)?(停水|没水|断水|没得水|没有水)"
)
_WAY_ON = re.compile(r"[左右]|第.{1,2}[栋家户排]|\d+[栋号楼]|对面|后面|前面|进去|下来|上去|往里|隔壁")
_NO_PLACE = re.compile(
    r"邻居|隔壁|和|跟|我|你|他|她|家|屋|这|那|里|今|昨|前|早|晚|现|刚|又|都|全|还|就|已|怎|为|什|哪|是|不|没|有|在|的|了|楼上|小区|村子|水|天|停|一直|突然|经常|老是|大家|厕所|厨房|请|帮|要|报|听|说|问|因|从|通知"
)
_EVERYWHERE = re.compile(r"到处|[好很许]多|全部|都|everywhere")  # no answer to which part of it
_COUNTY = re.compile(r"(?:湖南省?)?(?:衡阳市?)?衡南县?")


def fill_place(draft: Draft, message: Understood, asked: str | None, places: Gazetteer) -> Draft:
    """Where: a place that was recognised, a location, or the bare answer to the question."""
    spot = message.last("coordinates")
    if spot:
        draft = replace(draft, lat=float(spot.data["lat"]), lon=float(spot.data["lon"]))
        said = Resolved(spot.value, draft.township, spot.value)
        return draft if draft.place else replace(draft, **draft.at(said))
    found = combine_places(places, message.all("place"))
    asked_where = asked in ("outage_place", "outage_detail", "outage_township", "outage_township_again")
    if found is None and asked == "outage_detail":
        found = (
            None if _others_in(message) or _EVERYWHERE.search(message.plain) else bare_place(message, places)
        )
    elif found is None and asked_where:
        found = bare_place(message, places, township_only=asked != "outage_place")
    elif found and asked_where and draft.danger and not _others_in(message):
        found = places.resolve(strip_filler(message.text))  # where helpers drive to is kept whole
    elif found and asked_where and not _others_in(message) and (not found.detail or _goes_on(message)):
        found = places.resolve(strip_filler(message.text))  # 栗江镇的牛婆凼: all of it is the place
    elif found is None and asked is None:
        found = _leading_place(message, places)
    if found is None:
        return draft
    return replace(draft, **draft.at(merge_place(draft, found)))


def bare_place(message: Understood, places: Gazetteer, *, township_only: bool = False) -> Resolved | None:
    """An answer to 'where?' in which no place was recognised is taken as said; None where it is no place."""
    if message.intent in ("deny", "affirm", "greet", "thank") or _NO_ANSWER.search(message.plain):
        return None
    bare = strip_filler(message.text)
    if _COUNTY.fullmatch(bare):
        return None  # all of it is served from here
    said = places.resolve(bare)
    if said.township or said.candidates:
        return said
    has_other_detail = any(f.entity in ("phone", "time", "duration") for f in message.found)
    if township_only or has_other_detail or len(said.text) > 40 or find_problems(message.plain):
        return None
    return said


def _goes_on(message: Understood) -> bool:
    """Whether the place goes beyond what was recognised: 老车站下来左手边第三栋."""
    places = message.all("place")
    if not places:
        return False
    cut_short = message.plain.isascii() and places[0].start > 0  # Old Street, of which Street was recognised
    return cut_short or bool(_WAY_ON.search(message.plain[places[-1].end :]))


def _others_in(message: Understood) -> bool:
    return any(f.entity in ("phone", "time", "duration", "number", "scope") for f in message.found) or bool(
        find_problems(message.plain)
    )


def _leading_place(message: Understood, places: Gazetteer) -> Resolved | None:
    """An unknown name in front of the problem (牛婆凼停水了): taken as said, its township asked for."""
    match = _NAME_BEFORE_PROBLEM.match(message.plain)
    if not match or _NO_PLACE.search(match["name"]):
        return None
    return places.resolve(message.text[match.start("name") : match.end("name")])


def merge_place(draft: Draft, found: Resolved) -> Resolved:
    """The new place with what the old one adds: a township to a village, a village to a township."""
    if not draft.place:
        return found
    if found.township and not found.detail and draft.detail:
        return Resolved(in_township(found.township, draft.detail), found.township, draft.detail)
    if (
        not found.township
        and draft.township
        and not found.candidates
        and found.text not in (draft.place or "")
    ):
        return Resolved(in_township(draft.township, found.detail), draft.township, found.detail)
    if found.text in (draft.place or "") and draft.township and not found.township:
        return Resolved(draft.place or "", draft.township, draft.detail)
    return found
