"""Tables of the desk: who may do what there, what was done, and the conversations that were handed over to it.

`bot/storage/tables.py` names all of these too.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint

from bot.storage.base import Base, CutString, Person
from bot.storage.sealed import Sealed


class DeskUser(Base):
    """Somebody who may log in to the desk."""

    __tablename__ = "desk_user"
    id = Column(Integer, primary_key=True)
    name = Column(CutString(64), nullable=False, unique=True)
    role = Column(String(16), nullable=False)  # viewer | duty | admin
    password_hash = Column(String(255), nullable=True)  # argon2id; null: not set yet, a link sets it
    totp_secret = Column(Sealed, nullable=True)  # null: a password is enough
    totp_step = Column(Integer, nullable=True)  # the time step of the last code taken: none counts twice
    # Whose accounts on the channels reminders go to.
    staff_id = Column(Integer, ForeignKey("staff.id"), nullable=True)
    on_duty = Column(Boolean, nullable=False, default=False)  # is reminded of duties and alarms now
    created_at = Column(DateTime, nullable=False)
    disabled_at = Column(DateTime, nullable=True)
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(DateTime, nullable=True)


class DeskSession(Base):
    """Somebody is logged in; the token itself is only in their cookie."""

    __tablename__ = "desk_session"
    id = Column(Integer, primary_key=True)
    token_hash = Column(String(64), nullable=False, unique=True)
    user_id = Column(Integer, ForeignKey("desk_user.id"), nullable=False, index=True)
    csrf = Column(String(64), nullable=False)
    created_at = Column(DateTime, nullable=False)
    seen_at = Column(DateTime, nullable=False)


class DeskDevice(Base):
    """A browser from which a user logged in before: it has tries of its own. The token is only in its cookie."""

    __tablename__ = "desk_device"
    id = Column(Integer, primary_key=True)
    token_hash = Column(String(64), nullable=False)
    user_id = Column(Integer, ForeignKey("desk_user.id"), nullable=False, index=True)
    seen_at = Column(DateTime, nullable=False)  # the last log-in
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(DateTime, nullable=True)

    __table_args__ = (UniqueConstraint("token_hash", "user_id"),)


class DeskLink(Base):
    """A one-time link that sets a password; the token itself is only in the link."""

    __tablename__ = "desk_link"
    id = Column(Integer, primary_key=True)
    token_hash = Column(String(64), nullable=False, unique=True)
    user_id = Column(Integer, ForeignKey("desk_user.id"), nullable=False, index=True)
    expires_at = Column(DateTime, nullable=False)
    used_at = Column(DateTime, nullable=True)


class DeskForm(Base):
    """A form that was sent and done, so that the same one counts no second time; gone after a day."""

    __tablename__ = "desk_form"
    hash = Column(String(64), primary_key=True)  # of who sent it, where to, and all that was in it
    at = Column(DateTime, nullable=False)


class ApiKey(Base):
    """A program that may report through Open311, or read through the desk's API; the key itself is nowhere stored."""

    __tablename__ = "api_key"
    id = Column(Integer, primary_key=True)
    name = Column(CutString(64), nullable=False, unique=True)
    key_hash = Column(String(64), nullable=False, unique=True)
    # What it opens, of bot.desk.apikeys.SCOPES, with spaces between.
    scopes = Column(String(64), nullable=False, server_default="open311")
    created_at = Column(DateTime, nullable=False)
    created_by = Column(CutString(64), nullable=True)
    revoked_at = Column(DateTime, nullable=True)


class AuditEntry(Base):
    """One change made from the desk. Each line's hash covers the line before it, so that none can be taken out unseen."""

    __tablename__ = "audit_entry"
    id = Column(Integer, primary_key=True)
    at = Column(DateTime, nullable=False)
    by = Column(CutString(64), nullable=False)
    action = Column(String(64), nullable=False)
    subject = Column(CutString(64), nullable=False, default="")  # number of the incident, name of the user …
    detail = Column(JSON, nullable=False, default=dict)
    previous = Column(String(64), nullable=False)
    hash = Column(String(64), nullable=False, unique=True)


class Handover(Base, Person):
    """A person asked for a person, or an emergency needs one."""

    __tablename__ = "handover"
    id = Column(Integer, primary_key=True)
    reason = Column(String(32), nullable=False)  # asked | water_wanted | emergency | crisis | not_understood
    text = Column(Sealed, nullable=False, default="")
    phone = Column(Sealed, nullable=True)
    urgent = Column(Boolean, nullable=False, default=False)
    status = Column(String(16), nullable=False, default="open")  # open | taken | closed
    taken_by = Column(CutString(64), nullable=True)  # while `taken` staff answer and the bot is silent
    taken_at = Column(DateTime, nullable=True)
    closed_at = Column(DateTime, nullable=True)  # handed back, or settled
    alarmed_at = Column(DateTime, nullable=True)  # who is on duty was told

    __table_args__ = (Index("ix_handover_status", "status", "urgent"),)


class HandoverMessage(Base):
    """What was said in a conversation while staff had it."""

    __tablename__ = "handover_message"
    id = Column(Integer, primary_key=True)
    handover_id = Column(Integer, ForeignKey("handover.id"), nullable=False, index=True)
    at = Column(DateTime, nullable=False)
    by = Column(CutString(64), nullable=True)  # null: the person
    text = Column(Sealed, nullable=False)
    # Stands for the person's message: words that are handed in twice are here once. Null: words of staff.
    once = Column(String(32), nullable=True)

    __table_args__ = (Index("ix_handover_message_once", "once", unique=True),)
