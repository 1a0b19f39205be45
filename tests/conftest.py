"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot import clock
from bot.settings import Settings, settings
from bot.storage import database

# A Monday evening: most of what people say of today and yesterday lies behind it.
NOW = datetime(2026, 11, 23, 18, 0)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands still at `NOW`."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated SQLite database of this test alone, which `session_scope` uses."""
    url = f"sqlite:///{tmp_path}/test.db"
    monkeypatch.setattr(database, "settings", lambda: Settings(database_url=url))
    database.migrate(url)
    yield url
    database.engine_for(url).dispose()
    settings.cache_clear()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on that database."""
    with Session(database.engine_for(database_url), future=True) as opened, opened.begin():
        yield opened
