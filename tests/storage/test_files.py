"""Files behind a link: the token opens them until their time is over, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.storage import files
from bot.storage.database import engine_for
from bot.storage.tables import SharedFile
from tests.conftest import NOW

FILE = files.File("清单.docx", "application/x", b"\x00\x01PK")


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Session(engine_for(database_url), future=True) as opened, opened.begin():
        yield opened


def share(session: Session) -> str:
    return files.share(session, FILE, channel="web", sender="web-1", now=NOW)


def test_the_token_opens_the_file_until_its_time_is_over(session: Session) -> None:
    token = share(session)
    assert files.fetch(session, token, now=NOW + files.KEPT - timedelta(seconds=1)) == FILE
    assert files.fetch(session, token, now=NOW + files.KEPT) is None


def test_the_token_is_not_in_the_database(session: Session) -> None:
    token = share(session)
    row = session.scalars(select(SharedFile)).one()
    assert token not in (row.token_hash, row.name)
    assert files.fetch(session, row.token_hash, now=NOW) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(max_size=60))
def test_nothing_else_opens_anything(session: Session, token: str) -> None:
    assert files.fetch(session, token, now=NOW) is None


def test_old_files_go_when_a_new_one_comes(session: Session) -> None:
    share(session)
    files.share(session, FILE, channel="web", sender="web-1", now=NOW + files.KEPT)
    assert session.scalar(select(func.count()).select_from(SharedFile)) == 1
