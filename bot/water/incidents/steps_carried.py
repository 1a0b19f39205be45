"""The response goes along where incidents become one or are taken apart, as what was done of their duties does.

What goes along is what leads to the start, and the groups that are out. The end of a part is not the end of the whole,
nor the other way round: neither a step towards it nor a response that was ended goes along. Each has a line of the
history, with the incident it comes from, who took it there and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident
from bot.water.incidents.history import note
from bot.water.incidents.states import MERGED
from bot.water.incidents.steps import OPENING, GroupState, Steps, Taken, steps_of

_Key = tuple[str, str]  # step and grade, or "group" and the name of one


def carry_over(
    session: Session, incident: Incident, sources: Iterable[Incident], *, by: str | None, now: datetime,
    only: Collection[_Key] | None = None,
) -> None:  # fmt: skip
    """Note what was taken of the response to `sources` and not of that to `incident`, by the first of them that did.

    What `incident` took itself since its last end stays its own.

    Args:
        only: what to look at, where not at all of it.
    """
    own = {key for key, _one in _live(steps_of(session, incident))}
    found = [
        (key, one, source)
        for source in sources
        for key, one in _live(steps_of(session, source))
        if key not in own
        and (only is None or key in only)
        and one.carried_from != incident.number  # not what it has from this one itself
    ]
    for key, one, source in sorted(found, key=lambda line: _when(line[1])):
        if key not in own:
            own.add(key)
            _note(session, incident, one, source, by, now)


def give_back(
    session: Session, incident: Incident, numbers: Collection[str], *, by: str | None, now: datetime, reason: str
) -> None:  # fmt: skip
    """The incidents `numbers` are no part of this one any more: what came with them alone is not taken here any longer.

    Where the whole's response was ended meanwhile, that stays so.
    """
    lost = [(key, one) for key, one in _live(steps_of(session, incident)) if one.carried_from in set(numbers)]
    for _key, one in reversed(lost):
        detail: dict[str, Any] = (
            {"step": one.step, "grade": one.grade, "office": one.office, "withdrawn": True}
            if isinstance(one, Taken)
            else {"group": one.group.name, "out": False}
        )
        note(session, incident, "step", at=now, by=by, **detail, reason=reason)
    rest = select(Incident).where(Incident.merged_into_id == incident.id, Incident.status == MERGED)
    carry_over(session, incident, session.scalars(rest), by=by, now=now, only={key for key, _one in lost})


def _live(steps: Steps) -> Iterator[tuple[_Key, Taken | GroupState]]:
    """What holds of a response now, but for the steps to its end."""
    for one in steps.since_end:
        if one.step in OPENING:
            yield (one.step, one.grade), one
    for state in steps.groups:
        if state.called_at is not None:
            yield ("group", state.group.name), state


def _when(one: Taken | GroupState) -> datetime:
    at = one.at if isinstance(one, Taken) else one.called_at
    assert at is not None
    return at


def _note(
    session: Session, incident: Incident, one: Taken | GroupState, source: Incident, by: str | None, now: datetime
) -> None:  # fmt: skip
    detail: dict[str, Any] = (
        {"step": one.step, "grade": one.grade, "office": one.office, "done_by": one.by}
        if isinstance(one, Taken)
        else {"group": one.group.name, "out": True, "done_by": one.called_by}
    )
    done_at = _when(one).isoformat()
    note(session, incident, "step", at=now, by=by, **detail, done_at=done_at, **{"from": source.number})
