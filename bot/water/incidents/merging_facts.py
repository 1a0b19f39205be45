"""What goes along where incidents become one: facts that staff set, the first alert; and what must not be lost by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage.tables import Incident
from bot.water.duty.duty_lines import set_moment
from bot.water.incidents import history
from bot.water.incidents.assessing import facts_of_staff, outside_supply_area
from bot.water.incidents.moments import alert_of
from bot.water.plan.duty_clocks import rank
from bot.water.plan.facts import all_facts
from bot.water.words import short_grade


def may_follow(target: Incident, other: Incident) -> None:
    """Whether `other` may go into `target`: a grade that staff answer for, or the plan itself, must not be lost by it."""
    if rank(other.confirmed_grade) < rank(target.confirmed_grade):
        raise BadInput(
            f"{other.number} 已经定为{short_grade(other.confirmed_grade)}，比 {target.number} 重。"
            f"请反过来，把 {target.number} 并入 {other.number}。"
        )
    if outside_supply_area(other.township) is not outside_supply_area(target.township):
        raise BadInput(
            f"{other.number} 和 {target.number} 一个在县城供水范围内、一个不在（预案1.4），不能合并。"
        )


def facts_that_follow(
    session: Session, target: Incident, others: Sequence[Incident], now: datetime
) -> dict[str, tuple[Any, str]]:
    """What staff set of `others` and not of `target`, with the incident it comes from: it holds for all of it now.

    Raises:
        BadInput: two of them say different things; which is right only staff know.
    """
    known = {
        name: (value, str(target.number)) for name, value in facts_of_staff(session, target, now).items()
    }
    taken: dict[str, tuple[Any, str]] = {}
    for other in others:
        for name, value in facts_of_staff(session, other, now).items():
            there, number = known.setdefault(name, (value, str(other.number)))
            if there != value:
                raise BadInput(
                    f"{number} 和 {other.number} 填的“{all_facts()[name].zh}”不一样。请先把对的填在 {number} 上，"
                    f"把 {other.number} 的撤回，再合并。"
                )
            if number == other.number:
                taken[name] = (value, number)
    return taken


def set_with_it(
    session: Session, incident: Incident, name: str, value: Any, by: str | None, now: datetime, reason: str
) -> None:
    """Note a fact that comes with a merging, or goes with its undoing (None)."""
    was = (incident.facts or {}).get(name)
    rest = {key: known for key, known in (incident.facts or {}).items() if key != name}
    incident.facts = rest if value is None else {**rest, name: value}
    history.note(session, incident, "fact", at=now, by=by, name=name, value=value, was=was, reason=reason)


def first_alert(
    session: Session, target: Incident, others: Sequence[Incident], by: str | None, now: datetime
) -> dict[str, Any]:
    """Duties count from the first alert of all that are one now; what it was before, where that changed."""
    alert = alert_of(session, target)
    first = min(alert_of(session, other) for other in others)
    if first >= alert:
        return {}
    reason = "、".join(f"并入{other.number}" for other in others)
    set_moment(session, number=target.number, which="alert", at=first, by=by, now=now, reason=reason)
    return {"alert": alert.isoformat()}
