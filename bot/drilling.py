"""Playing a drill: its people write through the chat, its staff use the desk's use cases, faster than life.

The clocks of the assistant are the real ones. So the outage begins in the past (`began`), just so long ago that the
drill's `turning_point` falls on the moment at which it is played; what people say of the time fits that.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import WuchangError
from bot.storage.tables import Incident, OutageReport
from bot.water import drill as drills
from bot.water.drill import Drill, Step
from bot.water.duty.duty_lines import tick
from bot.water.incidents.closing import close_incident
from bot.water.incidents.decisions import confirm_grade, set_fact
from bot.water.incidents.response import take_step

Say = Callable[[str, str], list[str]]  # sender, words -> what the chat answers
Act = Callable[[Step, str], str]  # step, number of the incident -> what was done, in words


@dataclass(frozen=True)
class Played:
    """One line of what happened: `said` by whom (or what staff did), and what came back."""

    at: timedelta
    who: str
    said: str
    answers: tuple[str, ...]


def began(drill: Drill, start: datetime, speed: float) -> datetime:
    """When the outage of a drill that is begun at `start` began."""
    until_turn = (drill.turning_point - drill.steps[0].at) / speed
    return start + until_turn - drill.turning_point


def play(
    drill: Drill, *, say: Say, act: Act, now: Callable[[], datetime], wait: Callable[[datetime], None], speed: float,
    incident_of: Callable[[str], str | None],
) -> Iterator[Played]:  # fmt: skip
    """Play `drill`, a line for each thing that happened.

    Args:
        wait: until a moment of the real clock.
        act: does what staff do.
        incident_of: the number of the incident that a sender's report is in.

    Raises:
        WuchangError: a person's words led to no report, so that there is nothing to go on with.
    """
    start = now()
    beginning = began(drill, start, speed)
    run = secrets.token_hex(3)
    people = {step.who: f"{drills.SENDER}{run}-{n}" for n, step in enumerate(drill.steps)}
    for step in drill.steps:
        wait(start + (step.at - drill.steps[0].at) / speed)
        sender = people[step.who]
        if step.act == drills.SAYS:
            for words in step.what:
                words = words.format(start=drills.spoken_moment(beginning, now()))
                yield Played(step.at, step.who, words, tuple(say(sender, words)))
            if incident_of(sender) is None:
                raise WuchangError(f"{step.who} 说完了，却没有报上：看上面的对话，改一改演练的话。")
            continue
        number = incident_of(sender)
        if number is None:
            raise WuchangError(f"{step.who} 的报修不在任何事件里了。")
        yield Played(step.at, drills.BY, act(step, number), ())


def incident_number(session: Session, sender: str) -> str | None:
    """The number of the incident that the last report of `sender` is in (the one it was put into, where it was)."""
    query = (
        select(Incident)
        .join(OutageReport, OutageReport.incident_id == Incident.id)
        .where(OutageReport.channel == drills.CHANNEL, OutageReport.sender_id == sender)
        .order_by(OutageReport.id.desc())
        .limit(1)
    )
    incident = session.scalars(query).first()
    return None if incident is None else str(incident.number)


def take_part(session: Session, step: Step, number: str, now: datetime) -> str:
    """Do what staff do in `step`; in words.

    Raises:
        BadInput, NotFound: as the use cases say.
    """
    done = _STAFF[step.act](session, step, number, now)
    return f"{number} {done}"


def _facts(session: Session, step: Step, number: str, now: datetime) -> str:
    for name, value in step.what.items():
        set_fact(session, number=number, name=name, value=value, by=drills.BY, now=now)
    return "填情况：" + "，".join(f"{name}={value}" for name, value in step.what.items())


def _confirm(session: Session, step: Step, number: str, now: datetime) -> str:
    confirm_grade(session, number=number, by=drills.BY, now=now)
    grade = session.scalars(select(Incident.confirmed_grade).where(Incident.number == number)).one()
    return f"确认等级：{grade}级"


def _duty(session: Session, step: Step, number: str, now: datetime) -> str:
    tick(session, incident=number, key=str(step.what), by=drills.BY, how=step.how, now=now)
    return f"完成：{step.what} {step.how}".strip()


def _response(session: Session, step: Step, number: str, now: datetime) -> str:
    take_step(session, number=number, step=str(step.what), by=drills.BY, office=step.how, now=now)
    return f"响应：{step.what} {step.how}".strip()


def _close(session: Session, step: Step, number: str, now: datetime) -> str:
    close_incident(session, number=number, by=drills.BY, now=now, reason=drills.BY)
    return "结束"


_STAFF: dict[str, Callable[[Session, Step, str, datetime], str]] = {
    drills.FACTS: _facts, drills.CONFIRM: _confirm, drills.DUTY: _duty, drills.RESPONSE: _response,
    drills.CLOSE: _close,
}  # fmt: skip
