"""The places that every process sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.places import current
from bot.places.current import current_places
from bot.places.importer import PlaceRow, import_places
from bot.settings import Settings
from bot.storage import database
from bot.storage.database import session_scope

NOW = datetime(2026, 11, 23, 18, 0)


def put(village: str) -> None:
    with session_scope() as session:
        import_places(session, [PlaceRow("1", "village", village, "三塘镇", None)])


def test_an_imported_village_is_seen_within_a_minute(database_url: str) -> None:
    assert current_places(NOW).villages == {}
    put("羊角塅村")
    assert current_places(NOW + timedelta(seconds=30)).villages == {}
    assert current_places(NOW + timedelta(seconds=90)).villages == {"羊角塅村": ("三塘镇",)}


def test_a_database_without_tables_gives_the_shipped_townships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "settings", lambda: Settings(database_url=f"sqlite:///{tmp_path}/empty.db"))
    found = current_places(NOW)
    assert found.villages == {}
    assert len(found.townships) == 23


def test_what_was_known_stays_where_the_database_is_gone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("羊角塅村")
    assert current_places(NOW).villages
    monkeypatch.setattr(current, "load_villages", _gone)
    assert current_places(NOW + timedelta(minutes=5)).villages == {"羊角塅村": ("三塘镇",)}


def _gone(_session: object) -> None:
    from sqlalchemy.exc import OperationalError

    raise OperationalError("select", {}, Exception("gone"))
