"""The job of a contract checklist: what contract, in whose name; then its case is opened and the short list said."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from actions.contract_texts import summary, title
from actions.documents import say_answer
from actions.jobs import Job
from actions.open_cases import DESK_FORM, asks_of_cases
from actions.turn import Turn
from bot.contracts import desk, records
from bot.contracts.desk_words import same_contract, wants_another
from bot.contracts.dossier import Dossier
from bot.contracts.intake import asks_about_rules, names_contract, take
from bot.dialogue.details import agrees
from bot.dialogue.turn import Say, Step
from bot.reminding import keep_reminders

_SAME = (
    "contract_same"  # the question, and in the draft that it was answered: the contract that is open is meant
)
_ANOTHER = "another"  # in the draft: a second contract of a kind that is open already


class ContractJob(Job):
    """The list for one contract: reviewer, materials, steps, dates, each with its clause."""

    form = "contract_form"
    # A bare 物业 that answers "what kind?" is often taken for something out of scope.
    intents = frozenset({"contract_checklist", "inform", "affirm", "ask_procedure", "out_of_scope"})

    def _gives_way_to(self, turn: Turn) -> str | None:
        """A question on contracts that are open is the desk's; the list that was begun is let go of."""
        return super()._gives_way_to(turn) or (DESK_FORM if asks_of_cases(turn) else None)

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """One message about the contract; a question on the rules in it is answered from the documents."""
        if asked == _SAME:
            return _same_or_another(turn, draft or {})
        if asked is None and not names_contract(turn.message) and asks_about_rules(turn.message.plain):
            say_answer(turn)
            return Step(None)
        step = take(draft, turn.message, asked, turn.now.date())
        if asked and turn.message.intent == "out_of_scope" and step.draft == (draft or {}):
            return Step(draft, (Say("utter_again"),), asked)
        if asked is None and wants_another(turn.message.plain):
            step = Step({**(step.draft or {}), _ANOTHER: True}, step.says, step.question, step.done)
        return step

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Open the case, or bring the one of the same contract up to date, and say its short list."""
        facts = {key: value for key, value in draft.items() if key not in (_ANOTHER, _SAME)}
        clash = None
        if not draft.keys() & {_ANOTHER, _SAME}:
            clash = desk.clashing_case(session, channel=turn.channel, sender=turn.sender, facts=facts)
        if clash:
            heads = {"number": clash.number, "title": title(turn, clash)}
            return Step(draft, (Say("utter_contract_clash", heads),), _SAME)
        case = desk.open_case(
            session, channel=turn.channel, sender=turn.sender, facts=facts, now=turn.now,
            another=bool(draft.get(_ANOTHER)),
        )  # fmt: skip
        record(session, turn, case)
        keep_reminders(session, case, language=turn.language, now=turn.now)
        turn.memory = {**turn.memory, "case": case.number, "stage": None, "ticked": None}
        return Step(None, (summary(turn, case),))


def _same_or_another(turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "the one that is open, or another?"."""
    same = same_contract(turn.message.plain)
    if same is False:
        return Step({**draft, _ANOTHER: True}, done=True)
    if same or agrees(turn.message):
        return Step({**draft, _SAME: True}, done=True)
    return Step(draft, (Say("utter_again"),), _SAME)


def record(session: Session, turn: Turn, case: Dossier) -> None:
    """Keep the list that is being given, with who, when and by which rules."""
    records.keep(
        session, kind="checklist", subject=case.contract_type, request=case.facts, result=case.found.as_dict(),
        channel=turn.channel, sender=turn.sender, now=turn.now,
    )  # fmt: skip
