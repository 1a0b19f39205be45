"""What a message changes of a contract's facts, and what is asked back before it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from actions import contract_texts as texts
from actions.contracts import record
from actions.turn import Turn
from bot.contracts import desk
from bot.contracts.dossier import Dossier
from bot.contracts.intake import EMERGENCY_QUESTION, take
from bot.contracts.said_dates import (
    KEYS,
    PLANNED,
    REQUESTED,
    corrected_without_role,
    corrects,
    not_yet_signed,
    supplement_without_day,
)
from bot.dialogue.turn import Say
from bot.reminding import keep_reminders

OVERWRITE, EMERGENCY = "desk_overwrite", "desk_emergency"


@dataclass(frozen=True)
class Changed:
    """What is said of a change, the case as it is then, and what is asked first: a question with the facts it is about.

    `alone`: nothing else that the message says is to be noted.
    """

    says: tuple[Say, ...]
    case: Dossier
    question: str | None = None
    draft: Mapping[str, Any] | None = None
    alone: bool = False


def change(session: Session, turn: Turn, case: Dossier) -> Changed:
    """Put what the message says of the contract into its case, or ask before a date is lost or all is exempted."""
    today, expected = turn.now.date(), turn.memory.get("date_of")
    if corrected_without_role(turn.message, case.facts, today, expected):
        return Changed((Say("utter_desk_which_date"),), case)
    if supplement_without_day(turn.message, case.facts):
        turn.memory = {**turn.memory, "date_of": REQUESTED}
        return Changed((Say("utter_desk_supplement_asked"),), case, alone=True)
    step = take(case.facts, turn.message, None, today, expected)
    facts = dict(step.draft or {})
    draft = {"number": case.number, "facts": facts}
    if step.question == EMERGENCY_QUESTION:
        return Changed(step.says, case, EMERGENCY, draft)
    lost = [
        key for key in KEYS if key != PLANNED and facts.get(key, case.facts.get(key)) != case.facts.get(key)
    ]
    lost = [key for key in lost if case.facts.get(key)]
    if lost and not corrects(turn.message):
        heads = {"number": case.number, "title": texts.title(turn, case)}
        lines = "\n".join(texts.two_dates(turn, key, case.facts[key], facts[key]) for key in lost)
        return Changed(
            (*step.says, Say("utter_desk_overwriting", {**heads, "lines": lines})), case, OVERWRITE, draft
        )
    if step.says and facts == case.facts:  # nothing but a day that does not exist, or is to come
        return Changed(step.says, case, alone=bool(not_yet_signed(turn.message, case.facts, today)))
    says, now = store(session, turn, case, facts)
    return Changed((*step.says, *says), now)


def store(
    session: Session, turn: Turn, case: Dossier, facts: Mapping[str, Any]
) -> tuple[tuple[Say, ...], Dossier]:
    """Keep `facts`; what that changes, and the case as it is then."""
    now = (
        case
        if facts == case.facts
        else desk.change_case(session, number=case.number, facts=facts, now=turn.now)
    )
    record(session, turn, now)
    keep_reminders(session, now, language=turn.language, now=turn.now)
    return (texts.changes(turn, case, now),), now
