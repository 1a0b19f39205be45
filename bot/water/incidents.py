"""Reports of one place and time become one incident, and the incident is graded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.clock import with_offset
from bot.dialogue.details import is_name
from bot.errors import NotFound
from bot.settings import settings
from bot.storage.numbers import next_number
from bot.storage.tables import Incident, OutageReport
from bot.water.grading import Grading, grade
from bot.water.problems import kind_of

OPEN, CLOSED, WITHDRAWN = "open", "closed", "withdrawn"
EXACT = ("minute", "hour")  # grains of a start that is known to the hour
# A report joins an incident of its place while the last report of it is not older than this ...
QUIET = timedelta(hours=24)
# ... and their outages began within this of each other.
SAME_START = timedelta(hours=12)
LONG_HOURS = (24.01, 36.0)  # the plan: more than 24 hours, 36 hours and more (3.2)
GRADES = ("I", "II", "III", "IV", None)
PART_HOURS = 4  # a part of the day (昨晚) may mean a moment this much later than its usual hour
# House, group and unit numbers tell neighbours apart, not outages.
_HOUSE = re.compile(
    r"(?:第?[0-9〇一二三四五六七八九十百两]+(?:-[0-9]+)*(?:号|栋|幢|单元|室|楼|组|队|层|户)|[0-9]+-[0-9]+(?:-[0-9]+)*).*$"
)
_BESIDE = re.compile(r"(对面|旁边|门口|后面|前面|(?<![家屋])里面|隔壁|附近|大门口|路口|村部.*)$")
# 金盘人家 is an estate, 老街住户 are many.
_HOME = re.compile(r"(?:(?<!人)家|家里[头面]?|屋里[头面]?|(?<![大住农散用])户)$")
_OWN = re.compile(r"(?:我|我们|俺|本人)$")  # 我家 of two people are two places


def area_of(detail: str) -> str:
    """The part of a place that neighbours share: 金盘小区5栋 and 金盘小区门口 are both 金盘小区, 老街何国安家 is 老街."""
    text = re.sub(r"[\s，,。.]", "", detail)
    short = _without_name(_BESIDE.sub("", _HOUSE.sub("", text)) or text)
    return short if len(short) > 1 else ""


def _without_name(text: str) -> str:
    """`text` without somebody's home at its end: whose it is says nothing to neighbours, and is nobody's business."""
    home = _HOME.search(text)
    if not home:
        return text
    before = text[: home.start()]
    if _OWN.search(before):
        return _OWN.sub("", before)
    lengths = (3, 2) if len(before) != 4 or not is_name(before) else (4, 3, 2)
    named = next((n for n in lengths if len(before) >= n and is_name(before[-n:])), 0)
    return before[: len(before) - named] if named else text


def join(session: Session, report: OutageReport, detail: str) -> Incident:
    """The open incident that `report` belongs to, opened where there is none.

    Same township and kind, one area within the other (or one of them unknown), begun within
    `SAME_START`, and not quiet for longer than `QUIET`. A place without a township only joins
    the very same area.
    """
    area, kind = area_of(detail), kind_of(report.problem)
    query = select(Incident).where(
        Incident.status == OPEN,
        Incident.kind == kind,
        Incident.township.is_(None) if report.township is None else Incident.township == report.township,
        Incident.last_report_at >= report.created_at - QUIET,
    )
    fitting = [i for i in session.scalars(query) if _same_area(i, area, report) and _same_start(i, report)]
    incident = max(fitting, key=lambda i: (i.area == area, len(i.area), -i.id), default=None)
    if incident is None:
        incident = Incident(
            number=next_number(session, "SJ", report.created_at),
            status=OPEN,
            kind=kind,
            township=report.township,
            area=area,
            opened_at=report.created_at,
            facts={},
        )
        session.add(incident)
    incident.last_report_at = report.created_at
    if incident.started_at is None:
        # The first start stays: were it the earliest, reports could chain back over days.
        incident.started_at = report.started_at
    report.incident = incident
    return incident


def _same_area(incident: Incident, area: str, report: OutageReport) -> bool:
    if not incident.area or not area:
        return report.township is not None and incident.area == area
    return incident.area.startswith(area) or area.startswith(incident.area)


def _same_start(incident: Incident, report: OutageReport) -> bool:
    if incident.started_at is None or report.started_at is None:
        return True
    return bool(abs(incident.started_at - report.started_at) <= SAME_START)


def close(session: Session, number: str) -> list[str]:
    """Close an incident with all its reports, or one report, by number; the numbers closed.

    Raises:
        NotFound: there is no such incident or report.
    """
    wanted = number.strip().upper()
    incident = session.scalars(select(Incident).where(Incident.number == wanted)).first()
    if incident:
        incident.status = CLOSED
        rows = list(incident.reports)
    else:
        rows = list(session.scalars(select(OutageReport).where(OutageReport.number == wanted)))
    if not incident and not rows:
        raise NotFound(f"there is no incident or report {number!r}; `wuchang incidents` lists them")
    for report in rows:
        report.status = CLOSED
        if report.incident:
            close_if_done(report.incident)
    return ([incident.number] if incident else []) + [report.number for report in rows]


def close_if_done(incident: Incident) -> None:
    """Close an incident of which no report is open any more."""
    if all(report.status != OPEN for report in incident.reports):
        incident.status = CLOSED


@dataclass(frozen=True)
class Assessed:
    """An incident with its grade on what is known now.

    Attributes:
        facts: what the grade rests on; households and people hurt are lower bounds from reports.
        grading: on those facts, so at least this grade.
        highest_possible: with the lower bounds left open.
        plan_applies: whether the place lies in the county town's supply area (1.4); None: unknown.
    """

    incident: Incident
    facts: Mapping[str, Any]
    grading: Grading
    highest_possible: str | None
    plan_applies: bool | None


def facts_of(incident: Incident, now: datetime) -> dict[str, Any]:
    """Facts for the grading: from the reports, then what staff set (`incident.facts`) wins.

    The plan counts households without supply over all of the hours. So besides all reports together,
    those alone that have been out for more than 24 and for 36 hours are graded, and the gravest counts.
    """
    reports = [report for report in incident.reports if report.status != WITHDRAWN]
    groups = [reports, *([r for r in reports if _hours(r, now) >= hours] for hours in LONG_HOURS)]
    candidates = [{**_facts_of_group(group, now), **incident.facts} for group in groups if group]
    best = max(candidates, key=_gravity, default=dict(incident.facts))
    hurt = max((report.casualties or 0 for report in reports), default=0)
    if hurt:
        best = {"poisoned_or_seriously_injured": hurt, **best}
    return best


def _gravity(facts: Mapping[str, Any]) -> int:
    return -GRADES.index(grade(facts).grade)


def _facts_of_group(reports: Sequence[OutageReport], now: datetime) -> dict[str, Any]:
    """What these reports prove together; a person counts once, by the largest figure that they gave."""
    by_person: dict[tuple[str, str], int] = {}
    for report in reports:
        person = (report.channel, report.sender_id)
        by_person[person] = max(by_person.get(person, 1), report.households or 1)
    problems = {problem for report in reports for problem in (report.problem, *report.also_problems)}
    facts: dict[str, Any] = {}
    if "no_water" in problems:
        # Neighbours who say "the whole street, thirty households" mean the same thirty.
        facts = {"households": max(max(by_person.values()), len(by_person)), "supply_effect": "interrupted"}
        known = [_hours(report, now) for report in reports if report.started_at]
        if known:
            facts["interruption_hours"] = min(known)
    elif "low_pressure" in problems:
        facts["supply_effect"] = "reduced_pressure"
    return facts


def _hours(report: OutageReport, now: datetime) -> float:
    """Hours since the report's start, at least; 0 where the start is not known."""
    if report.started_at is None:
        return 0.0
    return max(0.0, round((now - _latest_start(report)) / timedelta(hours=1), 2))


def _latest_start(report: OutageReport) -> datetime:
    """The latest moment that a start said roughly may mean: 前天 its midnight, 昨晚 some hours later.

    Hours without water are counted from it, so that a rough word never raises the grade too early.
    """
    start: datetime = report.started_at
    if report.started_grain == "day":
        return start + timedelta(days=1)
    return start + timedelta(hours=PART_HOURS) if report.started_grain == "part" else start


def assess(incident: Incident, now: datetime) -> Assessed:
    """Grade `incident` on what its reports and staff say."""
    facts = facts_of(incident, now)
    open_figures = {"households", "poisoned_or_seriously_injured"} - set(incident.facts)
    looser = {name: value for name, value in facts.items() if name not in open_figures}
    outside = outside_supply_area(incident.township)
    applies = None if outside is None else not outside
    return Assessed(incident, facts, grade(facts), grade(looser).highest_possible, applies)


def outside_supply_area(township: str | None) -> bool | None:
    """Whether a township lies outside the county town's supply area (1.4); None where that is not known.

    The area is a setting that the county's water company knows; without it nothing is claimed.
    """
    area = settings().supply_townships
    return township not in area if area and township else None


def incident_lines(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """Every incident as `wuchang incidents` prints it, oldest first."""
    query = select(Incident).options(selectinload(Incident.reports)).order_by(Incident.id)
    for incident in session.scalars(query):
        assessed = assess(incident, now)
        yield {
            "id": incident.id,
            "number": incident.number,
            "status": incident.status,
            "grade": assessed.grading.grade,
            "clauses": list(assessed.grading.clauses),
            "highest_possible": assessed.highest_possible,
            "plan_applies": assessed.plan_applies,
            "reporters": len({(report.channel, report.sender_id) for report in incident.reports}),
            "unconfirmed": not incident.facts,
            "urgent": any(report.urgent for report in incident.reports),
            "kind": incident.kind,
            "area": incident.area,
            "reports": [report.number for report in incident.reports],
            "townships": [incident.township] if incident.township else [],
            "started_at": with_offset(incident.started_at),
            "facts": dict(assessed.facts),
        }
