"""What staff are shown to decide by: facts with their sources, what is lacking for a higher grade, the next rise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.water.plan.clauses import RULED_OUT, Clause, fact_names, grading_law
from bot.water.plan.duty_clocks import rank
from bot.water.plan.facts import Fact, all_facts
from bot.water.words import short_grade, span, words

# What reports prove from below only; hours go on. Staff's own figures are taken as they are.
OPEN_FIGURES = frozenset({"households", "poisoned_or_seriously_injured", "interruption_hours"})


@dataclass(frozen=True)
class FactLine:
    """A fact of an incident.

    Attributes:
        label: its name in Chinese.
        value: as the grading takes it; None: not known.
        shown: the value in words; "" where it is not known.
        source: "staff" or "reports"; None where it is not known.
        by, at, reason: who of staff set it, when and why; None and "" for what reports say.
        fact: what may be set.
    """

    name: str
    label: str
    value: Any
    shown: str
    source: str | None
    by: str | None
    at: datetime | None
    reason: str
    fact: Fact


@dataclass(frozen=True)
class Missing:
    """A clause of a higher grade that is not ruled out: `needs` are the facts (name, label) still to be found out."""

    grade: str
    clause: str
    zh: str
    needs: tuple[tuple[str, str], ...]
    text: str


@dataclass(frozen=True)
class NextRise:
    """Time alone brings `grade` under `clause` at `at`; `remaining` until then, zero once it has come."""

    grade: str
    at: datetime
    remaining: timedelta
    clause: str | None
    text: str

    @classmethod
    def of(cls, grade: str, at: datetime, clause: str | None, now: datetime) -> NextRise:
        """The rise with its words: 再过6小时20分钟将达到Ⅱ级：3.2.2(3)."""
        left = max(at - now, timedelta())
        form = words()["rise" if left else "risen"]
        said = form.format(left=span(left), grade=short_grade(grade), clause=clause or "")
        return cls(grade, at, left, clause, said)


def shown_value(fact: Fact, value: Any) -> str:
    """A value in words: 停水, 1200户, 是; "" for None."""
    if value is None:
        return ""
    if fact.kind == "choice":
        return fact.values[value][0]
    if fact.kind == "choices":
        named = words()["comma"].join(fact.values[one][0] for one in value)
        return str(named or words()["nothing"])
    if fact.kind == "flag":
        return str(words()["is_so" if value else "is_not"])
    return f"{value:g}{words()['units'].get(fact.name, '')}" if value < 10**6 else f"{value}"


def lacking(
    facts: Mapping[str, Any], staff: set[str], present: str | None, applies: bool | None
) -> tuple[Missing, ...]:
    """The clauses of a graver grade than `present` that more facts could make hold; none where the plan does not apply.

    `staff` are the facts that staff set: figures of reports among `OPEN_FIGURES` may be higher in truth.
    """
    if applies is False:
        return ()
    found = []
    for clause in grading_law().clauses:
        needs = _needs(clause, facts, staff) if clause.rank < rank(present) else ()
        if needs:
            found.append((clause.rank, len(needs), _missing(clause, needs, facts)))
    return tuple(missing for *_order, missing in sorted(found, key=lambda row: row[:2]))


def _needs(clause: Clause, facts: Mapping[str, Any], staff: set[str]) -> tuple[str, ...]:
    open_figures = OPEN_FIGURES - staff
    if facts.get("interruption_hours", 0) >= grading_law().time_marks[-1][1]:
        open_figures -= {"interruption_hours"}  # enough for every clause
    outcome = clause.test({name: value for name, value in facts.items() if name not in open_figures})
    return fact_names(outcome) if outcome > RULED_OUT else ()


def _missing(clause: Clause, needs: tuple[str, ...], facts: Mapping[str, Any]) -> Missing:
    form, known = words(), all_facts()
    said = [
        form["need_known"].format(label=known[name].zh, shown=shown_value(known[name], facts[name]))
        if name in facts
        else known[name].zh
        for name in needs
    ]
    text = form["needs"].format(
        grade=short_grade(clause.grade), clause=clause.printed, zh=clause.zh, needs=form["comma"].join(said)
    )
    return Missing(
        clause.grade, clause.printed, clause.zh, tuple((name, known[name].zh) for name in needs), text
    )
