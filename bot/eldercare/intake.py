"""Taking a wish for care, or an offer to help: pure functions of draft and message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.dialogue.details import agrees, combine_places, kept_words, strip_filler
from bot.dialogue.turn import Say, Step, Understood
from bot.eldercare.services import find_services
from bot.eldercare.skills import corrected, skills_in
from bot.eldercare.who import WHOM, find_whom, old_persons_name, without_whom
from bot.nlu.spans import Span
from bot.places.gazetteer import Gazetteer, Resolved, in_township

MAX_WORDS = 12
_TIMES = 2  # how often a detail is asked for
_NOTHING = ("affirm", "deny")
_ASAP = re.compile(r"尽快|越快越好|马上|现在|今天|随时|asap|soon", re.IGNORECASE)
_PARTS = re.compile(r"[，,。;；!！]+")
_ABOUT_TIME = re.compile(r"开始|起|就|要|吧|啊|哦|呢|[，,。.!！\s]")
_DONT_KNOW = re.compile(r"不(晓得|知道|清楚)|没有|不留|不说|随便|都可以|don'?t know")
# A question, or more than a place: 第二个开门吗, 三塘镇，我叫王芳.
_NO_PLACE = re.compile(r"(吗|呢|几|怎么|什么|多少)[?？]?$|[?？]|叫|电话|\d{5}")
_ONESELF = re.compile(r"(?:是|给|就)?(?:我自己|我们?自?己?|自己|本人|我老?人家)(?:用|要|申请)?")
# What is said before a question that comes a second time.
_AGAIN = {
    "service": "utter_service_again",
    "place": "utter_place_again",
    "name": "utter_name_again",
    "phone": "utter_phone_again",
}


@dataclass(frozen=True)
class Wish:
    """A care request or a volunteer in the making.

    Attributes:
        id: given by the action when the draft is opened; a draft is filed once.
        services: codes of what is needed, or can be done.
        whom: who needs it ("father", "self" ...); several with commas ("father,mother").
        start: the wished start as an ISO date, `start_text` in the person's words.
        words: all that was said, for staff.
    """

    id: str = ""
    services: tuple[str, ...] = ()
    whom: str | None = None
    name: str | None = None
    place: str | None = None
    township: str | None = None
    detail: str = ""
    phone: str | None = None
    start: str | None = None
    start_text: str | None = None
    skills: str | None = None
    asked: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Wish:
        """The inverse of `to_json`."""
        lists = ("services", "asked", "words")
        values: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in (data or {}).items()}
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """A dictionary that fits into a slot."""
        return asdict(self)


def take_care(
    wish: Wish, message: Understood, asked: str | None, *, places: Gazetteer, now: datetime
) -> Step:
    """Put a message into a care request; what comes next."""
    before = wish
    wish = _common(_services(wish, message, asked), message, asked, places)
    wish = _start(wish, message, asked, before, now)
    start_again = asked == "care_start" and _told(wish, before)
    questions = {
        "care_service": not wish.services,
        "care_place": not wish.place and wish.asked.count("care_place") < _TIMES,
        "care_township": bool(wish.place) and not wish.township and "care_township" not in wish.asked,
        "care_name": not wish.name and _ask_name(wish, message, asked, "care_name"),
        "care_phone": not wish.phone and wish.asked.count("care_phone") < _TIMES,
        "care_start": not wish.start_text and wish.asked.count("care_start") < 1 + start_again,
    }
    return _go_on(wish, before, message, asked, questions, "care")


def take_volunteer(
    wish: Wish, message: Understood, asked: str | None, *, places: Gazetteer, now: datetime
) -> Step:
    """Put a message into a volunteer's offer; what comes next."""
    before = wish
    wish = _skills(_common(wish, message, asked, places), message, asked)
    questions = {
        "volunteer_place": not wish.place and wish.asked.count("volunteer_place") < _TIMES,
        "volunteer_skills": not wish.skills and not wish.services and "volunteer_skills" not in wish.asked,
        "volunteer_name": not wish.name and _ask_name(wish, message, asked, "volunteer_name"),
        "volunteer_phone": not wish.phone and wish.asked.count("volunteer_phone") < _TIMES,
    }
    return _go_on(wish, before, message, asked, questions, "volunteer")


def _told(wish: Wish, before: Wish) -> bool:
    return replace(wish, words=before.words) != before


def _ask_name(wish: Wish, message: Understood, asked: str | None, question: str) -> bool:
    """Once, and again where something was answered that is no name; who will not tell is left alone."""
    if asked != question:
        return question not in wish.asked
    refused = message.intent in _NOTHING or not message.text or _DONT_KNOW.search(message.plain)
    return not refused and wish.asked.count(question) < _TIMES


def _services(wish: Wish, message: Understood, asked: str | None) -> Wish:
    """Services and for whom they are; what nobody could name after two questions is "other"."""
    services = tuple(dict.fromkeys((*wish.services, *find_services(message.plain))))
    if asked == "care_service" and not services:
        said = message.text and message.intent not in _NOTHING and not _DONT_KNOW.search(message.plain)
        services = ("other",) if said or wish.asked.count("care_service") >= _TIMES else ()
    whom = find_whom(message.plain)
    if asked in ("care_confirm", "care_correct"):
        whom = tuple(code for code in whom if not _not_for(code, message.plain))
        return replace(wish, services=services, whom=",".join(whom) or wish.whom)
    if wish.whom and asked in (None, "care_service"):
        whom = tuple(dict.fromkeys((*wish.whom.split(","), *whom)))
    elif wish.whom:
        whom = tuple(wish.whom.split(","))
    return replace(wish, services=services, whom=",".join(whom) or None)


def _not_for(code: str, text: str) -> bool:
    return bool(re.search(rf"不是(我|老)?(?:{dict(WHOM)[code]})", text))


def _skills(wish: Wish, message: Understood, asked: str | None) -> Wish:
    silent = message.intent in _NOTHING or bool(_DONT_KNOW.search(message.plain))
    can, cannot = skills_in(message, asked=asked == "volunteer_skills" and not silent)
    if not can and not cannot:
        offered = tuple(dict.fromkeys((*wish.services, *find_services(message.plain))))
        return wish if asked == "volunteer_correct" else replace(wish, services=offered)
    review = asked in ("volunteer_confirm", "volunteer_correct")
    anew = review and not cannot and not re.search(r"还|也|also", message.plain)
    skills = corrected(wish.skills, can, cannot, anew=anew)
    kept = () if review else wish.services
    return replace(wish, skills=skills, services=tuple(dict.fromkeys((*kept, *find_services(skills or "")))))


def _common(wish: Wish, message: Understood, asked: str | None, places: Gazetteer) -> Wish:
    kind = (asked or "").rsplit("_", 1)[-1]
    phone = message.last("phone")
    if phone:
        wish = replace(wish, phone=str(phone.data.get("number", phone.value)))
    said = _without_times(message) if kind == "name" else message
    name = old_persons_name(said, wish.whom, asked=kind == "name", bare=phone is not None)
    wish = replace(wish, name=name or wish.name, words=kept_words(wish.words, message.text, MAX_WORDS))
    found = combine_places(places, message.all("place"))
    if found is None or not found.detail:
        bare = _bare_place(wish, message, kind, places)
        # 栗江镇牛婆凼, of which only 栗江镇 was found: all of it is the place.
        found = bare if bare and (found is None or bare.township == found.township) else found
    return _put_place(wish, found) if found else wish


def _only_a_time(text: str, message: Understood) -> bool:
    """Whether a part of the message says when and nothing else, so no name: 明天上午, 尽快, 下周一开始."""
    left = text
    for found in (*message.all("time"), *message.all("duration")):
        left = left.replace(found.value, "")
    left = _ASAP.sub("", left)
    return left != text and not _ABOUT_TIME.sub("", left)


def _without_times(message: Understood) -> Understood:
    """The message without the parts that only say when, which are no name."""
    parts = [part for part in _PARTS.split(message.text) if part and not _only_a_time(part, message)]
    return replace(message, text="，".join(parts))


def _bare_place(wish: Wish, message: Understood, kind: str, places: Gazetteer) -> Resolved | None:
    """The words that answer 'where?'; what is no place in the county only when it is said again."""
    if kind not in ("place", "township") or message.intent in _NOTHING or _DONT_KNOW.search(message.plain):
        return None
    text = message.text
    for phone in message.all("phone"):
        text = text.replace(phone.value, " ")
    said = places.resolve(without_whom(strip_filler(text)))
    if not 0 < len(said.text) <= 40 or _NO_PLACE.search(said.text) or _ONESELF.fullmatch(said.text):
        return None
    if said.township or kind == "township":
        return said if said.township else None
    insisted = sum(question.endswith("_place") for question in wish.asked) >= _TIMES
    elsewhere = places.is_outside(said.text) or any(places.is_outside(p.value) for p in message.all("place"))
    return said if insisted or not (elsewhere or find_services(said.text)) else None


def _put_place(wish: Wish, found: Resolved) -> Wish:
    if found.township and not found.detail and wish.detail:
        return replace(wish, township=found.township, place=in_township(found.township, wish.detail))
    if not found.township and wish.township and not wish.detail:
        return replace(wish, detail=found.detail, place=in_township(wish.township, found.detail))
    return replace(wish, place=found.text, township=found.township, detail=found.detail)


def _start(wish: Wish, message: Understood, asked: str | None, before: Wish, now: datetime) -> Wish:
    time = next((t for t in message.all("time") if t.data.get("kind") != "past"), None)
    if time and (
        asked in ("care_start", "care_confirm", "care_correct")
        or (asked == "care_name" and _only_a_time(message.text, message))
        or re.search(r"开始|起", message.plain)
    ):
        return replace(wish, start=_day(time, now), start_text=time.value)
    if asked == "care_name" and not message.all("time") and _only_a_time(message.text, message):
        return replace(wish, start_text=message.text[:40])
    if asked != "care_start" or not message.text:
        return wish
    silent = message.intent in _NOTHING or _DONT_KNOW.search(message.plain) or _told(wish, before)
    if silent and not _ASAP.search(message.plain):
        return wish
    return replace(wish, start_text=message.text[:40])


def _day(time: Span, now: datetime) -> str | None:
    """The ISO date of a time that names a day to come; 中午 names none."""
    iso = str(time.data.get("iso") or "")[:10]
    return iso if iso and time.data.get("grain") == "day" and iso >= now.date().isoformat() else None


def _go_on(
    wish: Wish, before: Wish, message: Understood, asked: str | None, questions: Mapping[str, bool], job: str
) -> Step:
    if asked == f"{job}_confirm" and not _told(wish, before):
        if agrees(message):
            return Step(wish.to_json(), (), None, done=True)
        if message.intent == "deny":
            return Step(wish.to_json(), (), f"{job}_correct")
    question = next((name for name, missing in questions.items() if missing), f"{job}_confirm")
    says: tuple[Say, ...] = ()
    kind = question.rsplit("_", 1)[-1]
    if kind == "confirm":
        says = (Say(f"utter_{job}_read_back", wish.to_json()),)
    elif kind in _AGAIN and question in wish.asked:
        # What was told instead (a phone, asked for the name) was understood.
        says = (Say("utter_noted" if _told(wish, before) else _AGAIN[kind]),)
    wish = replace(wish, asked=(*wish.asked, question))
    return Step(wish.to_json(), says, question)
