"""What staff decide of an incident: facts, the grade, and what they need to see for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage.tables import Incident
from bot.water.duty.duty_lines import sync_duties
from bot.water.incidents.assessing import Assessed, assess, refresh
from bot.water.incidents.deciding import FactLine, Missing, NextRise, lacking, shown_value
from bot.water.incidents.history import events_of, note
from bot.water.incidents.moments import locked
from bot.water.plan.duty_clocks import GRADES
from bot.water.plan.facts import all_facts, check_facts
from bot.water.telling import news
from bot.water.words import grade_words

__all__ = [
    "FactLine",
    "Missing",
    "NextRise",
    "confirm_grade",
    "facts_with_sources",
    "missing_for",
    "next_rise",
    "override_grade",
    "set_fact",
]


def set_fact(
    session: Session,
    *,
    number: str,
    name: str,
    value: object,
    by: str | None,
    now: datetime,
    reason: str = "",
) -> Assessed:
    """Set a fact of an incident (names and values: ``data/law/water/facts.yml``); None takes it back.

    What staff set wins over what reports say. The grade is worked out anew at once.

    Raises:
        NotFound: there is no such incident.
        BadInput: there is no such fact, or the value does not fit it.
    """
    incident = locked(session, number)
    _not_merged(incident)
    checked = None if value is None else check_facts({name: value})[name]
    if name not in all_facts():
        check_facts({name: value})  # says which name may have been meant
    before = (incident.facts or {}).get(name)
    facts = {key: known for key, known in (incident.facts or {}).items() if key != name}
    incident.facts = facts if checked is None else {**facts, name: checked}
    note(
        session, incident, "fact", at=now, by=by, name=name, value=checked, was=before, reason=reason.strip()
    )
    return refresh(session, incident, now=now)


def confirm_grade(
    session: Session, *, number: str, by: str | None, now: datetime, seen: str | None = None
) -> None:
    """Staff answer for the grade as it was worked out; `seen` is the one that they were shown, if that is known.

    Raises:
        NotFound: there is no such incident.
        BadInput: there is no grade, or it is no longer the one that was shown.
    """
    incident = locked(session, number)
    _not_merged(incident)
    shown = seen or incident.grade
    refresh(session, incident, now=now)
    if incident.grade != shown:
        raise BadInput(
            f"级别刚刚变了：现在是{grade_words(incident.grade)}，不是{grade_words(shown)}。请看过新的依据再确认。"
        )
    if incident.grade is None:
        raise BadInput("按现有情况还够不上任何一级，没有级别可以确认。要人工定级，请用“人工定级”并写理由。")
    _decide(
        session, incident, "confirmed", incident.grade, by=by, now=now, clauses=list(incident.clauses or ())
    )


def override_grade(
    session: Session, *, number: str, grade: str | None, reason: str, by: str | None, now: datetime
) -> None:
    """Staff give another grade than was worked out; None: none, the plan asks nothing of this incident.

    Raises:
        NotFound: there is no such incident.
        BadInput: no such grade, or no reason.
    """
    incident = locked(session, number)
    _not_merged(incident)
    if grade is not None and grade not in GRADES:
        raise BadInput(f"没有“{grade}”这一级，只有 {'、'.join(GRADES)}（I 最重）。")
    if not reason.strip():
        raise BadInput("人工定级要写理由，以后要查。")
    refresh(session, incident, now=now)
    _decide(session, incident, "overridden", grade, by=by, now=now, reason=reason.strip())


def _decide(
    session: Session, incident: Incident, kind: str, grade: str | None, *, by: str | None, now: datetime,
    **detail: Any,
) -> None:  # fmt: skip
    before = incident.confirmed_grade
    incident.confirmed_grade, incident.confirmed_at, incident.seen_grade = grade, now, incident.grade
    note(
        session, incident, kind, at=now, by=by, grade=grade, before=before, worked_out=incident.grade,
        basis=incident.basis, **detail,
    )  # fmt: skip
    sync_duties(session, incident, now=now)
    news.confirmed(session, incident, by=by, now=now)


def _not_merged(incident: Incident) -> None:
    if incident.status == "merged":
        raise BadInput(f"事件 {incident.number} 已经并入另一个事件，请到那个事件上办。")


def facts_with_sources(session: Session, incident: Incident, now: datetime) -> tuple[FactLine, ...]:
    """Every fact that is known or may be set, in the order of the file, with who said it and when."""
    known = assess(incident, now).facts
    set_by = {
        event.detail["name"]: event
        for event in events_of(session, incident.id)
        if event.kind == "fact" and event.detail.get("name") in all_facts()
    }
    lines = []
    for name, fact in all_facts().items():
        staff = name in (incident.facts or {})
        event = set_by.get(name) if staff else None
        value = known.get(name)
        source = None if value is None else "staff" if staff else "reports"
        lines.append(
            FactLine(
                name=name,
                label=fact.zh,
                value=value,
                shown=shown_value(fact, value),
                source=source,
                by=event.by if event else None,
                at=event.at if event else None,
                reason=str(event.detail.get("reason", "")) if event else "",
                fact=fact,
            )
        )
    return tuple(lines)


def missing_for(assessed: Assessed) -> tuple[Missing, ...]:
    """What is lacking for each higher grade: a clause each, the gravest grade first, the nearest of a grade first.

    Figures that reports only prove a part of (households, people hurt) count as lacking until staff set them.
    """
    return lacking(
        assessed.facts, set(assessed.incident.facts or {}), assessed.grading.grade, assessed.plan_applies
    )


def next_rise(incident: Incident, now: datetime) -> NextRise | None:
    """When time alone will raise the grade; None where it will not."""
    if incident.status != "open" or not incident.next_grade or incident.next_grade_at is None:
        return None
    return NextRise.of(incident.next_grade, incident.next_grade_at, incident.next_clause, now)
