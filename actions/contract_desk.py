"""The contract desk in chat: opening a stage, ticking, what is left, changes, the document, closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from actions import contract_texts as texts
from actions.desk_changes import EMERGENCY, OVERWRITE, change, store
from actions.desk_ticking import named_tasks, tick
from actions.documents import say_answer
from actions.jobs import Job
from actions.open_cases import (
    CONTRACT_FORM,
    DESK_FORM,
    changed_cases,
    open_cases,
    was_at_desk,
    wish_counts,
)
from actions.turn import Turn
from bot.answering import cite
from bot.contracts import desk
from bot.contracts.desk_words import (
    Wish,
    case_in_order,
    case_number,
    closest_cases,
    may_be_elsewhere,
    means_several,
    named_cases,
    wants_new_list,
    wish_of,
)
from bot.contracts.dossier import Dossier, next_step, still_open
from bot.contracts.intake import asks_about_rules
from bot.dialogue.details import agrees
from bot.dialogue.turn import Say, Step, Understood
from bot.errors import BadInput
from bot.nlu.spans import Span
from bot.reminding import keep_reminders
from bot.settings import settings
from bot.storage import files
from bot.storage.database import session_scope

_WHICH, _CLOSE, _FINISH, _MEANT = "desk_which", "desk_close", "desk_finish", "desk_meant"
_WEB = "web"
# These are asked of one case out of several each time; the others go on with the one that was looked at last.
_ASKED_ANEW = ("left",)


class DeskJob(Job):
    """One message about a contract that the person has open; only a question back takes a second."""

    form = DESK_FORM
    intents = frozenset({"contract_checklist", "inform", "affirm", "deny", "ask_procedure", "out_of_scope"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """Do what is wanted, or ask which contract is meant."""
        with session_scope() as session:
            return _ANSWERS[asked](session, turn, draft or {}) if asked in _ANSWERS else _begin(session, turn)

    def _gives_way_to(self, turn: Turn) -> str | None:
        """A list of another contract is a matter of its own, whatever was asked."""
        other = super()._gives_way_to(turn)
        if other or turn.message.intent != "contract_checklist":
            return other
        with session_scope() as session:
            return CONTRACT_FORM if wants_new_list(turn.message, open_cases(session, turn)) else None

    def _no_answer(self, turn: Turn, draft: dict[str, Any] | None, asked: str) -> Step | None:
        """Other words for the desk are no interruption and stop nothing."""
        return None if wish_of(turn.message) else super()._no_answer(turn, draft, asked)

    def finish(self, session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
        """Everything is stored with the message that wants it."""
        return Step(None)


def _begin(session: Session, turn: Turn) -> Step:
    cases = open_cases(session, turn)
    wish = wish_of(turn.message)
    if wish and wish.act == "mine" and cases:
        return Step(None, (Say("utter_desk_cases", texts.list_of_cases(turn, cases)),))
    if wish and wish.act == "reopen":
        return _reopened(session, turn)
    meant = _meant(turn, wish, cases)
    number = case_number(turn.message.plain) or ""
    if not meant and wish is None and not number:
        return Step(None, (Say("utter_desk_not_kept"),))
    if not meant:
        return Step(
            None, (Say("utter_desk_unknown", {"number": number, **texts.list_of_cases(turn, cases)}),)
        )
    if len(meant) > 1:
        return Step(_kept(turn.message), (Say("utter_desk_cases", texts.list_of_cases(turn, meant)),), _WHICH)
    return _act(session, turn, meant[0], turn.message)


def _meant(turn: Turn, wish: Wish | None, cases: Sequence[Dossier]) -> Sequence[Dossier]:
    """The cases that can be meant: named ones, else the one looked at last, else all that there are."""
    named = named_cases(turn.message.plain, cases)
    if named or case_number(turn.message.plain):
        return named
    if wish is None:
        return changed_cases(turn, cases)
    last = [case for case in cases if case.number == turn.memory.get("case")]
    anew = wish.act in _ASKED_ANEW or means_several(turn.message.plain)
    return cases if anew or not last else last


def _which(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "which contract?": its number, its kind, or its place in the list. Asked twice at most."""
    cases, text = open_cases(session, turn), turn.message.plain
    chosen = named_cases(text, cases) or case_in_order(text, cases) or closest_cases(text, cases)
    wish = wish_of(turn.message)
    new_wish = wish is not None and wish.act != "show"
    if len(chosen) == 1:
        return _act(session, turn, chosen[0], turn.message if new_wish else _said(draft))
    again = None if draft.get("again") else _WHICH
    if new_wish:
        step = _begin(session, turn)
        kept = {**(step.draft or {}), "again": True}
        return replace(step, draft=kept, question=again) if step.question == _WHICH else step
    if asks_about_rules(text):
        say_answer(turn)
    return Step({**draft, "again": True}, (Say("utter_desk_cases", texts.list_of_cases(turn, cases)),), again)


def _kept(message: Understood) -> dict[str, Any]:
    """A message as a draft, to be acted on once the case is known."""
    return {"text": message.text, "intent": message.intent, "found": [asdict(span) for span in message.found]}


def _said(draft: dict[str, Any]) -> Understood:
    return Understood(draft["text"], draft["intent"], 1.0, tuple(Span(**span) for span in draft["found"]))


# one case


def _act(session: Session, turn: Turn, case: Dossier, message: Understood, *, sure: bool = False) -> Step:
    """What `message` wants of `case`; facts that it changes come first. `sure`: that it is of the list was asked."""
    if turn.memory.get("case") != case.number:
        turn.memory = {**turn.memory, "case": case.number, "stage": None, "ticked": None, "date_of": None}
    turn.message = message
    wish = wish_of(message)
    if wish and not wish_counts(turn, wish, (case,)):
        wish = None
    if wish and not sure and may_be_elsewhere(message, wish, at_desk=was_at_desk(turn.tracker)):
        return _is_it_meant(turn, case, wish)
    says: tuple[Say, ...] = ()
    question, draft = None, None
    if (wish is None or wish.act == "tick") and changed_cases(turn, (case,)):
        changed = change(session, turn, case)
        says, case, question, draft = changed.says, changed.case, changed.question, changed.draft
        if changed.alone:
            return Step(None, says)
    turn.memory = {**turn.memory, "date_of": None}
    if wish is None or (wish.ticks.unclear and says):
        return Step(draft, says or (() if question else (texts.summary(turn, case),)), question)
    if wish.act == "close":
        return _ask_closing(turn, case, wish)
    done = _done(session, turn, case, wish)
    if says and [say.response for say in done] == ["utter_desk_not_listed"]:
        done = ()  # the date was what there was to note
    return Step(draft, (*done, *says) if question else (*says, *done), question)


def _is_it_meant(turn: Turn, case: Dossier, wish: Wish) -> Step:
    """Ask whether words that may be of another matter are about this list; nothing is noted before."""
    tasks = named_tasks(turn, case, wish)
    if not tasks:
        return Step(None, (Say("utter_desk_not_listed"),))
    values = {
        "number": case.number,
        "title": texts.title(turn, case),
        "things": texts.things(turn, case, tasks),
    }
    return Step({**_kept(turn.message), "number": case.number}, (Say("utter_desk_meaning", values),), _MEANT)


def _done(session: Session, turn: Turn, case: Dossier, wish: Wish) -> tuple[Say, ...]:
    if wish.act == "tick":
        return tick(session, turn, case, wish)
    if wish.act == "export":
        return (_document(session, turn, case, wish.ending),)
    if wish.act == "left":
        return (texts.what_is_left(turn, case, wish.stage if wish.stage in case.stages else None),)
    if wish.act == "stage" and wish.stage in case.stages:
        turn.memory = {**turn.memory, "stage": wish.stage}
        return (texts.opened_stage(turn, case, str(wish.stage)),)
    return (texts.whole_list(turn, case) if wish.act == "all" else texts.summary(turn, case),)


def _document(session: Session, turn: Turn, case: Dossier, ending: str) -> Say:
    """The list as a file behind a link; within the web chat the link is one of the page's own folder."""
    from bot.contracts import export  # with a library of 7 MB

    body = (
        export.to_docx(case, cite=cite, now=turn.now)
        if ending == "docx"
        else export.to_markdown(case, cite=cite, now=turn.now).encode()
    )
    kind = export.DOCX if ending == "docx" else export.MARKDOWN
    file = files.File(export.file_name(case, ending), kind, body)
    token = files.share(session, file, channel=turn.channel, sender=turn.sender, now=turn.now)
    link = f"file?token={token}"
    attachment = link if turn.channel == _WEB else f"{settings().chat_url}{link}"
    values = {"title": texts.title(turn, case), "number": case.number, "days": files.KEPT.days}
    return Say("utter_desk_file", {**values, "attachment": attachment})


# answers to a question back


def _ask_closing(turn: Turn, case: Dossier, wish: Wish) -> Step:
    left = len(still_open(case))
    more = turn.word("still_unticked", count=left) if left else ""
    heads = {"number": case.number, "title": texts.title(turn, case), "more": more}
    question = _FINISH if wish.finished or next_step(case) is None else _CLOSE
    return Step({"number": case.number}, (Say("utter_desk_closing", heads),), question)


def _closing(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "really?"; anything but a yes keeps the case, and other words for the desk are heeded."""
    number, wish = str(draft["number"]), wish_of(turn.message)
    again = bool(wish and wish.act == "close") and not _pressed(turn)
    if _agreed(turn) or again:
        case = desk.close_case(session, number=number, now=turn.now)
        keep_reminders(session, case, language=turn.language, now=turn.now)
        turn.memory = {
            key: value
            for key, value in turn.memory.items()
            if key not in ("case", "stage", "ticked", "date_of")
        }
        return Step(None, (Say("utter_desk_closed", {"number": number}),))
    return _otherwise(session, turn, Say("utter_desk_kept", {"number": number}))


def _overwriting(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "the new date?"."""
    if not _agreed(turn):
        return _otherwise(session, turn, Say("utter_desk_dates_kept"))
    case = desk.find_case(session, number=str(draft["number"]))
    return Step(None, store(session, turn, case, draft["facts"])[0])


def _emergency(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "really an emergency?"; only a yes exempts the contract."""
    case, agreed = desk.find_case(session, number=str(draft["number"])), _agreed(turn)
    says, case = store(session, turn, case, {**draft["facts"], "emergency": agreed})
    return Step(None, (texts.summary(turn, case),)) if agreed else _otherwise(session, turn, *says)


def _meaning(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "is that of this list?"."""
    if not _agreed(turn):
        return _otherwise(session, turn, Say("utter_desk_not_noted"))
    case = desk.find_case(session, number=str(draft["number"]))
    return _act(session, turn, case, _said(draft), sure=True)


def _otherwise(session: Session, turn: Turn, *says: Say) -> Step:
    """After anything but a yes: other words for the desk are heeded, else it is said that nothing has changed."""
    wish = None if _pressed(turn) else wish_of(turn.message)
    return _begin(session, turn) if wish else Step(None, says)


def _agreed(turn: Turn) -> bool:
    return turn.message.intent == "affirm" if _pressed(turn) else agrees(turn.message)


def _reopened(session: Session, turn: Turn) -> Step:
    """Open a closed case of this person again."""
    number = case_number(turn.message.plain) or ""
    try:
        case = desk.find_case(session, number=number)
    except BadInput:
        case = None
    if case is None or (case.channel, case.sender) != (turn.channel, turn.sender):
        cases = texts.list_of_cases(turn, open_cases(session, turn))
        return Step(None, (Say("utter_desk_unknown", {"number": number, **cases}),))
    case = desk.reopen_case(session, number=number, now=turn.now)
    keep_reminders(session, case, language=turn.language, now=turn.now)
    turn.memory = {**turn.memory, "case": case.number, "stage": None, "ticked": None}
    return Step(None, (Say("utter_desk_reopened", {"number": number}), texts.summary(turn, case)))


def _pressed(turn: Turn) -> bool:
    """Whether a button with an intent was pressed; the words of such a message are those of the one before."""
    return str((turn.tracker.latest_message or {}).get("text", "")).startswith("/")


_ANSWERS: Mapping[str | None, Callable[[Session, Turn, dict[str, Any]], Step]] = {
    _WHICH: _which,
    _CLOSE: _closing,
    _FINISH: _closing,
    OVERWRITE: _overwriting,
    EMERGENCY: _emergency,
    _MEANT: _meaning,
}
