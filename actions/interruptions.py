"""A question in the middle of a job: answered, and then the job's question is asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actions.answers import say_handover, say_news, say_standing, say_water_safety
from actions.documents import NEIGHBOURS, USEFUL, USELESS, WHOLE, about_answer, say_answer
from actions.later import put_off
from actions.restored import INTENTS as WATER_ANSWERS
from actions.restored import answer_by_button
from actions.turn import FALLBACKS, Turn
from bot.dialogue.details import (
    agrees,
    does_not_know,
    is_name,
    is_question,
    looks_like_a_spot,
    means_only_mine,
)
from bot.water.talk.corrections import field_at_fault
from bot.water.talk.doubles import is_answer
from bot.water.talk.safety import asks_for_the_cost, asks_whether_water_is_safe

# Entities that answer a question, by the last word of its name; anything else said counts as no answer.
_FITTING = {
    "place": ("place", "coordinates"),
    "township": ("place", "coordinates"),
    "how": ("place", "coordinates"),
    "detail": ("place", "coordinates", "time", "duration", "scope", "number", "phone"),
    "time": ("time", "duration"),
    "phone": ("phone",),
    "number": ("report_number", "phone"),
    "households": ("number", "scope", "phone"),
    "casualties": ("number",),
    "start": ("time",),
    "confirm": ("place", "time", "duration", "phone", "problem"),
    "correct": ("place", "time", "duration", "phone", "problem", "service", "number"),
    "next": ("place",),
    "double": ("place", "time", "duration", "phone", "problem", "number", "scope"),
    "service": ("service",),
    "kind": ("contract_type",),
}
# What only an answer holds, whatever the sentence looks like by itself.
_DETAILS = ("place", "coordinates", "phone", "number", "scope", "problem", "report_number", "duration")
# Questions that any words may answer: only a clear question to the assistant interrupts them.
_FREE = ("text", "skills", "name", "problem", "start", "correct", "party")
_SURE, _VERY_SURE = 0.55, 0.8
_NOT_NEEDED = ("_detail", "_time", "_households", "_start")
_OTHER_JOBS = frozenset(
    {"report_outage", "subscribe_updates", "find_service_point", "request_care", "volunteer",
     "contract_checklist", "give_feedback", "unsubscribe_updates"}
)  # fmt: skip


def is_interruption(turn: Turn, own: frozenset[str], asked: str) -> bool:
    """True where the message is no answer to `asked` but something else that the assistant knows."""
    message = turn.message
    if asks_whether_water_is_safe(message.plain) or asks_for_the_cost(message.plain):
        return True
    if asked in ("outage_confirm", "outage_correct") and field_at_fault(message.plain):
        return False
    if asked.endswith("_name") and is_name(message.text):
        return False
    if (asked.endswith("_confirm") and agrees(message)) or (asked.endswith("_double") and is_answer(message)):
        return False
    if message.intent == "out_of_scope" and any(message.all(entity) for entity in _DETAILS):
        return False  # half a sentence out of a talk looks like nothing by itself, yet it tells something
    if message.intent in FALLBACKS and _answers_all_the_same(message.plain, asked):
        return False
    free = asked.endswith(("_skills", "_start"))
    if free and message.intent == "out_of_scope" and not is_question(message.plain):
        return False  # what people can do, and wish for, is as varied as they are: 会打针, 会修收音机, 尽快, 莫放辣椒
    if message.intent not in _ANSWERS or message.intent in own:
        return False
    kind = asked.rsplit("_", 1)[-1] if not asked.endswith("_again") else "township"
    if any(message.all(entity) for entity in _FITTING.get(kind, ())):
        return message.confidence >= _VERY_SURE and message.intent in ("ask_procedure", "ask_eldercare")
    return message.confidence >= (_VERY_SURE if kind in _FREE else _SURE)


def _answers_all_the_same(text: str, asked: str) -> bool:
    """Words that look like nothing by themselves: 学校后面, asked where; don't know, asked for what nobody needs."""
    if is_question(text):
        return False
    if asked.endswith("_households") and means_only_mine(text):
        return True
    where = asked.endswith(("_place", "_detail")) and looks_like_a_spot(text)
    return where or (asked.endswith(_NOT_NEEDED) and does_not_know(text))


def answer_in_between(turn: Turn) -> None:
    """Answer the question in the message; the job's own question follows by itself."""
    if asks_whether_water_is_safe(turn.message.plain):
        say_water_safety(turn)
        return
    if asks_for_the_cost(turn.message.plain):
        turn.say("utter_cost")
        return
    _ANSWERS[turn.message.intent](turn)


def _only_the_question(_turn: Turn) -> None:
    """A greeting or a thank-you needs no more than the question again."""


def _finish_first(turn: Turn) -> None:
    """What is wanted in the middle is kept and offered when the job is done."""
    put_off(turn, turn.message.intent, turn.message.text, turn.message.found)
    turn.say("utter_finish_first")


def _standing(turn: Turn) -> None:
    """How a report stands; asked while one is being taken, that there is none yet, without a question of its own."""
    taking = (turn.tracker.active_loop or {}).get("name") == "outage_form"
    say_standing(turn, none="utter_not_filed_yet" if taking else "utter_report_none")


def _capabilities(turn: Turn) -> None:
    turn.say("utter_capabilities")


def _out_of_scope(turn: Turn) -> None:
    turn.say("utter_again")


_ANSWERS: Mapping[str, Callable[[Turn], object]] = {
    "ask_procedure": say_answer,
    "ask_eldercare": say_answer,
    "ask_outage_news": say_news,
    "check_report": _standing,
    "ask_capabilities": _capabilities,
    "greet": _only_the_question,
    "thank": _only_the_question,
    "request_human": say_handover,
    "out_of_scope": _out_of_scope,
    **dict.fromkeys(WATER_ANSWERS, answer_by_button),
    **dict.fromkeys((USEFUL, USELESS, NEIGHBOURS, WHOLE), about_answer),
    **dict.fromkeys(_OTHER_JOBS, _finish_first),
}
