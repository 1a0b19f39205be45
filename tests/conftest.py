"""Fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from bot import clock
from bot.settings import Settings, settings
from bot.storage import database
from tests import postgres

# Tests never make or use the key of an installation (var/data.key).
os.environ["WUCHANG_DATA_KEY"] = "d3VjaGFuZyB0ZXN0cyBhbG9uZSwgbm8gc2VjcmV0ISE="

# A Monday evening: most of what people say of today and yesterday lies behind it.
NOW = datetime(2026, 11, 23, 18, 0)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands still at `NOW`."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied for each test: migrating each would take a quarter of a second."""
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    url = f"sqlite:///{path}"
    database.migrate(url)
    database.engine_for(url).dispose()  # what stands in the log beside the file goes into it
    return path


@pytest.fixture
def database_url(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated SQLite database of this test alone, which `session_scope` uses."""
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'test.db')}"
    monkeypatch.setattr(database, "settings", lambda: Settings(database_url=url))
    yield url
    database.engine_for(url).dispose()
    settings.cache_clear()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on that database."""
    with Session(database.engine_for(database_url), future=True) as opened, opened.begin():
        yield opened


# Both kinds of database


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a real PostgreSQL that runs for the tests, without a database's name."""
    reason = postgres.missing()
    if reason:
        pytest.skip(reason)
    with postgres.server() as url:
        yield url


_serial = count(1)


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> str:
    """The name of a migrated database there, to be copied for each test."""
    create_postgres(postgres_url, "migrated")
    url = f"{postgres_url}/migrated"
    database.migrate(url)
    database.engine_for(url).dispose()
    return "migrated"


def create_postgres(server_url: str, name: str, template: str = "template0") -> str:
    """Create a database on the server; its address."""
    engine = create_engine(f"{server_url}/postgres", future=True, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return f"{server_url}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of this test alone, once of each kind."""
    url = f"sqlite:///{tmp_path}/empty.db"
    if request.param == "postgresql":
        url = create_postgres(request.getfixturevalue("postgres_url"), f"empty_{next(_serial)}")
    yield url
    database.engine_for(url).dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """As `database_url`, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), tmp_path / 'test.db')}"
    else:
        server, template = (
            request.getfixturevalue("postgres_url"),
            request.getfixturevalue("migrated_template"),
        )
        url = create_postgres(server, f"test_{next(_serial)}", template)
    monkeypatch.setattr(database, "settings", lambda: Settings(database_url=url))
    yield url
    database.engine_for(url).dispose()
    settings.cache_clear()
