"""The course of an incident in words, from its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.storage.tables import Incident
from bot.water.duty.duty_board import DutyLine
from bot.water.incidents.assessing import SUPPLY_AREA
from bot.water.incidents.deciding import shown_value
from bot.water.incidents.history import EventLine
from bot.water.plan.facts import all_facts
from bot.water.words import grade_words, words

_MOMENT = "moment_"


def course(
    incident: Incident, events: Iterable[EventLine], board: Iterable[DutyLine], form: Mapping[str, Any]
) -> Iterator[tuple[datetime, str]]:
    """(when, what happened), oldest first; `form` are the words of papers.yml."""
    lines = {line.key: line for line in board}
    history = list(events)
    if not any(event.kind == "opened" for event in history):
        yield incident.opened_at, str(form["events"]["reported"])
    for event in history:
        yield event.at, _said(event, lines, form)


def _said(event: EventLine, lines: Mapping[str, DutyLine], form: Mapping[str, Any]) -> str:
    said, detail = form["events"], event.detail
    by = event.by or form["desk"]
    if event.kind == "fact":
        return _fact(detail, by, form)
    if event.kind == "graded":
        name = "graded" if detail.get("grade") else "graded_none"
        clauses = words()["comma"].join(detail.get("clauses") or ())
        return str(said[name].format(grade=grade_words(detail.get("grade")), clauses=clauses))
    if event.kind in ("confirmed", "overridden"):
        grade = grade_words(detail.get("grade"))
        return str(said[event.kind].format(by=by, grade=grade, reason=detail.get("reason", "")))
    if event.kind == "step":
        return _step(detail, by, said)
    if event.kind == "duty":
        return _duty(detail, by, lines, said)
    if event.kind == "opened" and detail.get("from"):  # it was split off, nobody reported at that moment
        return str(said["split_off"].format(number=detail["from"]))
    return str(said.get(event.kind, event.kind))


def _duty(detail: Mapping[str, Any], by: str, lines: Mapping[str, DutyLine], said: Mapping[str, Any]) -> str:
    line = lines.get(detail.get("key", ""))
    what = (line.what if line else "") or str(detail.get("key", ""))
    return str(
        said[_duty_name(detail)].format(
            by=by, what=what, clause=detail.get("clause", ""), number=detail.get("from"), at=_done_at(detail)
        )
    )


def _duty_name(detail: Mapping[str, Any]) -> str:
    if not detail.get("done"):
        return "duty_again" if "round" in detail else "duty_undone"
    return "duty_carried" if "from" in detail else "duty_done"


def _fact(detail: Mapping[str, Any], by: str, form: Mapping[str, Any]) -> str:
    said, name, value = form["events"], str(detail.get("name", "")), detail.get("value")
    if name.startswith(_MOMENT):
        which = form["moments"].get(name.removeprefix(_MOMENT), name)
        at = f"{which} {str(value).replace('T', ' ')[:16]}"
        return str(said["moment"].format(by=by, value=at, reason=detail.get("reason", "")))
    if name == SUPPLY_AREA:
        return str(said["moved_in" if value else "moved_out"])
    fact = all_facts().get(name)
    label = fact.zh if fact else name
    if value is None:
        return str(said["fact_back"].format(by=by, label=label))
    return str(said["fact"].format(by=by, label=label, shown=shown_value(fact, value) if fact else value))


def _step(detail: Mapping[str, Any], by: str, said: Mapping[str, Any]) -> str:
    label = words()["steps"].get(detail.get("step"), detail.get("step"))
    return str(
        said[_step_name(detail)].format(
            by=by, label=label, group=detail.get("group"), office=detail.get("office", ""),
            reason=detail.get("reason", ""), number=detail.get("from"), at=_done_at(detail),
        )
    )  # fmt: skip


def _step_name(detail: Mapping[str, Any]) -> str:
    if "group" in detail and not detail.get("out"):
        return "group_in"
    if detail.get("withdrawn"):
        return "step_withdrawn"
    if "from" in detail:
        return "group_carried" if "group" in detail else "step_carried"
    return "group_out" if "group" in detail else "step"


def _done_at(detail: Mapping[str, Any]) -> str:
    return str(detail.get("done_at", "")).replace("T", " ")[:16]
