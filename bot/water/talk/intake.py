"""Taking an outage report, one message at a time (a pure function of draft and message)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.dialogue.details import agrees, kept_words
from bot.dialogue.turn import Say, Step, Understood
from bot.places.gazetteer import Gazetteer
from bot.water.talk import doubles
from bot.water.talk.corrections import field_at_fault, place_instead, says_contrast
from bot.water.talk.draft import Draft
from bot.water.talk.filling import fill_rest
from bot.water.talk.named_problems import fill_problem
from bot.water.talk.readback import read_back
from bot.water.talk.several import inherit, split, swap
from bot.water.talk.where import fill_place, merge_place

_WILLING = re.compile(
    r"(好|可以|行|要得|方便|中|留|能)[的啊呀嘛了吧]*|留一?个吧?|yes|ok|okay|sure", re.IGNORECASE
)
_KEEPS_IT = re.compile(r"不|没|无|算了|随便|免了|\b(?:no|none|skip|rather not)\b")
MAX_WORDS = 12  # messages kept with a report
TRIES = 2  # how often one thing is asked before the report goes on without it
LARGE = 100  # households: more than a place that could be named
LOST_AFTER = 3  # or, for what it cannot do without, a person is asked to help


def take(draft: Draft, message: Understood, asked: str | None, *, places: Gazetteer, now: datetime) -> Step:
    """Put what `message` says into `draft` and say what comes next.

    Args:
        draft: what is known so far.
        message: the person's message, normalised.
        asked: the question that was asked before, None at the start.
        places: townships and villages.
        now: county-local time.
    """
    if asked == "outage_next":
        return _next_place(draft, message, places=places, now=now)
    before = draft
    draft = replace(draft, words=kept_words(draft.words, message.text, MAX_WORDS))
    if asked is None:
        draft = split(draft, message, places)
    if asked in ("outage_confirm", "outage_correct") and (wrong := field_at_fault(message.plain)):
        return Step(replace(draft, asked=(*draft.asked, wrong)).to_json(), (), wrong)
    if _will_give_phone(draft, message, asked):
        draft = replace(draft, asked=(*draft.asked, "outage_phone"))
        return Step(draft.to_json(), (Say("utter_say_phone"),), "outage_phone")
    swapped = swap(draft, message, places) if asked else None
    if swapped:
        return _go_on(swapped, asked, message, changed=True, now=now)
    if not (asked is None and draft.rest):  # two places have their own problems already
        instead = place_instead(message, places) if asked in ("outage_confirm", "outage_correct") else None
        draft = fill_problem(draft, message)
        draft = (
            replace(draft, **draft.at(merge_place(draft, instead)))  # 地址改成新街
            if instead
            else fill_place(draft, message, asked, places)
        )
    draft = fill_rest(draft, message, asked, now)
    if asked == doubles.QUESTION:
        draft = doubles.settle(draft, message)
        if draft.joins:  # nothing more is asked, and nothing read back: the incident says the rest
            return Step(draft.to_json(), (), None, done=True)
        if draft.doubles:
            return Step(draft.to_json(), (), asked)
    changed = replace(draft, words=before.words) != before
    again = asked if asked and _is_still_open(draft, message, asked, changed=changed) else None
    return _go_on(draft, asked, message, changed=changed, now=now, again=again)


def _is_still_open(draft: Draft, message: Understood, asked: str, *, changed: bool) -> bool:
    """Something else was said than what was asked (就我一家, 就是停水, asked for the phone), so that is asked once more."""
    keeps_it = not message.text or message.intent == "deny" or bool(_KEEPS_IT.search(message.plain))
    answered = {
        "outage_households": not changed or _extent_known(draft) or bool(draft.phone),
        "outage_phone": bool(draft.phone) or keeps_it,
    }
    return not answered.get(asked, True) and draft.asked.count(asked) < TRIES


def reopen(draft: Draft, message: Understood, *, now: datetime) -> Step:
    """Go on with a report that was filed and corrected: what is still open is asked, then it is read back."""
    draft = replace(draft, words=kept_words(draft.words, message.text, MAX_WORDS))
    return _go_on(draft, "outage_correct", message, changed=True, now=now)


def _go_on(
    draft: Draft,
    asked: str | None,
    message: Understood,
    *,
    changed: bool,
    now: datetime,
    again: str | None = None,
) -> Step:
    says: list[Say] = []
    if draft.danger and "emergency" not in draft.asked:
        says.append(Say(f"utter_emergency_{draft.danger}"))
        draft = replace(draft, asked=(*draft.asked, "emergency"))
    elif draft.danger and draft.casualties and "casualties" not in draft.asked:
        says.append(Say("utter_emergency_again", {"casualties": draft.casualties}))
        draft = replace(draft, asked=(*draft.asked, "casualties"))
    if draft.rest and "rest" not in draft.asked:
        says.append(Say("utter_two_places", {"count": len(draft.rest) + 1, "place": draft.place}))
        draft = replace(draft, asked=(*draft.asked, "rest"))
    if asked == "outage_confirm" and not changed and agrees(message):
        return Step(draft.to_json(), tuple(says), None, done=True)
    if _lost(draft):
        return Step(None, (*says, Say("utter_handed_over")), None)
    question = again if again and not draft.danger else _next_question(draft)
    if question == "outage_township" and draft.candidates:
        says.append(
            Say("utter_which_township", {"place": draft.place, "townships": "、".join(draft.candidates)})
        )
    if question is None:
        return Step(draft.to_json(), tuple(says), None, done=True)
    if changed and question == asked and question not in ("outage_confirm", "outage_correct"):
        says.append(Say("utter_noted"))  # or the same question would look like deaf ears
    if question == "outage_confirm":
        if asked == "outage_confirm" and not changed and (message.intent == "deny" or says_contrast(message)):
            return Step(draft.to_json(), tuple(says), "outage_correct")
        says.append(read_back(draft, now))
    draft = replace(draft, asked=(*draft.asked, question))
    return Step(draft.to_json(), tuple(says), question)


def _next_question(draft: Draft) -> str | None:
    """The first thing still missing; None where the report can be filed without asking more."""
    if draft.danger:
        return _urgent_question(draft)
    if not draft.problems:
        return "outage_problem"
    if not draft.place:
        return "outage_place"
    if not draft.township and draft.lat is None:
        following = next(
            (q for q in ("outage_township", "outage_township_again") if q not in draft.asked), None
        )
        if following:
            return following
    following = _question_of_the_rest(draft)
    # Who told all the rest in one go is not held up for it.
    vague = _place_is_vague(draft) and following != "outage_confirm" and "outage_detail" not in draft.asked
    return "outage_detail" if vague else following


def _question_of_the_rest(draft: Draft) -> str:
    """When, how many, and whom to call: each is asked for, none is needed."""
    if not draft.started_text and draft.asked.count("outage_time") < TRIES:
        return "outage_time"
    if not _extent_known(draft) and not draft.phone and "outage_households" not in draft.asked:
        return "outage_households"
    if not draft.phone and "outage_phone" not in draft.asked:
        return "outage_phone"
    return "outage_confirm"


def _place_is_vague(draft: Draft) -> bool:
    """Only a township, of which some have forty thousand people, and not much of it is meant."""
    exact = bool(draft.detail) or draft.lat is not None
    large = draft.scope == "township" or (draft.households or 0) >= LARGE or bool(draft.rest)
    return bool(draft.township) and not exact and not large


def _will_give_phone(draft: Draft, message: Understood, asked: str | None) -> bool:
    """好的, 可以 to 方便留个电话吗？ without the number: it is asked for once more, for a yes is no 不留."""
    willing = asked == "outage_phone" and draft.asked.count("outage_phone") < TRIES
    return willing and bool(_WILLING.fullmatch(message.plain.strip()))


def _lost(draft: Draft) -> bool:
    """What or where was asked three times without an answer: a person must help."""
    missing = "outage_problem" if not draft.problems else "outage_place" if not draft.place else ""
    return not draft.danger and draft.asked.count(missing) >= LOST_AFTER


def _urgent_question(draft: Draft) -> str | None:
    """In an emergency only what the helpers need: who is hurt, and where; then it is filed."""
    if draft.casualties is None and "outage_casualties" not in draft.asked:
        return "outage_casualties"
    if not draft.place and draft.asked.count("outage_place") < TRIES:
        return "outage_place"
    if not draft.started_text and "outage_time" not in draft.asked:
        return "outage_time"
    return None


def _extent_known(draft: Draft) -> bool:
    return draft.households is not None or draft.scope is not None


def _next_place(draft: Draft, message: Understood, *, places: Gazetteer, now: datetime) -> Step:
    """After the first of several places was filed: the next one, with what is known already."""
    if message.intent in ("deny", "cancel"):
        return Step(None, (Say("utter_rest_left"),), None)
    swapped = swap(draft, message, places)
    first = Draft.from_json(draft.rest[0])
    following = swapped or replace(first, rest=draft.rest[1:], phone=draft.phone, name=draft.name)
    following = inherit(following, draft)
    return _go_on(following, None, message, changed=True, now=now)
