"""What an incident's written reports say, part by part, from facts alone. Each part gives lines, none where nothing is known.

The words are in ``data/law/water/papers.yml``; a part is looked up there by its name in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import yaml

from bot.settings import ROOT
from bot.storage.tables import Incident
from bot.water.duty.duty_board import DutyLine
from bot.water.incidents.assessing import Assessed
from bot.water.incidents.deciding import FactLine, NextRise, shown_value
from bot.water.incidents.history import EventLine
from bot.water.incidents.response import ResponseState
from bot.water.papers.paper_course import course
from bot.water.words import short_grade, words

PAPERS_FILE = ROOT / "data" / "law" / "water" / "papers.yml"
_HARM = ("deaths", "poisoned_or_seriously_injured", "people_to_relocate")
_POLLUTION = ("contamination_site", "contamination_level", "contamination_removable")
_EFFECT = ("supply_effect", "interruption_hours", "plants_stopped", "hard_to_repair_soon")


@dataclass(frozen=True)
class Known:
    """All that is known of an incident when a paper is written.

    Attributes:
        facts: every fact by name, known or not.
        alert: when the first of its reports came, or as staff put it right (接警).
        began, exact: when it began, and whether that is known to the hour.
        problems: how many reports tell of each problem.
    """

    incident: Incident
    assessed: Assessed
    facts: Mapping[str, FactLine]
    alert: datetime
    began: datetime | None
    exact: bool
    problems: Mapping[str, int]
    board: tuple[DutyLine, ...]
    response: ResponseState
    events: tuple[EventLine, ...]
    rise: NextRise | None
    now: datetime


@cache
def papers() -> Mapping[str, Any]:
    """The file of papers, read once."""
    loaded: dict[str, Any] = yaml.safe_load(PAPERS_FILE.read_text(encoding="utf-8"))
    return loaded


def moment(at: datetime) -> str:
    """A time as a paper writes it: 2026-11-23 18:00."""
    return f"{at:%Y-%m-%d %H:%M}"


def _form(name: str) -> str:
    return str(papers()["words"][name])


def _source(known: Known, line: FactLine) -> str:
    if line.source != "staff":
        return _form("by_reports")
    said = (known.incident.facts or {}).get(line.name)
    # Hours without water run on from the moment that staff set them.
    form = _form("by_staff" if said == line.value else "by_staff_running")
    at = moment(line.at) if line.at else ""
    return form.format(by=line.by or _form("desk"), at=at, shown=shown_value(line.fact, said))


def _facts(known: Known, names: tuple[str, ...]) -> list[str]:
    lines = (known.facts[name] for name in names)
    return [
        _form("fact").format(label=line.label, shown=line.shown, source=_source(known, line))
        for line in lines
        if line.value is not None
    ]


def _category(known: Known) -> list[str]:
    cause = known.facts["cause"]
    category = papers()["categories"].get(cause.value)
    if category is None:
        return _cause(known)
    return [
        _form("category").format(
            category=category,
            clause=papers()["category_clause"],
            cause=cause.shown,
            source=_source(known, cause),
        )
    ]


def _cause(known: Known) -> list[str]:
    cause = known.facts["cause"]
    lines = (
        []
        if cause.value is None
        else [_form("cause").format(cause=cause.shown, source=_source(known, cause))]
    )
    return [*lines, *_facts(known, ("accident_kind", "accident_severe"))]


def _problems(known: Known) -> list[str]:
    if not known.problems:
        return []
    names = papers()["words"]["problem_names"]
    said = words()["comma"].join(
        _form("problem").format(name=names[problem], n=n) for problem, n in known.problems.items()
    )
    return [_form("problems").format(n=known.assessed.tally.reports, problems=said)]


def _began(known: Known) -> list[str]:
    if known.began is None:
        return []
    return [_form("began" if known.exact else "began_about").format(at=moment(known.began))]


def _opened(known: Known) -> list[str]:
    return [_form("opened").format(at=moment(known.alert))]


def _place(known: Known) -> list[str]:
    place = f"{known.incident.township or ''}{known.incident.area}"
    return [place] if place else []


def _households(known: Known) -> list[str]:
    assessed = known.assessed
    figures = {
        "households_confirmed": assessed.households_confirmed,
        "households_estimated": assessed.households_estimated,
        "households_reported": assessed.households_reported or None,
    }
    return [_form(name).format(n=n) for name, n in figures.items() if n is not None]


def _vulnerable(known: Known) -> list[str]:
    """How many households; who and where is on the desk, not in a paper that goes from office to office."""
    some = known.assessed.tally.vulnerable
    return [_form("vulnerable").format(n=some)] if some else []


def _rise(known: Known) -> list[str]:
    return [known.rise.text] if known.rise else []


def _expected(known: Known) -> list[str]:
    expected = known.incident.expected_at
    open_yet = known.incident.status == "open"
    return [_form("expected").format(at=moment(expected))] if expected and open_yet else []


def _status(known: Known) -> list[str]:
    closed = known.incident.closed_at
    if known.incident.status == "closed" and closed:
        return [_form("status_closed").format(at=moment(closed))]
    return [_form("status_open").format(now=moment(known.now))] if known.incident.status == "open" else []


def _steps(known: Known) -> list[str]:
    return [
        _form("step").format(
            at=moment(one.at), office=one.office, label=one.label, grade=short_grade(one.grade)
        )
        for one in known.response.taken
    ]


def _groups(known: Known) -> list[str]:
    lines = []
    for state in known.response.groups:
        if state.called_at is not None:
            between = _form("led_by_one_of") if state.group.one_of else words()["comma"]
            led_by = between.join(state.group.led_by)
            lines.append(
                _form("group").format(at=moment(state.called_at), name=state.group.name, led_by=led_by)
            )
    return lines


def _aftercare(known: Known) -> list[str]:
    state = known.response
    if state.aftercare_lead is None:
        return []
    return [_form("aftercare").format(lead=state.aftercare_lead, clause=state.aftercare_clause)]


def _done(line: DutyLine) -> str:
    at = moment(line.done_at) if line.done_at else ""
    due = moment(line.due_at) if line.due_at else ""
    return _form("late" if line.late else "done").format(
        at=at, who=line.who, to=line.to or line.what, how=line.done_how or _form("done_how"), clause=line.clause,
        due=due,
    )  # fmt: skip


def _duties_done(known: Known) -> list[str]:
    done = sorted((line for line in known.board if line.done_at), key=lambda line: line.done_at or known.now)
    return [_done(line) for line in done]


def _duties_all(known: Known) -> list[str]:
    """What was done, then what is not noted as done."""
    undone = [line for line in known.board if line.state in ("open", "overdue")]
    return _duties_done(known) + [
        _form("undone_due" if line.due_at else "undone").format(
            who=line.who, to=line.to or line.what, clause=line.clause,
            due=moment(line.due_at) if line.due_at else "",
        )
        for line in undone
    ]  # fmt: skip


def _course(known: Known) -> list[str]:
    form = papers()["words"]
    return [
        _form("event").format(at=moment(at), text=text)
        for at, text in course(known.incident, known.events, known.board, form)
    ]


def _all_facts(known: Known) -> list[str]:
    return _facts(known, tuple(name for name in known.facts if name not in ("cause", "households")))


Part = Callable[[Known], list[str]]
PARTS: Mapping[str, Part] = {
    "category": _category, "problems": _problems, "began": _began, "opened": _opened, "place": _place,
    "reach": lambda known: _facts(known, ("area_affected",)),
    "contamination": lambda known: _facts(known, _POLLUTION),
    "people": lambda known: _facts(known, _HARM),
    "damage": lambda known: _facts(known, ("damage",)),
    "households": _households, "vulnerable": _vulnerable,
    "effect": lambda known: _facts(known, _EFFECT),
    "rise": _rise, "expected": _expected, "facts": _all_facts, "cause": _cause, "course": _course,
    "status": _status, "steps": _steps, "groups": _groups, "duties_done": _duties_done,
    "duties_all": _duties_all, "aftercare": _aftercare,
}  # fmt: skip


def lines_for(known: Known, part: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one part of a paper, and the mark for what is to be filled in."""
    said = [line for name in part["from"] for line in PARTS[name](known)]
    yield from said
    if "fill" in part or not said:
        yield mark(part.get("fill", part["label"]))


def mark(what: str) -> str:
    """The mark of something that nobody told the assistant: 〔待填：财产损失〕."""
    return str(papers()["mark"]).format(what=what)
