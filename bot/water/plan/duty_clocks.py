"""Which duties an incident has, and from which moment the minutes of each count. Pure functions.

The plan names a moment for some duties (接警, 事发, 接到报告); where it names none, minutes count from the moment at
which the grade that asks for the duty was reached (docs/decisions/0009).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.water.plan.duties import Duty, duties_for

GRADES = ("I", "II", "III", "IV")  # the gravest first
GRAVE = ("I", "II")
# The moments that staff may put right, by the name the file of duties gives them.
MOMENTS = ("alert", "incident", "report", "grade")
RAISED = "/raised"  # ends the key of a line whose clock began when the incident was raised


@dataclass(frozen=True)
class Grades:
    """The grades that an incident stands under now.

    Attributes:
        firm: the one that staff confirmed; None: none, or nobody looked at it yet.
        pending: the one worked out from the facts that waits for staff; None: nothing waits.
        decided: staff looked at it (then `firm` None means that they gave it no grade).
        applies: the plan holds for the place (1.4).
    """

    firm: str | None = None
    pending: str | None = None
    decided: bool = False
    applies: bool = True

    @property
    def active(self) -> tuple[str, ...]:
        """Firm and pending grade, the gravest first."""
        return tuple(grade for grade in GRADES if grade in (self.firm, self.pending))

    @property
    def top(self) -> str | None:
        """The gravest of them."""
        return self.active[0] if self.active else None


@dataclass(frozen=True)
class Moments:
    """What minutes may count from: 接警, 事发, 接到报告 (where staff say when), and when a grade was reached."""

    alert: datetime
    incident: datetime
    reached: datetime
    said: Mapping[str, datetime] = field(default_factory=dict)  # put right by staff, by names of `MOMENTS`


@dataclass(frozen=True)
class Wanted:
    """A line that is to be on the board: its key there, the duty, the grade that brings it (None: any incident)."""

    key: str
    duty: Duty
    grade: str | None
    raised: bool = False


def grades_now(
    *, worked_out: str | None, confirmed: str | None, decided: bool, seen: str | None, applies: bool
) -> Grades:
    """The grades that count.

    The worked-out grade waits for staff where it is graver than what they confirmed, and graver than what was worked
    out when they decided (`seen`): who set II down to III is not asked again as long as nothing gets graver.
    """
    if not applies and not (decided and confirmed):
        return Grades(decided=decided, applies=False)
    heeded = min(rank(confirmed), rank(seen)) if decided else rank(None)
    pending = worked_out if rank(worked_out) < heeded else None
    return Grades(firm=confirmed if decided else None, pending=pending, decided=decided)


def rank(grade: str | None) -> int:
    """0 for the gravest grade; no grade is below all."""
    return GRADES.index(grade) if grade in GRADES else len(GRADES)


def wanted_lines(grades: Grades, known: Iterable[str]) -> tuple[Wanted, ...]:
    """The lines for `grades`, in the plan's order; `known` are the keys that the board had before.

    Staff who gave an incident no grade took it out of the plan, and then nothing is asked. A duty that begins with a
    raise (5.2.2(3)) has a line without a clock under III and IV, and one with a clock once it came to I or II.
    """
    if not grades.applies or (grades.decided and not grades.active):
        return ()
    lines: dict[str, Wanted] = {d.key: Wanted(d.key, d, None) for d in duties_for(None)}
    for grade in grades.active:
        for duty in duties_for(grade):
            lines.setdefault(duty.key, Wanted(duty.key, duty, grade))
    if grades.top in GRAVE:
        before = {*known, *lines}
        for duty in (d for grade in GRADES for d in duties_for(grade) if d.counted_from == "raise"):
            if duty.key in before:
                lines.setdefault(duty.key + RAISED, Wanted(duty.key + RAISED, duty, grades.top, raised=True))
    return tuple(lines.values())


def clock_of(line: Wanted, moments: Moments) -> tuple[datetime | None, datetime | None]:
    """(the moment that the minutes count from, when they are over); (None, None) where no time is set."""
    duty = line.duty
    if duty.within_minutes is None or (duty.counted_from == "raise" and not line.raised):
        return None, None
    start = _start(duty.counted_from, moments)
    return start, start + timedelta(minutes=duty.within_minutes)


def _start(name: str | None, moments: Moments) -> datetime:
    if name is not None and name in moments.said:
        return moments.said[name]
    return {"alert": moments.alert, "incident": moments.incident}.get(name or "", moments.reached)


def moment_of(duty: Duty) -> str:
    """Which of `MOMENTS` the duty's minutes count from."""
    return duty.counted_from if duty.counted_from in MOMENTS else "grade"
