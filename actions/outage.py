"""The job of taking an outage report."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from actions.answers import spoken_day, store_handover
from actions.doubles import ask_of_doubles
from actions.draft_review import handed_in
from actions.jobs import Job
from actions.later import put_off
from actions.photos import into_draft, keep_file, put_to_last_report
from actions.settling import open_standing, settle_last_report
from actions.turn import Turn
from bot.dialogue.details import mask_phone
from bot.dialogue.turn import Say, Step, Understood
from bot.eldercare.beside import care_beside
from bot.nlu.spans import Span
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.water.incidents.assessing import outside_supply_area
from bot.water.reporting.amending import amend_report, filed_draft, mark_vulnerable, revise
from bot.water.reporting.reports import file_report
from bot.water.talk.corrections import correct, corrects, means_the_filed_one, only_says_wrong
from bot.water.talk.draft import Draft
from bot.water.talk.intake import reopen, take
from bot.water.talk.problems import find_danger, find_problems
from bot.water.talk.readback import full_place, read_back
from bot.water.talk.safety import wants_to_report
from bot.water.talk.water_back import states_water_back

RECENT_DAYS = 2
SAID_AGAIN_WITHIN = timedelta(days=1)
logger = logging.getLogger(__name__)


class OutageJob(Job):
    """Asks what, where, since when, how many, phone; reads back; files."""

    form = "outage_form"
    takes_photos = True
    intents = frozenset({"report_outage", "inform", "affirm", "deny"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the report, with the photos sent for it; after one was filed, what belongs to that."""
        step = self._step(turn, draft, asked)
        return step if step.draft is None else replace(step, draft=into_draft(turn, step.draft))

    async def take_file(
        self, turn: Turn, draft: dict[str, Any] | None, asked: str | None
    ) -> dict[str, Any] | None:
        """A file is kept with the report, whatever it is; where a report begins with it, it waits for that."""
        if handed_in(turn.tracker) is None:
            return await super().take_file(turn, draft, asked)
        await keep_file(turn)
        if asked is None:
            return draft
        return self._with_waiting(turn, draft, asked, confirm=False)

    def take_photo(self, turn: Turn, draft: dict[str, Any] | None, asked: str) -> dict[str, Any] | None:
        """A photo is kept with the report; one that comes before the next place is begun belongs to the last."""
        return self._with_waiting(turn, draft, asked, confirm=True)

    @staticmethod
    def _with_waiting(
        turn: Turn, draft: dict[str, Any] | None, asked: str, *, confirm: bool
    ) -> dict[str, Any] | None:
        if asked == "outage_next" and put_to_last_report(turn):
            return draft
        return into_draft(turn, draft or {}, confirm=confirm)

    def _step(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        if asked is None:
            if add_to_urgent_report(turn):
                return Step(None)
            again = _reopened(turn) or _said_again(turn)
            if again:
                return again
        if asked and _is_over(turn, draft):
            return Step(None, (Say("utter_back_before_filing"),))
        step = ask_of_doubles(turn, self._taken(turn, draft, asked))
        if asked is None and step.question:
            _keep_wish_for_care(turn)
        if any(say.response == "utter_handed_over" for say in step.says):
            store_handover(turn, "not_understood")
        return step

    def after(self, turn: Turn, before: dict[str, Any] | None, step: Step) -> None:
        """Staff are told of an emergency at its first word, whether or not the person goes on."""
        now = Draft.from_json(step.draft)
        if (
            step.question is None
            or "emergency" not in now.asked
            or "emergency" in Draft.from_json(before).asked
        ):
            return
        try:
            store_handover(turn, "emergency", urgent=True, text="\n".join(now.words))
        except Exception:
            logger.exception("the first alarm could not be stored")

    @staticmethod
    def _taken(turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        known = current_places(turn.now)
        if asked is None and "resume" in turn.memory and turn.message.all("place"):
            draft = turn.memory["resume"]
            turn.memory = {k: v for k, v in turn.memory.items() if k != "resume"}
        step = take(Draft.from_json(draft), turn.message, asked, places=known, now=turn.now)
        county = known.other_county(turn.message.text)
        taken = Draft.from_json(step.draft)
        if county and not taken.township and not taken.danger:
            # Where a township follows, the report goes on with what was said.
            turn.memory = {
                **turn.memory,
                "resume": replace(taken, place=None, detail="", candidates=()).to_json(),
            }
            return Step(None, (Say("utter_other_county", {"county": county}),))
        said = turn.memory.get("place")
        if asked is None and said and step.question == "outage_place":  # told before the problem was
            place = Understood(said, "inform", 1.0, (Span("place", 0, len(said), said),))
            turn.memory = {k: v for k, v in turn.memory.items() if k != "place"}
            return take(Draft.from_json(step.draft), place, "outage_place", places=known, now=turn.now)
        return step

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """File the report; offer the next place where several were named."""
        ready = Draft.from_json(draft)
        if ready.replaces:
            revised = revise(session, draft=ready, now=turn.now)
            return Step(None, (Say("utter_report_corrected", {"number": revised.number}),))
        filed = file_report(session, draft=ready, channel=turn.channel, sender=turn.sender, now=turn.now)
        turn.memory = {**turn.memory, "report": filed.number, "urgent": filed.urgent}
        if filed.urgent:
            return Step(None, (Say("utter_outage_filed_urgent", {"number": filed.number}),))
        said = Say(
            "utter_outage_filed",
            {
                "number": filed.number,
                "others": turn.word("others", count=filed.others) if filed.others else "",
                "area": turn.word("outside") if outside_supply_area(ready.township) else "",
                "first": turn.word("cannot_wait") if filed.vulnerable else "",
            },
        )
        if ready.rest:
            following = full_place(Draft.from_json(ready.rest[0]))
            return Step(draft, (said, Say("utter_next_place", {"place": following})), "outage_next")
        return Step(None, (said,))

    def cancelled(self, turn: Turn, draft: dict[str, Any] | None) -> None:
        """A correction that is dropped leaves the filed report as it was; 撤了吧 takes that one back."""
        filed = Draft.from_json(draft).replaces
        if not filed:
            super().cancelled(turn, draft)
        elif not (means_the_filed_one(turn.message.plain) and settle_last_report(turn)):
            turn.say("utter_correction_dropped", number=filed)

    def recap(self, turn: Turn, draft: dict[str, Any], asked: str) -> tuple[Say, ...]:
        """The report as it was read back."""
        return (read_back(Draft.from_json(draft), turn.now),) if asked == "outage_confirm" else ()

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_outage_read_back":
            values = self._in_words(turn, values)
        elif response.startswith("utter_emergency"):
            values = {**values, "water_company": turn.water_company}
        turn.say(response, **values)

    def _in_words(self, turn: Turn, values: Mapping[str, Any]) -> dict[str, Any]:
        extent = []
        if values["households"]:
            extent.append(turn.word("households", count=values["households"]))
        if values["scope"] and not (values["scope"] == "one" and values["households"] == 1):
            extent.append(turn.word(f"scope_{values['scope']}"))
        unknown = turn.word("not_said")
        phone = mask_phone(values["phone"]) if values["phone"] else turn.word("no_phone")
        return {
            "place": turn.word("location") if _is_location(values["place"]) else values["place"] or unknown,
            "problem": "、".join(turn.word(f"problem_{code}") for code in values["problems"]),
            "time": _spoken(turn, values["started"]) or unknown,
            "extent": "，".join(extent) or unknown,
            "phone": " ".join(part for part in (values["name"], phone) if part),
        }


def _keep_wish_for_care(turn: Turn) -> None:
    """Care that was asked for beside the outage is offered once the report is filed."""
    said = care_beside(turn.message.plain)
    if said and not turn.memory.get("later"):
        put_off(turn, "request_care", said)


def _spoken(turn: Turn, started: Mapping[str, Any]) -> str:
    """The start in words: the day, the clock time, and what the person said."""
    said = str(started.get("said") or "")
    if "days" not in started:
        return said
    day = spoken_day(turn, turn.now - timedelta(days=int(started["days"])))
    if not started["clock"] and int(started["days"]) <= RECENT_DAYS and said:
        return said  # 前天, 昨天晚上: no more exact than that
    moment = f"{day} {started['clock']}".strip()
    return moment if said in ("", moment) else f"{moment}（{said}）"


def _is_location(place: str | None) -> bool:
    return bool(place) and not any(char.isalpha() for char in str(place))


def add_to_urgent_report(turn: Turn) -> bool:
    """Put a further message to the urgent report just filed; False where there is none, or it is elsewhere."""
    if not turn.memory.get("urgent") or not turn.message.text:
        return False
    said = take(Draft(danger="said"), turn.message, None, places=current_places(turn.now), now=turn.now).draft
    with session_scope() as session:
        number = amend_report(session, sender=turn.sender, said=Draft.from_json(said), now=turn.now)
    if number:
        turn.say("utter_emergency_more", number=number)
    return number is not None


_OF_THE_OUTAGE = ("time", "duration", "problem")  # 停了一天，现在水来了


def _is_over(turn: Turn, draft: Mapping[str, Any] | None) -> bool:
    """The water is back before the report was filed, and the message says no more than that, or for how long it was off."""
    known, text = Draft.from_json(draft), turn.message.plain
    only_supply = not known.danger and not known.rest and not {"bad_water", "burst"} & set(known.problems)
    more = [found for found in turn.message.found if found.entity not in _OF_THE_OUTAGE]
    return only_supply and not more and states_water_back(text)


# What would make it a report of its own, or tell more of the first.
_OWN = ("place", "coordinates", "time", "number", "scope", "phone", "report_number")


def _said_again(turn: Turn) -> Step | None:
    """还是没水, 又停了, with nothing new in it, from somebody whose report is open: it is not asked for all again.

    None where it is a report of its own. A place in the next message begins one.
    """
    found = find_problems(turn.message.plain)
    own = any(turn.message.all(entity) for entity in _OWN) or wants_to_report(turn.message.plain)
    report = None if own or not turn.message.text or find_danger(turn.message.plain) else open_standing(turn)
    if (
        report is None
        or not set(found) <= {report.problem}
        or turn.now - report.reported_at > SAID_AGAIN_WITHIN
    ):
        return None
    turn.memory = {**turn.memory, "resume": Draft(problems=found or (report.problem,)).to_json()}
    return Step(None, (Say("utter_already_open", {"number": report.number, "place": report.place}),))


def mark_last_report(turn: Turn) -> bool:
    """我娘瘫在床上, said after the report was filed, is marked on it; False where nobody is told of, or nothing is open."""
    with session_scope() as session:
        number = mark_vulnerable(session, sender=turn.sender, text=turn.message.text, now=turn.now)
    if number:
        turn.say("utter_marked", number=number)
    return number is not None


def corrects_last_report(turn: Turn) -> bool:
    """Whether the message puts right a report that was filed in this conversation: the form then takes it."""
    return bool(turn.memory.get("report")) and (corrects(turn.message) or only_says_wrong(turn.message))


def _reopened(turn: Turn) -> Step | None:
    """The report that the message puts right, read back again before anything is changed; None where it is none."""
    if not corrects_last_report(turn):
        return None
    with session_scope() as session:
        before = filed_draft(session, sender=turn.sender, said=turn.message.plain, now=turn.now)
    if before is None:
        return None
    if not corrects(turn.message):
        return Step(before.to_json(), (), "outage_correct")
    after = correct(before, turn.message, places=current_places(turn.now), now=turn.now)
    return None if after == before else reopen(after, turn.message, now=turn.now)
