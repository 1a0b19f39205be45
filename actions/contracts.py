"""The job of a contract checklist, and what follows up on a list that was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.answers import say_answer
from actions.jobs import Job
from actions.turn import Turn
from bot.contracts import records
from bot.contracts.calendars import stored_calendar
from bot.contracts.checklist import Checklist, Item, checklist
from bot.contracts.intake import asks_about_filing, asks_about_rules, follows_up, names_contract, take
from bot.dialogue.turn import Say, Step
from bot.documents.digest import digest
from bot.storage.database import session_scope

# Items of a list that say more of the last day of filing than the day itself.
_FILING_NOTES = ("filing-rest-day", "filing-year-unknown")


class ContractJob(Job):
    """The list for one contract: reviewer, materials, steps, dates, each with its clause."""

    form = "contract_form"
    # A bare 物业 that answers "what kind?" is often taken for something out of scope.
    intents = frozenset({"contract_checklist", "inform", "affirm", "ask_procedure", "out_of_scope"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message about the contract; a question on the rules in it is answered from the documents."""
        if asked is None and follows_up_contract(turn):
            return _follow_up(turn, turn.memory["contract"])
        if asked is None and not names_contract(turn.message) and asks_about_rules(turn.message.plain):
            say_answer(turn)
            return Step(None)
        step = take(draft, turn.message, asked, turn.now.date())
        if asked and turn.message.intent == "out_of_scope" and step.draft == (draft or {}):
            return Step(draft, (Say("utter_again"),), asked)
        return step

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Work the list out and say it."""
        found = checklist(draft, calendar=stored_calendar(session))
        _keep(session, turn, draft, found)
        turn.memory = {**turn.memory, "contract": draft}
        return Step(None, (Say("utter_checklist", _in_words(turn, draft, found)),))


def _keep(session: Session, turn: Turn, case: dict[str, Any], found: Checklist) -> None:
    records.keep(
        session, kind="checklist", subject=str(case["contract_type"]), request=case, result=found.as_dict(),
        channel=turn.channel, sender=turn.sender, now=turn.now,
    )  # fmt: skip


def follows_up_contract(turn: Turn) -> bool:
    """Whether the message is about the contract whose list was given last: a date of it, or a change."""
    given = turn.memory.get("contract")
    return given is not None and follows_up(turn.message, given, turn.now.date())


def _follow_up(turn: Turn, given: dict[str, Any]) -> Step:
    """What the message changes of a list that was given: never the whole list again."""
    step = take(given, turn.message, None, turn.now.date())
    case = dict(step.draft or {})
    if step.says and case == given:  # nothing but a day that does not exist
        return Step(None, step.says)
    with session_scope() as session:
        calendar = stored_calendar(session)
        before, now = checklist(given, calendar=calendar), checklist(case, calendar=calendar)
        _keep(session, turn, case, now)
    turn.memory = {**turn.memory, "contract": case}
    lines = _changes(turn, _undated(given), _undated(case))
    words = {
        **_in_words(turn, case, now),
        "reviewer": "" if now.reviewer == before.reviewer else _reviewer(turn, now),
        "lines": lines,
        "dates": _dates(turn, case, now) + _filing(turn, case, now),
        "warnings": _warnings(turn, now) + _filing_notes(turn, now.items),
    }
    return Step(None, (*step.says, Say("utter_checklist_dates", words)))


def _undated(case: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in case.items() if not key.endswith("_on")}


def _changes(turn: Turn, before: dict[str, Any], now: dict[str, Any]) -> str:
    """Items that are new or read differently, and the titles of those that are gone."""
    if before == now:
        return ""
    old, new = checklist(before).items, checklist(now).items
    said = {(item.id, item.text) for item in old}
    fresh = [(i, item) for i, item in enumerate(new, 1) if (item.id, item.text) not in said]
    titles = {item.title for item in new}
    gone = [item.title for item in old if item.title not in titles]
    lines = "".join(f"\n{_line(turn, i, item)}" for i, item in fresh)
    return lines + (turn.word("checklist_gone", titles="；".join(gone)) if gone else "")


def _in_words(turn: Turn, case: dict[str, Any], found: Checklist) -> dict[str, Any]:
    return {
        "title": turn.word("checklist_title", kind=case["contract_type"]),
        "reviewer": found.reviewer or turn.word("no_reviewer"),
        "lines": _lines(turn, found),
        "dates": _dates(turn, case, found),
        "warnings": _warnings(turn, found),
    }


def _reviewer(turn: Turn, found: Checklist) -> str:
    return turn.word("checklist_reviewer", reviewer=found.reviewer or turn.word("no_reviewer"))


def _warnings(turn: Turn, found: Checklist) -> str:
    return "".join(turn.word("checklist_warning", text=warning.text) for warning in found.warnings)


def _filing_notes(turn: Turn, items: Sequence[Item]) -> str:
    return "".join(
        turn.word("checklist_warning", text=item.text) for item in items if item.id in _FILING_NOTES
    )


def _lines(turn: Turn, found: Checklist) -> str:
    lines, stage = [], None
    for index, item in enumerate(found.items, 1):
        if item.stage != stage:
            stage = item.stage
            lines.append(turn.word("checklist_stage", stage=stage))
        lines.append(_line(turn, index, item))
    return "\n".join(lines)


def _line(turn: Turn, index: int, item: Item) -> str:
    due = turn.word("checklist_due", date=item.due.isoformat()) if item.due else ""
    return turn.word("checklist_item", index=index, text=item.text, clause=_clause(item.clause), due=due)


def _clause(clause_id: str) -> str:
    entry = digest().get(clause_id)
    return entry.clause if entry else clause_id


def _dates(turn: Turn, case: dict[str, Any], found: Checklist) -> str:
    """The days that were said, as they were understood, and those reckoned from them."""
    parts = []
    if "submitted_on" in case:
        parts.append(turn.word("checklist_submitted", date=case["submitted_on"]))
    if "supplement_requested_on" in case and "supplement_received_on" in case:
        asked, got = case["supplement_requested_on"], case["supplement_received_on"]
        parts.append(turn.word("checklist_supplement", first=asked, last=got))
    if found.earliest_signing_date:
        parts.append(turn.word("checklist_signing", date=found.earliest_signing_date.isoformat()))
    elif found.applies and "submitted_on" not in case:
        parts.append(turn.word("checklist_no_date"))
    if "signed_on" in case:
        parts.append(turn.word("checklist_signed", date=case["signed_on"]))
    if found.filing_due:
        parts.append(turn.word("checklist_filing", date=found.filing_due.isoformat()))
    return "".join(parts)


def _filing(turn: Turn, case: dict[str, Any], found: Checklist) -> str:
    """The answer to "until when is it to be filed" where no day can be told."""
    if not asks_about_filing(turn.message) or found.filing_due or not found.applies:
        return ""
    county = case["signing_party"] == "county"
    return turn.word("checklist_filing_open") if county else turn.word("checklist_filing_none")
