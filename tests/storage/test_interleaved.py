"""Two processes at the outbox and the accounts at once: what one does between two statements of the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.storage import accounts, outbox, replies
from bot.storage.accounts import Account
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing
from tests.conftest import NOW
from tests.meanwhile import meanwhile

HERE = {"channel": "wechat"}
SENDER = accounts.sender_of("wechat", "o")
SOON = NOW + timedelta(seconds=10)
OPEN = {"pushes_until": NOW + timedelta(hours=48), "pushes_left": 5}


def put(text: str = "停水", **given: Any) -> None:
    about = {"kind": outbox.REPLY, "reference": "r", "now": NOW, **given}
    with session_scope() as session:
        accounts.note(session, address="o", now=NOW, **HERE, **OPEN)
        outbox.notify(session, sender=SENDER, text=text, **HERE, **about)


def claimed(at: datetime = NOW) -> tuple[Outgoing, ...]:
    with session_scope() as session:
        return outbox.claim(session, now=at, most=9, **HERE)


def one_claimed(at: datetime = NOW) -> Outgoing:
    (message,) = claimed(at)
    return message


def does(act: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with session_scope() as session:
        return act(session, *given, **named)


def account() -> Account | None:
    found: Account | None = does(accounts.find, sender=SENDER, **HERE)
    return found


def line() -> dict[str, Any]:
    with session_scope() as session:
        (only,) = outbox.outgoing_lines(session)
        return only


def refused_before() -> None:
    put()
    does(outbox.leave, one_claimed(), error="errcode 48002")


# The courier looks what is due, and then claims it


def keep_back() -> None:
    does(replies.keep_back, sender=SENDER, until=SOON, **HERE)


def another_puts_it_off() -> None:
    does(outbox.put_off, one_claimed(), now=NOW, error="too many", after=timedelta(seconds=30))


def another_gives_it_up() -> None:
    message = one_claimed()
    does(outbox.give_up, message, now=NOW, error="blocked")


@pytest.mark.parametrize("act", [keep_back, another_puts_it_off, another_gives_it_up])
def test_what_was_due_a_moment_ago_is_not_claimed(database_url: str, act: Callable[[], None]) -> None:
    refused_before()
    with meanwhile(database_url, "SELECT outgoing_message", "ORDER BY outgoing_message.due_at", act):
        assert claimed() == ()


def test_what_the_answer_takes_along_is_not_claimed_by_a_courier_that_saw_it_just_before(
    database_url: str,
) -> None:
    refused_before()

    def answer() -> None:
        keep_back()
        assert does(replies.take_waiting, sender=SENDER, now=NOW, refused=True, **HERE) == ("停水",)

    with meanwhile(database_url, "SELECT outgoing_message", "ORDER BY outgoing_message.due_at", answer):
        assert claimed() == ()


def test_what_is_said_with_an_answer_is_said_by_no_second_one(database_url: str) -> None:
    put(kind="filing", reference="HT261126-001")

    def say() -> tuple[str, ...]:
        texts: tuple[str, ...] = does(outbox.collect, sender=SENDER, now=NOW, **HERE)
        return texts

    said: list[tuple[str, ...]] = []
    with meanwhile(database_url, "SELECT outgoing_message", "ORDER BY", lambda: said.append(say())):
        assert say() == ()
    assert said == [("停水",)]


# The lease of a claim runs out (the clock was put forward) while the message is on its way


def runs_out() -> None:
    assert does(outbox.claim, now=NOW + outbox.LEASE * 2, most=9, **HERE) == ()
    assert line()["failed_at"]


def test_what_arrived_is_no_longer_listed_as_unsure(database_url: str) -> None:
    put()
    message = one_claimed()
    runs_out()
    does(outbox.confirm, message, now=SOON)
    told = line()
    assert (bool(told["sent_at"]), told["failed_at"], told["error"]) == (True, None, None)


def test_what_surely_was_not_sent_is_tried_again_all_the_same(database_url: str) -> None:
    put()
    message = one_claimed()
    runs_out()
    does(outbox.put_off, message, now=NOW, error="no connection")
    assert line()["failed_at"] is None
    assert [message.text for message in claimed(SOON)] == ["停水"]


def test_what_waited_for_its_person_for_days_is_not_too_old_once_they_wrote(database_url: str) -> None:
    put(due_at=NOW - 3 * outbox.OLDEST)
    message = one_claimed()
    does(outbox.put_off, message, now=NOW, error="no connection", since=NOW)
    assert line()["failed_at"] is None
    message = one_claimed(SOON)
    later = NOW + outbox.OLDEST + timedelta(seconds=1)
    does(outbox.put_off, message, now=later, error="no connection", since=NOW)
    assert line()["failed_at"]


# A refusal that comes when the person has written again


def writes_again() -> None:
    does(accounts.note, address="o", now=SOON, **OPEN, **HERE)


def test_a_refusal_of_before_shuts_no_window_that_the_person_opened_since(database_url: str) -> None:
    put()
    writes_again()
    does(accounts.close_window, sender=SENDER, seen=NOW, **HERE)
    found = account()
    assert found is not None
    assert found.pushes_left == 5
    does(accounts.close_window, sender=SENDER, seen=SOON, **HERE)
    found = account()
    assert found is not None
    assert found.pushes_left == 0


def test_who_had_blocked_the_assistant_and_wrote_again_is_reachable(database_url: str) -> None:
    put()
    writes_again()
    does(accounts.lost, sender=SENDER, now=SOON, seen=NOW, **HERE)
    found = account()
    assert found is not None
    assert found.reachable
    does(accounts.lost, sender=SENDER, now=SOON, seen=SOON, **HERE)
    found = account()
    assert found is not None
    assert not found.reachable


# Who wanted to be forgotten writes again as they are let go


def forgotten() -> Outgoing:
    put("都删掉了。")
    with session_scope() as session:
        session.execute(accounts._TABLE.update().values(forgotten_at=NOW))
    message = one_claimed()
    does(outbox._set, message.id, sent_at=NOW)
    return message


def test_the_answer_to_who_writes_again_is_not_deleted_with_what_was_said_before(database_url: str) -> None:
    message = forgotten()

    def again() -> None:
        writes_again()
        with session_scope() as session:
            outbox.notify(
                session, sender=SENDER, text="收到", kind=outbox.REPLY, reference="2", now=SOON, **HERE
            )

    with meanwhile(database_url, "SELECT outgoing_message.id", "outgoing_message", again):
        does(accounts.let_go, message_id=message.id)
    assert account() is not None
    with session_scope() as session:
        assert [told["text"] for told in outbox.outgoing_lines(session) if not told["sent_at"]] == ["收到"]


def test_who_writes_as_their_account_goes_has_one(database_url: str) -> None:
    message = forgotten()
    with meanwhile(
        database_url, "SELECT channel_account", "pushes_until",
        lambda: does(accounts.let_go, message_id=message.id),
    ):  # fmt: skip
        writes_again()
    found = account()
    assert found is not None
    assert (found.address, found.pushes_left) == ("o", 5)
