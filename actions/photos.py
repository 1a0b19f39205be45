"""Photos and files of residents: kept in mind until a report takes them, put to the last report, or asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from actions.draft_review import handed_in
from actions.turn import Turn, sent_with
from bot.errors import WuchangError
from bot.storage import attachments, uploads
from bot.storage.attachments import MOST, Kept
from bot.storage.database import session_scope
from bot.water.reporting.photos import attach_to_last

if TYPE_CHECKING:
    from bot.keptfiles import Rewritten

INTENT = "send_photo"
KEPT = timedelta(hours=2)  # in mind for a report that follows
_WRITERS = ThreadPoolExecutor(2, "kept-file")  # each waits for a process of its own (bot/apart.py)

Draft = Mapping[str, Any]


def note_photo(turn: Turn) -> None:
    """Have the photo of this message in mind; one with words under it is confirmed before these are answered."""
    photo, ids = _photo(turn), _in_mind(turn)
    if photo is None or photo in ids:
        return
    if len(ids) >= MOST:  # the first are kept: they were said to be
        _discard(turn, [photo])
        turn.say("utter_photo_enough", most=MOST)
        return
    _remember(turn, [*ids, photo])
    if turn.message.intent != INTENT:
        turn.say("utter_photo_kept")


def refuse_photo(turn: Turn) -> None:
    """The photo of this message comes in a job that takes none: not kept, or the next outage report would have it."""
    photo = _photo(turn)
    if photo is None:
        return
    _discard(turn, [photo])
    _remember(turn, [one for one in _in_mind(turn) if one != photo])
    turn.say("utter_photo_not_needed")


def drop_photos(turn: Turn, draft: Draft | None) -> None:
    """A cancelled job takes its photos along, and those that wait; told where there were any."""
    dropped = _discard(turn, [*((draft or {}).get("photos") or ()), *_in_mind(turn)])
    _remember(turn, [])
    if dropped:
        turn.say("utter_photos_dropped")


def waiting(turn: Turn) -> list[int]:
    """Ids of the photos that no report has taken yet, those of the last two hours that are still there."""
    ids = _in_mind(turn)
    if not ids:
        return []
    with session_scope() as session:
        return attachments.unfiled(session, ids, sender=turn.sender)


def _in_mind(turn: Turn) -> list[int]:
    kept = turn.memory.get("photos")
    if not kept or turn.now - datetime.fromisoformat(kept["at"]) > KEPT:
        return []
    return [int(photo) for photo in kept["ids"]]


def into_draft(turn: Turn, draft: Draft, *, confirm: bool = False) -> dict[str, Any]:
    """The draft of a report with the photos that wait; what has no room is thrown away and told.

    `confirm` says too that a photo was kept.
    """
    before, new = list(draft.get("photos") or ()), waiting(turn)
    _remember(turn, [])
    room = max(MOST - len(before), 0)
    if new[room:]:
        _discard(turn, new[room:])
        turn.say("utter_photo_enough", most=MOST)
    elif confirm:
        turn.say("utter_photo_kept")
    return {**draft, "photos": [*before, *new[:room]]}


def put_to_last_report(turn: Turn) -> bool:
    """Put the photos that wait to the person's last open report, and say so; False where there is none."""
    with session_scope() as session:
        attached = attach_to_last(session, waiting(turn), sender=turn.sender, now=turn.now)
    if attached is None:
        return False
    _remember(turn, [])
    turn.say(
        "utter_photo_attached" if attached.all else "utter_photo_enough_there",
        number=attached.number,
        most=MOST,
    )
    return True


def settle_photo(turn: Turn) -> None:
    """After the words under a photo were answered and opened no report: it goes to the last one, if there is one.

    So does a file that the report has kept (`keep_file`).
    """
    if turn.message.intent == INTENT:
        return
    sent, ids = _photo(turn), waiting(turn)
    if sent in ids or (ids and sent is None and handed_in(turn.tracker) is not None):
        put_to_last_report(turn)


def say_photo(turn: Turn) -> None:
    """A photo without words outside a job: put to the last report, or asked what it is of."""
    if _photo(turn) is None:
        forget(turn)
        turn.say("utter_photo_other")
    elif not put_to_last_report(turn):
        turn.say("utter_photo_what", count=len(waiting(turn)))


def forget(turn: Turn) -> None:
    """The photos that wait are about nothing that is done here: they are not kept."""
    _discard(turn, _in_mind(turn))
    _remember(turn, [])


async def keep_file(turn: Turn) -> None:
    """The file of this message, written anew, waits like a photo; where that cannot be done the person hears why."""
    from bot.keptfiles import rewritten_apart  # its libraries take 35 MB, and most people hand in no file

    given = handed_in(turn.tracker)
    if given is None:
        return
    name = str(given["name"])
    try:
        path = uploads.path_of(given["token"])
        kept = await asyncio.get_running_loop().run_in_executor(_WRITERS, rewritten_apart, path, name)
    except WuchangError as error:
        turn.say("utter_file_not_kept", reason=str(error))
        return
    finally:
        uploads.discard(given["token"])
    _remember(turn, [*_in_mind(turn), _stored(turn, name, kept)])
    turn.say("utter_file_kept", name=name)


def _stored(turn: Turn, name: str, kept: Rewritten) -> int:
    with session_scope() as session:
        return attachments.keep(
            session,
            Kept(name, kept.content_type, kept.body),
            channel=turn.channel,
            sender=turn.sender,
            now=turn.now,
        )


def _discard(turn: Turn, ids: Sequence[int]) -> int:
    if not ids:
        return 0
    with session_scope() as session:
        return attachments.discard(session, ids, sender=turn.sender)


def _photo(turn: Turn) -> int | None:
    """The id that the channel gives with the latest message."""
    given = sent_with(turn.tracker).get("photo")
    found = given.get("id") if isinstance(given, Mapping) else None
    return found if isinstance(found, int) else None


def _remember(turn: Turn, ids: Sequence[int]) -> None:
    turn.memory = {key: value for key, value in turn.memory.items() if key != "photos"}
    if ids:
        turn.memory["photos"] = {"ids": list(ids), "at": turn.now.isoformat()}
