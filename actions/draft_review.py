"""A draft contract that was sent in: looked over, kept on record, told in short messages; or how to send one."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
_PAYLOAD = re.compile(rf'/{INTENT}{{"record": ([0-9]{{1,9}}), "from": ([0-9]{{1,6}})}}')

logger = logging.getLogger(__name__)
Findings = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Told:
    """A review as it is told: the number of its record, the name of the file, the entries."""

    record: int
    name: str
    entries: Sequence[Findings]


class ReviewDraft(Action):
    """The intent `review_draft`: a file from a channel, the button for more, or a mere wish in words."""

    def name(self) -> str:
        """The name that the rule calls."""
        return "action_review_draft"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Answer; what is left of a long list comes by its button."""
        turn = Turn.of(tracker, dispatcher)
        say_due_messages(turn)
        await say_review(turn)
        return [SlotSet("memory", turn.memory or None)]


async def say_review(turn: Turn) -> None:
    """Tell what was found in the file of this message; without a file go on telling, or say how to send one."""
    draft = handed_in(turn.tracker)
    if draft is not None:
        await _review(turn, draft)
    elif not _say_more(turn):
        way = "web" if turn.channel == "web" else "other"
        turn.say("utter_send_draft", how=turn.word(f"send_draft_{way}"))


def handed_in(tracker: Tracker) -> Mapping[str, Any] | None:
    """What the channel says of the file of the latest message: its token and name; None where it brings none."""
    given = sent_with(tracker).get("draft")
    return given if isinstance(given, Mapping) and {"token", "name"} <= set(given) else None


async def settle_file(turn: Turn) -> None:
    """After the words under a file were answered outside of a job: the file is looked over, as one without words is."""
    if turn.message.intent != INTENT and handed_in(turn.tracker) is not None:
        await say_review(turn)


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
    _say_page(turn, _Told(record, name, _told(found["findings"])), 0)


def _say_more(turn: Turn) -> bool:
    """The next findings of the review that the pressed button is about; False where it is none of this person's."""
    carried = _carried(turn.tracker)
    if carried is None:
        return False
    number, first = carried
    with session_scope() as session:
        record = session.get(ContractRecord, number)
        if record is None or record.kind != "review" or record.sender_id != turn.sender:
            return False
        told = _Told(number, record.subject, _told(record.result["findings"]))
    if first >= len(told.entries):
        return False
    _say_page(turn, told, first)
    return True


def _carried(tracker: Tracker) -> tuple[int, int] | None:
    """The record and the first entry that the pressed button names: /review_draft{"record": 12, "from": 6}.

    Read from the payload itself: Rasa drops entities that the domain does not list, and these are none of the language.
    """
    found = _PAYLOAD.fullmatch(str((tracker.latest_message or {}).get("text", "")))
    return (int(found[1]), int(found[2])) if found else None


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
    word = (
        turn.word("review_gravest", item=_in_language(turn, gravest, "item"))
        if gravest
        else turn.word("review_nothing_grave")
    )
    turn.say("utter_review", name=name, counts=turn.word("review_comma").join(said), gravest=word)


def _say_page(turn: Turn, told: _Told, first: int) -> None:
    """Up to `PAGE` entries from `first` on, a message for each group, with a button where there are more."""
    page = list(enumerate(told.entries, 1))[first : first + PAGE]
    if first:
        turn.say("utter_review_goes_on", name=told.name)
    for status in GROUPS:
        lines = [_entry(turn, i, entry) for i, entry in page if entry[0]["status"] == status]
        if lines:
            title = turn.word(f"review_title_{status}")
            turn.say("utter_review_group", title=title, lines="\n".join(lines))
    following = first + len(page)
    left = sum(map(len, told.entries[following:]))
    if left:
        # The button tells of which file, for another may have been sent since.
        carried = json.dumps({"record": told.record, "from": following})
        button = {"title": turn.word("review_more", count=left), "payload": f"/{INTENT}{carried}"}
        turn.dispatcher.utter_message(response="utter_review_more", name=told.name, buttons=[button])
    else:
        turn.say("utter_review_end")


def _entry(turn: Turn, index: int, findings: Findings) -> str:
    first = findings[0]
    quotes = [quote for finding in findings for quote in _quotes(finding)]
    advice = _in_language(turn, first, "suggestion")
    return turn.word(
        "review_line",
        index=index,
        item=_in_language(turn, first, "item"),
        quotes="".join(turn.word("review_quote", text=_short(quote)) for quote in quotes),
        advice=turn.word("review_advice", text=advice) if advice else "",
        clause=_clause(str(first["clause"])),
    )


def _in_language(turn: Turn, finding: Mapping[str, Any], key: str) -> str:
    """A text of a finding in the person's language; records of long ago have it in Chinese only."""
    english = finding.get(f"{key}_en") if turn.language == "en" else None
    return str(english or finding.get(key) or "")


def _quotes(finding: Mapping[str, Any]) -> list[str]:
    return [str(finding[key]) for key in ("evidence", "also") if finding.get(key)]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTE else text[: QUOTE - 1] + "…"


def _clause(clause_id: str) -> str:
    entry = digest().get(clause_id)
    return entry.clause if entry else clause_id
