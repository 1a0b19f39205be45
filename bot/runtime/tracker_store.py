"""The conversation store: Rasa's SQL events table, with recent conversations kept in memory.

Stock Rasa reads and replays the whole conversation at each message, so that a long one gets ever
slower. Here a conversation's tracker stays in memory with its last `tracker_events` events (slots
keep their values), and only new events are written. Before a tracker in memory is used, the last
stored event is compared: another worker's message, or a turn that failed half-way, makes it be
read again.

What people said and what was answered is encrypted in the table; rows from before that are still read
(until `bot.runtime.plain_events` has encrypted them). After a restart
(a person wants to be forgotten) the conversation is deleted, and so is its tracker.
"""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, FollowupAction, Restarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import sessionmaker

from bot.runtime.plain_events import WORDLESS
from bot.settings import settings
from bot.storage.database import make_engine
from bot.storage.sealed import seal, unseal

KEPT_TRACKERS = 2000
FULL_EVENTS = 2000  # a turn has 10 to 20
# The last stored event, remembered on the tracker itself: it may be read again, or put out, during a turn.
_SAVED = "_last_saved_event"
# These carry state however long ago they were said.
_STATE = ("slot", "active_loop", "session_started", "restart", "reset_slots")


@dataclass
class _Kept:
    tracker: DialogueStateTracker
    last_event: Event | None
    last_id: int


class RollingTrackerStore(SQLTrackerStore):
    """`SQLTrackerStore` with bounded trackers in memory; `url` is a full database address."""

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(domain, host=host, event_broker=event_broker, **kwargs)
        opened = cast(Any, self).engine
        self.engine = make_engine(str(opened.url.render_as_string(hide_password=False)))
        self.sessionmaker = sessionmaker(bind=self.engine)
        opened.dispose()
        self._events = self.SQLEvent.__table__
        self._limit = int(settings().tracker_events)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """An empty tracker that keeps a bounded number of events."""
        return DialogueStateTracker(sender_id, self.domain.slots, max_event_history=self._limit)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a conversation, None where it has none."""
        with self.engine.connect() as connection:
            last_id = connection.execute(
                sa.select(sa.func.max(self._events.c.id)).where(self._events.c.sender_id == sender_id)
            ).scalar()
            if last_id is None:
                self._kept.pop(sender_id, None)
                return None
            kept = self._kept.get(sender_id)
            if kept and kept.last_id == last_id and _last(kept.tracker) is kept.last_event:
                self._kept.move_to_end(sender_id)
                return kept.tracker
            tracker = self._replay(connection, sender_id, self._limit)
        self._keep(tracker, last_id)
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """What was said in a conversation, up to its last `FULL_EVENTS` events; None where it has none.

        It is no tracker to go on from: it is read afresh and not kept.
        """
        with self.engine.connect() as connection:
            tracker = self._replay(connection, conversation_id, FULL_EVENTS)
        return tracker if tracker.events else None

    def _replay(self, connection: Any, sender_id: str, limit: int) -> DialogueStateTracker:
        events = self._events
        mine = events.c.sender_id == sender_id
        newest = sa.select(events.c.id).where(mine).order_by(events.c.id.desc()).limit(limit)
        wanted = sa.select(events.c.data).where(
            mine, sa.or_(events.c.type_name.in_(_STATE), events.c.id.in_(newest))
        )
        rows = connection.execute(wanted.order_by(events.c.id)).scalars()
        return DialogueStateTracker.from_dict(
            sender_id, [json.loads(_opened(row)) for row in rows], self.domain.slots, max_event_history=limit
        )

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that came since the tracker was retrieved or last saved."""
        await self.stream_events(tracker)
        fresh = list(_since(tracker, getattr(tracker, _SAVED, None)))
        if any(isinstance(event, Restarted) for event in fresh):
            self._forget(tracker.sender_id, _behind_restart(fresh))
            return
        kept = self._kept.get(tracker.sender_id)
        rows = [self._row(tracker.sender_id, event) for event in fresh]
        last_id = kept.last_id if kept else 0
        if rows:
            with self.engine.begin() as connection:
                connection.execute(self._events.insert(), rows)
                last_id = connection.execute(
                    sa.select(sa.func.max(self._events.c.id)).where(
                        self._events.c.sender_id == tracker.sender_id
                    )
                ).scalar()
        self._keep(tracker, last_id)

    def _forget(self, sender_id: str, behind: list[Event]) -> None:
        """Delete a conversation; what came behind its restart begins the next one."""
        rows = [self._row(sender_id, event) for event in behind]
        with self.engine.begin() as connection:
            connection.execute(sa.delete(self._events).where(self._events.c.sender_id == sender_id))
            if rows:
                connection.execute(self._events.insert(), rows)
        self._kept.pop(sender_id, None)

    @staticmethod
    def _row(sender_id: str, event: Event) -> dict[str, Any]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data) if event.type_name in WORDLESS else seal(json.dumps(data)),
        }

    def _keep(self, tracker: DialogueStateTracker, last_id: int) -> None:
        if tracker.events.maxlen != self._limit:
            # Rasa makes the tracker of a new person itself, without the bound of `init_tracker`.
            tracker._max_event_history = self._limit
            tracker.events = deque(tracker.events, self._limit)
        setattr(tracker, _SAVED, _last(tracker))
        self._kept[tracker.sender_id] = _Kept(tracker, _last(tracker), last_id)
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > KEPT_TRACKERS:
            self._kept.popitem(last=False)


def _last(tracker: DialogueStateTracker) -> Event | None:
    return tracker.events[-1] if tracker.events else None


def _opened(data: str) -> str:
    """An event's JSON; one that was stored before events were encrypted is JSON already."""
    return data if data.startswith("{") else unseal(data)


def _behind_restart(events: list[Event]) -> list[Event]:
    """What came after the last restart; nothing where the assistant only went back to listening."""
    last = max(i for i, event in enumerate(events) if isinstance(event, Restarted))
    behind = events[last + 1 :]
    return [] if all(isinstance(event, (ActionExecuted, FollowupAction)) for event in behind) else behind


def _since(tracker: DialogueStateTracker, known: Event | None) -> Iterator[Event]:
    """Events behind `known` (by identity), oldest first; all of them where it is not among them."""
    fresh: list[Event] = []
    for event in reversed(tracker.events):
        if event is known:
            break
        fresh.append(event)
    yield from reversed(fresh)
