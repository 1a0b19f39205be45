"""What was done goes along where incidents become one or are taken apart, and what the end asks is due anew after it.

The end of a part is not the end of the whole, nor the other way round: what the plan asks only at the end or after it
(`Duty.at_end`) goes along nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, IncidentDuty, IncidentEvent
from bot.water.duty.duty_rows import mark_done, mark_open, rows_of
from bot.water.incidents.history import events_of
from bot.water.incidents.moments import find_incident
from bot.water.incidents.states import MERGED
from bot.water.plan.duties import all_duties
from bot.water.plan.duty_clocks import RAISED


def take_over(
    session: Session, incident: Incident, *, by: str | None, now: datetime, only: Collection[str] | None = None
) -> None:  # fmt: skip
    """Tick what was done for an incident merged into this one, or for the one that it was split off before that.

    The history says for which incident, by whom and when. What is ticked already stays as it is.

    Args:
        only: keys of the lines to look at, where not of all.
    """
    rows = rows_of(session, incident)
    lacking = {key for key, row in rows.items() if row.done_at is None and not _at_end(key)}
    lacking &= set(rows if only is None else only)
    if not lacking:
        return
    first: dict[str, tuple[Incident, IncidentDuty]] = {}
    for source, row in _done_elsewhere(session, incident):
        if row.key in lacking and (row.key not in first or row.done_at < first[row.key][1].done_at):
            first[row.key] = (source, row)
    for key, (source, row) in first.items():
        mark_done(
            session, incident, rows[key], at=row.done_at, doer=row.done_by, how=row.done_how, by=by, now=now,
            done_by=row.done_by, **{"from": source.number},
        )  # fmt: skip


def give_back(
    session: Session, incident: Incident, numbers: Collection[str], *, by: str | None, now: datetime, reason: str
) -> None:  # fmt: skip
    """The incidents `numbers` are no part of this one any more: what was ticked for their sake alone is open again."""
    rows = rows_of(session, incident)
    for key, detail in _last_words(session, incident).items():
        if detail["done"] and detail.get("from") in numbers and rows[key].done_at is not None:
            mark_open(session, incident, rows[key], by=by, now=now, reason=reason)
    take_over(session, incident, by=by, now=now)  # another that is still part of it may have done it too


def end_anew(session: Session, incident: Incident, *, by: str | None, now: datetime) -> None:
    """The incident was opened again: what was done for its end is to be done again, for its next one."""
    done = [
        row for key, row in rows_of(session, incident).items() if row.done_at is not None and _at_end(key)
    ]
    if not done:
        return
    round_ = 1 + sum(event.kind == "reopened" for event in events_of(session, incident.id))
    for row in done:
        mark_open(session, incident, row, by=by, now=now, round=round_)


def _at_end(key: str) -> bool:
    duty = all_duties().get(key.removesuffix(RAISED))
    return duty is not None and duty.at_end


def _done_elsewhere(session: Session, incident: Incident) -> Iterator[tuple[Incident, IncidentDuty]]:
    """What was done for those merged into `incident`, and for the one it came from as long as both were one."""
    merged = select(Incident).where(Incident.merged_into_id == incident.id, Incident.status == MERGED)
    sources: list[tuple[Incident, datetime | None]] = [(one, None) for one in session.scalars(merged)]
    opened = select(IncidentEvent).where(
        IncidentEvent.incident_id == incident.id, IncidentEvent.kind == "opened"
    )
    sources += [
        (find_incident(session, event.detail["from"]), event.at)
        for event in session.scalars(opened)
        if "from" in event.detail
    ]
    for source, until in sources:
        said = _last_words(session, source)
        for key, row in rows_of(session, source).items():
            own = said.get(key, {}).get("from") != incident.number  # not what it has from this one itself
            if row.done_at is not None and own and (until is None or row.done_at <= until):
                yield source, row


def _last_words(session: Session, incident: Incident) -> dict[str, Mapping[str, Any]]:
    """What the history says last of each line."""
    lines = (event.detail for event in events_of(session, incident.id) if event.kind == "duty")
    return {str(detail["key"]): detail for detail in lines}
