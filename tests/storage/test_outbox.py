"""The one outgoing path: each message is said once, to whom it is for, when its time has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.database import engine_for
from tests.conftest import NOW

WHO = {"channel": "web", "sender": "web-1"}
HOUR = timedelta(hours=1)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Session(engine_for(database_url), future=True) as opened, opened.begin():
        yield opened


def put(session: Session, text: str, due_at: datetime = NOW, **other: Any) -> None:
    given = {**WHO, "kind": "filing", "reference": "HT261123-001", "now": NOW, **other}
    outbox.notify(session, text=text, due_at=due_at, **given)


def said(session: Session, now: datetime = NOW, **other: Any) -> list[str]:
    return list(outbox.collect(session, now=now, **{**WHO, **other}))


def test_a_message_is_said_from_its_time_on_and_once(session: Session) -> None:
    put(session, "到期", NOW + HOUR)
    assert said(session, NOW + HOUR - timedelta(seconds=1)) == []
    assert said(session, NOW + HOUR) == ["到期"]
    assert said(session, NOW + 2 * HOUR) == []


@pytest.mark.parametrize("other", [{"sender": "web-2"}, {"channel": "rest"}])
def test_nobody_else_hears_it(session: Session, other: dict[str, str]) -> None:
    put(session, "到期")
    assert said(session, **other) == []
    assert said(session) == ["到期"]


def test_who_was_away_hears_only_the_latest_of_a_kind(session: Session) -> None:
    put(session, "还有三天", NOW)
    put(session, "明天", NOW + HOUR)
    put(session, "签", NOW, kind="signing")
    put(session, "另一份", NOW, reference="HT261123-002")
    put(session, "今天", NOW + 9 * HOUR)
    assert said(session, NOW + 2 * HOUR) == ["签", "另一份", "明天"]
    assert said(session, NOW + 9 * HOUR) == ["今天"]
    assert all(line["sent_at"] for line in outbox.outgoing_lines(session))


def test_what_is_dropped_is_not_said_and_what_was_said_stays_listed(session: Session) -> None:
    put(session, "说过了")
    assert said(session) == ["说过了"]
    put(session, "不用了", NOW + HOUR)
    put(session, "别的", NOW + HOUR, reference="HT261123-002")
    outbox.drop(session, reference="HT261123-001")
    assert [line["text"] for line in outbox.outgoing_lines(session)] == ["别的", "说过了"]


def test_of_two_that_take_the_same_message_one_gets_it(session: Session) -> None:
    put(session, "到期")
    (message,) = outbox.due(session, now=NOW, **WHO)
    assert [outbox.mark_sent(session, message, now=NOW) for _ in range(2)] == [True, False]
