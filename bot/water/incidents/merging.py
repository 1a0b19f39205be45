"""Staff put incidents together that are one, take apart what is not, and undo either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage.numbers import next_number
from bot.storage.tables import Incident, IncidentEvent, OutageReport
from bot.water.duty.carried import give_back, take_over
from bot.water.duty.duty_lines import set_moment
from bot.water.incidents import history, steps_carried
from bot.water.incidents.assessing import refresh
from bot.water.incidents.merging_facts import facts_that_follow, first_alert, may_follow, set_with_it
from bot.water.incidents.moments import locked
from bot.water.incidents.states import CLOSED, MERGED, OPEN
from bot.water.reporting.joining import STAFF
from bot.water.reporting.zones import zone_of
from bot.water.telling import notices, telling

_AT_ONCE = 500  # ids in one statement


def merge(session: Session, *, into: str, numbers: list[str], by: str | None, now: datetime) -> Incident:
    """Move all reports of the incidents `numbers` to the incident `into`, what staff set of them, steps and duties done.

    The others become "merged"; each has a line in its history, and so has `into`, which `undo` takes back. Their
    reporters hear that they are dealt with there.

    Raises:
        NotFound: there is no such incident.
        BadInput: one is not open, of another kind, of a drill (or not) unlike the rest, or named twice; something would
            be lost by it (a graver confirmed grade, facts that differ).
    """
    target = _open_incident(session, into)
    others = [_open_incident(session, number) for number in numbers]
    if not others or len({target.id, *(other.id for other in others)}) != len(others) + 1:
        raise BadInput("请选至少一个别的事件来合并，每个只选一次。")
    for other in others:
        if other.kind != target.kind:
            raise BadInput(f"{other.number} 和 {target.number} 一个是停水、一个是水质，不能合并。")
        if other.drill != target.drill:
            raise BadInput("演练的事件和真实的事件不能合并。")
        may_follow(target, other)
    facts = facts_that_follow(session, target, others, now)
    moved = [_absorb(session, target, other, by, now) for other in others]
    before: dict[str, Any] = {
        "started_at": _iso(target.started_at), "last_report_at": _iso(target.last_report_at), "facts": {name: value for name, (value, _number) in facts.items()},
    }  # fmt: skip
    for name, (value, number) in facts.items():
        set_with_it(session, target, name, value, by, now, f"{number}并入")
    starts = [one.started_at for one in (target, *others) if one.started_at]
    target.started_at = min(starts, default=None)
    target.last_report_at = max(one.last_report_at for one in (target, *others))
    before |= first_alert(session, target, others, by, now)
    history.note(session, target, "merged", at=now, by=by, merged=moved, before=before)
    refresh(session, target, now=now)
    take_over(session, target, by=by, now=now)
    steps_carried.carry_over(session, target, others, by=by, now=now)
    telling.tell_joined(session, target, _reports(session, moved), now=now)
    _tell_public(session, target, others, by, now)
    return target


def _tell_public(
    session: Session, target: Incident, others: Sequence[Incident], by: str | None, now: datetime
) -> None:
    """The news of those that were merged points to that of the whole, which may have another start now."""
    for other in others:
        notices.withdraw(session, other, by=by, now=now, into=target)
    notices.publish(session, target, by=by, now=now)


def _reports(session: Session, moved: Sequence[Mapping[str, Any]]) -> list[OutageReport]:
    ids = [int(key) for one in moved for key in one["reports"]]
    found: list[OutageReport] = []
    for start in range(0, len(ids), _AT_ONCE):
        query = select(OutageReport).where(OutageReport.id.in_(ids[start : start + _AT_ONCE]))
        found += session.scalars(query)
    return found


def _absorb(
    session: Session, target: Incident, other: Incident, by: str | None, now: datetime
) -> dict[str, Any]:
    rows = session.execute(
        select(OutageReport.id, OutageReport.joined).where(OutageReport.incident_id == other.id)
    ).all()
    other.status, other.merged_into_id = MERGED, target.id
    _move(session, [row.id for row in rows], target, STAFF)
    history.note(session, other, "merged", at=now, by=by, into=target.number)
    refresh(session, other, now=now)
    return {"incident": other.number, "reports": {str(row.id): row.joined for row in rows}}


def split(session: Session, *, number: str, reports: list[str], by: str | None, now: datetime) -> Incident:
    """Take the reports with these numbers out of an incident into a new one of their own; the new incident.

    What was done for the whole was done for it too.

    Raises:
        NotFound: there is no such incident, or a report is not of it.
        BadInput: it is not open, no report was chosen, or all of them.
    """
    source = _open_incident(session, number)
    wanted = {one.strip().upper() for one in reports}
    rows = session.scalars(select(OutageReport).where(OutageReport.incident_id == source.id)).all()
    leaving = [row for row in rows if row.number in wanted]
    missing = sorted(wanted - {row.number for row in leaving})
    if missing:
        raise NotFound(f"{source.number} 里没有报修 {'、'.join(missing)}。")
    if not leaving or len(leaving) == len(rows):
        raise BadInput("请选一部分报修分出去：至少一件，也至少留下一件。")
    made = _made_of(session, source, leaving, now)
    detail = {
        "reports": {str(row.id): row.joined for row in leaving},
        "before": {"started_at": _iso(source.started_at)},
    }
    staying = [row.started_at for row in rows if row not in leaving and row.started_at]
    if source.started_at not in staying:
        source.started_at = min(staying, default=None)
    _move(session, [row.id for row in leaving], made, STAFF)
    history.note(session, source, "split", at=now, by=by, into=made.number, **detail)
    history.note(session, made, "opened", at=now, by=by, **{"from": source.number})
    refresh(session, source, now=now)
    refresh(session, made, now=now)
    take_over(session, made, by=by, now=now)
    steps_carried.carry_over(session, made, [source], by=by, now=now)
    return made


def _made_of(session: Session, source: Incident, leaving: Sequence[OutageReport], now: datetime) -> Incident:
    first = leaving[0]
    area = first.area if first.area is not None else source.area
    zone = zone_of(session, first.township, area)
    starts = [row.started_at for row in leaving if row.started_at]
    made = Incident(
        number=next_number(session, "SJ", now), status=OPEN, kind=source.kind, township=first.township, area=area,
        zone_id=zone.id if zone else None, started_at=min(starts, default=None),
        opened_at=min(row.created_at for row in leaving), last_report_at=max(row.created_at for row in leaving),
        facts={}, drill=source.drill, reports_count=0, households_count=0, version=0,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def undo(session: Session, *, event_id: int, by: str | None, now: datetime) -> Incident:
    """Take back a merging or splitting; the incident that it was done to.

    Reports that came in between stay where they are; those that were moved go back, unless somebody moved them on.

    Raises:
        NotFound: there is no such event.
        BadInput: it is no merging or splitting, it was undone before, or an incident concerned has changed so much
            that it cannot be taken back.
    """
    event = session.get(IncidentEvent, event_id)
    if event is None:
        raise NotFound(f"没有编号 {event_id} 的记录。")
    way = _UNDO.get(_way(event))
    if way is None:
        raise BadInput("这一条不是合并或拆分，不能撤销。")
    incident: Incident = session.get(Incident, event.incident_id)
    later = history.events_of(session, incident.id)
    if any(line.kind == "undone" and line.detail.get("event") == event_id for line in later):
        raise BadInput("这一次已经撤销过了。")
    if incident.status != OPEN:
        raise BadInput(f"{incident.number} 已经不在处理中，不能撤销。")
    way(session, incident, event.detail, by, now)
    history.note(session, incident, "undone", at=now, by=by, event=event_id, undid=event.kind)
    refresh(session, incident, now=now)
    return incident


def _way(event: IncidentEvent) -> str:
    if event.kind == "merged" and "merged" in event.detail:
        return "merge"
    return "split" if event.kind == "split" else ""


def _unmerge(
    session: Session, target: Incident, detail: Mapping[str, Any], by: str | None, now: datetime
) -> None:
    others = [(locked(session, one["incident"]), one["reports"]) for one in detail["merged"]]
    for other, _reports in others:
        if other.status != MERGED or other.merged_into_id != target.id:
            raise BadInput(f"{other.number} 后来又变动过，不能撤销这次合并。")
    telling.drop_waiting(session, target, kinds=(telling.JOINED,))
    for other, reports in others:
        other.status, other.merged_into_id = OPEN, None
        _give_back(session, reports, target, other)
        history.note(session, other, "undone", at=now, by=by, undid="merged")
    if "alert" in detail["before"]:
        at = datetime.fromisoformat(detail["before"]["alert"])
        set_moment(session, number=target.number, which="alert", at=at, by=by, now=now, reason="撤销合并")
    for name, value in detail["before"].get("facts", {}).items():
        if (target.facts or {}).get(name) == value:  # else staff have put it right since, for what it is now
            set_with_it(session, target, name, None, by, now, "撤销合并")
    numbers = [other.number for other, _reports in others]
    give_back(session, target, numbers, by=by, now=now, reason="撤销合并")
    steps_carried.give_back(session, target, numbers, by=by, now=now, reason="撤销合并")
    target.started_at = _moment(detail["before"]["started_at"])
    target.last_report_at = _last_report(session, target) or _moment(detail["before"]["last_report_at"])
    for other, _reports in others:
        refresh(session, other, now=now)
        notices.put_back(session, other, by=by, now=now)
    notices.publish(session, target, by=by, now=now)


def _unsplit(
    session: Session, source: Incident, detail: Mapping[str, Any], by: str | None, now: datetime
) -> None:
    made = locked(session, detail["into"])
    if made.status != OPEN:
        raise BadInput(f"{made.number} 已经不在处理中，不能撤销这次拆分。")
    if made.confirmed_grade or made.facts:
        raise BadInput(f"{made.number} 已经确认过级别或填过情况，不能撤销；需要时请合并。")
    _give_back(session, detail["reports"], made, source)
    rest = session.execute(
        select(OutageReport.id, OutageReport.joined).where(OutageReport.incident_id == made.id)
    )
    _move(session, [row.id for row in rest], source, STAFF)
    made.status, made.merged_into_id = MERGED, source.id
    source.last_report_at = max(source.last_report_at, made.last_report_at)
    source.started_at = _moment(detail["before"]["started_at"])
    history.note(session, made, "undone", at=now, by=by, undid="split", into=source.number)
    refresh(session, made, now=now)
    take_over(session, source, by=by, now=now)
    steps_carried.carry_over(session, source, [made], by=by, now=now)
    _tell_public(session, source, [made], by, now)


_UNDO: Mapping[str, Callable[..., None]] = {"merge": _unmerge, "split": _unsplit}


def _give_back(
    session: Session, reports: Mapping[str, str | None], holder: Incident, owner: Incident
) -> None:
    """Reports that `holder` still has go to `owner`, each with the way it came to that at first."""
    for way in set(reports.values()):
        ids = [int(key) for key, joined in reports.items() if joined == way]
        _move(session, ids, owner, way, only_of=holder)


def _move(
    session: Session, ids: Sequence[int], to: Incident, joined: str | None, only_of: Incident | None = None
) -> None:
    session.flush()
    for start in range(0, len(ids), _AT_ONCE):
        query = update(OutageReport).where(OutageReport.id.in_(ids[start : start + _AT_ONCE]))
        if only_of is not None:
            query = query.where(OutageReport.incident_id == only_of.id)
        session.execute(
            query.values(incident_id=to.id, joined=joined).execution_options(synchronize_session=False)
        )
    session.expire_all()


def _last_report(session: Session, incident: Incident) -> datetime | None:
    query = select(OutageReport.created_at).where(OutageReport.incident_id == incident.id)
    found: datetime | None = session.scalar(query.order_by(OutageReport.created_at.desc()).limit(1))
    return found


def _open_incident(session: Session, number: str) -> Incident:
    incident = locked(session, number)
    if incident.status != OPEN:
        state = {MERGED: "已经并到别的事件里", CLOSED: "已经结束"}.get(incident.status, incident.status)
        raise BadInput(f"{incident.number} {state}，不能合并或拆分。")
    return incident


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
