"""Migrations lead to the tables that the code knows, on both kinds of database."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from bot.storage.database import engine_for, migrate
from bot.storage.tables import Base


def differences(url: str) -> list[Any]:
    """What alembic would have to change to make the database like the code's tables."""
    with engine_for(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": "wuchang_version"}
        )
        return list(compare_metadata(context, Base.metadata))


def test_a_fresh_database_has_the_tables_of_the_code(empty_url: str) -> None:
    migrate(empty_url)
    assert differences(empty_url) == []
    names = set(inspect(engine_for(empty_url)).get_table_names())
    assert names == {*Base.metadata.tables, "wuchang_version"}


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    assert differences(empty_url) == []


def test_an_empty_database_differs(empty_url: str) -> None:
    """The comparison can fail."""
    assert len(differences(empty_url)) >= len(Base.metadata.tables)
