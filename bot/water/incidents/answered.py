"""What reporters of a closed incident answer to the question whether the water is back, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, OutageReport, RestoredAnswer
from bot.water.incidents.states import CLOSED, OPEN, RESTORED

# So many households that say no open an incident again, if they are also this share of those that answered.
# One alone may be its own tap; with a single household that was asked, its word is all there is.
ENOUGH_NO, SHARE_NO = 2, 0.3
ANSWER_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Answers:
    """How reporters answered in the last round, in households."""

    round: int
    asked: int
    back: int
    not_back: int


def answers_of(session: Session, incident: Incident) -> Answers:
    """How the reporters of a closed incident answered in the last round; all 0 where nobody was asked."""
    return counted(session, incident, round_of(session, incident))


def round_of(session: Session, incident: Incident) -> int:
    """The last round in which reporters were asked; 0: none was yet."""
    query = select(func.max(RestoredAnswer.round)).where(RestoredAnswer.incident_id == incident.id)
    return int(session.scalar(query) or 0)


def asked_of(
    session: Session, channel: str, sender: str, now: datetime, number: str | None
) -> RestoredAnswer | None:
    """What a person was asked within `ANSWER_WITHIN`, of incident `number` or last; None: nothing."""
    query = (
        select(RestoredAnswer)
        .join(Incident, Incident.id == RestoredAnswer.incident_id)
        .where(
            RestoredAnswer.channel == channel, RestoredAnswer.sender_id == sender,
            RestoredAnswer.created_at >= now - ANSWER_WITHIN, Incident.status.in_((OPEN, CLOSED)),
        )
        # What waits for an answer comes first; then the last one, which may be changed.
        .order_by(RestoredAnswer.back.is_not(None), RestoredAnswer.id.desc())
    )  # fmt: skip
    if number:
        query = query.where(Incident.number == number)
    found: RestoredAnswer | None = session.scalars(query.limit(1)).first()
    return found


def mark_reports(
    session: Session, incident: Incident, asked: RestoredAnswer, back: bool, now: datetime
) -> None:
    """The person's reports are over by their own word, at the latest when staff closed the incident; or no longer so."""
    before = (OPEN, CLOSED) if back else (RESTORED,)
    session.execute(
        update(OutageReport)
        .where(
            OutageReport.incident_id == incident.id, OutageReport.channel == asked.channel,
            OutageReport.sender_id == asked.sender_id, OutageReport.status.in_(before),
        )
        .values(
            status=RESTORED if back else incident.status,
            restored_at=func.coalesce(OutageReport.restored_at, incident.closed_at or now) if back else None,
        )
        .execution_options(synchronize_session="fetch")
    )  # fmt: skip


def counted(session: Session, incident: Incident, round_: int) -> Answers:
    """The answers of one round, in households."""
    rows = session.scalars(
        select(RestoredAnswer).where(
            RestoredAnswer.incident_id == incident.id, RestoredAnswer.round == round_
        )
    ).all()
    homes = {
        (row.channel, row.sender_id): row.household
        for row in session.execute(
            select(OutageReport.channel, OutageReport.sender_id, OutageReport.household)
            .where(OutageReport.incident_id == incident.id)
            .order_by(OutageReport.id)
        )
    }
    said: dict[str, bool | None] = {}
    for row in rows:
        person = (row.channel, row.sender_id)
        home = homes.get(person) or "\x1f".join(person)
        # Of one household that says both, the no counts: somebody there has no water.
        said[home] = row.back if said.get(home) is None else said[home] and row.back is not False
    return Answers(
        round_,
        len(said),
        sum(back is True for back in said.values()),
        sum(back is False for back in said.values()),
    )


def is_enough(answers: Answers) -> bool:
    """Whether so many households say no that the incident is opened again."""
    if answers.asked == 1:
        return answers.not_back == 1
    return answers.not_back >= ENOUGH_NO and answers.not_back >= SHARE_NO * (answers.back + answers.not_back)
