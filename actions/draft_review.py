"""A draft contract that was sent in: looked over, kept on record, told in short messages; or how to send one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reminders import say_due_messages
from actions.turn import Turn, sent_with
from bot.contracts import records
from bot.contracts.apart import review_apart
from bot.documents.digest import digest
from bot.errors import WuchangError
from bot.storage import uploads
from bot.storage.database import session_scope
from bot.storage.tables import ContractRecord
from bot.textfiles import sha256_of

INTENT = "review_draft"
# What is told, gravest first; what is present is only counted.
GROUPS = ("violation", "missing", "unclear")
PAGE = 6  # entries told at once; findings of one kind share an entry
TOGETHER = 4  # findings in one entry
QUOTE = 70  # characters of the draft's words
# Reading takes a process each (bot/apart.py): two at a time leave a core for everybody else's messages.
_READERS = ThreadPoolExecutor(2, "review")

logger = logging.getLogger(__name__)
Findings = Sequence[Mapping[str, Any]]


class ReviewDraft(Action):
    """The intent `review_draft`: a file from a channel, the button for more, or a mere wish in words."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_review_draft"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Answer, and remember which review was told how far."""
        turn = Turn.of(tracker, dispatcher)
        say_due_messages(turn)
        await say_review(turn)
        return [SlotSet("memory", turn.memory or None)]


async def say_review(turn: Turn) -> None:
    """Tell what was found in the file of this message; without a file go on telling, or say how to send one."""
    draft = handed_in(turn.tracker)
    pressed = not turn.message.text
    if draft is not None:
        await _review(turn, draft)
    elif not (pressed and _say_more(turn)):
        way = "web" if turn.channel == "web" else "other"
        turn.say("utter_send_draft", how=turn.word(f"send_draft_{way}"))


def handed_in(tracker: Tracker) -> Mapping[str, Any] | None:
    """What the channel says of the file of the latest message: its token and name; None where it brings none."""
    given = sent_with(tracker).get("draft")
    return given if isinstance(given, Mapping) and {"token", "name"} <= set(given) else None


async def _review(turn: Turn, draft: Mapping[str, Any]) -> None:
    name = str(draft["name"])
    try:
        path = uploads.path_of(draft["token"])
        hashed = sha256_of(path)
        found = await asyncio.get_running_loop().run_in_executor(_READERS, review_apart, path, name)
    except WuchangError as error:
        turn.say("utter_draft_unreadable", reason=str(error))
        return
    finally:
        uploads.discard(draft["token"])
    with session_scope() as session:
        record = records.keep(
            session, kind="review", subject=name, request={"file": name, "sha256": hashed}, result=found,
            channel=turn.channel, sender=turn.sender, now=turn.now,
        ).id  # fmt: skip
    _say_summary(turn, name, found["findings"])
    _say_page(turn, record, _told(found["findings"]), 0)


def _say_more(turn: Turn) -> bool:
    """The next findings of the review told last; False where there is none."""
    told = turn.memory.get("review")
    if not told:
        return False
    with session_scope() as session:
        record = session.get(ContractRecord, told["record"])
        if record is None or record.sender_id != turn.sender:
            return False
        entries = _told(record.result["findings"])
    _say_page(turn, told["record"], entries, told["shown"])
    return True


def _told(findings: Findings) -> list[Findings]:
    """What is to be told, by group; a few findings of one kind that follow one another make one entry."""
    entries: list[list[Mapping[str, Any]]] = []
    for status in GROUPS:
        for finding in (f for f in findings if f["status"] == status):
            last = entries[-1] if entries else []
            if last and len(last) < TOGETHER and _kind(last[0]) == _kind(finding):
                last.append(finding)
            else:
                entries.append([finding])
    return list(entries)


def _kind(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(finding.get(key) for key in ("status", "item", "clause", "suggestion"))


def _say_summary(turn: Turn, name: str, findings: Findings) -> None:
    counts = {status: sum(f["status"] == status for f in findings) for status in (*GROUPS, "present")}
    said = [turn.word(f"review_{status}", count=count) for status, count in counts.items() if count]
    gravest = _told(findings)[0][0] if counts["violation"] or counts["missing"] else None
    word = turn.word("review_gravest", item=gravest["item"]) if gravest else turn.word("review_nothing_grave")
    turn.say("utter_review", name=name, counts=turn.word("review_comma").join(said), gravest=word)


def _say_page(turn: Turn, record: int, entries: Sequence[Findings], first: int) -> None:
    """Up to `PAGE` entries from `first` on, a message for each group, with a button where there are more."""
    page = list(enumerate(entries, 1))[first : first + PAGE]
    for status in GROUPS:
        lines = [_entry(turn, i, entry) for i, entry in page if entry[0]["status"] == status]
        if lines:
            title = turn.word(f"review_title_{status}")
            turn.say("utter_review_group", title=title, lines="\n".join(lines))
    left = sum(map(len, entries[first + len(page) :]))
    if left:
        turn.memory = {**turn.memory, "review": {"record": record, "shown": first + len(page)}}
        button = {"title": turn.word("review_more", count=left), "payload": f"/{INTENT}"}
        turn.dispatcher.utter_message(response="utter_review_more", buttons=[button])
    else:
        turn.memory = {key: value for key, value in turn.memory.items() if key != "review"}
        turn.say("utter_review_end")


def _entry(turn: Turn, index: int, findings: Findings) -> str:
    first = findings[0]
    quotes = [quote for finding in findings for quote in _quotes(finding)]
    advice = first.get("suggestion")
    return turn.word(
        "review_line",
        index=index,
        item=first["item"],
        quotes="".join(turn.word("review_quote", text=_short(quote)) for quote in quotes),
        advice=turn.word("review_advice", text=advice) if advice else "",
        clause=_clause(str(first["clause"])),
    )


def _quotes(finding: Mapping[str, Any]) -> list[str]:
    return [str(finding[key]) for key in ("evidence", "also") if finding.get(key)]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTE else text[: QUOTE - 1] + "…"


def _clause(clause_id: str) -> str:
    entry = digest().get(clause_id)
    return entry.clause if entry else clause_id
