"""News for everybody, as the public page and the CAP feed give it: what staff confirmed, announced or ended.

A notice is never changed once it is out: what is new is an Update, the end a Cancel, each naming those before it. So is
a merging: the Cancel then points to the incident that took this one in, and does not say that it is over.
Nothing about a person is in one: of the place township and area alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import Incident, OutageReport, PlannedOutage, PublicNotice
from bot.texts import word
from bot.water.incidents.incidents import EXACT
from bot.water.incidents.states import MERGED, OPEN
from bot.water.telling import notice_texts, saying
from bot.water.telling.notice_places import places_of
from bot.water.telling.shown_places import area_of_incident

ALERT, UPDATE, CANCEL = "Alert", "Update", "Cancel"
PLANNED = "planned"  # the third kind beside supply and quality
LANGUAGES = ("zh", "en")
VALID = timedelta(
    hours=24
)  # a notice of an incident holds so long, and is renewed while the incident is open
RENEW_BEFORE = timedelta(minutes=10)
OVER_SHOWN = timedelta(hours=24)  # that something is over is shown so long
_PARTS = ("headline", "description", "instruction", "area")


@dataclass(frozen=True)
class Notice:
    """A notice as it went out.

    Attributes:
        number: CAP's identifier.
        kind: Alert, Update or Cancel.
        about: supply, quality or planned.
        subject: number of the incident or planned outage.
        texts: headline, description, instruction and area by language ("zh", "en").
        onset: when it began or begins; None: not known.
        clauses: of the plan, that the confirmed grade rests on ("3.2.2(3)").
        references: (number, sent_at) of the notices that it updates.
        into: number of the incident that the subject was merged into; None: a Cancel says that it is over.
    """

    number: str
    kind: str
    about: str
    subject: str
    sent_at: datetime
    expires_at: datetime
    onset: datetime | None
    grade: str | None
    clauses: tuple[str, ...]
    texts: Mapping[str, Mapping[str, str]]
    references: tuple[tuple[str, datetime], ...]
    drill: bool
    into: str | None = None

    @property
    def over(self) -> bool:
        """Whether it tells an end."""
        return self.kind == CANCEL and self.into is None


def publish(session: Session, incident: Incident, *, by: str | None, now: datetime) -> str | None:
    """Put out how a confirmed, open incident stands; the notice's number, None where there is nothing new to say."""
    if incident.confirmed_at is None or incident.status != OPEN:
        return None
    texts = {
        language: notice_texts.of_incident(
            incident,
            places_of(session, incident, language),
            since(session, incident, language, today=None),
            language,
        )
        for language in LANGUAGES
    }
    expires = max(now + VALID, incident.expected_at or now)
    clauses = list(incident.clauses or ()) if incident.grade == incident.confirmed_grade else []
    detail = {"about": incident.kind, "onset": _iso(incident.started_at), "clauses": clauses}
    return _put(
        session, incident, texts, detail, grade=incident.confirmed_grade, expires=expires, by=by, now=now
    )


def announce(session: Session, planned: PlannedOutage, *, by: str | None, now: datetime) -> str | None:
    """Put out a planned outage."""
    texts = {language: notice_texts.of_planned(planned, language) for language in LANGUAGES}
    detail: dict[str, Any] = {"about": PLANNED, "onset": _iso(planned.starts_at), "clauses": []}
    return _put(session, planned, texts, detail, grade=None, expires=planned.ends_at, by=by, now=now)


def withdraw(
    session: Session, subject: Incident | PlannedOutage, *, by: str | None, now: datetime, into: Incident | None = None
) -> str | None:  # fmt: skip
    """Put out that it is over or does not take place; None where nothing was out, or that was said already.

    With `into` it is not over: it was merged into that incident, and the notice points there.
    """
    before = _earlier(session, subject)
    if not before or before[-1].kind == CANCEL:
        return None
    last = before[-1]
    about = str(last.detail["about"])
    texts = {
        language: notice_texts.of_end(about, _texts(last)[language]["area"], language)
        if into is None
        else notice_texts.of_merging(
            about, _texts(last)[language]["area"], area_of_incident(into), str(into.number), language
        )
        for language in LANGUAGES
    }
    detail = {**last.detail, "clauses": [], **({"into": into.number} if into else {})}
    return _put(
        session,
        subject,
        texts,
        detail,
        grade=last.grade,
        expires=now + OVER_SHOWN,
        by=by,
        now=now,
        kind=CANCEL,
    )


def put_back(session: Session, incident: Incident, *, by: str | None, now: datetime) -> str | None:
    """A merging was undone: put out again what was withdrawn by it; None where nothing was."""
    before = _earlier(session, incident)
    if not before or not before[-1].detail.get("into"):
        return None
    return publish(session, incident, by=by, now=now)


def renew(session: Session, now: datetime) -> int:
    """Put out again what holds no longer though its incident is still open; how many. Called every minute."""
    fading = select(PublicNotice.incident_id).where(
        PublicNotice.kind != CANCEL, PublicNotice.expires_at <= now + RENEW_BEFORE
    )
    query = select(Incident).where(
        Incident.status == OPEN, Incident.confirmed_at.is_not(None), Incident.id.in_(fading)
    )
    renewed = 0
    for incident in session.scalars(query).all():
        last = _earlier(session, incident)[-1]
        if last.kind != CANCEL and last.expires_at <= now + RENEW_BEFORE:
            renewed += publish(session, incident, by=None, now=now) is not None
    return renewed


def current(session: Session, now: datetime, *, drill: bool = False) -> tuple[Notice, ...]:
    """The latest notice of each subject that still holds, the newest first; for `OVER_SHOWN` also what is over.

    An incident that closed because all its reporters said so is left out at once, though nobody put out its end.
    """
    query = select(PublicNotice).where(PublicNotice.drill.is_(drill), PublicNotice.expires_at > now)
    latest = {
        (row.incident_id, row.planned_id): row for row in session.scalars(query.order_by(PublicNotice.id))
    }
    rows = sorted(latest.values(), key=lambda row: -row.id)
    return tuple(_notice(session, row) for row in rows if _holds(session, row))


def _holds(session: Session, row: PublicNotice) -> bool:
    """Whether a notice that was not replaced is still true: of what goes on, that goes on; what is over stays so."""
    merged = bool(row.detail.get("into"))
    if row.incident_id is None or (row.kind == CANCEL and not merged):
        return True
    incident = session.get(Incident, row.incident_id)
    while merged and incident.status == MERGED:
        incident = session.get(Incident, incident.merged_into_id)
    return bool(incident.status == OPEN)


def find(session: Session, number: str) -> Notice | None:
    """The notice of this number; None where there is none."""
    row = session.scalars(select(PublicNotice).where(PublicNotice.number == number)).first()
    return None if row is None else _notice(session, row)


def since(session: Session, incident: Incident, language: str, *, today: date | None) -> str:
    """When an incident began, no more exactly than it was said; "" where that is not known."""
    if incident.started_at is None:
        return ""
    when = (
        saying.moment(incident.started_at, language, today=today)
        if known_to_the_hour(session, incident)
        else saying.day(incident.started_at.date(), language, today=today)
    )
    return word("told_since", language, time=when)


def known_to_the_hour(session: Session, incident: Incident) -> bool:
    """Whether the incident's start was said to the hour at least."""
    query = select(OutageReport.started_grain).where(
        OutageReport.incident_id == incident.id, OutageReport.started_at == incident.started_at
    )
    return session.scalars(query.order_by(OutageReport.id).limit(1)).first() in EXACT


def _put(
    session: Session, subject: Incident | PlannedOutage, texts: dict[str, dict[str, str]], detail: dict[str, Any], *,
    grade: str | None, expires: datetime, by: str | None, now: datetime, kind: str | None = None,
) -> str | None:  # fmt: skip
    before = _earlier(session, subject)
    last = before[-1] if before else None
    if (
        last
        and kind is None
        and last.kind != CANCEL
        and _same(last, texts, grade)
        and last.expires_at >= now + VALID / 2
    ):
        return None
    incident = isinstance(subject, Incident)
    row = PublicNotice(
        number=f"{subject.number}.{len(before) + 1}",
        incident_id=subject.id if incident else None, planned_id=None if incident else subject.id,
        kind=kind or (ALERT if last is None or last.kind == CANCEL else UPDATE),
        sent_at=now, expires_at=expires, grade=grade, headline=texts["zh"]["headline"],
        description=texts["zh"]["description"], instruction=texts["zh"]["instruction"], area=texts["zh"]["area"],
        references=[[one.number, one.sent_at.isoformat()] for one in before], by=by, drill=bool(subject.drill),
        detail={**detail, "subject": subject.number, "en": texts["en"]},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return str(row.number)


def _same(row: PublicNotice, texts: Mapping[str, Mapping[str, str]], grade: str | None) -> bool:
    return row.grade == grade and _texts(row) == texts


def _texts(row: PublicNotice) -> dict[str, dict[str, str]]:
    return {"zh": {part: getattr(row, part) for part in _PARTS}, "en": row.detail["en"]}


def _earlier(session: Session, subject: Incident | PlannedOutage) -> list[PublicNotice]:
    mine = (
        PublicNotice.incident_id == subject.id
        if isinstance(subject, Incident)
        else PublicNotice.planned_id == subject.id
    )
    return list(session.scalars(select(PublicNotice).where(mine).order_by(PublicNotice.id)))


def _notice(session: Session, row: PublicNotice) -> Notice:
    return Notice(
        row.number, row.kind, str(row.detail["about"]), str(row.detail["subject"]), row.sent_at, row.expires_at,
        datetime.fromisoformat(row.detail["onset"]) if row.detail.get("onset") else None, row.grade,
        tuple(row.detail["clauses"]), _texts(row),
        tuple((number, datetime.fromisoformat(sent)) for number, sent in row.references), row.drill,
        row.detail.get("into"),
    )  # fmt: skip


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
