"""Taking a wish for care, or an offer to help: pure functions of draft and message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.dialogue.details import combine_places, find_name, strip_filler
from bot.dialogue.turn import Say, Step, Understood
from bot.eldercare.services import find_services
from bot.places.gazetteer import Gazetteer, Resolved

MAX_WORDS = 8
_NO_NAME = ("affirm", "deny", "cancel", "greet", "thank")
_WHOM = (
    ("father", r"爸|父亲|老爷子|公公|岳父|家公|my (father|dad)"),
    ("mother", r"妈|母亲|我娘|老娘|婆婆|岳母|家婆|my (mother|mom|mum)"),
    ("grandmother", r"奶奶|外婆|娭毑|grandm"),
    ("grandfather", r"爷爷|外公|嗲嗲|爹爹|grandf"),
    ("neighbour", r"邻居|隔壁|组里|村里有?个|neighbou?r"),
    ("self", r"我自己|我一个人|我(今年)?[0-9〇一二三四五六七八九十]+(岁|了)|my ?self"),
)
_ASAP = re.compile(r"尽快|越快越好|马上|现在|今天|随时|asap|soon", re.IGNORECASE)
_DONT_KNOW = re.compile(r"不(晓得|知道|清楚)|没有|不留|随便|都可以|don'?t know")
_CALLED = re.compile(
    r"(?:他|她|我爸|我妈|老人|老人家|我爷爷|我奶奶|爸爸|妈妈)(?:的名字)?(?:叫|是|名叫)([\u4e00-\u9fff]{2,4})(?=$|[，,。.\s、])"
)


@dataclass(frozen=True)
class Wish:
    """A care request or a volunteer in the making.

    Attributes:
        services: codes of what is needed, or can be done.
        whom: who needs it ("father", "self" ...).
        start: the wished start as an ISO date, `start_text` in the person's words.
        words: all that was said, for staff.
    """

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
    wish = _common(wish, message, asked, places)
    services = tuple(dict.fromkeys((*wish.services, *find_services(message.plain))))
    if asked == "care_service" and not services and message.text and message.intent != "deny":
        services = ("other",)
    whom = wish.whom or next((code for code, pattern in _WHOM if re.search(pattern, message.plain)), None)
    wish = _start(replace(wish, services=services, whom=whom), message, asked)
    questions = {
        "care_service": not wish.services,
        "care_place": not wish.place,
        "care_township": not wish.township and "care_township" not in wish.asked,
        "care_name": not wish.name and "care_name" not in wish.asked,
        "care_phone": not wish.phone and wish.asked.count("care_phone") < 2,
        "care_start": not wish.start_text and "care_start" not in wish.asked,
    }
    return _go_on(wish, before, message, asked, questions, "care")


def take_volunteer(
    wish: Wish, message: Understood, asked: str | None, *, places: Gazetteer, now: datetime
) -> Step:
    """Put a message into a volunteer's offer; what comes next."""
    before = wish
    wish = _common(wish, message, asked, places)
    can = re.search(r"会.{1,30}", message.plain)
    if can and asked != "volunteer_confirm":
        wish = replace(wish, skills=message.text[can.start() : can.end()])
    elif asked == "volunteer_skills" and message.text:
        wish = replace(wish, skills=message.text[:120])
    wish = replace(wish, services=tuple(dict.fromkeys((*wish.services, *find_services(message.plain)))))
    questions = {
        "volunteer_place": not wish.place,
        "volunteer_skills": not wish.skills and not wish.services and "volunteer_skills" not in wish.asked,
        "volunteer_name": not wish.name and "volunteer_name" not in wish.asked,
        "volunteer_phone": not wish.phone and wish.asked.count("volunteer_phone") < 2,
    }
    return _go_on(wish, before, message, asked, questions, "volunteer")


def _common(wish: Wish, message: Understood, asked: str | None, places: Gazetteer) -> Wish:
    kind = (asked or "").rsplit("_", 1)[-1]
    phone = message.last("phone")
    if phone:
        wish = replace(wish, phone=str(phone.data.get("number", phone.value)))
    called = _CALLED.search(message.text)
    name = called.group(1) if called else find_name(message, bare=phone is not None or kind == "name")
    if name is None and kind == "name" and message.intent not in _NO_NAME and not phone:
        said = strip_filler(message.text)
        name = said[:12] if said and not _DONT_KNOW.search(message.plain) else None
    wish = replace(wish, name=name or wish.name, words=(*wish.words, message.text)[-MAX_WORDS:])
    found = combine_places(places, message.all("place"))
    if (
        found is None
        and kind in ("place", "township")
        and message.text
        and message.intent not in ("deny", "affirm")
    ):
        said_place = places.resolve(strip_filler(message.text))
        fits = said_place.township or (kind == "place" and not phone and len(said_place.text) <= 40)
        found = said_place if fits and not _DONT_KNOW.search(message.plain) else None
    return _put_place(wish, found) if found else wish


def _put_place(wish: Wish, found: Resolved) -> Wish:
    if found.township and not found.detail and wish.detail:
        return replace(wish, township=found.township, place=f"{found.township}{wish.detail}")
    if not found.township and wish.township and not wish.detail:
        return replace(wish, detail=found.detail, place=f"{wish.township}{found.detail}")
    return replace(wish, place=found.text, township=found.township, detail=found.detail)


def _start(wish: Wish, message: Understood, asked: str | None) -> Wish:
    time = next((t for t in message.all("time") if t.data.get("kind") != "past"), None)
    if time and (
        asked in ("care_start", "care_confirm", "care_correct") or re.search(r"开始|起", message.plain)
    ):
        iso = time.data.get("iso")
        return replace(wish, start=str(iso)[:10] if iso else None, start_text=time.value)
    if _ASAP.search(message.plain) and asked == "care_start":
        return replace(wish, start_text=message.text[:40])
    if asked == "care_start" and message.text:
        return replace(wish, start_text=message.text[:40])
    return wish


def _go_on(
    wish: Wish, before: Wish, message: Understood, asked: str | None, questions: Mapping[str, bool], job: str
) -> Step:
    changed = replace(wish, words=before.words) != before
    if asked == f"{job}_confirm" and not changed:
        if message.intent == "affirm":
            return Step(wish.to_json(), (), None, done=True)
        if message.intent == "deny":
            return Step(wish.to_json(), (), f"{job}_correct")
    question = next((name for name, missing in questions.items() if missing), f"{job}_confirm")
    says = (Say(f"utter_{job}_read_back", wish.to_json()),) if question == f"{job}_confirm" else ()
    wish = replace(wish, asked=(*wish.asked, question))
    return Step(wish.to_json(), says, question)
