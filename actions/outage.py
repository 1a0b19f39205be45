"""The job of taking an outage report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from actions.answers import spoken_day
from actions.jobs import Job
from actions.turn import Turn, places
from bot.dialogue.details import mask_phone
from bot.dialogue.turn import Say, Step
from bot.storage.database import session_scope
from bot.water.draft import Draft
from bot.water.incidents import outside_supply_area
from bot.water.intake import take
from bot.water.readback import full_place
from bot.water.reports import amend_report, file_report

RECENT_DAYS = 2


class OutageJob(Job):
    """Asks what, where, since when, how many, phone; reads back; files."""

    form = "outage_form"
    intents = frozenset({"report_outage", "inform", "affirm", "deny"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message of the report; after an urgent one was filed, what follows belongs to it."""
        if asked is None and turn.memory.get("urgent") and self._amended(turn):
            return Step(None)
        return take(Draft.from_json(draft), turn.message, asked, places=places(turn.now), now=turn.now)

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

    @staticmethod
    def _amended(turn: Turn) -> bool:
        """Put a further message to the urgent report just filed; False where it tells of another place."""
        known = places(turn.now)
        said = Draft.from_json(take(Draft(), turn.message, None, places=known, now=turn.now).draft)
        with session_scope() as session:
            number = amend_report(session, sender=turn.sender, said=said, now=turn.now)
        if number:
            turn.say("utter_report_amended", number=number)
        return number is not None

    def say(self, turn: Turn, response: str, values: dict[str, Any]) -> None:
        """Codes of the read-back become words."""
        if response == "utter_outage_read_back":
            values = self._read_back(turn, values)
        elif response.startswith("utter_emergency"):
            values = {**values, "water_company": turn.water_company}
        turn.say(response, **values)

    def _read_back(self, turn: Turn, values: Mapping[str, Any]) -> dict[str, Any]:
        extent = []
        if values["households"]:
            extent.append(turn.word("households", count=values["households"]))
        if values["scope"] and not (values["scope"] == "one" and values["households"] == 1):
            extent.append(turn.word(f"scope_{values['scope']}"))
        unknown = turn.word("not_said")
        phone = mask_phone(values["phone"]) if values["phone"] else turn.word("no_phone")
        return {
            "place": values["place"] or unknown,
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
