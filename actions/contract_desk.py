"""The contract desk in chat: opening a stage, ticking, what is left, changes, the document, closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from actions import contract_texts as texts
from actions.contracts import record
from actions.documents import say_answer
from actions.jobs import Job
from actions.open_cases import DESK_FORM, changed_cases, open_cases, wish_counts
from actions.reminders import keep_reminders
from actions.turn import Turn
from bot.answering import cite
from bot.contracts import desk, export
from bot.contracts.desk import Dossier, Task
from bot.contracts.desk_ticks import find_tasks
from bot.contracts.desk_words import Wish, case_in_order, case_number, closest_cases, named_cases, wish_of
from bot.contracts.intake import asks_about_rules, take
from bot.dialogue.details import agrees
from bot.dialogue.turn import Say, Step, Understood
from bot.nlu.spans import Span
from bot.settings import settings
from bot.storage import files
from bot.storage.database import session_scope

_WHICH, _CLOSE = "desk_which", "desk_close"
_WEB = "web"
# These are asked of one case out of several each time; the others go on with the one that was looked at last.
_ASKED_ANEW = ("left",)


class DeskJob(Job):
    """One message about a contract that the person has open; only "which?" and "really close it?" take a second."""

    form = DESK_FORM
    intents = frozenset({"contract_checklist", "inform", "affirm", "deny", "ask_procedure", "out_of_scope"})

    def take(self, turn: Turn, draft: dict[str, Any] | None, asked: str | None) -> Step:
        """Do what is wanted, or ask which contract is meant."""
        with session_scope() as session:
            if asked == _CLOSE:
                return _closing(session, turn, draft or {})
            if asked == _WHICH:
                return _which(session, turn, draft or {})
            return _begin(session, turn)

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
    meant = _meant(turn, wish, cases)
    if not meant:
        number = case_number(turn.message.plain) or ""
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
    return cases if wish.act in _ASKED_ANEW or not last else last


def _which(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "which contract?": its number, its kind, or its place in the list. Asked twice at most."""
    cases, text = open_cases(session, turn), turn.message.plain
    chosen = named_cases(text, cases) or case_in_order(text, cases) or closest_cases(text, cases)
    wish = wish_of(turn.message)
    new_wish = wish is not None and wish.act != "show"
    if len(chosen) == 1:
        return _act(session, turn, chosen[0], turn.message if new_wish else _said(draft))
    if new_wish:
        return _begin(session, turn)
    if asks_about_rules(text):
        say_answer(turn)
    again = None if draft.get("again") else _WHICH
    return Step({**draft, "again": True}, (Say("utter_desk_cases", texts.list_of_cases(turn, cases)),), again)


def _kept(message: Understood) -> dict[str, Any]:
    """A message as a draft, to be acted on once the case is known."""
    return {"text": message.text, "intent": message.intent, "found": [asdict(span) for span in message.found]}


def _said(draft: dict[str, Any]) -> Understood:
    return Understood(draft["text"], draft["intent"], 1.0, tuple(Span(**span) for span in draft["found"]))


# one case


def _act(session: Session, turn: Turn, case: Dossier, message: Understood) -> Step:
    """What `message` wants of `case`; facts that it changes come first."""
    if turn.memory.get("case") != case.number:
        turn.memory = {**turn.memory, "case": case.number, "stage": None, "ticked": None}
    turn.message = message
    wish = wish_of(message)
    if wish and not wish_counts(turn, wish, (case,)):
        wish = None
    says: tuple[Say, ...] = ()
    if (wish is None or wish.act == "tick") and changed_cases(turn, (case,)):
        says, case = _change(session, turn, case)
    if wish is None:
        return Step(None, says or (texts.summary(turn, case),))
    if wish.act == "close":
        heads = {"number": case.number, "title": texts.title(turn, case)}
        return Step({"number": case.number}, (Say("utter_desk_closing", heads),), _CLOSE)
    return Step(None, (*says, *_done(session, turn, case, wish)))


def _done(session: Session, turn: Turn, case: Dossier, wish: Wish) -> tuple[Say, ...]:
    if wish.act == "tick":
        return _tick(session, turn, case, wish)
    if wish.act == "export":
        return (_document(session, turn, case, wish.ending),)
    if wish.act == "left":
        return (texts.what_is_left(turn, case, wish.stage if wish.stage in case.stages else None),)
    if wish.act == "stage" and wish.stage in case.stages:
        turn.memory = {**turn.memory, "stage": wish.stage}
        return (texts.opened_stage(turn, case, str(wish.stage)),)
    return (texts.whole_list(turn, case) if wish.act == "all" else texts.summary(turn, case),)


def _change(session: Session, turn: Turn, case: Dossier) -> tuple[tuple[Say, ...], Dossier]:
    """Put what the message says of the contract into its case; what that changes, and the case as it is then."""
    step = take(case.facts, turn.message, None, turn.now.date())
    facts = dict(step.draft or {})
    if step.says and facts == case.facts:  # nothing but a day that does not exist
        return step.says, case
    now = (
        case
        if facts == case.facts
        else desk.change_case(session, number=case.number, facts=facts, now=turn.now)
    )
    record(session, turn, now)
    keep_reminders(session, turn, now)
    return (*step.says, texts.changes(turn, case, now)), now


def _tick(session: Session, turn: Turn, case: Dossier, wish: Wish) -> tuple[Say, ...]:
    stage = turn.memory.get("stage")
    done, undone = find_tasks(wish.ticks.done, case, stage), find_tasks(wish.ticks.undone, case, stage)
    last = frozenset(turn.memory.get("ticked") or ()) if wish.ticks.mistaken else frozenset()
    mended = [task for task in case.to_do if task in undone.tasks or task.item.id in last]
    if wish.ticks.done.everything and not stage and not done.tasks:
        return (_which_stage(turn, case),)
    if strange := (*done.strange, *undone.strange):
        numbers = turn.word("between").join(str(number) for number in strange)
        return (Say("utter_desk_no_number", {"numbers": numbers, "count": len(case.to_do)}),)
    if not done.tasks and not mended:
        return (Say("utter_desk_not_listed"),)
    now = _stored(session, turn, case, done.tasks, mended)
    says = []
    for response, tasks in (("utter_desk_ticked", done.tasks), ("utter_desk_unticked", mended)):
        if tasks:
            values = {"things": texts.things(turn, now, tasks), "more": texts.remaining(turn, now)}
            says.append(Say(response, {**values, "hint": _hint(turn, now, tasks)}))
    return tuple(says)


def _stored(
    session: Session, turn: Turn, case: Dossier, done: Sequence[Task], undone: Sequence[Task]
) -> Dossier:
    ids = [task.item.id for task in done]
    desk.untick(session, number=case.number, items=[task.item.id for task in undone], now=turn.now)
    now = desk.tick(session, number=case.number, items=ids, by=turn.sender, now=turn.now)
    keep_reminders(session, turn, now)
    turn.memory = {**turn.memory, "ticked": ids or None}
    return now


def _hint(turn: Turn, case: Dossier, tasks: Sequence[Task]) -> str:
    """Which day is worth telling now: of handing in once the materials are done, of signing once it is signed."""
    ids = {task.item.id for task in tasks}
    materials = {task.item.id for task in case.to_do if task.item.id.startswith("material")}
    if ids & materials and materials <= case.done and "submitted_on" not in case.facts:
        return turn.word("checklist_no_date")
    county = case.facts.get("signing_party") == "county"
    signed = "signing" in ids & case.done and county and "signed_on" not in case.facts
    return turn.word("signed_when") if signed else ""


def _which_stage(turn: Turn, case: Dossier) -> Say:
    waiting = dict.fromkeys(task.item.stage for task in case.to_do if not task.done)
    buttons = [{"title": stage, "payload": texts.stage_done_words(turn, case, stage)} for stage in waiting]
    return Say("utter_desk_which_stage", {"buttons": buttons})


def _document(session: Session, turn: Turn, case: Dossier, ending: str) -> Say:
    """The list as a file behind a link; within the web chat the link is one of the page's own folder."""
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


def _closing(session: Session, turn: Turn, draft: dict[str, Any]) -> Step:
    """The answer to "really?"; anything but a yes keeps the case, and other words for the desk are heeded."""
    number, wish = str(draft["number"]), wish_of(turn.message)
    if _pressed(turn):
        yes, wish = turn.message.intent == "affirm", None
    else:
        yes = agrees(turn.message) or bool(wish and wish.act == "close")
    if yes:
        case = desk.close_case(session, number=number, now=turn.now)
        keep_reminders(session, turn, case)
        turn.memory = {
            key: value for key, value in turn.memory.items() if key not in ("case", "stage", "ticked")
        }
        return Step(None, (Say("utter_desk_closed", {"number": number}),))
    return _begin(session, turn) if wish else Step(None, (Say("utter_desk_kept", {"number": number}),))


def _pressed(turn: Turn) -> bool:
    """Whether a button with an intent was pressed; the words of such a message are those of the one before."""
    return str((turn.tracker.latest_message or {}).get("text", "")).startswith("/")
