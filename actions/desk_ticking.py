"""Ticking things of a contract's list, and asking where the words do not tell for certain which are done."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from actions import contract_texts as texts
from actions.open_cases import open_cases
from actions.turn import Turn
from bot.contracts import desk
from bot.contracts.desk_ticks import find_tasks
from bot.contracts.desk_words import Wish
from bot.contracts.dossier import Dossier, Task
from bot.dialogue.turn import Say
from bot.reminding import keep_reminders


def tick(session: Session, turn: Turn, case: Dossier, wish: Wish) -> tuple[Say, ...]:
    """Tick and untick what `wish` names; where it contradicts itself or cannot be read, nothing is, and it is asked."""
    stage = turn.memory.get("stage")
    done, undone = find_tasks(wish.ticks.done, case, stage), find_tasks(wish.ticks.undone, case, stage)
    last = frozenset(turn.memory.get("ticked") or ()) if wish.ticks.mistaken else frozenset()
    mended = [task for task in case.to_do if task in undone.tasks or task.item.id in last]
    contradiction = set(done.tasks) & set(undone.tasks)
    if strange := tuple(dict.fromkeys((*done.strange, *undone.strange))):
        numbers = turn.word("between").join(str(number) for number in strange)
        return (Say("utter_desk_no_number", {"numbers": numbers, "count": len(case.to_do)}),)
    if wish.ticks.unclear or done.missed or undone.missed or contradiction:
        return (Say("utter_desk_unclear", {"case": texts.of_several(turn, case, open_cases(session, turn))}),)
    if wish.ticks.done.everything and not stage and not done.tasks:
        named = wish.ticks.done
        return (
            Say("utter_desk_unclear", {"case": ""})
            if named.but or named.but_items
            else _which_stage(turn, case),
        )
    if not done.tasks and not mended:
        return (Say("utter_desk_not_listed"),)
    return _say_ticks(session, turn, case, done.tasks, mended)


def named_tasks(turn: Turn, case: Dossier, wish: Wish) -> Sequence[Task]:
    """What of the list the words would tick or untick."""
    stage = turn.memory.get("stage")
    return (
        *find_tasks(wish.ticks.done, case, stage).tasks,
        *find_tasks(wish.ticks.undone, case, stage).tasks,
    )


def _say_ticks(
    session: Session, turn: Turn, case: Dossier, done: Sequence[Task], mended: Sequence[Task]
) -> tuple[Say, ...]:
    now = _stored(session, turn, case, done, mended)
    name = texts.of_several(turn, case, open_cases(session, turn))
    unsigned = "signed_on" in case.facts and "signed_on" not in now.facts
    says = []
    for response, tasks in (("utter_desk_ticked", done), ("utter_desk_unticked", mended)):
        if tasks:
            hint = _hint(turn, now, tasks) if tasks is done else turn.word("day_dropped") if unsigned else ""
            values = {
                "case": name,
                "things": texts.things(turn, case, tasks),
                "more": texts.remaining(turn, now),
            }
            says.append(Say(response, {**values, "hint": hint, "buttons": texts.onward_buttons(turn, now)}))
    return tuple(says)


def _stored(
    session: Session, turn: Turn, case: Dossier, done: Sequence[Task], undone: Sequence[Task]
) -> Dossier:
    ids = [task.item.id for task in done]
    desk.untick(session, number=case.number, items=[task.item.id for task in undone], now=turn.now)
    now = desk.tick(session, number=case.number, items=ids, by=turn.sender, now=turn.now)
    keep_reminders(session, now, language=turn.language, now=turn.now)
    turn.memory = {**turn.memory, "ticked": ids or None}
    return now


def _hint(turn: Turn, case: Dossier, tasks: Sequence[Task]) -> str:
    """Which day is worth telling now; a date alone in the next message is that day.

    Of handing in once the materials are done, of signing once it is signed, of completion once the supplement is.
    """
    ids = {task.item.id for task in tasks}
    materials = {task.item.id for task in case.to_do if task.item.id.startswith("material")}
    county = case.facts.get("signing_party") == "county"
    wanted = (
        ("supplement_received_on", "supplement-open" in ids, turn.word("supplement_when")),
        ("submitted_on", bool(ids & materials) and materials <= case.done, turn.word("checklist_no_date")),
        ("signed_on", "signing" in ids & case.done and county, turn.word("signed_when")),
    )
    for key, now, words in wanted:
        if now and key not in case.facts:
            turn.memory = {**turn.memory, "date_of": key}
            return words
    return ""


def _which_stage(turn: Turn, case: Dossier) -> Say:
    waiting = dict.fromkeys(task.item.stage for task in case.to_do if not task.done)
    buttons = [{"title": stage, "payload": texts.stage_done_words(turn, case, stage)} for stage in waiting]
    return Say("utter_desk_which_stage", {"buttons": buttons})
