"""Conversations from before encryption are encrypted where they stand, and go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.runtime import plain_events, prepare, tracker_store
from bot.runtime.plain_events import seal_plain_events
from bot.settings import Settings
from bot.storage import database
from bot.storage.sealed import is_sealed
from tests.runtime.test_tracker_store import Make, raw, texts, turn, worker  # noqa: F401

SECRET = "13812345678"


async def talked_before(store: Any, monkeypatch: pytest.MonkeyPatch, turns: int = 1) -> None:
    """Turns that were stored in plain text."""
    with monkeypatch.context() as before:
        before.setattr(tracker_store, "seal", lambda text: text)
        for number in range(turns):
            await turn(store, f"{SECRET}-{number}")


async def test_no_word_stays_plain_and_the_conversation_replays(
    worker: Make,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = worker()
    await talked_before(store, monkeypatch, turns=3)
    await turn(store, "后来")
    assert sum(SECRET in data for data in raw(store)) == 9
    before = [data for data in raw(store) if is_sealed(data)]
    monkeypatch.setattr(plain_events, "AT_ONCE", 2)
    assert seal_plain_events(store.engine) == 9
    assert not any(SECRET in data for data in raw(store))
    assert [is_sealed(data) for data in raw(store)].count(True) == 12
    assert set(before) <= set(raw(store))  # what was encrypted is left as it was
    for reader in (store, worker()):
        tracker = await reader.retrieve("a")
        assert texts(tracker) == [f"{SECRET}-0", f"{SECRET}-1", f"{SECRET}-2", "后来"]
        assert tracker.get_slot("draft") == {"text": "后来"}
    assert seal_plain_events(store.engine) == 0


async def test_more_than_a_batch_is_encrypted(worker: Make, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    store = worker()
    await talked_before(store, monkeypatch)
    table = store.SQLEvent.__table__
    with store.engine.begin() as connection:
        (row,) = connection.execute(sa.select(table).where(table.c.type_name == "user")).mappings()
        copies = [{**row, "id": row["id"] + 100 + i} for i in range(plain_events.AT_ONCE + 7)]
        connection.execute(table.insert(), copies)
    assert seal_plain_events(store.engine) == plain_events.AT_ONCE + 7 + 3
    assert not any(SECRET in data for data in raw(store))


async def test_nothing_of_it_stays_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.runtime.test_tracker_store import DOMAIN

    store = tracker_store.RollingTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path}/t.db")
    await talked_before(store, monkeypatch, turns=20)

    def stands_in_files() -> bool:
        return any(SECRET.encode() in path.read_bytes() for path in tmp_path.glob("t.db*"))

    assert stands_in_files()
    seal_plain_events(store.engine)
    assert not stands_in_files()
    store.engine.dispose()


async def test_the_preparation_finds_the_store_of_its_own_address(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.runtime.test_tracker_store import DOMAIN

    url = f"sqlite:///{tmp_path}/conversations.db"
    for address, own in ((url, url), (database_url, "")):
        monkeypatch.setattr(prepare, "settings", lambda own=own: Settings(tracker_url=own))
        store = tracker_store.RollingTrackerStore(DOMAIN, host=address)
        await talked_before(store, monkeypatch)
        prepare.prepare_database()
        assert "3 events" in capsys.readouterr().err
        assert not any(SECRET in data for data in raw(store))
        store.engine.dispose()
        database.engine_for(address).dispose()


def test_where_nobody_talked_yet_there_is_nothing_to_do(empty_url: str) -> None:
    assert seal_plain_events(database.engine_for(empty_url)) == 0


async def test_a_start_looks_only_at_what_was_stored_since_the_one_before(
    worker: Make,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = worker()
    await talked_before(store, monkeypatch, turns=3)
    assert seal_plain_events(store.engine) == 9
    looked: list[int] = []
    batch = plain_events._batch

    def noted(connection: Any, last: int) -> Any:
        looked.append(last)
        return batch(connection, last)

    monkeypatch.setattr(plain_events, "_batch", noted)
    with store.engine.connect() as connection:
        newest = connection.execute(sa.select(sa.func.max(store.SQLEvent.id))).scalar()
    await talked_before(store, monkeypatch)  # by an older version, say
    assert seal_plain_events(store.engine) == 3
    assert looked[0] == newest
    with store.engine.begin() as connection:
        connection.execute(store.SQLEvent.__table__.delete())
    await talked_before(store, monkeypatch)
    with store.engine.begin() as connection:  # another table than that of the mark
        connection.execute(plain_events._MARK.update(), {"up_to": 10**9})
    assert seal_plain_events(store.engine) == 3
