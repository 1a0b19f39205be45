"""Reports and incidents are stored in both kinds of database."""

from __future__ import annotations

import pytest


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """The tests of this folder that store anything run on SQLite and on PostgreSQL."""
    return each_database_url
