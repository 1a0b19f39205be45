"""The texts of a public notice in each language: headline, description, instruction and area."""

from __future__ import annotations

from collections.abc import Sequence

from bot.settings import settings
from bot.storage.tables import Incident, PlannedOutage
from bot.texts import word
from bot.water.talk.problems import QUALITY
from bot.water.telling import saying
from bot.water.words import notice_words


def of_incident(incident: Incident, place: str, since: str, language: str) -> dict[str, str]:
    """What staff confirmed of an incident; `since`: when it began, in words."""
    place = place or word("county_town", language)
    quality = incident.kind == QUALITY
    about = "quality" if quality else "supply"
    expected = incident.expected_at
    parts = [
        word(f"notice_{about}", language, place=place, since=since),
        word("told_until", language, time=saying.moment(expected, language, today=None))
        if expected
        else word("notice_no_time", language),
        _graded(incident, language),
    ]
    return {
        "headline": word(f"notice_head_{about}", language, place=place),
        "description": _joined([part for part in parts if part], language),
        "instruction": _advice(about, language), "area": place,
    }  # fmt: skip


def _graded(incident: Incident, language: str) -> str:
    """The confirmed grade with the clauses it rests on; none are named where staff set another than was worked out."""
    if incident.confirmed_grade is None:
        return ""
    grade = word(f"grade_{incident.confirmed_grade}", language)
    if incident.grade != incident.confirmed_grade or not incident.clauses:
        return word("notice_grade", language, grade=grade)
    clauses = word("said_and", language).join(incident.clauses)
    return word("notice_grade_clause", language, grade=grade, clause=clauses)


def _advice(about: str, language: str) -> str:
    phone = settings().water_company_phone
    call = word("notice_call", language, phone=phone) if phone else ""
    return _joined([part for part in (word(f"notice_advice_{about}", language), call) if part], language)


def of_planned(planned: PlannedOutage, language: str) -> dict[str, str]:
    """A planned outage."""
    place = saying.places(planned.township, planned.areas, language)
    when = saying.span(planned.starts_at, planned.ends_at, language, today=None)
    reason = word("told_planned_reason", language, reason=planned.reason) if planned.reason else ""
    return {
        "headline": word("notice_head_planned", language, place=place),
        "description": word("notice_planned", language, place=place, when=when, reason=reason),
        "instruction": _advice("planned", language), "area": place,
    }  # fmt: skip


def of_end(about: str, place: str, language: str) -> dict[str, str]:
    """It is over; `about` is supply, quality or planned."""
    return {
        "headline": word(f"notice_over_{about}", language, place=place),
        "description": word(f"notice_over_{about}", language, place=place),
        "instruction": word(f"notice_after_{about}", language), "area": place,
    }  # fmt: skip


def of_merging(about: str, place: str, whole: str, number: str, language: str) -> dict[str, str]:
    """It goes on, and is dealt with as part of the incident `number` at `whole`."""
    form = notice_words()["merged"][language]
    names = {"place": place, "whole": whole or word("county_town", language), "number": number}
    return {
        "headline": form[about].format(**names), "description": form["more"].format(**names),
        "instruction": _advice(about, language), "area": place,
    }  # fmt: skip


def _joined(parts: Sequence[str], language: str) -> str:
    return (" " if language == "en" else "").join(parts)
