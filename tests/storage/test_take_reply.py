"""An answer that goes out within the platform's own request, on both kinds of database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.storage import accounts, outbox, replies

NOW = datetime(2026, 11, 26, 9, 0)
AGAIN = timedelta(seconds=30)
NAMES = ["wechat:1:0", "wechat:1:1"]


def put(session: Session, *, held: timedelta | None = timedelta(seconds=8)) -> None:
    for name in NAMES:
        assert outbox.notify(
            session, channel="wechat", sender="s", text=name, kind=outbox.REPLY, reference="1", now=NOW, once=name,
            held_until=NOW + held if held else None,
        )  # fmt: skip


def test_what_is_taken_is_not_claimed_and_the_rest_is(session: Session) -> None:
    put(session)
    assert outbox.claim(session, channel="wechat", now=NOW, most=9) == ()
    assert replies.take_reply(session, NAMES, now=NOW, again_for=AGAIN) == NAMES[0]
    session.flush()
    assert [message.text for message in outbox.claim(session, channel="wechat", now=NOW, most=9)] == [
        NAMES[1]
    ]


def test_it_is_given_again_for_a_while(session: Session) -> None:
    put(session)
    for later, told in ((0, NAMES[0]), (30, NAMES[0]), (31, None)):
        at = NOW + timedelta(seconds=later)
        assert replies.take_reply(session, NAMES, now=at, again_for=AGAIN) == told


def test_what_was_claimed_cannot_be_taken(session: Session) -> None:
    put(session, held=None)
    (claimed,) = outbox.claim(session, channel="wechat", now=NOW, most=1)
    assert replies.take_reply(session, NAMES, now=NOW, again_for=AGAIN) is None
    outbox.confirm(session, claimed, now=NOW)
    assert replies.take_reply(session, NAMES, now=NOW, again_for=AGAIN) is None


def test_what_was_taken_with_another_answer_is_not_given_again(session: Session) -> None:
    put(session)
    assert replies.waits_since(session, channel="wechat", sender="s") == NOW
    assert replies.take_waiting(session, channel="wechat", sender="s", now=NOW) == tuple(NAMES)
    assert replies.take_waiting(session, channel="wechat", sender="s", now=NOW) == ()
    assert replies.take_reply(session, NAMES, now=NOW, again_for=AGAIN) is None
    assert outbox.claim(session, channel="wechat", now=NOW + timedelta(minutes=9), most=9) == ()
    assert list(outbox.outgoing_lines(session, failed=True)) == []
    assert replies.waits_since(session, channel="wechat", sender="s") is None


def test_only_what_was_refused_is_taken_where_so_asked(session: Session) -> None:
    put(session, held=None)
    (first,) = outbox.claim(session, channel="wechat", now=NOW, most=1)
    outbox.leave(session, first, error="errcode 48002")
    assert replies.take_waiting(session, channel="wechat", sender="s", now=NOW, refused=True) == (NAMES[0],)


def test_what_was_refused_is_kept_back_for_the_next_answer_and_not_for_ever(session: Session) -> None:
    put(session, held=None)
    (first,) = outbox.claim(session, channel="wechat", now=NOW, most=1)
    outbox.leave(session, first, error="errcode 48002")
    until = NOW + timedelta(seconds=10)
    replies.keep_back(session, channel="wechat", sender="other", until=until + timedelta(days=1))
    replies.keep_back(session, channel="wechat", sender="s", until=until)
    assert outbox.claim(session, channel="wechat", now=NOW, most=9) == ()
    claimed = outbox.claim(session, channel="wechat", now=until, most=9)
    assert [message.text for message in claimed] == [NAMES[0]]
    replies.keep_back(session, channel="wechat", sender="s", until=until)  # what is on its way stays so
    outbox.confirm(session, first, now=until)
    assert [message.text for message in outbox.claim(session, channel="wechat", now=until, most=9)] == [
        NAMES[1]
    ]


def test_after_the_hold_the_courier_has_it(session: Session) -> None:
    put(session)
    later = NOW + timedelta(seconds=9)
    assert [message.text for message in outbox.claim(session, channel="wechat", now=later, most=9)] == [
        NAMES[0]
    ]


def test_the_same_name_is_put_once(session: Session) -> None:
    put(session)
    given = {
        "channel": "wechat",
        "sender": "s",
        "text": "x",
        "kind": outbox.REPLY,
        "reference": "1",
        "now": NOW,
    }
    assert not outbox.notify(session, once=NAMES[0], **given)  # type: ignore[arg-type]
    assert outbox.notify(session, **given)  # type: ignore[arg-type]
    assert outbox.notify(session, **given)  # type: ignore[arg-type]


def test_a_closed_window_holds_back_that_persons_messages_alone(session: Session) -> None:
    shut = accounts.note(
        session, channel="wechat", address="a", now=NOW, pushes_until=NOW + timedelta(hours=48), pushes_left=0
    )[0]
    free = accounts.note(session, channel="wechat", address="b", now=NOW)[0]
    for sender in (shut, free):
        outbox.notify(
            session, channel="wechat", sender=sender, text=sender, kind="filing", reference="1", now=NOW
        )
    assert [message.sender for message in outbox.claim(session, channel="wechat", now=NOW, most=9)] == [free]
    assert [message.text for message in outbox.due(session, channel="wechat", sender=shut, now=NOW)] == [shut]


def test_what_was_noted_as_given_and_was_not_waits_again(session: Session) -> None:
    notify = {"channel": "wechat", "sender": "w-1", "kind": outbox.REPLY, "reference": "1", "now": NOW}
    assert outbox.notify(session, text="给", once=NAMES[0], given=True, **notify)
    assert outbox.claim(session, channel="wechat", now=NOW, most=9) == ()
    replies.give_back(session, NAMES, held_until=NOW + AGAIN)
    assert outbox.claim(session, channel="wechat", now=NOW, most=9) == ()
    (waits,) = outbox.claim(session, channel="wechat", now=NOW + AGAIN, most=9)
    assert waits.text == "给"
    replies.give_back(session, NAMES, held_until=None)  # it is on its way now
    assert outbox.claim(session, channel="wechat", now=NOW + AGAIN, most=9) == ()
