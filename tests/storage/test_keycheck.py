"""A data key that is lost, another one, or none at all is noticed before anything is stored with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import WuchangError
from bot.runtime.key import require_key
from bot.settings import Settings
from bot.storage import database, keycheck, sealed
from bot.storage.database import engine_for, migrate
from bot.storage.sealed import new_key
from bot.storage.tables import DataKeyCheck, Feedback
from tests.conftest import NOW

LOST, ANOTHER, NO_KEY = "钥匙不见了", "不是当初的那一把", "不是一把有效的钥匙"


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation that keeps its key in a file, which is not there yet."""
    path = tmp_path / "var" / "data.key"
    monkeypatch.setattr(sealed, "KEY_FILE", path)
    configure(monkeypatch, "")
    yield path
    sealed._key_of_file.cache_clear()


def configure(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(sealed, "settings", lambda: Settings(data_key=key))


def restarted(url: str) -> None:
    """What a new process of this installation does first."""
    sealed._key_of_file.cache_clear()
    migrate(url)


@pytest.fixture
def url(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(database, "settings", lambda: Settings(database_url=empty_url))
    return empty_url


def test_the_first_start_makes_a_key_and_the_next_ones_know_it(url: str, key_file: Path) -> None:
    migrate(url)
    made = key_file.read_text()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key_file.parent.stat().st_mode & 0o777 == 0o700
    restarted(url)
    assert key_file.read_text() == made
    with Session(engine_for(url), future=True) as session:
        assert len(session.scalars(select(DataKeyCheck.value)).all()) == 1


def test_a_lost_key_stops_the_start_and_no_other_is_made(url: str, key_file: Path) -> None:
    migrate(url)
    elsewhere = key_file.rename(key_file.with_name("moved"))
    for _ in range(2):
        with pytest.raises(WuchangError, match=LOST):
            restarted(url)
    with pytest.raises(WuchangError, match=LOST):
        sealed.seal("没水")  # by whatever does not migrate first
    assert not key_file.exists()
    elsewhere.rename(key_file)
    restarted(url)


@pytest.mark.parametrize(
    ("key", "told"),
    [(new_key(), ANOTHER), ("short", NO_KEY), ("钥匙", NO_KEY), (new_key()[:-2], NO_KEY)],
    ids=["another", "short", "no letters of a key", "cut off"],  # not the keys: each process makes its own
)
def test_another_key_or_none_stops_the_start(
    url: str, key_file: Path, monkeypatch: pytest.MonkeyPatch, key: str, told: str
) -> None:
    migrate(url)
    with monkeypatch.context() as changed:
        configure(changed, key)
        with pytest.raises(WuchangError, match=told):
            restarted(url)
        with pytest.raises(SystemExit) as ended:
            require_key()
        assert ended.value.code == 2
    restarted(url)
    require_key()


def test_what_is_no_key_is_refused_on_a_new_database_too(
    url: str, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, "short")
    with pytest.raises(WuchangError, match=NO_KEY):
        migrate(url)
    key_file.parent.mkdir()
    key_file.write_text("")
    configure(monkeypatch, "")
    with pytest.raises(WuchangError, match=NO_KEY):
        restarted(url)


def test_a_database_from_before_the_check_is_known_by_what_it_holds(url: str, key_file: Path) -> None:
    migrate(url, revision="0008")
    with Session(engine_for(url), future=True) as session, session.begin():
        session.add(Feedback(text="路灯坏了", channel="rest", sender_id="a", created_at=NOW))
    elsewhere = key_file.rename(key_file.with_name("moved"))
    with pytest.raises(WuchangError, match=LOST):
        restarted(url)
    key_file.write_text(new_key())
    with pytest.raises(WuchangError, match=ANOTHER):
        restarted(url)
    elsewhere.replace(key_file)
    restarted(url)
    with Session(engine_for(url), future=True) as session:
        assert session.scalars(select(DataKeyCheck.value)).all() == ["wuchang"]


def test_the_check_is_of_the_database_that_is_served(url: str) -> None:
    migrate(url)
    keycheck.check_here()
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql(
            "UPDATE data_key_check SET value = 'gAAAAA' || substr(value, 7, 40) || value"
        )
        connection.exec_driver_sql("UPDATE data_key_check SET value = substr(value, 1, 120)")
    with pytest.raises(WuchangError, match=ANOTHER):
        keycheck.check_here()
