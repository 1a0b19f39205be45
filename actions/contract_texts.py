"""A case at the contract desk put into the pieces of text of domain.yml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from actions.turn import Turn
from bot.answering import cite
from bot.contracts.checklist import Checklist, Item
from bot.contracts.dossier import Dossier, Task, next_step, still_open
from bot.contracts.intake import asks_about_filing
from bot.dialogue.turn import Say

# Items of a list that say more of the last day of filing than the day itself.
_FILING_NOTES = ("filing-rest-day", "filing-year-unknown")
_DONE_MARK = "✓ "
Buttons = list[dict[str, str]]


def title(turn: Turn, dossier: Dossier) -> str:
    """The name of the list."""
    return turn.word("checklist_title", kind=dossier.contract_type)


def summary(turn: Turn, dossier: Dossier) -> Say:
    """The short list: number, reviewer, the dates that matter, warnings, and one line a stage with its button."""
    lines = [_stage_line(turn, dossier, index) for index, _ in enumerate(dossier.stages)]
    if not dossier.found.applies:
        lines += [_task_line(turn, task) for task in dossier.tasks if task.number is None]
    return Say(
        "utter_checklist",
        {**_heads(turn, dossier), "lines": "\n".join(lines), "buttons": stage_buttons(turn, dossier)},
    )


def whole_list(turn: Turn, dossier: Dossier) -> Say:
    """Everything of the list in one message."""
    lines = []
    for stage in dossier.stages:
        lines.append(turn.word("checklist_stage", stage=stage))
        lines += [_task_line(turn, task) for task in dossier.of_stage(stage)]
    return Say("utter_checklist_whole", {**_heads(turn, dossier), "lines": "\n".join(lines)})


def _heads(turn: Turn, dossier: Dossier) -> dict[str, Any]:
    found = dossier.found
    return {
        "number": dossier.number,
        "title": title(turn, dossier),
        "reviewer": found.reviewer or turn.word("no_reviewer"),
        "dates": _dates(turn, dossier.facts, found),
        "warnings": _warnings(turn, found),
    }


def _stage_line(turn: Turn, dossier: Dossier, index: int) -> str:
    stage = dossier.stages[index]
    tasks = dossier.of_stage(stage)
    to_do = [task for task in tasks if task.number is not None]
    name = _stage_name(turn, dossier, stage)
    if not to_do:
        return turn.word("stage_notes", stage=name, count=len(tasks))
    done = sum(task.done for task in to_do)
    some = turn.word("stage_done", done=done) if done else ""
    return turn.word("stage_line", stage=name, count=len(to_do), done=some)


def _stage_name(turn: Turn, dossier: Dossier, stage: str) -> str:
    ordinal = turn.word("ordinals")[dossier.stages.index(stage)]
    return turn.word("stage_name", ordinal=ordinal, stage=stage)


def stage_buttons(turn: Turn, dossier: Dossier) -> Buttons:
    """One button a stage, which opens it."""
    return [
        {"title": _stage_name(turn, dossier, stage), "payload": f"{dossier.number} {stage}"}
        for stage in dossier.stages
    ]


def opened_stage(turn: Turn, dossier: Dossier, stage: str) -> Say:
    """The things of one stage with number, day and clause, and a button for "all done"."""
    tasks = dossier.of_stage(stage)
    waiting = any(task.number is not None and not task.done for task in tasks)
    button = {"title": turn.word("all_done"), "payload": stage_done_words(turn, dossier, stage)}
    return Say(
        "utter_desk_stage",
        {
            "stage": _stage_name(turn, dossier, stage),
            "title": title(turn, dossier),
            "number": dossier.number,
            "lines": "\n".join(_task_line(turn, task) for task in tasks),
            "buttons": [*([button] if waiting else []), *onward_buttons(turn, dossier)],
        },
    )


def onward_buttons(turn: Turn, dossier: Dossier) -> Buttons:
    """Where to go on from here: what is left with the next step, and the list with its stages."""
    number = dossier.number
    left = {"title": turn.word("left_title"), "payload": turn.word("left_words", number=number)}
    back = {"title": turn.word("list_title"), "payload": number}
    return [left, back] if next_step(dossier) else [back]


def of_several(turn: Turn, dossier: Dossier, cases: Sequence[Dossier]) -> str:
    """Whose it is, in front of what is said of a thing; nothing where the person has one contract only."""
    several = len(cases) > 1
    return turn.word("of_case", number=dossier.number, title=title(turn, dossier)) if several else ""


def two_dates(turn: Turn, key: str, old: str, new: str) -> str:
    """A date as it was known and as it is said now."""
    return turn.word("two_dates", what=turn.word(f"date_{key}"), old=old, new=new)


def stage_done_words(turn: Turn, dossier: Dossier, stage: str) -> str:
    """What a button says for the person: all of a stage of this case is done."""
    return turn.word("stage_all_done", number=dossier.number, stage=stage)


def what_is_left(turn: Turn, dossier: Dossier, stage: str | None) -> Say:
    """What is open, the nearest last day first, and the next step with what it takes."""
    waiting, following = still_open(dossier, stage), next_step(dossier)
    if following is None:
        return Say("utter_desk_all_done", {"number": dossier.number, "title": title(turn, dossier)})
    if not waiting:
        return Say("utter_desk_stage_complete", {"stage": stage, "more": remaining(turn, dossier)})
    upcoming = waiting[0] if stage else following
    button = {
        "title": turn.word("open_stage", stage=upcoming.item.stage),
        "payload": f"{dossier.number} {upcoming.item.stage}",
    }
    return Say(
        "utter_desk_left",
        {
            "number": dossier.number,
            "title": title(turn, dossier),
            "count": len(waiting),
            "lines": "\n".join(_short_line(turn, task) for task in waiting),
            "next": turn.word("next_step", index=upcoming.number, text=upcoming.item.text),
            "buttons": [button],
        },
    )


def remaining(turn: Turn, dossier: Dossier) -> str:
    """How much is still open and what comes next, in one line."""
    waiting, following = still_open(dossier), next_step(dossier)
    if following is None:
        return turn.word("nothing_remains")
    line = _short_line(turn, following)
    return turn.word("remaining", count=len(waiting), next=line)


def things(turn: Turn, dossier: Dossier, tasks: Sequence[Task]) -> str:
    """The things that were ticked: by name, or a whole stage by its name and how many they are."""
    stage = tasks[0].item.stage
    whole = [task for task in dossier.of_stage(stage) if task.number is not None]
    if len(whole) > 1 and {task.number for task in tasks} == {task.number for task in whole}:
        return turn.word("whole_stage", stage=stage, count=len(whole))
    return turn.word("between").join(
        turn.word("thing", index=task.number, name=task.name) for task in tasks
    )  # fmt: skip


def list_of_cases(turn: Turn, cases: Sequence[Dossier]) -> dict[str, Any]:
    """The person's cases, one line and one button each."""
    lines = [
        turn.word("case_line", number=case.number, title=title(turn, case), count=len(still_open(case)))
        for case in cases
    ]
    buttons = [
        {
            "title": turn.word("case_button", kind=case.contract_type, number=case.number),
            "payload": case.number,
        }
        for case in cases
    ]
    return {"count": len(cases), "lines": "\n".join(lines), "buttons": buttons}


def _task_line(turn: Turn, task: Task) -> str:
    item, clause = task.item, cite(task.item.clause)
    if task.number is None:
        return turn.word("note_line", text=item.text, clause=clause)
    mark = _DONE_MARK if task.done else ""
    return turn.word(
        "checklist_item", index=task.number, mark=mark, day=_day(turn, item), text=item.text, clause=clause
    )


def _short_line(turn: Turn, task: Task) -> str:
    return turn.word(
        "checklist_item", index=task.number, mark="", day=_day(turn, task.item), text=task.name,
        clause=cite(task.item.clause),
    )  # fmt: skip


def _day(turn: Turn, item: Item) -> str:
    if item.due and item.due < turn.now.date():
        over = (turn.now.date() - item.due).days
        return turn.word("checklist_overdue", date=item.due.isoformat(), days=over)
    if item.due:
        return turn.word("checklist_due", date=item.due.isoformat())
    return turn.word("checklist_from", date=item.not_before.isoformat()) if item.not_before else ""


# a change of the facts


def changes(turn: Turn, before: Dossier, now: Dossier) -> Say:
    """What a change of the facts makes different, never the whole list again."""
    fresh, gone = _differences(turn, before, now)
    return Say(
        "utter_checklist_dates",
        {
            "number": now.number,
            "title": title(turn, now),
            "reviewer": "" if now.found.reviewer == before.found.reviewer else _reviewer(turn, now.found),
            "lines": fresh + gone + _to_do_again(turn, before, now),
            "dates": _dates(turn, now.facts, now.found) + _filing(turn, now),
            "warnings": _warnings(turn, now.found) + _filing_notes(turn, now.found.items),
        },
    )


def _differences(turn: Turn, before: Dossier, now: Dossier) -> tuple[str, str]:
    """Lines of the things that are new or read differently for another reason than a date; and what is gone."""
    if _undated(before.facts) == _undated(now.facts):
        return _added(turn, before, now), ""
    said = {_plain(before, task) for task in before.tasks}
    dated = {task.item.id for task in now.tasks if task.item.due or task.item.not_before}
    fresh = [t for t in now.tasks if _plain(now, t) not in said and t.item.id not in dated]
    titles = {task.item.title for task in now.tasks}
    gone = [task.item.title for task in before.tasks if task.item.title not in titles]
    lines = "".join(f"\n{_task_line(turn, task)}" for task in fresh)
    return lines, turn.word("checklist_gone", titles=turn.word("between").join(gone)) if gone else ""


def _added(turn: Turn, before: Dossier, now: Dossier) -> str:
    """What a date puts on the list (补齐材料), under a number of its own."""
    titles = {task.item.title for task in before.to_do}
    fresh = [task for task in now.to_do if task.item.title not in titles]
    return "".join(turn.word("checklist_added", line=_short_line(turn, task)) for task in fresh)


def _to_do_again(turn: Turn, before: Dossier, now: Dossier) -> str:
    """What was done and is not any more, though it is on the list: another body reviews, or it was not signed."""
    again = [task for task in now.to_do if task.item.id in before.done and not task.done]
    return turn.word("checklist_again", things=things(turn, now, again)) if again else ""


def _plain(dossier: Dossier, task: Task) -> tuple[str, str]:
    return task.item.id, task.item.text


def _undated(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if not key.endswith("_on")}


def _reviewer(turn: Turn, found: Checklist) -> str:
    return turn.word("checklist_reviewer", reviewer=found.reviewer or turn.word("no_reviewer"))


def _warnings(turn: Turn, found: Checklist) -> str:
    return "".join(
        turn.word("checklist_warning", text=warning.text, clause=cite(warning.clause))
        for warning in found.warnings
    )


def _filing_notes(turn: Turn, items: Iterable[Item]) -> str:
    return "".join(
        turn.word("checklist_warning", text=item.text, clause=cite(item.clause))
        for item in items if item.id in _FILING_NOTES
    )  # fmt: skip


def _dates(turn: Turn, case: Mapping[str, Any], found: Checklist) -> str:
    """The days that were said, as they were understood, and those reckoned from them."""
    parts = []
    if "submitted_on" in case:
        parts.append(turn.word("checklist_submitted", date=case["submitted_on"]))
    asked, got = case.get("supplement_requested_on"), case.get("supplement_received_on")
    if asked and got:
        parts.append(turn.word("checklist_supplement", first=asked, last=got))
    elif asked:
        parts.append(turn.word("checklist_supplement_asked", date=asked))
    if found.earliest_signing_date:
        parts.append(turn.word("checklist_signing", date=found.earliest_signing_date.isoformat()))
    elif found.applies and "submitted_on" not in case:
        parts.append(turn.word("checklist_no_date"))
    if "signed_on" in case:
        parts.append(turn.word("checklist_signed", date=case["signed_on"]))
    if "signing_planned_on" in case:
        parts.append(turn.word("checklist_planned", date=case["signing_planned_on"]))
    if found.filing_due:
        parts.append(turn.word("checklist_filing", date=found.filing_due.isoformat()))
    return "".join(parts)


def _filing(turn: Turn, dossier: Dossier) -> str:
    """The answer to "until when is it to be filed" where no day can be told."""
    if not asks_about_filing(turn.message) or dossier.found.filing_due or not dossier.found.applies:
        return ""
    county = dossier.facts["signing_party"] == "county"
    return turn.word("checklist_filing_open") if county else turn.word("checklist_filing_none")
