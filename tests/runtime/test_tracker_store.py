"""The conversation store: bounded, only new events written, right with several workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    FollowupAction,
    Restarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.runtime import tracker_store
from bot.runtime.tracker_store import RollingTrackerStore
from bot.settings import Settings
from bot.storage.sealed import is_sealed
from tests.timing import seconds

LIMIT = 20
DOMAIN = Domain.from_dict(
    {
        "version": "3.1",
        "intents": ["inform"],
        "slots": {
            name: {"type": "any", "mappings": [{"type": "custom"}]} for name in ("draft", "language", "count")
        },
        "responses": {"utter_x": [{"text": "x"}]},
        "forms": {"outage_form": {"required_slots": []}},
    }
)
Make = Callable[[], RollingTrackerStore]


@pytest.fixture
def worker(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes stores on one database: each stands for a worker of its own."""
    monkeypatch.setattr(tracker_store, "settings", lambda: Settings(tracker_events=str(LIMIT)))
    made: list[RollingTrackerStore] = []

    def make() -> RollingTrackerStore:
        made.append(RollingTrackerStore(DOMAIN, host=empty_url))
        return made[-1]

    yield make
    for store in made:
        store.engine.dispose()


def said(text: str) -> list[Any]:
    """The events of one turn."""
    return [
        UserUttered(text, {"name": "inform", "confidence": 1.0}),
        SlotSet("draft", {"text": text}),
        BotUttered(f"re: {text}"),
        ActionExecuted("action_listen"),
    ]


async def turn(store: RollingTrackerStore, text: str, sender: str = "a") -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker(sender)
    for event in said(text):
        tracker.update(event)
    await store.save(tracker)
    return tracker


def rows(store: RollingTrackerStore, sender: str = "a") -> list[str]:
    """Types of the stored events of a conversation, oldest first."""
    table = store.SQLEvent.__table__
    query = sa.select(table.c.type_name).where(table.c.sender_id == sender).order_by(table.c.id)
    with store.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def texts(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


# A new conversation begins with listening.
START, TURN = ["action"], ["user", "slot", "bot", "action"]


async def test_a_conversation_that_never_was_is_none(worker: Make) -> None:
    assert await worker().retrieve("nobody") is None


async def test_what_was_saved_is_retrieved_here_and_by_another_worker(worker: Make) -> None:
    store = worker()
    await turn(store, "停水了")
    for reader in (store, worker()):
        tracker = await reader.retrieve("a")
        assert texts(tracker) == ["停水了"]
        assert tracker.get_slot("draft") == {"text": "停水了"}
        assert tracker.sender_id == "a"
        assert tracker.latest_action_name == "action_listen"


async def test_only_new_events_are_written(worker: Make) -> None:
    store = worker()
    for i in range(3):
        await turn(store, str(i))
        assert rows(store) == START + TURN * (i + 1)
    tracker = await store.retrieve("a")
    await store.save(tracker)
    await store.save(tracker)
    assert rows(store) == START + TURN * 3


async def test_only_new_events_are_written_after_a_restart(worker: Make) -> None:
    await turn(worker(), "1")
    store = worker()
    await turn(store, "2")
    assert rows(store) == START + TURN * 2
    assert texts(await worker().retrieve("a")) == ["1", "2"]


async def test_conversations_do_not_mix(worker: Make) -> None:
    store = worker()
    await asyncio.gather(*(turn(store, f"{s}{i}", s) for i in range(3) for s in "ab"))
    assert texts(await worker().retrieve("a")) == texts(await store.retrieve("a"))
    assert all(t.startswith("b") for t in texts(await store.retrieve("b")))


async def test_another_worker_s_message_is_seen(worker: Make) -> None:
    one, two = worker(), worker()
    await turn(one, "1")
    await turn(two, "2")
    await turn(one, "3")
    await turn(two, "4")
    assert texts(await one.retrieve("a")) == ["1", "2", "3", "4"]
    assert rows(one) == START + TURN * 4
    assert (await one.retrieve("a")).get_slot("draft") == {"text": "4"}


async def test_a_turn_that_failed_half_way_is_not_kept(worker: Make) -> None:
    store = worker()
    await turn(store, "1")
    tracker = await store.retrieve("a")
    for event in said("lost")[:2]:
        tracker.update(event)
    again = await store.retrieve("a")
    assert texts(again) == ["1"]
    assert again.get_slot("draft") == {"text": "1"}
    await turn(store, "2")
    assert rows(store) == START + TURN * 2
    assert texts(await store.retrieve("a")) == ["1", "2"]


async def test_a_first_turn_that_failed_leaves_nothing(worker: Make) -> None:
    store = worker()
    tracker = await store.get_or_create_tracker("a")
    for event in said("lost"):
        tracker.update(event)
    assert texts(await store.get_or_create_tracker("a")) == []


async def test_the_tracker_is_bounded_and_the_database_is_not(worker: Make) -> None:
    store = worker()
    for i in range(LIMIT):
        tracker = await turn(store, str(i))
        assert len(tracker.events) <= LIMIT
    assert rows(store) == START + TURN * LIMIT
    fresh = await worker().retrieve("a")
    assert len(fresh.events) <= LIMIT
    assert texts(fresh)[-1] == str(LIMIT - 1)
    assert texts(fresh) == texts(await store.retrieve("a"))


async def test_slots_and_the_form_survive_truncation(worker: Make) -> None:
    store = worker()
    tracker = await store.get_or_create_tracker("a")
    tracker.update(SlotSet("language", "en"))
    tracker.update(ActiveLoop("outage_form"))
    await store.save(tracker)
    for i in range(LIMIT):
        await turn(store, str(i))
    for reader in (store, worker()):
        kept = await reader.retrieve("a")
        assert kept.get_slot("language") == "en"
        assert kept.active_loop_name == "outage_form"
        assert kept.get_slot("draft") == {"text": str(LIMIT - 1)}


def raw(store: RollingTrackerStore) -> list[str]:
    """What stands in the table of events."""
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(store.SQLEvent.__table__.c.data)).scalars())


async def forget(store: RollingTrackerStore, *behind: Any, sender: str = "a") -> None:
    """The turn in which a person is forgotten."""
    tracker = await store.get_or_create_tracker(sender)
    for event in (*said("忘记我")[:3], Restarted(), FollowupAction("action_listen"), *behind):
        tracker.update(event)
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)


async def test_a_restart_deletes_the_conversation_and_nobody_else_s(worker: Make) -> None:
    store, other = worker(), worker()
    await turn(store, "我叫何国安")
    await turn(store, "b also", "b")
    await other.retrieve("a")
    await forget(store)
    assert rows(store) == []
    assert await store.retrieve("a") is None
    assert await other.retrieve("a") is None
    assert texts(await store.retrieve("b")) == ["b also"]


async def test_a_conversation_begins_anew_after_a_restart(worker: Make) -> None:
    store = worker()
    tracker = await store.get_or_create_tracker("a")
    tracker.update(SlotSet("count", 7))
    await store.save(tracker)
    await forget(store)
    await turn(store, "你好")
    for reader in (store, worker()):
        kept = await reader.retrieve("a")
        assert texts(kept) == ["你好"]
        assert kept.get_slot("count") is None
    assert rows(store) == START + TURN


async def test_what_comes_behind_a_restart_begins_the_next_conversation(worker: Make) -> None:
    store = worker()
    await turn(store, "1")
    await forget(store, SlotSet("language", "en"))
    assert (await worker().retrieve("a")).get_slot("language") == "en"
    assert "slot" in rows(store)
    assert "user" not in rows(store)


async def test_words_are_encrypted_in_the_table(worker: Make) -> None:
    store = worker()
    await turn(store, "13912340001")
    stored = raw(store)
    assert [is_sealed(data) for data in stored] == [False, True, True, True, False]
    assert not any("13912340001" in data for data in stored)


async def test_a_conversation_from_before_encryption_goes_on(
    worker: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(tracker_store, "seal", lambda text: text)
        await turn(worker(), "1")
    store = worker()
    await turn(store, "2")
    assert texts(await worker().retrieve("a")) == ["1", "2"]
    assert [is_sealed(data) for data in raw(store)].count(True) == 3


def test_encrypting_a_turn_takes_well_under_a_millisecond() -> None:
    """Ten events with words in a turn, as long as they are in a real one (3 kB)."""
    event = UserUttered("三塘镇老街没水" * 10, {"name": "inform"}, parse_data={"ranking": "x" * 3000})
    assert seconds(lambda: [RollingTrackerStore._row("a", event) for _ in range(10)], tries=50) < 0.001


async def test_five_hundred_turns_stay_fast(worker: Make) -> None:
    store = worker()
    took = []
    for i in range(500):
        began = time.process_time()
        await turn(store, str(i))
        took.append(time.process_time() - began)
    # The quickest of each stretch, in processor time: other work on the machine slows down some turns, never all.
    assert min(took[-100:]) < 1.5 * min(took[10:110]) + 0.001
    began = time.process_time()
    fresh = await worker().retrieve("a")
    assert time.process_time() - began < 3
    assert texts(fresh)[-1] == "499"


async def test_the_store_forgets_the_conversations_used_longest_ago(
    worker: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_store, "KEPT_TRACKERS", 3)
    store = worker()
    for sender in "abcd":
        await turn(store, "1", sender)
    await store.retrieve("b")
    await turn(store, "1", "e")
    assert set(store._kept) == {"d", "b", "e"}
    assert texts(await store.retrieve("a")) == ["1"]


async def test_a_conversation_that_was_deleted_is_gone(worker: Make) -> None:
    one, two = worker(), worker()
    await turn(one, "1")
    with two.engine.begin() as connection:
        connection.execute(sa.delete(two.SQLEvent.__table__))
    assert await one.retrieve("a") is None


async def test_the_whole_conversation_is_there_for_whoever_shows_it(worker: Make) -> None:
    store = worker()
    for number in range(30):
        await turn(store, str(number))
    whole = await worker().retrieve_full_tracker("a")
    assert whole is not None
    assert [event.text for event in whole.events if isinstance(event, UserUttered)] == [
        str(number) for number in range(30)
    ]
    assert await store.retrieve_full_tracker("nobody") is None
    await turn(store, "more")
    again = await worker().retrieve("a")
    assert again is not None
    assert len(again.events) == LIMIT


async def test_of_a_very_long_conversation_the_end_is_shown(
    worker: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_store, "FULL_EVENTS", 8)
    store = worker()
    for number in range(5):
        await turn(store, str(number))
    whole = await store.retrieve_full_tracker("a")
    assert whole is not None
    assert [event.text for event in whole.events if isinstance(event, UserUttered)] == ["3", "4"]
