"""The one outgoing path: each message is said once, to whom it is for, when its time has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
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


# channels that push


def waiting(session: Session, *texts: str, sender: str = "t-1", **other: Any) -> None:
    for i, text in enumerate(texts):
        given = {
            "channel": "telegram", "sender": sender, "kind": outbox.REPLY, "reference": f"{sender}-{i}", "now": NOW,
            **other,
        }  # fmt: skip
        outbox.notify(session, text=text, **given)


def claimed(session: Session, now: datetime = NOW, most: int = 10) -> list[outbox.Outgoing]:
    session.expire_all()
    return list(outbox.claim(session, channel="telegram", now=now, most=most))


def test_each_person_gets_one_message_after_the_other_in_order(session: Session) -> None:
    waiting(session, "一", "二")
    waiting(session, "甲", sender="t-2")
    first = claimed(session)
    assert [m.text for m in first] == ["一", "甲"]
    assert claimed(session) == []
    outbox.confirm(session, first[0], now=NOW)
    assert [m.text for m in claimed(session)] == ["二"]


def test_no_more_than_asked_for_is_claimed(session: Session) -> None:
    for i in range(5):
        waiting(session, "x", sender=f"t-{i}")
    assert len(claimed(session, most=3)) == 3
    assert len(claimed(session, most=3)) == 2


def test_a_message_on_its_way_when_the_process_fell_is_listed_and_not_sent_again(session: Session) -> None:
    waiting(session, "一", "二")
    claimed(session)
    later = NOW + outbox.LEASE + timedelta(seconds=1)
    assert [m.text for m in claimed(session, later)] == ["二"]
    (failed,) = outbox.outgoing_lines(session, failed=True)
    assert (failed["text"], failed["sent_at"]) == ("一", None)
    assert failed["error"].startswith("unsure")


def test_what_surely_failed_is_tried_again_ever_later_and_then_given_up(session: Session) -> None:
    waiting(session, "一")
    now, pauses = NOW, []
    for _ in range(outbox.MAX_TRIES):
        while not (got := claimed(session, now)):
            now += timedelta(seconds=1)
        pauses.append(now)
        outbox.put_off(session, got[0], now=now, error="no connection")
    steps = [(b - a).total_seconds() for a, b in pairwise(pauses)]
    assert steps == [5 * 2**i for i in range(outbox.MAX_TRIES - 1)]
    assert claimed(session, now + timedelta(days=1)) == []
    assert [line["error"] for line in outbox.outgoing_lines(session, failed=True)] == ["no connection"]


def test_no_later_message_overtakes_one_that_waits_for_another_try(session: Session) -> None:
    waiting(session, "一", "二")
    outbox.put_off(session, claimed(session)[0], now=NOW, error="429", after=timedelta(seconds=30))
    assert claimed(session, NOW + timedelta(seconds=29)) == []
    assert [m.text for m in claimed(session, NOW + timedelta(seconds=30))] == ["一"]


def test_staff_can_have_a_failed_message_tried_again(session: Session) -> None:
    waiting(session, "一")
    (message,) = claimed(session)
    assert not outbox.retry(session, message.id, now=NOW)
    outbox.give_up(session, message, now=NOW, error="blocked")
    assert outbox.retry(session, message.id, now=NOW)
    assert [m.text for m in claimed(session)] == ["一"]


def test_the_same_message_is_put_once(session: Session) -> None:
    given = {
        "channel": "telegram",
        "sender": "t",
        "text": "x",
        "kind": "news",
        "reference": "SJ1",
        "now": NOW,
    }
    assert outbox.notify(session, once="SJ1:closed:t", **given)
    assert not outbox.notify(session, once="SJ1:closed:t", **given)
    assert outbox.notify(session, **given)
    assert outbox.notify(session, **given)


def test_of_several_reminders_only_the_latest_is_pushed(session: Session) -> None:
    for hours, text in enumerate(("三天", "明天")):
        waiting(session, text, kind="filing", reference="HT1", due_at=NOW + hours * HOUR)
    (message,) = claimed(session, NOW + HOUR)
    assert message.text == "明天"
    outbox.confirm(session, message, now=NOW + HOUR)
    assert claimed(session, NOW + 9 * HOUR) == []


def test_dropping_leaves_what_is_on_its_way(session: Session) -> None:
    waiting(session, "在路上", kind="filing", reference="HT1")
    (message,) = claimed(session)
    outbox.drop(session, reference="HT1")
    outbox.confirm(session, message, now=NOW)
    session.expire_all()
    assert [line["sent_at"] is not None for line in outbox.outgoing_lines(session)] == [True]


def test_what_is_beside_the_text_comes_back(session: Session) -> None:
    waiting(session, "选", content={"buttons": [{"title": "对", "payload": "/affirm"}]})
    assert claimed(session)[0].content == {"buttons": [{"title": "对", "payload": "/affirm"}]}


def test_answers_are_forgotten_after_a_week_and_news_stay(session: Session) -> None:
    waiting(session, "答")
    waiting(session, "提醒", sender="t-2", kind="filing", reference="HT1")
    waiting(session, "没送到", sender="t-3")
    for message in claimed(session)[:2]:
        outbox.confirm(session, message, now=NOW)
    outbox.sweep(session, now=NOW + outbox.REPLIES_KEPT)
    assert len(list(outbox.outgoing_lines(session))) == 3
    outbox.sweep(session, now=NOW + outbox.REPLIES_KEPT + HOUR)
    assert {line["text"] for line in outbox.outgoing_lines(session)} == {"提醒"}


def test_what_is_put_in_the_same_second_while_the_earlier_one_is_on_its_way_is_not_lost(
    session: Session,
) -> None:
    put(session, "第一")
    (first,) = outbox.claim(session, channel="web", now=NOW, most=9)
    put(session, "第二")
    outbox.confirm(session, first, now=NOW)
    assert [message.text for message in outbox.claim(session, channel="web", now=NOW, most=9)] == ["第二"]
