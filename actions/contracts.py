"""The job of a contract checklist."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from actions.answers import say_answer
from actions.jobs import Job
from actions.turn import Turn
from bot.contracts.calendars import stored_calendar
from bot.contracts.checklist import Checklist, checklist
from bot.contracts.intake import asks_about_rules, dates_in, names_contract, take
from bot.dialogue.turn import Say, Step
from bot.documents.digest import digest


class ContractJob(Job):
    """The list for one contract: reviewer, materials, steps, dates, each with its clause."""

    form = "contract_form"
    intents = frozenset({"contract_checklist", "inform", "affirm", "ask_procedure"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message about the contract; a question on the rules in it is answered from the documents."""
        if asked is None and turn.memory.get("contract") and dates_in(turn.message):
            draft = turn.memory["contract"]  # 11月16号送审, said of the list that was just given
        elif asked is None and not names_contract(turn.message) and asks_about_rules(turn.message.plain):
            say_answer(turn)
            return Step(None)
        return take(draft, turn.message, asked)

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Work the list out and say it."""
        found = checklist(draft, calendar=stored_calendar(session))
        turn.memory = {**turn.memory, "contract": draft}
        return Step(None, (Say("utter_checklist", _in_words(turn, draft, found)),))


def _in_words(turn: Turn, case: dict[str, Any], found: Checklist) -> dict[str, Any]:
    return {
        "title": turn.word("checklist_title", kind=case["contract_type"]),
        "reviewer": found.reviewer or turn.word("no_reviewer"),
        "lines": _lines(turn, found),
        "dates": _dates(turn, case, found),
        "warnings": "".join(turn.word("checklist_warning", text=warning.text) for warning in found.warnings),
    }


def _lines(turn: Turn, found: Checklist) -> str:
    lines, stage = [], None
    for index, item in enumerate(found.items, 1):
        if item.stage != stage:
            stage = item.stage
            lines.append(turn.word("checklist_stage", stage=stage))
        due = turn.word("checklist_due", date=item.due.isoformat()) if item.due else ""
        lines.append(
            turn.word("checklist_item", index=index, text=item.text, clause=_clause(item.clause), due=due)
        )
    return "\n".join(lines)


def _clause(clause_id: str) -> str:
    entry = digest().get(clause_id)
    return entry.clause if entry else clause_id


def _dates(turn: Turn, case: dict[str, Any], found: Checklist) -> str:
    parts = []
    if found.earliest_signing_date:
        parts.append(turn.word("checklist_signing", date=found.earliest_signing_date.isoformat()))
    elif found.applies and "submitted_on" not in case:
        parts.append(turn.word("checklist_no_date"))
    if found.filing_due:
        parts.append(turn.word("checklist_filing", date=found.filing_due.isoformat()))
    return "".join(parts)
