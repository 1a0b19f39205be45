from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels import sessions
from bot.channels.sessions import ChatSession, Sessions, is_token, new_token, sender_id

NOON = datetime(2026, 11, 23, 12)


def test_a_token_is_recognised_and_its_sender_does_not_show_it() -> None:
    token = new_token()
    assert is_token(token)
    assert token not in sender_id(token)
    assert sender_id(token).startswith("web-")
    assert len(sender_id(token)) == 36
    assert sender_id(token) != sender_id(new_token())


def test_other_things_are_no_token() -> None:
    for given in (None, "", "admin", "a" * 42, "a" * 44, "a" * 42 + "\n", "停" * 43, 5):
        assert not is_token(given)


def test_only_so_many_turns_are_kept() -> None:
    session = ChatSession(NOON)
    for number in range(sessions.MAX_TURNS + 5):
        session.finish(session.begin(str(number), NOON), [{"text": "好"}])
    assert len(session.turns) == sessions.MAX_TURNS
    assert session.turns[0].said == "5"


def test_long_answers_leave_fewer_turns_but_always_the_last() -> None:
    session = ChatSession(NOON)
    for number in range(3):
        session.finish(session.begin(str(number), NOON), [{"text": "水" * sessions.MAX_SESSION_CHARS}])
    assert [turn.said for turn in session.turns] == ["2"]


def test_the_buttons_offered_last_are_remembered() -> None:
    session = ChatSession(NOON)
    for number in range(sessions.MAX_OFFERED + 1):
        button = {"title": f"第{number}", "payload": f"/p{number}"}
        session.finish(session.begin("问", NOON), [{"text": "选", "buttons": [button]}])
    assert "/p0" not in session.offered
    assert session.offered["/p1"] == "第1"


def test_a_button_offered_again_is_as_good_as_new() -> None:
    session = ChatSession(NOON)
    menu = [{"text": "选", "buttons": [{"title": "对", "payload": "/affirm"}]}]
    session.finish(session.begin("问", NOON), menu)
    for number in range(sessions.MAX_OFFERED - 1):
        session.finish(session.begin("问", NOON), [{"buttons": [{"title": "x", "payload": f"/p{number}"}]}])
    session.finish(session.begin("问", NOON), menu)
    session.finish(session.begin("问", NOON), [{"buttons": [{"title": "x", "payload": "/new"}]}])
    assert "/affirm" in session.offered


def test_a_turn_that_failed_is_taken_back_alone() -> None:
    session = ChatSession(NOON)
    first, second = session.begin("停水", NOON), session.begin("停水", NOON)
    session.drop(second)
    assert list(session.turns) == [first]


def test_the_longest_unused_conversation_goes_first() -> None:
    kept = Sessions(lambda: NOON, most=2)
    first = kept.open("a")
    kept.open("b")
    assert kept.open("a") is first
    kept.open("c")
    assert kept.find("b") is None
    assert kept.find("a") is first


def test_a_conversation_is_forgotten_after_a_day_without_use() -> None:
    time = [NOON]
    kept = Sessions(lambda: time[0])
    kept.open("a")
    time[0] += sessions.IDLE
    assert kept.find("a") is not None
    time[0] += sessions.IDLE + timedelta(seconds=1)
    assert kept.find("a") is None


def test_what_the_assistant_says_by_itself_is_a_turn_without_words_of_the_person() -> None:
    at = datetime(2026, 11, 23, 9, 0)
    session = ChatSession(at)
    session.deliver([{"text": "提醒"}], at)
    assert [turn.as_json() for turn in session.turns] == [
        {"said": "", "at": at.isoformat(), "messages": [{"text": "提醒"}]}
    ]
