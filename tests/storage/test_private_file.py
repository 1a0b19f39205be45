"""A SQLite database is for its owner alone: places and photos stand in it unencrypted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage.database import engine_for, make_engine, migrate


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.glob("w.db*") if path.suffix != ".lock"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var"


def test_the_file_its_neighbours_and_its_folder_are_the_owners(folder: Path) -> None:
    url = f"sqlite:///{folder}/w.db"
    migrate(url)
    with engine_for(url).connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM staff")
        assert modes(folder) == {"w.db": 0o600, "w.db-wal": 0o600, "w.db-shm": 0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    engine_for(url).dispose()


def test_one_that_everybody_could_read_is_closed(folder: Path) -> None:
    folder.mkdir()
    for name in ("w.db", "w.db-wal", "w.db-shm"):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    make_engine(f"sqlite:///{folder}/w.db").dispose()
    assert modes(folder) == {"w.db": 0o600, "w.db-wal": 0o600, "w.db-shm": 0o600}
