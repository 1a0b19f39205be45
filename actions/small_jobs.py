"""Jobs of one question: how a report stands, a subscription, a word for the village meeting."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from actions.answers import say_planned, say_standing, standing_of
from actions.eldercare import say_care_standing
from actions.jobs import Job
from actions.settling import open_standing, settle_last_report, take_water_back
from actions.turn import Turn
from bot.dialogue.details import combine_places
from bot.dialogue.turn import Say, Step
from bot.places.current import current_places
from bot.storage.tables import Feedback
from bot.water.talk.safety import takes_report_back
from bot.water.talk.where import bare_place
from bot.water.telling.planned import coming
from bot.water.telling.subscriptions import subscribe

# Shorter words than this only announce a suggestion ("我要提意见").
_REAL_FEEDBACK = 12


class CheckJob(Job):
    """How a report stands: the person's own at once, else by its number or phone."""

    form = "check_form"
    takes_photos = True  # it is about their reports
    intents = frozenset({"check_report", "inform", "deny", "affirm"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """Answer, or ask for the number once; "it is back" and "withdraw it" are done."""
        text = turn.message.plain
        if not asked and (take_water_back(turn) or (takes_report_back(text) and settle_last_report(turn))):
            return Step(None)
        if not asked and say_care_standing(turn):
            return Step(None)
        given = turn.message.last("report_number") or turn.message.last("phone")
        if asked and not given:
            return Step(None, (Say("utter_check_none"),))
        found = bool(standing_of(turn))
        if found or given:
            say_standing(turn)
            return Step(None)
        return Step({}, (Say("utter_report_none"),), "check_number")

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Nothing is stored."""
        return Step(None)


class SubscribeJob(Job):
    """To be told of outages at a place."""

    form = "subscribe_form"
    intents = frozenset({"subscribe_updates", "inform", "affirm"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """The place, from the message or asked for."""
        known = current_places(turn.now)
        place = combine_places(known, turn.message.all("place"))
        if place is None and asked and turn.message.text:
            place = bare_place(turn.message, known)
            if place is None:
                return Step({}, (Say("utter_again"),), "subscribe_place")
        mine = None if place or asked else open_standing(turn)
        if mine:  # 水来了喊我: where, they said when they reported
            place = known.resolve(mine.place)
        if place is None:
            return Step({}, (), "subscribe_place")
        return Step({"place": place.text, "township": place.township}, (), None, done=True)

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Store the subscription."""
        subscribe(
            session, channel=turn.channel, sender=turn.sender, township=draft["township"], place=draft["place"],
            now=turn.now,
        )  # fmt: skip
        turn.say("utter_subscribed", place=draft["place"])
        detail = current_places(turn.now).resolve(draft["place"]).detail
        planned = coming(session, township=draft["township"], detail=detail, now=turn.now)
        if planned and draft["township"]:  # who came too late to be told of it hears of it now
            say_planned(turn, planned)
        return Step(None)


class FeedbackJob(Job):
    """A suggestion or complaint for the 屋场恳谈会."""

    form = "feedback_form"
    intents = frozenset({"give_feedback", "inform", "affirm", "deny", "report_outage"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """The words themselves; a mere announcement is asked what it is about."""
        if (asked and turn.message.text) or len(turn.message.text) >= _REAL_FEEDBACK:
            place = turn.message.first("place")
            return Step(
                {"text": turn.message.text, "place": place.value if place else None}, (), None, done=True
            )
        return Step({}, (), "feedback_text")

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Store it for the meeting."""
        session.add(Feedback(**draft, channel=turn.channel, sender_id=turn.sender, created_at=turn.now))
        return Step(None, (Say("utter_feedback_stored"),))
