"""The store is tested on both kinds of database."""

from __future__ import annotations

import pytest


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """The tests of this folder run on SQLite and on PostgreSQL."""
    return each_database_url
