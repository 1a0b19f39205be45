"""The checklist of one government contract: who reviews it, what to hand in, from which day it may be signed.

By the county's measures on government contracts; the items and their wording are data
(``data/law/contract/checklist.yml``), this module only reckons the facts on which they depend.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.contracts.case import Case, read_case
from bot.contracts.kinds import classify, involves_intellectual_property, is_special, name_group
from bot.contracts.rules import Entry, Kind, Rules, rules
from bot.contracts.workdays import Calendar, Pause, YearUnknown

_SHARPENING = ("signing_party", "contract_type", "submitted_on")
_BY_COUNTY = {"county": "县政府"}


@dataclass(frozen=True)
class Item:
    """One thing to do. ``due`` is its last day, ``not_before`` its first, ``now`` that it is of the case's stage."""

    id: str
    stage: str
    title: str
    text: str
    clause: str
    due: dt.date | None = None
    not_before: dt.date | None = None
    now: bool = False


@dataclass(frozen=True)
class Notice:
    """What must be put right, with the clause that says so."""

    id: str
    text: str
    clause: str


@dataclass(frozen=True)
class Timing:
    """The earliest signing date (Article 14), or why there is none.

    ``state`` is ``dated``, ``no_date``, ``pause_open`` or ``year_unknown``;
    ``at_least`` says that extension, assessment or what was asked for later may put the date off.
    """

    state: str
    earliest: dt.date | None = None
    unknown: YearUnknown | None = None
    at_least: bool = False


@dataclass(frozen=True)
class Filing:
    """The last day of filing (Article 19, county only): ``none``, ``rule``, ``dated``, ``rest_day``, ``year_unknown``."""

    state: str
    due: dt.date | None = None
    next_workday: dt.date | None = None


@dataclass(frozen=True)
class Checklist:
    """What `wuchang checklist` answers; ``needs`` are facts not given that would sharpen it."""

    reviewer: str | None
    earliest_signing_date: dt.date | None
    earliest_is_minimum: bool
    filing_due: dt.date | None
    kind: Kind | None
    applies: bool
    stage: str | None
    needs: tuple[str, ...]
    warnings: tuple[Notice, ...]
    items: tuple[Item, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, dates as ISO text."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def checklist(case: Mapping[str, Any], *, calendar: Calendar | None = None, whole: bool = True) -> Checklist:
    """The checklist of a case; the keys are those of :class:`bot.contracts.case.Case`.

    ``whole`` (the batch) demands signing_party and contract_type; a chat passes False and gets
    the part that is certain. Raises :class:`bot.errors.BadInput`. A year whose days off
    are not known gives no date and a warning, never a guess.
    """
    law = rules()
    known = read_case(case, whole=whole)
    kind = classify(known.contract_type) if known.contract_type else None
    if known.emergency:
        return _exempt(law, known, kind)
    days = calendar or Calendar()
    timing, filing = _timing(law, known, days), _filing(law, known, days)
    reviewer, stage = _reviewer(law, known), _stage(law, known.stage)
    facts = _facts(law, known, kind, timing, filing, reviewer, stage)
    return Checklist(
        reviewer=reviewer,
        earliest_signing_date=timing.earliest,
        earliest_is_minimum=timing.at_least,
        filing_due=filing.due,
        kind=kind,
        applies=True,
        stage=stage,
        needs=tuple(key for key in _SHARPENING if getattr(known, key) is None),
        warnings=tuple(_warning(entry, facts) for entry in law.warnings if entry.applies(facts)),
        items=tuple(_item(entry, facts, stage) for entry in law.items if entry.applies(facts)),
    )


def _exempt(law: Rules, case: Case, kind: Kind | None) -> Checklist:
    """Article 3: an emergency contract has no reviewer and no dates under these measures."""
    items = tuple(_item(entry, {}, None) for entry in law.exempt_items)
    return Checklist(None, None, False, None, kind, False, _stage(law, case.stage), (), (), items)


def _reviewer(law: Rules, case: Case) -> str | None:
    """Article 5: under an authorisation the unit that signs has it reviewed, not the one that authorised."""
    party = "department" if case.authorised_by else case.signing_party
    return law.reviewers[party] if party else None


def _timing(law: Rules, case: Case, calendar: Calendar) -> Timing:
    pauses = (_pause(case, "supplement"), _pause(case, "expert"))
    if case.submitted_on is None:
        return Timing("no_date")
    if "open" in pauses:
        return Timing("pause_open")
    spans: list[Pause] = [pause for pause in pauses if not isinstance(pause, str)]
    at_least = bool(case.complex) or bool(case.expert_assessment and pauses[1] == "none")
    try:
        earliest = calendar.add_workdays(case.submitted_on, law.review_workdays, skipping=spans)
    except YearUnknown as error:
        return Timing("year_unknown", unknown=error)
    late = "late" in _pause_states(case, earliest).values()
    return Timing("dated", earliest, at_least=at_least or late)


def _pause_states(case: Case, earliest: dt.date | None) -> dict[str, str]:
    """Of either pause `none`, `open` or `closed`; `late` where the shortest review was over when it began.

    Then it takes no day off, and yet the review was still going on.
    """
    states = {}
    for what in ("supplement", "expert"):
        pause, asked = _pause(case, what), getattr(case, f"{what}_requested_on")
        late = not isinstance(pause, str) and earliest is not None and earliest <= asked
        states[what] = pause if isinstance(pause, str) else "late" if late else "closed"
    return states


def _pause(case: Case, what: str) -> Pause | str:
    """The days from the one after the request to the receipt; ``none`` or ``open`` where dates lack."""
    asked, got = getattr(case, f"{what}_requested_on"), getattr(case, f"{what}_received_on")
    if asked is None and got is None:
        return "none"
    if asked is None or got is None:
        return "open"
    return asked + dt.timedelta(days=1), got


def _filing(law: Rules, case: Case, calendar: Calendar) -> Filing:
    """Calendar days after signing; a rest day does not move the last day, the next workday is only told."""
    if case.signing_party != "county":
        return Filing("none")
    signing = case.signed_on or case.signing_planned_on
    if signing is None:
        return Filing("rule")
    due = signing + dt.timedelta(days=law.filing_days)
    try:
        following = calendar.next_workday(due)
    except YearUnknown:
        return Filing("year_unknown", due)
    return Filing("dated", due) if following == due else Filing("rest_day", due, following)


def _stage(law: Rules, said: str | None) -> str | None:
    if said is None:
        return None
    return next((name for name, pattern in law.stages if pattern.search(said)), None)


def _before_measures(law: Rules, case: Case) -> str:
    """Article 24: the measures hold from their publication on; by which date a contract is older: ``signed``, ``submitted``.

    ``no`` where it is not, or no date tells. One that was signed since is not older, whenever it was handed in.
    """
    signing = case.signed_on or case.signing_planned_on
    made = signing or case.submitted_on
    if made is None or made >= law.in_force:
        return "no"
    return "signed" if signing else "submitted"


def _signing_order(case: Case, timing: Timing) -> str:
    signing = case.signed_on or case.signing_planned_on
    if signing and case.submitted_on and signing < case.submitted_on:
        return "before_submission"
    if signing and timing.earliest and signing < timing.earliest:
        return "too_early"
    return "fine"


def _facts(
    law: Rules,
    case: Case,
    kind: Kind | None,
    timing: Timing,
    filing: Filing,
    reviewer: str | None,
    stage: str | None,
) -> dict[str, Any]:
    """What conditions and placeholders of the data may name: the case's own fields and these."""
    group = name_group(case.in_name_of) if case.in_name_of else None
    said = f"{case.contract_type or ''}"
    unknown = timing.unknown
    return {
        **{field.name: getattr(case, field.name) for field in fields(case)},
        **_pause_states(case, timing.earliest),
        "signed_on": case.signed_on or case.signing_planned_on,
        "authorised": case.authorised_by is not None,
        "authorised_by": _BY_COUNTY.get(case.authorised_by or "", case.authorised_by),
        "contract_type_given": kind is not None,
        "kind_known": kind is not None and kind.sure,
        "kind_clause": kind.clause if kind else None,
        "kind_name": kind.name if kind else None,
        "special_type": is_special(said),
        "intellectual_property": involves_intellectual_property(said),
        "name_kind": group.kind if group else ("plain" if case.in_name_of else None),
        "reviewer": reviewer,
        "reviewer_known": reviewer is not None,
        "in_force": law.in_force,
        "before_measures": _before_measures(law, case),
        "review_workdays": law.review_workdays,
        "filing_days": law.filing_days,
        "time_state": timing.state,
        "earliest": timing.earliest,
        "unknown_year": unknown.year if unknown else None,
        "counted": unknown.counted if unknown else None,
        "left": unknown.needed - unknown.counted if unknown else None,
        "filing": filing.state,
        "filing_due": filing.due,
        "filing_next_workday": filing.next_workday,
        "signing_order": _signing_order(case, timing),
        "stage_known": None if case.stage is None else stage is not None,
    }


def _item(entry: Entry, facts: Mapping[str, Any], stage: str | None) -> Item:
    return Item(
        id=entry.id,
        stage=entry.stage,
        title=entry.title,
        text=entry.text.format_map(facts),
        clause=entry.clause.format_map(facts),
        due=facts[entry.due] if entry.due else None,
        not_before=facts[entry.not_before] if entry.not_before else None,
        now=entry.stage == stage,
    )


def _warning(entry: Entry, facts: Mapping[str, Any]) -> Notice:
    return Notice(entry.id, entry.text.format_map(facts), entry.clause)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value
