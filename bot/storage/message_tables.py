"""Tables of messages: who is reached where, what came in, what goes out, buttons that were offered, files and photos.

`bot/storage/tables.py` has the tables of the subjects and names all of these too.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)

from bot.storage.base import Base, CutString, Person
from bot.storage.sealed import Sealed, SealedJson


class ChannelAccount(Base, Person):
    """A person on a channel of a platform: the address that the platform knows, and whether it can be reached.

    Every other table, the conversation and the logs know `sender_id` alone, which nobody can turn back.
    """

    __tablename__ = "channel_account"
    id = Column(Integer, primary_key=True)
    address = Column(Sealed, nullable=False)  # chat id, openid, user id: as the platform needs it
    language = Column(String(8), nullable=False, default="zh")
    last_message_at = Column(DateTime, nullable=False)
    # Where a platform lets the assistant speak first only for a while after the person did (WeChat); else null.
    pushes_until = Column(DateTime, nullable=True)
    pushes_left = Column(Integer, nullable=True)
    unreachable_at = Column(DateTime, nullable=True)  # blocked the assistant, or no longer follows it
    # The person's data were deleted at their wish: the row goes once they were told so.
    forgotten_at = Column(DateTime, nullable=True)
    # Bound with a one-time code: this person is a member of staff.
    staff_id = Column(Integer, ForeignKey("staff.id"), nullable=True, index=True)
    wrong_codes = Column(Integer, nullable=False, default=0)
    wrong_code_at = Column(DateTime, nullable=True)  # the last one

    __table_args__ = (UniqueConstraint("channel", "sender_id"),)


class IncomingMessage(Base):
    """A message of a platform: kept whole until its work is done, then its key alone, to know it when it comes again."""

    __tablename__ = "incoming_message"
    id = Column(Integer, primary_key=True)
    channel = Column(String(32), nullable=False)
    key = Column(String(128), nullable=False)  # update_id, MsgId ...: the same for each delivery of a message
    body = Column(Sealed, nullable=True)  # as it came; null once the work is done
    sender_id = Column(CutString(255), nullable=True)  # whose it is; null once the work is done
    received_at = Column(DateTime, nullable=False)
    tries = Column(Integer, nullable=False, default=0)  # how often its work was begun
    # Who works on it (bot.processes), and how long nobody else does; null once it is done.
    claimed_by = Column(String(96), nullable=True)
    claimed_until = Column(DateTime, nullable=True)
    done_at = Column(DateTime, nullable=True)

    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("ix_incoming_message_received", "received_at"),
        # What is not done is little, what is done is much.
        Index(
            "ix_incoming_message_undone", "channel",
            sqlite_where=done_at.is_(None), postgresql_where=done_at.is_(None),
        ),
    )  # fmt: skip


class OfferedChoice(Base, Person):
    """A button or numbered choice that a person was offered: what it stands for stays here, on the server."""

    __tablename__ = "offered_choice"
    id = Column(Integer, primary_key=True)
    token = Column(String(32), nullable=False)  # random for a button, "1", "2" ... for a number
    payload = Column(Sealed, nullable=False)  # the rest of a long answer waits here too
    title = Column(Sealed, nullable=False)
    expires_at = Column(DateTime, nullable=False, index=True)

    __table_args__ = (UniqueConstraint("channel", "sender_id", "token"),)


class OutgoingMessage(Base, Person):
    """A message that goes to a person, once `due_at` has come; every channel sends from here.

    Waiting: neither sent nor failed. A channel that pushes claims a message before it sends it; one that was claimed
    and never confirmed (the process fell) may have arrived, so it is not sent again but listed for staff.
    """

    __tablename__ = "outgoing_message"
    id = Column(Integer, primary_key=True)
    text = Column(Sealed, nullable=False)  # as it will be said, in the person's language
    content = Column(SealedJson, nullable=True)  # what is beside the text: see bot.channels.model.Reply
    due_at = Column(DateTime, nullable=False)
    sent_at = Column(DateTime, nullable=True)
    kind = Column(String(32), nullable=False)  # reply | signing | filing | supplement ...
    reference = Column(CutString(160), nullable=False)  # the number of what it is about
    once = Column(
        String(160), nullable=True, unique=True
    )  # what is put here twice under this name is one message
    claimed_at = Column(DateTime, nullable=True)
    tries = Column(Integer, nullable=False, default=0)
    next_try_at = Column(DateTime, nullable=True)
    failed_at = Column(DateTime, nullable=True)  # given up: the list of `wuchang outgoing --failed`
    error = Column(CutString(255), nullable=True)

    __table_args__ = (
        Index("ix_outgoing_message_due", "channel", "sender_id", "sent_at", "due_at"),
        Index("ix_outgoing_message_reference", "reference"),
        # What waits is little, what was sent is much.
        Index(
            "ix_outgoing_message_waiting", "channel", "due_at",
            sqlite_where=sent_at.is_(None), postgresql_where=sent_at.is_(None),
        ),
    )  # fmt: skip


class Attachment(Base, Person):
    """A photo or file that a person sent with a report, or to staff: made anew, so that nothing hidden in it is kept."""

    __tablename__ = "attachment"
    id = Column(Integer, primary_key=True)
    report_id = Column(
        Integer, ForeignKey("outage_report.id"), nullable=True, index=True
    )  # null: not filed yet
    # The words in a talk with staff that it came with; it is no report's then.
    message_id = Column(Integer, ForeignKey("handover_message.id"), nullable=True, index=True)
    name = Column(CutString(128), nullable=False)
    content_type = Column(String(128), nullable=False)
    body = Column(LargeBinary, nullable=False)


class SharedFile(Base, Person):
    """A file made for a person, fetched with a token that nobody can guess until it expires."""

    __tablename__ = "shared_file"
    id = Column(Integer, primary_key=True)
    token_hash = Column(
        String(64), nullable=False, unique=True
    )  # SHA-256; the token itself is only in the link
    name = Column(CutString(128), nullable=False)
    content_type = Column(String(128), nullable=False)
    body = Column(LargeBinary, nullable=False)
    expires_at = Column(DateTime, nullable=False, index=True)
