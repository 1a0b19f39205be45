"""Tables of outages: reports, incidents with their history and duties, supply zones, and what people are told.

`bot/storage/tables.py` names all of these too. Rows of a drill (`drill`) are made up; they are shown as such, never
counted among the rest, and deleted after it.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import relationship, validates

from bot.storage.base import Base, CutString, Draftable, Person
from bot.storage.sealed import Sealed, phone_fingerprint


class SupplyZone(Base):
    """A part of the supply network: the places that are fed together, and how many households live there."""

    __tablename__ = "supply_zone"
    id = Column(Integer, primary_key=True)
    code = Column(CutString(64), nullable=False, unique=True)
    name = Column(CutString(128), nullable=False)
    township = Column(String(64), nullable=False, index=True)
    areas = Column(JSON, nullable=False, default=list)  # villages, estates, streets; []: the whole township
    households = Column(Integer, nullable=False)
    imported_at = Column(DateTime, nullable=False)


class Incident(Base):
    """Reports of one place and time, graded together under chapter 3.2 of the water plan."""

    __tablename__ = "incident"
    id = Column(Integer, primary_key=True)
    number = Column(String(32), nullable=False, unique=True)
    status = Column(String(16), nullable=False, default="open")  # open | closed | merged
    kind = Column(String(16), nullable=False)  # supply | quality, see bot.water.incidents.incidents
    township = Column(String(64), nullable=True)
    area = Column(CutString(255), nullable=False, default="")  # village, estate or street; "": not known
    zone_id = Column(Integer, ForeignKey("supply_zone.id"), nullable=True, index=True)
    started_at = Column(DateTime, nullable=True)
    opened_at = Column(DateTime, nullable=False)
    last_report_at = Column(DateTime, nullable=False)
    closed_at = Column(DateTime, nullable=True)
    expected_at = Column(DateTime, nullable=True)  # when the water is to be back, as staff say
    merged_into_id = Column(Integer, ForeignKey("incident.id"), nullable=True)
    facts = Column(JSON, nullable=False, default=dict)  # set by staff; wins over what reports say
    drill = Column(Boolean, nullable=False, default=False)
    version = Column(
        Integer, nullable=False, default=0
    )  # rises with each change: who shows it sees it is old
    # As worked out last (`graded_at`), so that a list needs no grading; the history is in `incident_event`.
    grade = Column(String(4), nullable=True)
    clauses = Column(JSON, nullable=False, default=list)
    highest_possible = Column(String(4), nullable=True)
    basis = Column(
        String(16), nullable=True
    )  # what the figure of households rests on: reports | zone | staff
    graded_at = Column(DateTime, nullable=True)
    plan_applies = Column(Boolean, nullable=True)  # whether the place was in the supply area (1.4) then
    next_grade = Column(String(4), nullable=True)  # by time alone, at `next_grade_at`, under `next_clause`
    next_grade_at = Column(DateTime, nullable=True)
    next_clause = Column(String(16), nullable=True)
    reports_count = Column(Integer, nullable=False, default=0)
    households_count = Column(Integer, nullable=False, default=0)  # at least, from reports
    # Households that told of somebody who cannot wait for water, and whose water is not back.
    vulnerable_count = Column(Integer, nullable=False, default=0, server_default="0")
    # What staff answer for: as worked out or another with a reason; null: nobody looked at it yet.
    confirmed_grade = Column(String(4), nullable=True)
    confirmed_at = Column(DateTime, nullable=True)
    # The grade that was worked out when they decided, or a lower one since: what is graver waits for them.
    seen_grade = Column(String(4), nullable=True)
    reports = relationship("OutageReport", back_populates="incident", order_by="OutageReport.id")
    zone = relationship("SupplyZone")

    __table_args__ = (
        Index("ix_incident_joining", "status", "kind", "township", "last_report_at"),
        Index("ix_incident_listing", "status", "last_report_at"),
        Index("ix_incident_clock", "status", "next_grade_at"),
    )


class OutageReport(Base, Person, Draftable):
    """One resident's report of no water, low pressure, bad water or a burst."""

    __tablename__ = "outage_report"
    id = Column(Integer, primary_key=True)
    number = Column(String(32), nullable=False, unique=True)
    township = Column(String(64), nullable=True)
    place = Column(CutString(255), nullable=False)
    area = Column(CutString(255), nullable=True)  # what of the place neighbours share; null: of an old report
    lat = Column(Float, nullable=True)  # WGS-84, where a location was sent
    lon = Column(Float, nullable=True)
    problem = Column(String(32), nullable=False)
    also_problems = Column(JSON, nullable=False, default=list)
    started_at = Column(DateTime, nullable=True)
    started_grain = Column(String(16), nullable=True)  # minute | hour | part | day: how exact started_at is
    started_text = Column(CutString(64), nullable=True)  # as the person said it
    latest_start = Column(DateTime, nullable=True)  # the latest moment that the start may mean
    households = Column(Integer, nullable=True)
    # The same for reports of one household (a phone or house they share, else the person): each counts once.
    household = Column(String(64), nullable=True)
    scope = Column(String(32), nullable=True)  # one | building | street | village | township | several
    phone = Column(Sealed, nullable=True)
    phone_hash = Column(
        String(32), nullable=True, index=True
    )  # what a report is found by (`phone_fingerprint`)
    name = Column(Sealed, nullable=True)
    casualties = Column(Integer, nullable=True)
    urgent = Column(Boolean, nullable=False, default=False)
    text = Column(Sealed, nullable=False, default="")  # the person's own words
    # Who cannot wait for water, by these words: codes of `bot.water.talk.vulnerable`; null: nobody. Of health: sealed.
    vulnerable = Column(Sealed, nullable=True)
    status = Column(String(16), nullable=False, default="open")
    restored_at = Column(DateTime, nullable=True)  # when the water was back by the person's word, or staff's
    joined = Column(String(16), nullable=True)  # how it came to its incident: rule | tap | staff
    drill = Column(Boolean, nullable=False, default=False)
    incident_id = Column(Integer, ForeignKey("incident.id"), nullable=True)
    incident = relationship("Incident", back_populates="reports")

    # With the sender, so that one person's reports of an incident are found however many it has.
    __table_args__ = (Index("ix_outage_report_incident", "incident_id", "sender_id"),)

    @validates("phone")
    def _hash_phone(self, _key: str, phone: str | None) -> str | None:
        self.phone_hash = phone_fingerprint(phone) if phone else None
        return phone


class IncidentEvent(Base):
    """One line of an incident's history. Nothing here is changed afterwards: what is undone has an event of its own."""

    __tablename__ = "incident_event"
    id = Column(Integer, primary_key=True)
    incident_id = Column(Integer, ForeignKey("incident.id"), nullable=False)
    at = Column(DateTime, nullable=False)
    # opened | fact | graded | confirmed | overridden | step | duty | merged | split | undone | told | closed | reopened
    kind = Column(String(16), nullable=False)
    detail = Column(JSON, nullable=False, default=dict)
    by = Column(CutString(64), nullable=True)  # name of the desk's user; null: the assistant itself

    __table_args__ = (Index("ix_incident_event_incident", "incident_id", "id"),)


class IncidentDuty(Base):
    """A duty of 4.2, 5.1, 5.2 or 6.1 that a grade brought to an incident, with its clock."""

    __tablename__ = "incident_duty"
    id = Column(Integer, primary_key=True)
    incident_id = Column(Integer, ForeignKey("incident.id"), nullable=False)
    key = Column(String(64), nullable=False)  # of the duty in data/law/water/duties.yml, the same for ever
    grade = Column(String(4), nullable=True)  # the grade that brought it; null: before any grade
    who = Column(CutString(255), nullable=False)
    to = Column(CutString(255), nullable=True)
    what = Column(Text, nullable=False)
    clause = Column(String(16), nullable=False)
    counted_from = Column(
        DateTime, nullable=True
    )  # the moment that its minutes run from; null: no time is set
    due_at = Column(DateTime, nullable=True)  # null: at once, or the plan sets no figure
    added_at = Column(DateTime, nullable=False)
    done_at = Column(DateTime, nullable=True)
    done_by = Column(CutString(64), nullable=True)
    done_how = Column(Text, nullable=True)  # by phone, in writing …
    dropped_at = Column(DateTime, nullable=True)  # the grade asks it no more; the record stays
    reminded_at = Column(DateTime, nullable=True)

    __table_args__ = (
        UniqueConstraint("incident_id", "key"),
        Index("ix_incident_duty_due", "done_at", "due_at"),
    )


class Subscription(Base, Person):
    """A wish to be told of outages at a place."""

    __tablename__ = "subscription"
    id = Column(Integer, primary_key=True)
    township = Column(String(64), nullable=True, index=True)
    place = Column(CutString(255), nullable=False, default="")
    active = Column(Boolean, nullable=False, default=True)


class PlannedOutage(Base):
    """An outage that is announced: where, from when to when, why."""

    __tablename__ = "planned_outage"
    id = Column(Integer, primary_key=True)
    number = Column(String(32), nullable=False, unique=True)
    township = Column(String(64), nullable=False, index=True)
    areas = Column(JSON, nullable=False, default=list)  # []: the whole township
    starts_at = Column(DateTime, nullable=False, index=True)
    ends_at = Column(DateTime, nullable=False)
    reason = Column(CutString(255), nullable=False, default="")
    created_at = Column(DateTime, nullable=False)
    created_by = Column(CutString(64), nullable=True)
    cancelled_at = Column(DateTime, nullable=True)
    told_at = Column(DateTime, nullable=True)  # subscribers were told of it
    drill = Column(Boolean, nullable=False, default=False)


class PublicNotice(Base):
    """News for everybody of an incident or a planned outage, as the public page and the CAP feed give it."""

    __tablename__ = "public_notice"
    id = Column(Integer, primary_key=True)
    number = Column(String(64), nullable=False, unique=True)  # CAP's identifier
    incident_id = Column(Integer, ForeignKey("incident.id"), nullable=True, index=True)
    planned_id = Column(Integer, ForeignKey("planned_outage.id"), nullable=True, index=True)
    kind = Column(String(16), nullable=False)  # Alert | Update | Cancel
    sent_at = Column(DateTime, nullable=False, index=True)
    expires_at = Column(DateTime, nullable=False)
    grade = Column(String(4), nullable=True)  # what staff confirmed
    headline = Column(CutString(160), nullable=False)
    description = Column(Text, nullable=False, default="")
    instruction = Column(Text, nullable=False, default="")
    area = Column(CutString(255), nullable=False, default="")
    references = Column(JSON, nullable=False, default=list)  # [number, sent] of the notices that it updates
    detail = Column(
        JSON, nullable=False, default=dict
    )  # about, subject, onset, clauses, and the texts in English (`en`)
    by = Column(CutString(64), nullable=True)
    drill = Column(Boolean, nullable=False, default=False)


class RestoredAnswer(Base, Person):
    """A reporter was asked whether the water is back, after their incident was closed."""

    __tablename__ = "restored_answer"
    id = Column(Integer, primary_key=True)
    incident_id = Column(Integer, ForeignKey("incident.id"), nullable=False, index=True)
    round = Column(Integer, nullable=False, default=1)  # closed again, asked again
    back = Column(Boolean, nullable=True)  # null: no answer yet
    answered_at = Column(DateTime, nullable=True)

    __table_args__ = (UniqueConstraint("incident_id", "round", "channel", "sender_id"),)
