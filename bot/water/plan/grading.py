"""The grade of a water-supply incident after 3.2 of the plan, and what follows from it.

The clauses are data (``data/law/water/grading.yml``); an absent fact is unknown, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.water.plan.clauses import HELD, Clause, Law, fact_names, grading_law
from bot.water.plan.duties import Duty, Response, duties_for, response_for
from bot.water.plan.facts import check_facts

__all__ = ["Escalation", "Grading", "Undetermined", "check_facts", "grade"]


@dataclass(frozen=True)
class Undetermined:
    """A clause neither held nor ruled out; ``needs`` are the unknown facts that could decide it."""

    clause: str
    grade: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Escalation:
    """``grade`` is reached under ``clause`` when ``at_hours`` is passed (24) or reached (36)."""

    grade: str
    clause: str
    at_hours: int | float


@dataclass(frozen=True)
class Grading:
    """What the plan says of one incident.

    - ``grade``: 'I' (gravest) to 'IV', or None where no clause holds; then a person decides.
    - ``clauses``: every clause of that grade that holds, as printed, in the plan's order.
    - ``highest_possible``: the highest grade held or undetermined; None where all is ruled out.
    - ``undetermined``: clauses of a higher grade that further facts could make hold.
    - ``escalations``: the grades that the incident will take by time alone, earliest first.
    - ``response``: None where there is no grade, since the plan starts no response without one.
    - ``duties``: for the grade; without a grade, the reports that every incident asks for.
    """

    grade: str | None
    clauses: tuple[str, ...]
    highest_possible: str | None
    undetermined: tuple[Undetermined, ...]
    escalations: tuple[Escalation, ...]
    response: Response | None
    duties: tuple[Duty, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON of ``wuchang grade``. ``response`` is an object always: empty without a grade."""
        return {
            "grade": self.grade,
            "clauses": list(self.clauses),
            "highest_possible": self.highest_possible,
            "undetermined": [
                {"clause": u.clause, "grade": u.grade, "needs": list(u.needs)} for u in self.undetermined
            ],
            "escalations": [
                {"grade": e.grade, "clause": e.clause, "at_hours": e.at_hours} for e in self.escalations
            ],
            "response": self.response.as_dict() if self.response else {},
            "duties": [duty.as_dict() for duty in self.duties],
        }


def grade(facts: Mapping[str, object]) -> Grading:
    """Grade one incident from what is known of it (names and values: ``data/law/water/facts.yml``).

    :raises bot.errors.BadInput: where a fact cannot be used, see :func:`check_facts`.
    """
    known = check_facts(facts)
    law = grading_law()
    held: list[Clause] = []
    unsettled: list[tuple[Clause, int]] = []
    rank = len(law.grades)  # of the gravest clause held; no grade is below all
    for clause in law.clauses:
        if clause.rank > rank:
            break  # the plan goes from the gravest down: the rest is lower
        outcome = clause.test(known)
        if outcome == HELD:
            rank = clause.rank
            held.append(clause)
        elif outcome > 0:
            unsettled.append((clause, outcome))
    undetermined = tuple(
        Undetermined(c.printed, c.grade, fact_names(needs)) for c, needs in unsettled if c.rank < rank
    )
    present = law.grades[rank] if held else None
    return Grading(
        grade=present,
        clauses=tuple(clause.printed for clause in held),
        highest_possible=undetermined[0].grade if undetermined else present,
        undetermined=undetermined,
        escalations=_escalations(law, known, rank),
        response=response_for(present),
        duties=duties_for(present),
    )


def _escalations(law: Law, known: Mapping[str, Any], rank: int) -> tuple[Escalation, ...]:
    """The grades taken one after another as hours pass, all else staying as it is known.

    At each mark the incident has the highest grade that holds there (reading 2); a lower one
    that the same hour would bring is passed over. Unknown hours count from 0 (reading 13).
    """
    found: list[Escalation] = []
    hours = known.get("interruption_hours", 0)
    for mark, least in law.time_marks:
        if hours >= least:
            continue
        then = {**known, "interruption_hours": least}
        for clause in law.clauses:
            if clause.rank >= rank:
                break
            if clause.time_marks and clause.test(then) == HELD:
                found.append(Escalation(clause.grade, clause.printed, mark))
                rank = clause.rank
                break
    return tuple(found)
