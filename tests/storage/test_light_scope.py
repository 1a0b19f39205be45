"""A scope that makes its session late: all of it is one transaction all the same, on both kinds of database."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import accounts, inbound
from bot.storage.database import light_scope, session_scope
from bot.storage.tables import ChannelAccount, IncomingMessage
from tests.conftest import NOW


def write(session: Session) -> str:
    """Through the connection, then through the session, then through the connection again."""
    sender = accounts.note(session, channel="telegram", address="4711", now=NOW)[0]
    account = session.scalars(select(ChannelAccount)).one()
    account.unreachable_at = NOW
    inbound.take_in(session, channel="telegram", key="1", body="{}", now=NOW, owner="me")
    return sender


def test_all_of_it_is_kept(database_url: str) -> None:
    with light_scope(database_url) as session:
        sender = write(session)
    with session_scope(database_url) as session:
        found = accounts.find(session, channel="telegram", sender=sender)
        assert found is not None
        assert not found.reachable
        assert session.scalars(select(IncomingMessage.key)).all() == ["1"]


def test_nothing_of_it_is_kept_where_it_fails(database_url: str) -> None:
    def fails() -> None:
        with light_scope(database_url) as session:
            write(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with session_scope(database_url) as session:
        assert session.scalars(select(IncomingMessage.key)).all() == []
        assert session.scalars(select(ChannelAccount)).all() == []
