"""A conversation that staff have taken over: while they have it the assistant is silent towards that person.

One person's open requests are one conversation: who takes one has all of them. What the person writes meanwhile is
kept (`heard`), what staff write goes out the one outgoing way (`say`). A talk that staff took and forgot goes back
among those that wait after `FORGOTTEN`: nobody may be left with neither an answer nor the assistant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage import attachments, outbox
from bot.storage.base import insert_new
from bot.storage.database import address, engine_for
from bot.storage.sealed import fingerprint
from bot.storage.tables import Handover, HandoverMessage
from bot.storage.talk_lines import CLOSED, KIND, OPEN, TAKEN, handover_of

FORGOTTEN = timedelta(hours=4)  # without a word of staff
ALARMED = timedelta(minutes=10)  # one alarm of a danger, however many words it is told in
SOON = timedelta(minutes=30)  # an answer is waited for at the page
MAX_CHARS = 1000  # as long as a person's own message may be


def taken_by(session: Session, channel: str, sender: str, *, now: datetime) -> Handover | None:
    """The handover under which staff have this person now; None where the assistant answers.

    One without a word of staff for `FORGOTTEN` is put back among those that wait.
    """
    query = select(Handover).where(
        Handover.status == TAKEN, Handover.channel == channel, Handover.sender_id == sender
    )
    rows = session.scalars(query.order_by(Handover.urgent.desc(), Handover.id)).all()
    if not rows:
        return None
    last = _last_staff_word(session, [row.id for row in rows])
    if max(row.taken_at or row.created_at for row in rows) < now - FORGOTTEN and (
        last is None or last < now - FORGOTTEN
    ):
        for row in rows:
            row.status, row.taken_by, row.taken_at, row.alarmed_at = OPEN, None, None, None
        session.flush()
        return None
    first: Handover = rows[0]
    return first


def any_taken(*, channel: str, sender: str) -> bool:
    """Whether staff may have this person; asked at each message, so on a connection of its own, without a session.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
    """
    with engine_for(address()).connect() as connection:
        return connection.execute(_ANY_TAKEN, {"channel": channel, "sender": sender}).first() is not None


def is_expected(session: Session, channel: str, sender: str, *, now: datetime) -> bool:
    """Whether words of staff may come at any moment: they have this person, or were asked for lately (`SOON`)."""
    query = select(Handover.id).where(
        Handover.channel == channel,
        Handover.sender_id == sender,
        or_(
            Handover.status == TAKEN,
            (Handover.status == OPEN) & (Handover.created_at >= now - SOON),
        ),
    )
    return session.execute(query.limit(1)).first() is not None


def take(session: Session, *, handover_id: int, by: str, now: datetime, over: bool = False) -> None:
    """Have the person of `handover_id`; the assistant is silent from now on.

    `over`: also where a colleague has them (a change of shift).

    Raises:
        NotFound: there is no such handover.
        BadInput: it is closed, or somebody else was faster.
    """
    row = handover_of(session, handover_id)
    if row.status == CLOSED:
        raise BadInput("这段对话已经结束了。本人再来找人工时会重新出现在这里。")
    free = Handover.status == OPEN if not over else Handover.status.in_((OPEN, TAKEN))
    session.flush()
    done = session.execute(
        update(Handover)
        .where(Handover.channel == row.channel, Handover.sender_id == row.sender_id, free)
        .values(status=TAKEN, taken_by=by, taken_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)
    if not done.rowcount and row.taken_by != by:
        raise BadInput(f"{row.taken_by} 已经接手了这段对话。要换人，请按“改由我接”。")


def say(
    session: Session, *, handover_id: int, by: str, text: str, now: datetime, told: str | None = None
) -> None:
    """Have `text` said to the person, on their channel; `told` is the same as they read it (whose words they are).

    Raises:
        NotFound: there is no such handover.
        BadInput: nothing is written, it is too long, or `by` does not have the talk.
    """
    row, words = handover_of(session, handover_id), text.strip()
    if not words:
        raise BadInput("还没有写内容。")
    if len(words) > MAX_CHARS:
        raise BadInput(f"太长了：最多 {MAX_CHARS} 个字，现在 {len(words)} 个。请分几条发。")
    _require_own(row, by)
    line = HandoverMessage(handover_id=row.id, at=now, by=by, text=words)
    session.add(line)
    session.flush()
    outbox.notify(
        session, channel=row.channel, sender=row.sender_id, text=told or words, kind=KIND,
        reference=_reference(row, line.id), now=now,
    )  # fmt: skip


def heard(
    session: Session, *, handover_id: int, text: str, now: datetime, photo: int | None = None,
    message_id: str | None = None,
) -> bool:  # fmt: skip
    """Keep what the person wrote while staff have them; True where it is their first word in this talk.

    Args:
        photo: id of the photo that they sent with it (`bot.storage.attachments.keep`).
        message_id: the same each time the message is handed in (a process fell before it answered, the person tried
            again); staff have it once, and so its photo. None: it is a new one.
    """
    row = handover_of(session, handover_id)
    name = message_id or uuid4().hex
    once = fingerprint("heard", f"{row.channel} {row.sender_id} {name}")
    new = insert_new(session, HandoverMessage, handover_id=row.id, at=now, by=None, text=text, once=once)
    line = session.execute(
        select(HandoverMessage.id, HandoverMessage.at).where(HandoverMessage.once == once)
    ).one()
    if photo is not None and new:
        attachments.put_to_talk(session, photo, message_id=line.id, channel=row.channel, sender=row.sender_id)
    elif photo is not None:
        attachments.discard(session, [photo], sender=row.sender_id)
    since = row.taken_at or row.created_at
    before = select(HandoverMessage.id).where(
        HandoverMessage.handover_id == row.id, HandoverMessage.by.is_(None), HandoverMessage.at >= since,
        HandoverMessage.id < line.id,
    )  # fmt: skip
    return line.at >= since and session.execute(before.limit(1)).first() is None


def endangered(
    session: Session, *, handover_id: int, reason: str, text: str, now: datetime
) -> Handover | None:
    """Note that the person of a talk told of danger, for an alarm of its own; None where one was noted just before.

    `reason`: emergency | crisis. It belongs to the talk, and ends with it.
    """
    row = handover_of(session, handover_id)
    known = select(Handover.id).where(
        Handover.channel == row.channel, Handover.sender_id == row.sender_id, Handover.reason == reason,
        Handover.created_at > now - ALARMED, Handover.status == TAKEN,
    )  # fmt: skip
    if session.execute(known.limit(1)).first():
        return None
    alarm = Handover(
        reason=reason, urgent=True, text=text, channel=row.channel, sender_id=row.sender_id, created_at=now,
        status=TAKEN, taken_by=row.taken_by, taken_at=row.taken_at,
    )  # fmt: skip
    session.add(alarm)
    session.flush()
    return alarm


def hand_back(session: Session, *, handover_id: int, by: str, now: datetime, farewell: str = "") -> None:
    """The assistant answers this person again; `farewell` is said to them where it is given.

    Raises:
        NotFound: there is no such handover.
        BadInput: `by` does not have the talk.
    """
    row = handover_of(session, handover_id)
    _require_own(row, by)
    _close(session, row, now, (TAKEN,))
    if farewell:
        outbox.notify(
            session, channel=row.channel, sender=row.sender_id, text=farewell, kind=KIND,
            reference=_reference(row, None), now=now,
        )  # fmt: skip


def settle(session: Session, *, handover_id: int, now: datetime) -> None:
    """Close a person's waiting requests without a talk (they were called back, say).

    Raises:
        NotFound: there is no such handover.
        BadInput: somebody has the talk.
    """
    row = handover_of(session, handover_id)
    if row.status == TAKEN:
        raise BadInput(f"{row.taken_by} 正在跟这个人说话，要先交还给助手。")
    _close(session, row, now, (OPEN,))


def _last_staff_word(session: Session, ids: list[int]) -> datetime | None:
    query = select(func.max(HandoverMessage.at)).where(
        HandoverMessage.handover_id.in_(ids), HandoverMessage.by.is_not(None)
    )
    found: datetime | None = session.scalar(query)
    return found


def _require_own(row: Handover, by: str) -> None:
    if row.status != TAKEN:
        raise BadInput("要先按“接手”，再跟本人说话。")
    if row.taken_by != by:
        raise BadInput(f"现在是 {row.taken_by} 在跟这个人说话。要换人，请按“改由我接”。")


def _close(session: Session, row: Handover, now: datetime, states: tuple[str, ...]) -> None:
    session.flush()
    session.execute(
        update(Handover)
        .where(
            Handover.channel == row.channel, Handover.sender_id == row.sender_id, Handover.status.in_(states)
        )
        .values(status=CLOSED, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row)


def _reference(row: Handover, line: int | None) -> str:
    """Another one each time: of several of one reference only the latest would be said."""
    return f"talk-{row.id}-{line or 'end'}"


# Made once: making a statement anew costs more than running it.
_ANY_TAKEN = select(Handover.id).where(
    Handover.sender_id == bindparam("sender"), Handover.channel == bindparam("channel"), Handover.status == TAKEN
).limit(1)  # fmt: skip
