"""Drills: an outage that is made up, as a file tells it, step by step; and how all of it goes away again.

A drill's people write through the chat like everybody else. They are known by their sender (`is_drill`), which only
programs of the office can choose (the REST channel); what they report is marked `drill` and stays apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage.tables import (
    Attachment,
    Handover,
    HandoverMessage,
    Incident,
    IncidentDuty,
    IncidentEvent,
    OutageReport,
    OutgoingMessage,
    PlannedOutage,
    PublicNotice,
    RestoredAnswer,
    Subscription,
)
from bot.water.plan.facts import check_facts
from bot.water.telling import saying

SENDER = "drill-"
CHANNEL = "rest"
BY = "演练"  # stands in the history as who did what the file has staff do
# What a step may do; each step is exactly one of these.
SAYS, FACTS, CONFIRM, DUTY, RESPONSE, CLOSE = "says", "facts", "confirm", "duty", "response", "close"
ACTS = (SAYS, FACTS, CONFIRM, DUTY, RESPONSE, CLOSE)
_DAYS = {0: "今天", 1: "昨天", 2: "前天"}


@dataclass(frozen=True)
class Step:
    """One thing that happens.

    Attributes:
        at: since the outage began.
        act: one of `ACTS`.
        who: whose words they are, or whose report leads to the incident that staff work on.
        what: the words one after the other, the facts, the duty's key, the response's step; True for the rest.
        how: how a duty was done, or the office that takes a step.
    """

    at: timedelta
    act: str
    who: str
    what: Any
    how: str = ""


@dataclass(frozen=True)
class Drill:
    """A drill: at `turning_point` (since the outage began) its clock and the real one show the same."""

    name: str
    turning_point: timedelta
    steps: tuple[Step, ...]


def is_drill(channel: str, sender: str) -> bool:
    """Whether somebody is one of a drill's made-up people."""
    return channel == CHANNEL and sender.startswith(SENDER)


def load(path: Path) -> Drill:
    """Read a drill's file.

    Raises:
        BadInput: what is wrong with it, and in which step.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"读不了 {path.name}：{error}") from None
    if not isinstance(raw, Mapping) or not isinstance(raw.get("steps"), list) or not raw.get("name"):
        raise BadInput(f"{path.name} 要有 name 和 steps，样子见 data/sample/drills。")
    steps = tuple(_step(number, row) for number, row in enumerate(raw["steps"], 1))
    if not steps or steps[0].act != SAYS:
        raise BadInput("演练的第一步要有人来报（says）。")
    for number, (step, after) in enumerate(pairwise(steps), 2):
        if after.at < step.at:
            raise BadInput(f"第 {number} 步比前一步早。")
    heard = {step.who for step in steps if step.act == SAYS}
    for number, step in enumerate(steps, 1):
        if step.who not in heard:
            raise BadInput(f"第 {number} 步的 {step.who} 没有报过，找不到是哪起事件。")
    return Drill(str(raw["name"]), _span(raw.get("turning_point", "0:00"), "turning_point"), steps)


def _step(number: int, row: Any) -> Step:
    label = f"第 {number} 步"
    if not isinstance(row, Mapping) or "at" not in row or not row.get("who"):
        raise BadInput(f"{label}要有 at 和 who。")
    acts = [act for act in ACTS if act in row]
    if len(acts) != 1:
        raise BadInput(f"{label}要有这些中的一个：{', '.join(ACTS)}。")
    what = row[acts[0]]
    if acts[0] == SAYS:
        what = tuple([what] if isinstance(what, str) else what or ())
        if not what or not all(isinstance(words, str) and words.strip() for words in what):
            raise BadInput(f"{label}没有说什么。")
    if acts[0] == FACTS:
        what = check_facts(what)
    return Step(_span(row["at"], label), acts[0], str(row["who"]), what, str(row.get("how", "")))


def _span(given: Any, label: str) -> timedelta:
    """`36:05` as hours and minutes."""
    hours, colon, minutes = str(given).partition(":")
    if not (colon and hours.isdigit() and len(minutes) == 2 and minutes.isdigit() and int(minutes) < 60):
        raise BadInput(f'{label}的时间要写成 "小时:分钟"，比如 "36:05"（要加引号），现在是 {given!r}。')
    return timedelta(hours=int(hours), minutes=int(minutes))


def spoken_moment(moment: datetime, now: datetime) -> str:
    """`moment` as people say it at `now`: 昨天早上7点05分. At most two days back; before that as a date."""
    days = (now.date() - moment.date()).days
    day = _DAYS.get(days, f"{moment.month}月{moment.day}日")
    return f"{day}{saying.clock(moment, 'zh')}"


def is_going_on(session: Session) -> bool:
    """Whether anything of a drill is stored."""
    return any(
        session.scalars(select(table.id).where(table.drill.is_(True)).limit(1)).first() is not None
        for table in (OutageReport, Incident, PlannedOutage, PublicNotice)
    )


def remove(session: Session) -> tuple[dict[str, int], tuple[str, ...]]:
    """Delete everything of drills.

    Returns:
        How many rows of each table went, and the senders whose conversations are to go too
        (`bot.storage.forget.forget_conversation`).
    """
    people = (OutageReport.channel == CHANNEL, OutageReport.sender_id.like(f"{SENDER}%"))
    senders = set(session.scalars(select(OutageReport.sender_id).where(*people)))
    senders |= set(session.scalars(select(Handover.sender_id).where(Handover.sender_id.like(f"{SENDER}%"))))
    incidents = select(Incident.id).where(Incident.drill.is_(True))
    numbers = select(Incident.number).where(Incident.drill.is_(True))
    theirs: dict[Any, Any] = {table: table.sender_id.like(f"{SENDER}%") for table in (Handover, Subscription)}
    talks = select(Handover.id).where(theirs[Handover])
    alarms = [f"handover-{talk}" for talk in session.scalars(talks)]  # what staff were told of them
    planned = select(PlannedOutage.id).where(PlannedOutage.drill.is_(True))
    wanted: tuple[tuple[Any, Any], ...] = (
        (Attachment, Attachment.sender_id.like(f"{SENDER}%")),
        (HandoverMessage, HandoverMessage.handover_id.in_(talks)),
        (RestoredAnswer, RestoredAnswer.incident_id.in_(incidents)),
        (OutgoingMessage, or_(OutgoingMessage.sender_id.like(f"{SENDER}%"), OutgoingMessage.reference.in_(numbers),
            OutgoingMessage.reference.in_(alarms),
        )),
        (PublicNotice, or_(PublicNotice.drill.is_(True), PublicNotice.planned_id.in_(planned))),
        (IncidentDuty, IncidentDuty.incident_id.in_(incidents)),
        (IncidentEvent, IncidentEvent.incident_id.in_(incidents)),
        *theirs.items(),
        (OutageReport, OutageReport.drill.is_(True)),
        (PlannedOutage, PlannedOutage.drill.is_(True)),
    )  # fmt: skip
    gone = {table.__tablename__: _delete(session, table, which) for table, which in wanted}
    # One may have been put into another.
    for incident in session.scalars(select(Incident).where(Incident.drill.is_(True))):
        incident.merged_into_id = None
    session.flush()
    gone["incident"] = _delete(session, Incident, Incident.drill.is_(True))
    return gone, tuple(sorted(senders))


def _delete(session: Session, table: Any, which: Any) -> int:
    done = session.execute(delete(table).where(which).execution_options(synchronize_session=False))
    return int(done.rowcount)
