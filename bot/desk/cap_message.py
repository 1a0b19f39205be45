"""A notice as a CAP 1.2 message. Loaded with the first that is asked for: cap-tools takes 10 MB (`bot.desk.cap` does without)."""

from __future__ import annotations

from datetime import datetime

from cap_tools import (
    Alert,
    Area,
    Category,
    Certainty,
    Info,
    MsgType,
    Parameter,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
    Value,
    ValueName,
)
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDateTime

from bot import clock
from bot.clock import with_offset
from bot.desk.cap import publisher, sender
from bot.settings import settings
from bot.texts import word
from bot.water.talk.problems import QUALITY
from bot.water.telling.notices import LANGUAGES, PLANNED, Notice

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
# Grade I is the gravest of the plan; what no grade was set for is not known to be grave.
_SEVERITY = {"I": Severity.EXTREME, "II": Severity.SEVERE, "III": Severity.MODERATE, "IV": Severity.MINOR}
_LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en-US"}
_GRADE, _CLAUSE, _SUBJECT, _INTO = "grade", "clause", "subject", "into"  # names of the parameters


def message(notice: Notice) -> bytes:
    """A notice as a CAP 1.2 message, in Chinese and English."""
    alert = Alert(
        identifier=notice.number, sender=sender(), sent=_time(notice.sent_at),
        status=Status.EXERCISE if notice.drill else Status.ACTUAL, msg_type=MsgType(notice.kind), scope=Scope.PUBLIC,
        references=" ".join(f"{sender()},{number},{_time(sent)}" for number, sent in notice.references) or None,
        note=word("drill_mark", "zh") if notice.drill else None,
        infos=[_info(notice, language) for language in LANGUAGES],
    )  # fmt: skip
    return XmlSerializer().render(alert, ns_map={"": NAMESPACE}).encode()


def _info(notice: Notice, language: str) -> Info:
    texts = notice.texts[language]
    mark = word("drill_mark", language) if notice.drill else ""
    parameters = {
        _GRADE: notice.grade, _CLAUSE: " ".join(notice.clauses), _SUBJECT: notice.subject, _INTO: notice.into,
    }  # fmt: skip
    return Info(
        language=_LANGUAGE_TAGS[language],
        categories=[Category.HEALTH, Category.INFRA] if notice.about == QUALITY else [Category.INFRA],
        event=word(f"public_event_{notice.about}", language), response_types=[_response(notice)],
        urgency=_urgency(notice), severity=_SEVERITY.get(notice.grade or "", Severity.UNKNOWN),
        certainty=Certainty.LIKELY if notice.about == PLANNED else Certainty.OBSERVED,
        effective=_time(notice.sent_at), onset=_time(notice.onset) if notice.onset else None,
        expires=_time(notice.expires_at), sender_name=publisher(language),
        headline=f"{mark}{texts['headline']}", description=texts["description"] or None,
        instruction=texts["instruction"] or None, contact=settings().water_company_phone or None,
        parameters=[Parameter(ValueName(name), Value(value)) for name, value in parameters.items() if value],
        areas=[Area(area_desc=texts["area"])],
    )  # fmt: skip


def _response(notice: Notice) -> ResponseType:
    if notice.over:
        return ResponseType.ALL_CLEAR
    return ResponseType.AVOID if notice.about == QUALITY else ResponseType.PREPARE


def _urgency(notice: Notice) -> Urgency:
    if notice.over:
        return Urgency.PAST
    return Urgency.EXPECTED if notice.about == PLANNED else Urgency.IMMEDIATE


def _time(when: datetime) -> XmlDateTime:
    """As CAP wants it: with its offset, and never Z; so always in the county's own time."""
    there = datetime.fromisoformat(str(with_offset(when))).astimezone(clock.BEIJING)
    return XmlDateTime.from_datetime(there)
