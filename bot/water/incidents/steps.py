"""The steps of a response and the groups called out, as the history tells them: those since an incident was last opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.storage.tables import Incident
from bot.water.incidents.history import EventLine, events_of
from bot.water.plan.duty_clocks import rank
from bot.water.plan.groups import Group, all_groups
from bot.water.words import words

OPENING = ("proposed", "filed", "approved", "started")
ENDING = ("end_proposed", "end_approved", "end_ordered", "ended")
STEPS = (*OPENING, *ENDING)


@dataclass(frozen=True)
class Taken:
    """A step that was taken: at which grade, by which office, noted by whom (name of the desk's user) and when.

    `carried_from`: number of the incident that it was taken for, which this one was one with before or is now.
    """

    step: str
    label: str
    grade: str
    office: str
    at: datetime
    by: str | None
    carried_from: str | None = None


@dataclass(frozen=True)
class GroupState:
    """A group of 2.2, and since when it is called out (None: it is not), by whom, and for which other incident."""

    group: Group
    called_at: datetime | None
    called_by: str | None
    carried_from: str | None = None


@dataclass(frozen=True)
class Steps:
    """The steps, oldest first, since the incident was last opened; and every group of 2.2."""

    taken: tuple[Taken, ...]
    groups: tuple[GroupState, ...]

    @property
    def since_end(self) -> tuple[Taken, ...]:
        """Those taken after an end was declared last: of them there is more only where it began anew."""
        ends = [at for at, one in enumerate(self.taken) if one.step == "ended"]
        return self.taken[ends[-1] + 1 :] if ends else self.taken

    @property
    def running(self) -> str | None:
        """The gravest grade whose response was started, until the end was declared."""
        return min((one.grade for one in self.since_end if one.step == "started"), key=rank, default=None)


def steps_of(session: Session, incident: Incident) -> Steps:
    """What was done of the response to `incident`, what came to it by merging or splitting among it."""
    events = _this_time(events_of(session, incident.id))
    return Steps(_taken(events), _groups(events))


def _this_time(events: Iterable[EventLine]) -> tuple[EventLine, ...]:
    """The steps since the incident was opened again, if it ever was."""
    kept: list[EventLine] = []
    for event in events:
        if event.kind == "reopened":
            kept.clear()
        elif event.kind == "step":
            kept.append(event)
    return tuple(kept)


def _taken(events: Iterable[EventLine]) -> tuple[Taken, ...]:
    taken: list[Taken] = []
    for event in events:
        if event.detail.get("withdrawn"):
            _take_back(taken, event)
        elif "step" in event.detail:
            taken.append(_one(event))
    return _by_time(taken)


def _take_back(taken: list[Taken], event: EventLine) -> None:
    wanted = event.detail["step"], event.detail["grade"]
    last = next(
        (at for at in reversed(range(len(taken))) if (taken[at].step, taken[at].grade) == wanted), None
    )
    if last is not None:
        del taken[last]


def _one(event: EventLine) -> Taken:
    detail = event.detail
    at, by = _when_and_who(event)
    return Taken(
        detail["step"], words()["steps"][detail["step"]], detail["grade"], detail["office"], at, by,
        detail.get("from"),
    )  # fmt: skip


def _when_and_who(event: EventLine) -> tuple[datetime, str | None]:
    """Of what was carried over, when and by whom it was done there."""
    if "from" not in event.detail:
        return event.at, event.by
    return datetime.fromisoformat(event.detail["done_at"]), event.detail["done_by"]


def _by_time(taken: Sequence[Taken]) -> tuple[Taken, ...]:
    """In the order of their times, but nothing across an end: what was carried over after it began anew with it."""
    ordered: list[Taken] = []
    part: list[Taken] = []
    for one in taken:
        part.append(one)
        if one.step == "ended":
            ordered += sorted(part, key=lambda step: step.at)
            part = []
    return (*ordered, *sorted(part, key=lambda step: step.at))


def _groups(events: Iterable[EventLine]) -> tuple[GroupState, ...]:
    last = {event.detail["group"]: event for event in events if "group" in event.detail}
    states = []
    for group in all_groups():
        event = last.get(group.name)
        if event is None or not event.detail["out"]:
            states.append(GroupState(group, None, None))
        else:
            states.append(GroupState(group, *_when_and_who(event), event.detail.get("from")))
    return tuple(states)
