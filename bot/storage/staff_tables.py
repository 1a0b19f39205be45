"""Tables of staff: who they are, the codes that bind their accounts, and who looked up which phone.

`bot/storage/tables.py` names all of these too. The accounts themselves are `channel_account`.
"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, String

from bot.storage.base import Base, CutString


class Staff(Base):
    """A member of staff who can be reached through the assistant."""

    __tablename__ = "staff"
    id = Column(Integer, primary_key=True)
    name = Column(CutString(64), nullable=False, unique=True)
    role = Column(CutString(64), nullable=True)
    created_at = Column(DateTime, nullable=False)
    removed_at = Column(DateTime, nullable=True)  # null while they are one


class StaffCode(Base):
    """A one-time code that binds the account of whoever sends it; the code itself is nowhere stored."""

    __tablename__ = "staff_code"
    id = Column(Integer, primary_key=True)
    staff_id = Column(Integer, ForeignKey("staff.id"), nullable=False, index=True)
    code_hash = Column(String(32), nullable=False, unique=True)
    expires_at = Column(DateTime, nullable=False)
    used_at = Column(DateTime, nullable=True)


class PhoneLookup(Base):
    """Somebody of staff had a whole phone number shown."""

    __tablename__ = "phone_lookup"
    id = Column(Integer, primary_key=True)
    at = Column(DateTime, nullable=False)
    number = Column(CutString(32), nullable=False)  # of the report, request or volunteer; a handover's id
    by = Column(CutString(64), nullable=False)  # the user of the machine

    __table_args__ = (Index("ix_phone_lookup_at", "at"),)
