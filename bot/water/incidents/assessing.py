"""The grade of an incident on what its reports and staff say, and when it will rise by time alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import yaml
from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import Session, object_session

from bot.settings import ROOT, settings
from bot.storage.tables import Incident, IncidentEvent, SupplyZone
from bot.water.incidents import history
from bot.water.incidents.states import MERGED, OPEN
from bot.water.plan.duty_clocks import rank
from bot.water.plan.grading import Grading, grade
from bot.water.plan.hours import HOUR, hours_since, marks, rounded_down
from bot.water.plan.rising import Rise, gravity, rise_of
from bot.water.plan.tally import Tally
from bot.water.reporting.tallies import tally

OUTSIDE_FILE = ROOT / "data" / "law" / "water" / "outside.yml"
REPORTS, STAFF = "reports", "staff"
SUPPLY_AREA = (
    "supply_area"  # in the history: the setting was changed, and the place lies in it now, or no longer
)
_NOTHING = Grading(None, (), None, (), (), None, ())  # outside the supply area the plan says nothing


@dataclass(frozen=True)
class Graded:
    """What the grade of an incident is and rests on.

    Attributes:
        facts: what the grade rests on; households and people hurt are lower bounds from reports.
        grading: on those facts, so at least this grade; no grade and no duties where the plan does not apply.
        highest_possible: with the lower bounds left open.
        plan_applies: whether the place lies in the county town's supply area (1.4); None: unknown.
        basis: what the grade's figure of households rests on, "reports" or "staff"; None: it has none. Never the
            estimate, for a grade binds people to act.
        rise: the next higher grade by time alone; None: none is to come.
        tally: the reports added up.
    """

    facts: Mapping[str, Any]
    grading: Grading
    highest_possible: str | None
    plan_applies: bool | None
    basis: str | None
    rise: Rise | None
    tally: Tally


@dataclass(frozen=True)
class Assessed(Graded):
    """An incident with its grade on what is known now, and how many households there are by each way of counting.

    Attributes:
        households_reported: at least so many, from reports; each household once.
        households_estimated: those of the supply zones concerned; None: no zone is known.
        households_confirmed: what staff set; None: nothing yet.
        if_whole_zone: the grade if all of the estimated households were without water; None: no estimate, or no grade.
    """

    incident: Incident
    households_reported: int
    households_estimated: int | None
    households_confirmed: int | None
    if_whole_zone: str | None


def outside_supply_area(township: str | None) -> bool | None:
    """Whether a township lies outside the county town's supply area (1.4); None where that is not known.

    The area is a setting that the county's water company knows; without it nothing is claimed.
    """
    area = settings().supply_townships
    return township not in area if area and township else None


def pass_on_to(township: str | None) -> tuple[str, ...]:
    """Who is to hear of an outage of a township outside the supply area: the township itself, and the offices for it.

    () for one inside of it, and where the area is not known.
    """
    return (str(township), *_offices_outside()) if outside_supply_area(township) else ()


@cache
def _offices_outside() -> tuple[str, ...]:
    return tuple(yaml.safe_load(OUTSIDE_FILE.read_text(encoding="utf-8"))["offices"])


def facts_of(incident: Incident, now: datetime) -> dict[str, Any]:
    """Facts for the grading: from the reports, then what staff set (`incident.facts`) wins.

    The plan counts households without supply over all of the hours. So besides all reports together,
    those alone that have been out for more than 24 and for 36 hours are graded, and the gravest counts.
    """
    return dict(assess(incident, now).facts)


def assess(incident: Incident, now: datetime) -> Assessed:
    """Grade `incident` on what its reports and staff say; one that is closed as it stood then.

    Raises:
        ValueError: the incident is in no session.
    """
    session = object_session(incident)
    if session is None:
        raise ValueError("an incident is assessed in its session")
    return _with_estimate(session, incident, _grade(session, incident, now))


def refresh(session: Session, incident: Incident, *, now: datetime) -> Assessed:
    """Grade `incident` anew and write the outcome to its row; where grade or clauses changed, to its history too.

    Duties follow the grade at once. Where time alone raised it, their minutes count from when it did.
    """
    return _with_estimate(session, incident, regrade(session, incident, now=now))


def regrade(session: Session, incident: Incident, *, now: datetime, counted: Tally | None = None) -> Graded:
    """`refresh` for who does not look at the outcome: joining has no time to read zones.

    Args:
        counted: its reports added up, where that was done already.
    """
    graded = _grade(session, incident, now, counted)
    first, stood, coming = (
        incident.graded_at is None,
        incident.plan_applies,
        (incident.next_grade, incident.next_grade_at),
    )
    before = (incident.grade, list(incident.clauses or ()))
    after = (graded.grading.grade, list(graded.grading.clauses))
    if before != after:
        incident.grade, incident.clauses = after
        # What rises from here staff have not seen; one that was merged has no reports, and may be taken out again.
        if incident.confirmed_at is not None and incident.status != MERGED:
            incident.seen_grade = max(incident.seen_grade, incident.grade, key=rank)
    incident.highest_possible, incident.basis = graded.highest_possible, graded.basis
    incident.graded_at, incident.plan_applies = now, graded.plan_applies
    rise = graded.rise
    incident.next_grade, incident.next_grade_at, incident.next_clause = (
        (rise.grade, rise.at, rise.clause) if rise else (None, None, None)
    )
    incident.reports_count, incident.households_count = graded.tally.reports, graded.tally.households
    incident.vulnerable_count = graded.tally.vulnerable
    incident.version = (incident.version or 0) + 1
    if before != after:
        history.note(
            session, incident, "graded", at=now, grade=after[0], clauses=after[1], before=before[0],
            highest_possible=graded.highest_possible, basis=graded.basis,
            households=graded.facts.get("households"), hours=graded.facts.get("interruption_hours"),
        )  # fmt: skip
    moved = graded.plan_applies != stood
    if moved and None not in (stood, graded.plan_applies):
        history.note(
            session, incident, "fact", at=now, name=SUPPLY_AREA, value=graded.plan_applies, was=stood
        )
    if first or moved or before[0] != after[0]:
        _sync_duties(session, incident, coming, now)
    return graded


def _grade(session: Session, incident: Incident, now: datetime, counted: Tally | None = None) -> Graded:
    now = min(now, incident.closed_at or now)
    if counted is None:
        counted = tally(session, incident.id)
    staff = facts_of_staff(session, incident, now)
    outside = outside_supply_area(incident.township)
    facts, grading = _gravest(counted, staff, now)
    highest = None if outside else _highest(counted, facts, staff)
    if outside:
        grading = _NOTHING
    running = incident.status == OPEN and not outside
    return Graded(
        facts=facts, grading=grading, highest_possible=highest,
        plan_applies=None if outside is None else not outside,
        basis=STAFF if "households" in staff else REPORTS if "households" in facts else None,
        rise=rise_of(counted, staff, grading.grade, now) if running else None,
        tally=counted,
    )  # fmt: skip


def _with_estimate(session: Session, incident: Incident, graded: Graded) -> Assessed:
    estimated = _estimate(session, incident)
    asked = estimated and graded.plan_applies is not False
    return Assessed(
        **vars(graded), incident=incident, households_reported=graded.tally.households,
        households_estimated=estimated, households_confirmed=(incident.facts or {}).get("households"),
        if_whole_zone=grade({**graded.facts, "households": estimated}).grade if asked else None,
    )  # fmt: skip


def _sync_duties(
    session: Session, incident: Incident, coming: tuple[str | None, datetime | None], now: datetime
) -> None:
    from bot.water.duty.duty_lines import sync_duties  # it needs this module for where the plan holds

    by_time = coming[1] is not None and coming[1] <= now and coming[0] == incident.grade
    sync_duties(session, incident, now=now, reached=coming[1] if by_time else None)


def to_grade(session: Session, now: datetime) -> list[Incident]:
    """Open incidents that time or a report may have changed since they were graded, or that never were.

    Those too whose place lies inside of the supply area now and did not then, or the other way round.
    """
    query = select(Incident).where(
        Incident.status == OPEN,
        or_(
            Incident.graded_at.is_(None),
            Incident.next_grade_at <= now,
            Incident.last_report_at > Incident.graded_at,
            _stands_otherwise(),
        ),
    )
    found: list[Incident] = session.scalars(query.order_by(Incident.id)).all()
    return found


def _stands_otherwise() -> Any:
    """The condition on an incident that `outside_supply_area` says something else of it now than when it was graded."""
    area, stood = settings().supply_townships, Incident.plan_applies
    if not area:
        return stood.is_not(None)
    known = func.coalesce(Incident.township, "") != ""
    inside = and_(known, Incident.township.in_(area))
    outside = and_(known, Incident.township.not_in(area))
    return or_(
        and_(inside, stood.is_not(True)),
        and_(outside, stood.is_not(False)),
        and_(not_(known), stood.is_not(None)),
    )


def facts_of_staff(session: Session, incident: Incident, now: datetime) -> dict[str, Any]:
    """What staff set. Hours without water that they set run on from that moment."""
    facts = dict(incident.facts or {})
    if "interruption_hours" not in facts:
        return facts
    events = session.scalars(
        select(IncidentEvent)
        .where(IncidentEvent.incident_id == incident.id, IncidentEvent.kind == "fact")
        .order_by(IncidentEvent.id.desc())
    )
    set_at = next((event.at for event in events if event.detail.get("name") == "interruption_hours"), now)
    facts["interruption_hours"] += max(0.0, rounded_down((now - set_at) / HOUR))
    return facts


def _estimate(session: Session, incident: Incident) -> int | None:
    """Households of the zones of an incident and of all that were merged into it; None where no zone is known."""
    zones, level = {incident.zone_id}, [incident.id]
    while level:
        merged = session.execute(
            select(Incident.id, Incident.zone_id).where(Incident.merged_into_id.in_(level))
        ).all()
        zones |= {row.zone_id for row in merged}
        level = [row.id for row in merged]
    zones.discard(None)
    if not zones:
        return None
    return int(session.scalar(select(func.sum(SupplyZone.households)).where(SupplyZone.id.in_(zones))) or 0)


def _gravest(counted: Tally, staff: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], Grading]:
    """Of all reports, and of those out for long, the facts that give the gravest grade, and that."""
    hurt = {"poisoned_or_seriously_injured": counted.hurt} if counted.hurt else {}
    groups = [{**hurt, **group, **staff} for group in _groups(counted, now)] or [{**hurt, **staff}]
    return max(((facts, grade(facts)) for facts in groups), key=lambda pair: gravity(pair[1].grade))


def _groups(counted: Tally, now: datetime) -> Iterator[dict[str, Any]]:
    """What all reports prove together, then what those prove that are out for each of the plan's hours."""
    reach = counted.reach(now)
    if not reach:
        if counted.reports:
            yield {"supply_effect": "reduced_pressure"} if counted.low_pressure else {}
        return
    last = reach[-1]
    whole: dict[str, Any] = {"households": last.households, "supply_effect": "interrupted"}
    if not counted.started:
        yield whole
        return
    yield {**whole, "interruption_hours": hours_since(last.start, now)}
    for mark in marks():
        long = [step for step in reach if hours_since(step.start, now) >= mark]
        if long:
            yield {
                **whole,
                "households": long[-1].households,
                "interruption_hours": hours_since(long[-1].start, now),
            }


def _highest(counted: Tally, facts: Mapping[str, Any], staff: Mapping[str, Any]) -> str | None:
    """The highest grade possible where what reports only prove a part of is left open."""
    open_figures = {"households", "poisoned_or_seriously_injured"}
    if counted.unstarted:
        open_figures.add("interruption_hours")
    open_figures -= set(staff)
    return grade({name: value for name, value in facts.items() if name not in open_figures}).highest_possible
