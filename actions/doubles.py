"""您家也是这个停水吗？ Open incidents that a report may be a double of are looked up, and asked about in one question."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from actions.answers import spoken_day
from actions.turn import Turn
from bot.dialogue.turn import Step
from bot.storage.database import session_scope
from bot.storage.tables import Incident
from bot.water.drill import is_drill
from bot.water.reporting.open_incidents import candidates
from bot.water.talk.areas import area_of
from bot.water.talk.candidates import Candidate
from bot.water.talk.doubles import Double, ask_where, asks_where, may_be_one, offer, told_apart, worth_asking
from bot.water.talk.draft import Draft
from bot.water.talk.problems import kind_of
from bot.water.telling import saying
from bot.water.telling.notices import known_to_the_hour
from bot.water.telling.shown_places import place_to_agree_to

logger = logging.getLogger(__name__)


def ask_of_doubles(turn: Turn, step: Step) -> Step:
    """The step, or instead of its own the question about open incidents where a yes would save that.

    Where the person may not read the place of any, they are asked for theirs first.
    """
    draft = may_be_one(step)
    if draft is None:
        return step
    try:
        with session_scope() as session:
            found = candidates(
                session, township=draft.township, detail=draft.detail, kind=kind_of(draft.problems[0]),
                started_at=draft.started, now=turn.now, drill=is_drill(turn.channel, turn.sender),
                to_ask=True,
            )  # fmt: skip
            said = area_of(draft.detail)
            shown = [_shown(turn, session, one, said) for one in worth_asking(found, draft)]
    except SQLAlchemyError as error:
        logger.warning("no incidents could be looked up: %s", type(error).__name__)
        return step
    doubles = told_apart(shown)
    if doubles:
        return offer(step, doubles)
    return ask_where(step) if asks_where(shown, draft) else step


def _shown(turn: Turn, session: Session, one: Candidate, said: str) -> Double:
    incident = session.get(Incident, one.incident_id)
    place = place_to_agree_to(session, incident, said=said, township=one.township, area=one.area)
    return Double(one.number, one.township or "", one.area, place, _since(turn, session, incident))


def _since(turn: Turn, session: Session, incident: Incident) -> str:
    """When it began, no more exactly than it was said; "" where that is not known."""
    if incident.started_at is None:
        return ""
    day = spoken_day(turn, incident.started_at)
    if not known_to_the_hour(session, incident):
        return turn.word("since", time=day)
    gap = " " if turn.language == "en" else ""
    return turn.word("since", time=f"{day}{gap}{saying.clock(incident.started_at, turn.language)}")


class AskDouble(Action):
    """The question itself: its buttons are the incidents at hand, so no response of the domain can hold them."""

    def name(self) -> str:
        """Rasa asks for the slot `outage_double` of the form with the action of this name."""
        return "action_ask_outage_form_outage_double"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """One incident: yes or no. Several: which."""
        turn = Turn.of(tracker, dispatcher)
        draft = Draft.from_json(tracker.get_slot("draft"))
        if len(draft.doubles) > 1:
            dispatcher.utter_message(response="utter_outage_double_which", buttons=_choices(turn, draft))
            return []
        for one in draft.doubles:
            since = turn.word("double_since", since=one["since"]) if one["since"] else ""
            turn.say(f"utter_outage_double_{kind_of(draft.problems[0])}", place=one["place"], since=since)
        return []


def _choices(turn: Turn, draft: Draft) -> list[dict[str, str]]:
    none = turn.word("none_of_these")
    lines = [
        {"title": turn.word("double_line", **one) if one["since"] else one["place"], "payload": one["place"]}
        for one in draft.doubles
    ]
    return [*lines, {"title": none, "payload": none}]
