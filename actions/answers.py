"""Answers that need one message: how a report stands, outage news, a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from actions.turn import Turn
from bot.dialogue.crisis import is_missing, smells_gas
from bot.dialogue.details import combine_places
from bot.places.current import current_places
from bot.settings import settings
from bot.storage.database import session_scope
from bot.storage.tables import Handover
from bot.water.duty.alarms import alarm_at_once
from bot.water.telling import saying
from bot.water.telling.planned import Planned
from bot.water.telling.planned import text as planned_text
from bot.water.telling.standing import News, Standing, find_reports, outage_news

_TWO_DAYS = 2


def spoken_day(turn: Turn, when: datetime) -> str:
    """Today, yesterday, or month and day, in the person's language."""
    days = (turn.now.date() - when.date()) // timedelta(days=1)
    if 0 <= days <= _TWO_DAYS:
        return turn.word(f"day_{days}")
    return turn.word("date", month=when.month, day=when.day)


def spoken_time(turn: Turn, when: datetime) -> str:
    """Day and clock time."""
    return f"{spoken_day(turn, when)} {when:%H:%M}"


# how a report stands


def standing_of(turn: Turn) -> list[Standing]:
    """Reports by the number or phone in the message, else the person's own."""
    number, phone = turn.message.last("report_number"), turn.message.last("phone")
    with session_scope() as session:
        return find_reports(
            session,
            sender=turn.sender,
            number=str(number.data.get("number", number.value)) if number else None,
            phone=str(phone.data.get("number", phone.value)) if phone else None,
        )


def say_standing(turn: Turn, none: str = "utter_report_none") -> bool:
    """Tell how the person's reports stand; False where none was found (and that is said, with `none` or the number)."""
    found = standing_of(turn)
    number = turn.message.last("report_number")
    if not found:
        if number:
            turn.say("utter_report_unknown", number=number.value)
        else:
            turn.say(none)
        return False
    for report in found:
        turn.say(
            "utter_report_standing",
            number=report.number,
            place=report.place,
            problem=turn.word(f"problem_{report.problem}"),
            date=spoken_time(turn, report.reported_at),
            status=turn.word(f"status_{report.status}"),
            others=turn.word("others", count=report.others) if report.others else "",
        )
    if any(report.status == "open" for report in found):
        turn.say("utter_report_no_time")
    return True


# outage news


def say_news(turn: Turn) -> None:
    """What is registered or planned for the place in the message, or for the whole county."""
    place = combine_places(current_places(turn.now), turn.message.all("place"))
    with session_scope() as session:
        news = outage_news(
            session, township=place.township if place else None, detail=place.detail if place else "",
            now=turn.now,
        )  # fmt: skip
    where = place.text if place else turn.word("county")
    if news.planned:
        say_planned(turn, news.planned)
    time = turn.message.first("time")
    if not news.planned and time and time.data.get("kind") == "future":
        turn.say("utter_news_planned_none", place=where)
    if news.incidents:
        _say_incidents(turn, news)
    elif not news.planned:
        turn.say("utter_news_none", place=where)


def say_planned(turn: Turn, planned: Sequence[Planned]) -> None:
    """Planned outages, a line each."""
    lines = [planned_text(one, turn.language, turn.now) for one in planned]
    turn.say("utter_news_planned", lines="\n".join(lines))


def _say_incidents(turn: Turn, news: News) -> None:
    lines = [
        turn.word(
            "news_line", place=area or turn.word("county_town"), count=count, since=_since(turn, since, exact)
        )
        + (
            turn.word("news_until", time=saying.moment(until, turn.language, today=turn.now.date()))
            if until
            else ""
        )
        for area, count, since, exact, until in news.incidents
    ]
    expected = any(until for *_rest, until in news.incidents)
    turn.say("utter_news_expected" if expected else "utter_news", lines="\n".join(lines))


def _since(turn: Turn, since: datetime | None, exact: bool) -> str:
    if since is None:
        return turn.word("since_unknown")
    return turn.word("since", time=spoken_time(turn, since) if exact else spoken_day(turn, since))


def say_water_safety(turn: Turn) -> None:
    """Never 'it is safe': do not use it until officially told."""
    turn.say("utter_water_safe", water_company=turn.water_company)


# a person


def store_handover(turn: Turn, reason: str, *, urgent: bool = False, text: str = "") -> None:
    """Keep a request that staff see with `wuchang handovers`; who is on duty is told of an urgent one at once.

    `text` where it is more than the last message.
    """
    phone = turn.message.last("phone")
    handover = Handover(
        reason=reason, urgent=urgent, text=text or turn.message.text, phone=str(phone.data.get("number")) if phone else None,
        channel=turn.channel, sender_id=turn.sender, created_at=turn.now,
    )  # fmt: skip
    with session_scope() as session:
        session.add(handover)
        session.flush()
        if urgent:
            alarm_at_once(session, handover, now=turn.now)


def say_call_help(turn: Turn) -> None:
    """A life is in danger: whom to call, and a person is told."""
    store_handover(turn, "emergency", urgent=True)
    text = turn.message.plain
    turn.say(
        "utter_smells_gas" if smells_gas(text) else "utter_missing" if is_missing(text) else "utter_call_help"
    )


def say_crisis(turn: Turn) -> None:
    """Somebody wants to die: a helpline, and a person is told."""
    store_handover(turn, "crisis", urgent=True)
    turn.say("utter_crisis")


def say_water_wanted(turn: Turn) -> None:
    """Water is to be brought: staff see it with the person's report."""
    store_handover(turn, "water_wanted")
    turn.say("utter_water_wanted")


def say_phones(turn: Turn) -> None:
    """The numbers that are set for people to call; where none is, that staff call back."""
    office, company = settings().office_phone, settings().water_company_phone
    lines = [
        *([turn.word("phone_office", phone=office)] if office else []),
        *([turn.word("phone_company", phone=company)] if company else []),
    ]
    turn.say("utter_phones" if lines else "utter_no_phones", lines="\n".join(lines))


def say_handover(turn: Turn) -> None:
    """Pass the conversation on to a person; without a phone they are asked for one."""
    store_handover(turn, "asked")
    office = settings().office_phone
    turn.say("utter_handover", office=turn.word("office", phone=office) if office else "")
    if not turn.message.last("phone"):
        turn.say("utter_handover_phone")
