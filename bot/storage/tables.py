"""Tables of the database (SQLAlchemy 1.4, 2.0 style).

Encrypted (`Sealed`) are names, phones and people's own words, for in them stand phones and troubles. Plain stay places
and times: reports are joined and listed by them, and without the rest they lead to nobody.

Times are county-local and naive (see `bot.clock`). Lists and dictionaries are JSON columns.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import relationship

from bot.storage.base import Base, CutString, Draftable, Person
from bot.storage.desk_tables import (  # noqa: F401
    ApiKey,
    AuditEntry,
    DeskDevice,
    DeskForm,
    DeskLink,
    DeskSession,
    DeskUser,
    Handover,
    HandoverMessage,
)
from bot.storage.incident_tables import (  # noqa: F401
    Incident,
    IncidentDuty,
    IncidentEvent,
    OutageReport,
    PlannedOutage,
    PublicNotice,
    RestoredAnswer,
    Subscription,
    SupplyZone,
)
from bot.storage.message_tables import (  # noqa: F401  (one place to import tables from)
    Attachment,
    ChannelAccount,
    IncomingMessage,
    OfferedChoice,
    OutgoingMessage,
    SharedFile,
)
from bot.storage.sealed import Sealed, SealedJson
from bot.storage.staff_tables import PhoneLookup, Staff, StaffCode  # noqa: F401

# mypy: implicit-reexport


class ServicePoint(Base):
    """A 养老驿站 or 屋场养老服务点 (eldercare plan 三（一）)."""

    __tablename__ = "service_point"
    id = Column(String(64), primary_key=True)
    name = Column(CutString(128), nullable=False)
    kind = Column(String(32), nullable=False)  # station | point | centre
    township = Column(String(64), nullable=False, index=True)
    village = Column(CutString(128), nullable=False, default="")
    address = Column(CutString(255), nullable=False, default="")
    services = Column(JSON, nullable=False, default=list)  # service codes
    phone = Column(CutString(32), nullable=True)
    opening_hours = Column(CutString(255), nullable=True)
    lat = Column(Float, nullable=False)  # WGS-84 degrees
    lon = Column(Float, nullable=False)
    demo = Column(Boolean, nullable=False, default=False)


class CareRequest(Base, Person, Draftable):
    """A service asked for somebody (三（四）)."""

    __tablename__ = "care_request"
    id = Column(Integer, primary_key=True)
    number = Column(String(32), nullable=False, unique=True)
    services = Column(JSON, nullable=False, default=list)
    for_whom = Column(String(64), nullable=True)  # relation: father, mother, self ...
    name = Column(Sealed, nullable=True)
    township = Column(String(64), nullable=True)
    place = Column(CutString(255), nullable=True)
    phone = Column(Sealed, nullable=True)
    start_on = Column(DateTime, nullable=True)
    wish = Column(Sealed, nullable=False, default="")
    status = Column(String(16), nullable=False, default="open")


class Volunteer(Base, Person, Draftable):
    """Somebody who wants to help (三（三）, time bank)."""

    __tablename__ = "volunteer"
    id = Column(Integer, primary_key=True)
    number = Column(String(32), nullable=False, unique=True)
    name = Column(Sealed, nullable=True)
    township = Column(String(64), nullable=True)
    place = Column(CutString(255), nullable=True)
    phone = Column(Sealed, nullable=True)
    skills = Column(Sealed, nullable=False, default="")


class Feedback(Base, Person):
    """A suggestion or complaint for a 屋场恳谈会."""

    __tablename__ = "feedback"
    id = Column(Integer, primary_key=True)
    text = Column(Sealed, nullable=False)
    place = Column(CutString(255), nullable=True)


class UnansweredQuestion(Base, Person):
    """A question that the documents did not answer."""

    __tablename__ = "unanswered_question"
    id = Column(Integer, primary_key=True)
    question = Column(Sealed, nullable=False)
    nearest = Column(String(255), nullable=True)  # clause id that was offered as 'may be related'


class HolidayYear(Base):
    """Holidays and make-up days of a year that the calendar library does not know."""

    __tablename__ = "holiday_year"
    year = Column(Integer, primary_key=True)
    holidays = Column(JSON, nullable=False, default=list)  # ISO dates
    workdays = Column(JSON, nullable=False, default=list)  # ISO dates of weekend days worked


class Place(Base):
    """A township or village of an imported list."""

    __tablename__ = "place"
    code = Column(String(32), primary_key=True)
    level = Column(String(16), nullable=False)  # township | village
    name = Column(CutString(128), nullable=False, index=True)
    township = Column(String(64), nullable=False, default="")
    lat = Column(Float, nullable=True)  # WGS-84
    lon = Column(Float, nullable=True)


class Counter(Base):
    """Last number given out in a series (one row a series and day)."""

    __tablename__ = "counter"
    series = Column(String(32), primary_key=True)
    value = Column(Integer, nullable=False, default=0)


class ContractRecord(Base, Person):
    """A checklist or a review that was given: to whom, when, after which text of the measures, and what it said."""

    __tablename__ = "contract_record"
    id = Column(Integer, primary_key=True)
    kind = Column(String(16), nullable=False)  # checklist | review
    subject = Column(CutString(255), nullable=False)  # kind of contract, or name of the file
    measures = Column(CutString(128), nullable=False)  # see bot.contracts.records.measures_version
    request = Column(JSON, nullable=False)  # the facts of the case, or name and hash of the file
    result = Column(
        SealedJson, nullable=False
    )  # quotes drafts; as `wuchang checklist` or `wuchang review` gives it


class OfficialDocument(Base):
    """One version of a published document; the current one has no `valid_until`."""

    __tablename__ = "official_document"
    id = Column(Integer, primary_key=True)
    document = Column(String(64), nullable=False, index=True)  # contract, water, … or one made of the title
    title = Column(CutString(255), nullable=False)
    number = Column(String(64), nullable=True)  # 清政发[2021]3号
    issued_on = Column(Date, nullable=True)
    source = Column(CutString(255), nullable=False)  # name of the file
    source_sha256 = Column(String(64), nullable=False)
    words_sha256 = Column(String(64), nullable=False)  # of clause ids and words, spaces aside
    left_out = Column(JSON, nullable=False, default=list)  # running heads and page numbers of the file
    imported_at = Column(DateTime, nullable=False)
    valid_from = Column(DateTime, nullable=False)
    valid_until = Column(DateTime, nullable=True)
    pieces = relationship("OfficialClause", order_by="OfficialClause.position", cascade="all, delete-orphan")

    # Two imports at once must not leave two current versions.
    __table_args__ = (
        Index(
            "ix_official_document_current",
            "document",
            unique=True,
            sqlite_where=valid_until.is_(None),
            postgresql_where=valid_until.is_(None),
        ),
    )


class OfficialClause(Base):
    """A run of text of a version: a clause (in several runs where items stand between), a title, a signature."""

    __tablename__ = "official_clause"
    id = Column(Integer, primary_key=True)
    document_id = Column(Integer, ForeignKey("official_document.id"), nullable=False, index=True)
    position = Column(Integer, nullable=False)
    kind = Column(String(16), nullable=False)  # see bot.documents.official.cut.Piece
    clause_id = Column(String(255), nullable=True, index=True)  # contract/11/3; null for what is no clause
    label = Column(CutString(64), nullable=False, default="")  # as printed
    headings = Column(JSON, nullable=False, default=list)  # above it, outermost first
    text = Column(Text, nullable=False)


class ContractCase(Base, Person):
    """A contract that a clerk is working on: the facts that its checklist is made from."""

    __tablename__ = "contract_case"
    id = Column(Integer, primary_key=True)
    number = Column(String(32), nullable=False, unique=True)
    contract_type = Column(CutString(255), nullable=False)
    facts = Column(JSON, nullable=False)  # keys of bot.contracts.case.Case, dates as ISO text
    status = Column(String(16), nullable=False, default="open")  # open | closed
    updated_at = Column(DateTime, nullable=False)
    numbers = Column(JSON, nullable=False, default=dict)  # id of an item: its number, which stays with it
    ticks = relationship("ContractTick", back_populates="case", cascade="all, delete-orphan")


class ContractTick(Base):
    """An item of a case's checklist that is done."""

    __tablename__ = "contract_tick"
    id = Column(Integer, primary_key=True)
    case_id = Column(Integer, ForeignKey("contract_case.id"), nullable=False, index=True)
    item = Column(String(64), nullable=False)  # id in data/law/contract/checklist.yml
    ticked_at = Column(DateTime, nullable=False)
    ticked_by = Column(CutString(255), nullable=False)  # the person on the channel
    case = relationship("ContractCase", back_populates="ticks")

    __table_args__ = (UniqueConstraint("case_id", "item"),)


class AnswerVote(Base, Person):
    """Somebody found an answer useful, or not."""

    __tablename__ = "answer_vote"
    id = Column(Integer, primary_key=True)
    question = Column(Sealed, nullable=False)
    clause = Column(String(64), nullable=True)  # the id of the clause that was the answer
    approved_id = Column(Integer, ForeignKey("approved_answer.id"), nullable=True)
    useful = Column(Boolean, nullable=False)


class ApprovedAnswer(Base):
    """An answer that staff gave to a question; it wins over what is found in the documents."""

    __tablename__ = "approved_answer"
    id = Column(Integer, primary_key=True)
    questions = Column(JSON, nullable=False)  # the question in one or more wordings
    answer = Column(Text, nullable=False)
    clauses = Column(JSON, nullable=False, default=list)  # ids of the clauses it rests on, may be none
    approved_by = Column(CutString(64), nullable=False)
    approved_at = Column(DateTime, nullable=False)
    withdrawn_at = Column(DateTime, nullable=True)  # null while it holds


class DataKeyCheck(Base):
    """One row, sealed with the key that the database was begun with (`bot.storage.keycheck`)."""

    __tablename__ = "data_key_check"
    id = Column(Integer, primary_key=True)
    value = Column(Sealed, nullable=False)
