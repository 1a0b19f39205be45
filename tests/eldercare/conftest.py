"""A database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.storage.tables import Base


@pytest.fixture
def session() -> Iterator[Session]:
    """A session on an empty database in memory."""
    engine = create_engine("sqlite://", future=True)
    Base.metadata.create_all(engine)
    with Session(engine, future=True) as session:
        yield session
