"""Whether a message is for the contract desk: it speaks of a contract that the person has open there."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from rasa_sdk import Tracker
from sqlalchemy.orm import Session

from actions.turn import FALLBACKS, Turn, acted_before
from bot.contracts.desk import cases_of
from bot.contracts.desk_words import (
    Wish,
    case_number,
    named_cases,
    names_another_kind,
    names_item,
    wants_new_list,
    wish_of,
)
from bot.contracts.dossier import Dossier
from bot.contracts.intake import asks_about_rules, asks_for_list, follows_up, speaks_of_contract
from bot.storage.database import session_scope

logger = logging.getLogger(__name__)
DESK_FORM, CONTRACT_FORM = "desk_form", "contract_form"
_CONTRACT_FORMS = (DESK_FORM, CONTRACT_FORM)
# Within these a date or "改成县政府签" belongs to the contract at hand.
_MAY_CHANGE = frozenset(
    {*FALLBACKS, "inform", "ask_procedure", "contract_checklist", "affirm", "deny", "cancel", "thank"}
)
# Words such as 材料交了 may be told within another matter; where the classifier is sure of that, they are its own.
_OTHER_MATTERS = frozenset(
    {"report_outage", "ask_outage_news", "subscribe_updates", "unsubscribe_updates", "find_service_point",
     "ask_eldercare", "request_care", "volunteer", "give_feedback"}
)  # fmt: skip
_SURE = 0.6
_NEVER = ("request_human", "forget_me", "bind_staff")


def desk_takes(turn: Turn) -> bool:
    """Whether the contract desk answers: only for who has a case there, and never for another matter's words.

    Where that cannot be found out, the message is answered as if there were no desk.
    """
    try:
        return _is_for_the_desk(turn)
    except Exception:
        logger.exception("open cases could not be read")
        return False


def _is_for_the_desk(turn: Turn) -> bool:
    if not turn.message.text or turn.message.intent in _NEVER:
        return False
    wish = wish_of(turn.message)
    if wish is None and turn.message.intent not in _MAY_CHANGE:
        return False
    intent = turn.message.intent
    elsewhere = intent in _OTHER_MATTERS or (intent == "check_report" and not was_at_desk(turn.tracker))
    other = elsewhere and turn.message.confidence >= _SURE
    if wish and other and not names_item(turn.message.plain):
        return False
    cases: tuple[Dossier, ...] = ()
    if turn.glance is None or turn.glance.cases:
        with session_scope() as session:
            cases = open_cases(session, turn)
    if not cases:
        return case_number(turn.message.plain) is not None
    if wants_new_list(turn.message, cases):
        return False
    if wish and wish_counts(turn, wish, cases):
        return True
    if turn.message.intent in _MAY_CHANGE and changed_cases(turn, cases):
        return True
    return wish is None and _tells_of_one(turn)


def _tells_of_one(turn: Turn) -> bool:
    """Words on a contract at hand that the desk keeps nowhere (报给局长看了): no new contract, whatever the classifier says."""
    message = turn.message
    told = message.intent == "contract_checklist" and speaks_of_contract(message)
    return told and not asks_for_list(message) and not asks_about_rules(message.plain)


def open_cases(session: Session, turn: Turn) -> tuple[Dossier, ...]:
    """The person's open cases, oldest first."""
    return cases_of(session, channel=turn.channel, sender=turn.sender)


def wish_counts(turn: Turn, wish: Wish, cases: Sequence[Dossier]) -> bool:
    """Whether `wish` can be about one of `cases`: not about another contract, and 点错了 only after a tick."""
    if wish.ticks.mistaken and not wish.ticks.done:
        return bool(turn.memory.get("ticked"))
    return not names_another_kind(turn.message, cases)


def asks_of_cases(turn: Turn) -> bool:
    """Whether the person asks after contracts they have open (我有哪些合同, 还差什么), whatever they are in the middle of."""
    wish = wish_of(turn.message)
    if wish is None or wish.act not in ("mine", "left", "export"):
        return False
    with session_scope() as session:
        cases = open_cases(session, turn)
    return bool(cases) and wish_counts(turn, wish, cases)


def changed_cases(turn: Turn, cases: Sequence[Dossier]) -> tuple[Dossier, ...]:
    """The cases whose facts the message changes or asks about; several where it does not say which.

    A bare date is one of the contract that was spoken of last; in a conversation where none was, the words
    must be those of the work on a contract.
    """
    last = tuple(case for case in cases if case.number == turn.memory.get("case"))
    expected = turn.memory.get("date_of")
    rest = last or (tuple(cases) if speaks_of_contract(turn.message) else ())
    named = named_cases(turn.message.plain, cases) or rest
    return tuple(case for case in named if follows_up(turn.message, case.facts, turn.now.date(), expected))


def was_at_desk(tracker: Tracker) -> bool:
    """Whether the assistant's turn before this message was of a contract."""
    return acted_before(tracker, _CONTRACT_FORMS)
