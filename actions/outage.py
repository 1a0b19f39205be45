"""The job of taking an outage report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from actions.answers import spoken_day, store_handover
from actions.jobs import Job
from actions.turn import Turn
from bot.dialogue.details import mask_phone
from bot.dialogue.turn import Say, Step, Understood
from bot.nlu.spans import Span
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.water.draft import Draft
from bot.water.incidents import outside_supply_area
from bot.water.intake import correct, corrects, take
from bot.water.problems import find_problems
from bot.water.readback import full_place, read_back
from bot.water.reports import amend_report, file_report, last_draft, settle
from bot.water.safety import says_water_is_back

RECENT_DAYS = 2
_FIRST_ALARMS = tuple(f"utter_emergency_{danger}" for danger in ("chlorine", "poisoning", "injury"))


class OutageJob(Job):
    """Asks what, where, since when, how many, phone; reads back; files."""

    form = "outage_form"
    intents = frozenset({"report_outage", "inform", "affirm", "deny"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the report; after an urgent one was filed, what follows belongs to it."""
        if asked is None and (add_to_urgent_report(turn) or correct_last_report(turn)):
            return Step(None)
        if asked and _is_over(turn, draft):
            return Step(None, (Say("utter_back_before_filing"),))
        step = self._taken(turn, draft, asked)
        if step.question and any(say.response in _FIRST_ALARMS for say in step.says):
            # Staff are told at the first word, whether or not the person goes on.
            store_handover(turn, "emergency", urgent=True)
        if any(say.response == "utter_handed_over" for say in step.says):
            store_handover(turn, "not_understood")
        return step

    @staticmethod
    def _taken(turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        known = current_places(turn.now)
        step = take(Draft.from_json(draft), turn.message, asked, places=known, now=turn.now)
        county = known.other_county(turn.message.text)
        if county and not (taken := Draft.from_json(step.draft)).township and not taken.danger:
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
            },
        )
        if ready.rest:
            following = full_place(Draft.from_json(ready.rest[0]))
            return Step(draft, (said, Say("utter_next_place", {"place": following})), "outage_next")
        return Step(None, (said,))

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_outage_read_back":
            values = self._in_words(turn, values)
        elif response.startswith("utter_emergency"):
            values = {**values, "water_company": turn.water_company}
        turn.say(response, **values)

    def words(self, turn: Turn, draft: Draft) -> dict[str, Any]:
        """A draft as the words of its read-back."""
        return self._in_words(turn, read_back(draft, turn.now).values)

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


def _is_over(turn: Turn, draft: Mapping[str, Any] | None) -> bool:
    """The water is back before the report was filed, and nothing is wrong with it."""
    known = Draft.from_json(draft)
    only_supply = not known.danger and "bad_water" not in known.problems
    return only_supply and says_water_is_back(turn.message.plain) and not find_problems(turn.message.plain)


def correct_last_report(turn: Turn) -> bool:
    """错了，是泉溪镇, said after filing: the report is filed anew in the place of the old one; False where it is none."""
    if not turn.memory.get("report") or not corrects(turn.message):
        return False
    with session_scope() as session:
        before = last_draft(session, sender=turn.sender, now=turn.now)
        if before is None:
            return False
        after = correct(before, turn.message, places=current_places(turn.now), now=turn.now)
        if after == before:
            return False
        old = settle(session, sender=turn.sender, now=turn.now, restored=False)
        filed = file_report(session, draft=after, channel=turn.channel, sender=turn.sender, now=turn.now)
    turn.memory = {**turn.memory, "report": filed.number}
    turn.say("utter_report_corrected", old=old, number=filed.number, **OutageJob().words(turn, after))
    return True


def settle_last_report(turn: Turn) -> bool:
    """Take the person's last report back, or note that the water is back; False where there is none."""
    restored = says_water_is_back(turn.message.plain)
    with session_scope() as session:
        number = settle(session, sender=turn.sender, now=turn.now, restored=restored)
    if number is None:
        return False
    turn.memory = {key: value for key, value in turn.memory.items() if key not in ("report", "urgent")}
    turn.say("utter_restored" if restored else "utter_withdrawn", number=number)
    return True
