"""A duty as it is shown: with its clock, and whether its grade waits for staff. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import with_offset
from bot.storage.tables import Incident, IncidentDuty
from bot.water.plan.duties import all_duties, duties_for
from bot.water.plan.duty_clocks import GRAVE, RAISED, Grades


@dataclass(frozen=True)
class DutyLine:
    """One line of the board.

    Attributes:
        incident: number of the incident; `drill`: it is one of a drill.
        key: names the line in this incident.
        grade: the grade that brought it; None: every incident has it.
        who, to, what, clause: as in the plan's file of duties; `to` None: towards nobody.
        counted_from, due_at: None where no time is set.
        state: "open", "overdue" (the time is over), "done", or "dropped" (no grade asks it any more, not done).
        awaiting: its grade was worked out and waits for staff to confirm it.
        remaining: until it is due, negative once it is overdue; None where no time is set or it is done.
        late: it was done after its time.
        born_late: its time was over when it came onto the board (事发 lay back, the grade rose later).
        step: the step of the response that does it, see `bot.water.incidents.response`; `by_step_alone`: nothing else may.
    """

    incident: str
    drill: bool
    key: str
    grade: str | None
    who: str
    to: str | None
    what: str
    clause: str
    counted_from: datetime | None
    due_at: datetime | None
    added_at: datetime
    done_at: datetime | None
    done_by: str | None
    done_how: str | None
    dropped_at: datetime | None
    reminded_at: datetime | None
    state: str
    awaiting: bool
    remaining: timedelta | None
    late: bool
    born_late: bool
    step: str | None
    by_step_alone: bool

    def as_dict(self) -> dict[str, Any]:
        """The line as `wuchang duties` prints it; times with their offset, `remaining` in whole minutes."""
        times = ("counted_from", "due_at", "added_at", "done_at", "dropped_at", "reminded_at")
        minutes = None if self.remaining is None else int(self.remaining / timedelta(minutes=1))
        return {
            **vars(self),
            **{name: with_offset(getattr(self, name)) for name in times},
            "remaining": minutes,
        }


def lines_of(
    incident: Incident, rows: Iterable[IncidentDuty], grades: Grades, now: datetime
) -> tuple[DutyLine, ...]:
    """`rows` of the incident as lines, in the plan's order."""
    place = {key: index for index, key in enumerate(all_duties())}
    firm = {duty.key for duty in duties_for(grades.firm)}
    if grades.firm in GRAVE:
        firm |= {key + RAISED for key in place}
    ordered = sorted(rows, key=lambda row: (place.get(row.key.removesuffix(RAISED), len(place)), row.id))
    return tuple(_line(incident, row, row.key not in firm, now) for row in ordered)


def _line(incident: Incident, row: IncidentDuty, awaiting: bool, now: datetime) -> DutyLine:
    done, due = row.done_at, row.due_at
    dropped = row.dropped_at is not None
    over = due is not None and now > due
    state = "done" if done else "dropped" if dropped else "overdue" if over else "open"
    duty = all_duties().get(row.key.removesuffix(RAISED))
    return DutyLine(
        incident=incident.number, drill=bool(incident.drill), key=row.key, grade=row.grade, who=row.who,
        to=row.to, what=row.what, clause=row.clause, counted_from=row.counted_from, due_at=due,
        added_at=row.added_at, done_at=done, done_by=row.done_by, done_how=row.done_how,
        dropped_at=row.dropped_at, reminded_at=row.reminded_at, state=state,
        awaiting=awaiting and not dropped, remaining=None if due is None or done or dropped else due - now,
        late=bool(done and due and done > due), born_late=bool(due and due <= row.added_at),
        step=duty.step if duty else None, by_step_alone=duty is not None and duty.by_step_alone,
    )  # fmt: skip
