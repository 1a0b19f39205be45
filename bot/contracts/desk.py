"""The contract desk: a clerk's contracts at hand, each with its checklist and what of it is done.

A case is kept with the facts that its list is made from; the list itself is made anew each time, so that a
holiday table that was imported since counts at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.contracts.calendars import stored_calendar
from bot.contracts.checklist import Checklist, checklist
from bot.contracts.dossier import Dossier, next_step, numbers_of, still_open, tasks_of
from bot.contracts.kinds import same_kind
from bot.contracts.workdays import Calendar
from bot.errors import BadInput
from bot.storage.numbers import next_number
from bot.storage.tables import ContractCase, ContractTick

PREFIX = "HT"
SIGNING, REVIEW = "signing", "reviewer"  # ids of items


# use cases


def open_case(
    session: Session, *, channel: str, sender: str, facts: Mapping[str, Any], now: datetime, another: bool = False
) -> Dossier:  # fmt: skip
    """Open a case, or bring the person's open case of the same kind of contract up to date.

    Args:
        facts: keys of `bot.contracts.case.Case`, dates as ISO text; what they do not say again stays as it was.
        another: a second contract of the same kind, whatever is open.

    Raises:
        BadInput: facts that contradict each other.
    """
    kind = str(facts["contract_type"])
    same = [row for row in _rows(session, channel, sender) if same_kind(row.contract_type, kind)]
    if same and not another:
        return _change(session, same[-1], {**same[-1].facts, **facts}, now)
    found = checklist(facts, calendar=stored_calendar(session))
    row = ContractCase(numbers=numbers_of(found, {}),
        number=next_number(session, PREFIX, now), contract_type=kind, facts=dict(facts), channel=channel,
        sender_id=sender, created_at=now, updated_at=now,
    )  # fmt: skip
    _tick_signing(row, sender, now)
    session.add(row)
    session.flush()
    return _dossier(row, found)


def clashing_case(session: Session, *, channel: str, sender: str, facts: Mapping[str, Any]) -> Dossier | None:
    """The person's open case of the same kind where it has another party or other dates; `open_case` would change it."""
    kind = str(facts["contract_type"])
    same = [
        case
        for case in cases_of(session, channel=channel, sender=sender)
        if same_kind(case.contract_type, kind)
    ]
    if not same:
        return None
    keys = [key for key in facts if key == "signing_party" or key.endswith("_on")]
    differs = any(same[-1].facts.get(key, facts[key]) != facts[key] for key in keys)
    return same[-1] if differs else None


def change_case(session: Session, *, number: str, facts: Mapping[str, Any], now: datetime) -> Dossier:
    """Put `facts` in the place of the case's own; ticks stay with every item that is still on the list.

    Raises:
        BadInput: no such case, or facts that contradict each other.
    """
    return _change(session, _row(session, number), facts, now)


def tick(session: Session, *, number: str, items: Iterable[str], by: str, now: datetime) -> Dossier:
    """Note that items (their ids) of a case are done. Raises BadInput: no such case, or no such thing to do on its list."""
    row, calendar = _row(session, number), stored_calendar(session)
    known = {task.item.id for task in _read(row, calendar).to_do}
    ticked = {tick.item for tick in row.ticks}
    for item in dict.fromkeys(items):
        if item not in known:
            raise BadInput(f"{number} 的清单上没有要办的“{item}”。请先看清单（wuchang case {number}）再勾。")
        if item not in ticked:
            row.ticks.append(ContractTick(item=item, ticked_at=now, ticked_by=by))
    return _touched(session, row, calendar, now)


def untick(session: Session, *, number: str, items: Iterable[str], now: datetime) -> Dossier:
    """Note that items of a case are not done after all; what is not signed has no day of signing.

    Raises:
        BadInput: no such case.
    """
    row, wrong = _row(session, number), frozenset(items)
    _take_ticks(row, wrong)
    if SIGNING in wrong and "signed_on" in row.facts:
        return _change(session, row, {key: row.facts[key] for key in row.facts if key != "signed_on"}, now)
    return _touched(session, row, stored_calendar(session), now)


def close_case(session: Session, *, number: str, now: datetime) -> Dossier:
    """Close a case: the contract is not signed after all, or all is done. Raises BadInput: no such case."""
    row = _row(session, number)
    row.status = "closed"
    return _touched(session, row, stored_calendar(session), now)


def reopen_case(session: Session, *, number: str, now: datetime) -> Dossier:
    """Open a closed case again, with its ticks. Raises BadInput: no such case."""
    row = _row(session, number)
    row.status = "open"
    return _touched(session, row, stored_calendar(session), now)


def cases_of(session: Session, *, channel: str, sender: str) -> tuple[Dossier, ...]:
    """The person's open cases, oldest first."""
    rows = _rows(session, channel, sender)
    calendar = stored_calendar(session) if rows else Calendar()
    return tuple(_read(row, calendar) for row in rows)


def find_case(session: Session, *, number: str) -> Dossier:
    """The case of a number, open or closed. Raises BadInput: there is none."""
    return _read(_row(session, number), stored_calendar(session))


def case_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every case with what is still open on its list: open cases first, then the oldest."""
    calendar = stored_calendar(session)
    order = (ContractCase.status != "open", ContractCase.id)
    for row in session.scalars(select(ContractCase).order_by(*order)):
        yield case_line(_read(row, calendar))


def case_line(dossier: Dossier) -> dict[str, Any]:
    """A case as plain data for JSON, dates as ISO text."""
    found, waiting, following = dossier.found, still_open(dossier), next_step(dossier)
    return {
        "number": dossier.number, "status": dossier.status, "contract_type": dossier.contract_type,
        "facts": dict(dossier.facts), "reviewer": found.reviewer,
        "earliest_signing_date": _iso(found.earliest_signing_date), "filing_due": _iso(found.filing_due),
        "to_do": len(dossier.to_do), "done": len(dossier.done),
        "open": [
            {"number": task.number, "id": task.item.id, "stage": task.item.stage, "title": task.name,
             "clause": task.item.clause, "due": _iso(task.item.due)}
            for task in waiting
        ],
        "next": following.item.id if following else None,
        "channel": dossier.channel, "sender": dossier.sender,
        "created_at": with_offset(dossier.created_at), "updated_at": with_offset(dossier.updated_at),
    }  # fmt: skip


def _change(session: Session, row: ContractCase, facts: Mapping[str, Any], now: datetime) -> Dossier:
    calendar = stored_calendar(session)
    before, after = checklist(row.facts, calendar=calendar), checklist(facts, calendar=calendar)
    _carry_ticks(row, before, after)
    row.numbers = _carried_numbers(row, before, after)
    if _reviewing(row.facts) != _reviewing(facts):  # one body's review is not the other's
        _take_ticks(row, {REVIEW})
    if "signed_on" in row.facts and "signed_on" not in facts:
        _take_ticks(row, {SIGNING})
    fresh = "signed_on" in facts and "signed_on" not in row.facts
    row.facts, row.contract_type = dict(facts), str(facts["contract_type"])
    if fresh:
        _tick_signing(row, row.sender_id, now)
    return _touched(session, row, calendar, now)


def _tick_signing(row: ContractCase, by: str, now: datetime) -> None:
    """What has a day of signing is signed."""
    if "signed_on" in row.facts and SIGNING not in {tick.item for tick in row.ticks}:
        row.ticks.append(ContractTick(item=SIGNING, ticked_at=now, ticked_by=by))


def _take_ticks(row: ContractCase, items: Collection[str]) -> None:
    for ticked in [tick for tick in row.ticks if tick.item in items]:
        row.ticks.remove(ticked)


def _reviewing(facts: Mapping[str, Any]) -> str | None:
    """Who reviews the contract, were it no emergency."""
    return checklist({**facts, "emergency": False}).reviewer


def _carried_numbers(row: ContractCase, before: Checklist, after: Checklist) -> dict[str, int]:
    """Numbers stay with their things, under another id too; those of what is gone are kept for when it comes back."""
    had = {**(row.numbers or {}), **numbers_of(before, row.numbers or {})}
    successors = {(item.stage, item.title): item.id for item in after.items}
    for item in before.items:
        successor = successors.get((item.stage, item.title))
        if item.id in had and successor and successor not in had:
            had[successor] = had[item.id]
    return {**had, **numbers_of(after, had)}


def _carry_ticks(row: ContractCase, before: Checklist, after: Checklist) -> None:
    """What only reads differently now, such as the filing once its last day is known, stays done."""
    ids = {item.id for item in after.items}
    renamed = {(item.stage, item.title): item.id for item in after.items}
    ticked = {tick.item: tick for tick in row.ticks}
    for item in before.items:
        successor = renamed.get((item.stage, item.title))
        if item.id in ticked and item.id not in ids and successor and successor not in ticked:
            ticked[item.id].item = successor


def _touched(session: Session, row: ContractCase, calendar: Calendar, now: datetime) -> Dossier:
    row.updated_at = now
    session.flush()
    return _read(row, calendar)


def _rows(session: Session, channel: str, sender: str) -> list[ContractCase]:
    query = select(ContractCase).where(
        ContractCase.channel == channel, ContractCase.sender_id == sender, ContractCase.status == "open"
    )
    return list(session.scalars(query.order_by(ContractCase.id)))


def _row(session: Session, number: str) -> ContractCase:
    query = select(ContractCase).where(ContractCase.number == number.upper())
    row: ContractCase | None = session.scalars(query).one_or_none()
    if row is None:
        raise BadInput(
            f"没有编号是 {number} 的合同。请核对编号，像 HT261126-001；全部的编号用 wuchang cases 看。"
        )
    return row


def _read(row: ContractCase, calendar: Calendar) -> Dossier:
    return _dossier(row, checklist(row.facts, calendar=calendar))


def _dossier(row: ContractCase, found: Checklist) -> Dossier:
    return Dossier(
        number=row.number, contract_type=row.contract_type, status=row.status, facts=dict(row.facts), found=found,
        tasks=tasks_of(found, (tick.item for tick in row.ticks), row.numbers), channel=row.channel, sender=row.sender_id,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
