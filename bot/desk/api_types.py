"""What the desk's JSON API takes and gives: the OpenAPI document is made of these.

Times are ISO 8601 with their offset. No phone, name, word or exact place of a resident is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Grade = Literal["I", "II", "III", "IV"]
# PostgreSQL cannot hold NUL.
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Text = Annotated[str, Meta(max_length=2000, pattern=r"^[^\x00]*$")]
_AMOUNT = Meta(ge=0, le=10**9)
Numbers = Annotated[list[Word], Meta(min_length=1, max_length=500)]


@dataclass(frozen=True)
class Fault:
    """Why a request was refused, in words for a person (Chinese)."""

    error: str


@dataclass(frozen=True)
class Incident:
    """An incident as a list shows it. `households` is the lower bound from reports; `grade` as it was worked out last."""

    number: str
    status: Literal["open", "closed", "merged"]
    kind: Literal["supply", "quality"]
    township: str | None
    area: str
    grade: Grade | None
    clauses: list[str]
    highest_possible: Grade | None
    basis: str | None
    graded_at: Moment | None
    next_grade: Grade | None
    next_grade_at: Moment | None
    next_clause: str | None
    confirmed_grade: Grade | None
    confirmed_at: Moment | None
    reports: int
    households: int
    started_at: Moment | None
    opened_at: Moment
    last_report_at: Moment
    expected_at: Moment | None
    closed_at: Moment | None
    drill: bool
    version: int


@dataclass(frozen=True)
class Report:
    """One report of an incident, without whose it is."""

    number: str
    problem: str
    status: str
    urgent: bool
    households: int | None
    started_at: Moment | None
    reported_at: Moment
    joined: str | None


@dataclass(frozen=True)
class Duty:
    """One duty with its clock; `due_at` null: at once, or the plan sets no figure."""

    key: str
    grade: Grade | None
    who: str
    to: str | None
    what: str
    clause: str
    due_at: Moment | None
    done_at: Moment | None
    done_by: str | None
    done_how: str | None
    dropped_at: Moment | None


@dataclass(frozen=True)
class Event:
    """One line of an incident's history; `by` null: the assistant itself."""

    id: int
    at: Moment
    kind: str
    by: str | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class IncidentPage:
    """Incidents, the latest first; `next`: what to give as `before` for those after them."""

    incidents: list[Incident]
    next: int | None


@dataclass(frozen=True)
class IncidentWhole:
    """An incident with everything that belongs to it."""

    incident: Incident
    facts: dict[str, Any]
    reports: list[Report]
    duties: list[Duty]
    history: list[Event]


@dataclass(frozen=True)
class Wanted:
    """Which incidents: with this status, of this township, before this place in the list, so many."""

    status: Literal["open", "closed", "merged"] | UnsetType = UNSET
    township: Word | UnsetType = UNSET
    before: Annotated[int, Meta(ge=1, le=2**31 - 1)] | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


@dataclass(frozen=True)
class Done:
    """A duty was done: how (by phone, in writing …), and when, if not now."""

    how: Text = ""
    at: Annotated[datetime, Meta(tz=True)] | None = None


@dataclass(frozen=True)
class Why:
    """A reason, for the record."""

    reason: Text = ""


@dataclass(frozen=True)
class Fact:
    """A fact of an incident (`data/law/water/facts.yml`), as staff set it; `value` null takes it back."""

    name: Word
    value: Annotated[int, _AMOUNT] | Annotated[float, _AMOUNT] | bool | Word | None
    reason: Text = ""


@dataclass(frozen=True)
class Confirmed:
    """The grade as it was worked out is the one; `seen`: the grade that was shown, refused where it changed since."""

    seen: Grade | None = None


@dataclass(frozen=True)
class Overridden:
    """Another grade than was worked out, and why; null: none, the plan asks nothing of this incident."""

    grade: Grade | None
    reason: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]+$")]


@dataclass(frozen=True)
class Merged:
    """Incidents that are one with this one: their reports move here."""

    numbers: Numbers


@dataclass(frozen=True)
class Split:
    """Reports of this incident that are one of their own."""

    reports: Numbers


@dataclass(frozen=True)
class Undone:
    """A merging or splitting that was a mistake: the id of its line in the history."""

    # For JSON 7.0 is a whole number too.
    event: Annotated[float, Meta(ge=1, le=2**31 - 1, multiple_of=1)]
