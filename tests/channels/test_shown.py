"""What the page shows of collected messages and of stored events."""

from __future__ import annotations

from datetime import datetime

import pytest
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered

from bot import clock
from bot.channels.sessions import Turn
from bot.channels.shown import public_message, together, turns_of
from bot.settings import Settings

EIGHT = 1795564800.0  # 2026-11-25 00:00 UTC


@pytest.fixture(autouse=True)
def beijing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "settings", lambda: Settings(timezone="Asia/Shanghai"))


def said(*events: Event) -> list[tuple[str, list[dict[str, object]]]]:
    return [(turn.said, turn.messages) for turn in turns_of(event.as_dict() for event in events)]


def test_what_is_no_text_or_button_is_left_out() -> None:
    collected = {
        "recipient_id": "web-1", "text": "看", "image": "https://example.org/a.png", "custom": {"a": 1},
        "buttons": [{"title": "去", "payload": "/go"}, {"title": "网页", "url": "https://example.org"},
                    {"payload": "/bare"}],
    }  # fmt: skip
    assert public_message(collected) == {
        "text": "看",
        "image": "https://example.org/a.png",
        "buttons": [{"title": "去", "payload": "/go"}, {"title": "/bare", "payload": "/bare"}],
    }
    assert public_message({"custom": {"a": 1}}) == {}


def test_a_conversation_is_told_in_turns_and_a_button_by_its_title() -> None:
    buttons = [{"title": "对", "payload": '/affirm{"x": 1}'}]
    assert said(
        ActionExecuted("action_session_start"),
        UserUttered("停水了"),
        SlotSet("draft", {}),
        BotUttered("对不对？", {"buttons": buttons, "custom": None}),
        UserUttered('/affirm{"x": 1}'),
        BotUttered("报好了"),
        BotUttered(None, {"attachment": "file?token=abc"}),
        ActionExecuted("action_listen"),
    ) == [
        ("停水了", [{"text": "对不对？", "buttons": buttons}]),
        ("对", [{"text": "报好了"}, {"attachment": "file?token=abc"}]),
    ]


def test_a_file_and_a_place_stand_there_by_their_marks() -> None:
    draft = {"draft": {"token": "0.docx", "name": "采购 合同.docx"}}
    assert said(UserUttered("/review_draft", metadata=draft), UserUttered("[位置] 26.968000,112.370000")) == [
        ("[文件] 采购 合同.docx", []),
        ("[位置] 26.968000,112.370000", []),
    ]


def test_a_photo_stands_there_by_its_mark_and_the_words_under_it() -> None:
    photo = {"photo": {"id": 3}}
    shown = said(UserUttered("/send_photo", metadata=photo), UserUttered("老街爆管了", metadata=photo))
    assert shown == [("[照片]", []), ("[照片] 老街爆管了", [])]


def test_what_the_assistant_says_first_and_a_button_out_of_reach_have_no_words_of_the_person() -> None:
    assert said(BotUttered("您好"), UserUttered("/affirm"), BotUttered("好")) == [
        ("", [{"text": "您好"}]),
        ("", [{"text": "好"}]),
    ]


def test_times_are_the_countys() -> None:
    (turn,) = turns_of([UserUttered("好", timestamp=EIGHT).as_dict()])
    assert turn.at == datetime(2026, 11, 25, 8, 0)


def test_talks_with_staff_stand_among_the_rest_in_the_order_of_time() -> None:
    def at(minute: int) -> datetime:
        return datetime(2026, 11, 23, 18, minute)

    rasa = [
        Turn("找人工", at(1), [{"text": "好的"}]),
        Turn("谢谢", at(9), [{"text": "【值班人员】再见"}, {"text": "不客气"}]),
    ]
    staff = [
        Turn("在吗", at(3), talk=True),
        Turn("", at(4), [{"text": "【值班人员】在"}]),
        Turn("", at(9), [{"text": "【值班人员】再见"}]),
    ]
    assert [(turn.said, turn.at.minute) for turn in together(rasa, staff)] == [
        ("找人工", 1), ("在吗", 3), ("", 4), ("谢谢", 9),
    ]  # fmt: skip
