"""A message while staff have its person: kept for them, not answered, and danger in it heard all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from sqlalchemy import select

from bot.runtime import handed_over
from bot.runtime.handed_over import Heard, hear
from bot.storage import attachments, talk_lines, talks
from bot.storage.attachments import Kept
from bot.storage.database import session_scope
from bot.storage.tables import Handover
from bot.texts import response, word


def message(text: str, sender: str = "a", channel: str = "web", metadata: Any = None) -> UserMessage:
    return UserMessage(text, CollectingOutputChannel(), sender, input_channel=channel, metadata=metadata)


@pytest.fixture
def talk(database_url: str, now: datetime) -> int:
    with session_scope() as session:
        row = Handover(channel="web", sender_id="a", reason="asked", text="人工", created_at=now)
        session.add(row)
        session.flush()
        talks.take(session, handover_id=row.id, by="甲", now=now)
        return int(row.id)


def lines(talk: int) -> list[str]:
    with session_scope() as session:
        return [line.text for line in talk_lines.lines_of(session, talk)]


def test_nobody_else_is_taken_for_them(talk: int) -> None:
    assert hear(message("停水了", sender="b")) is None
    assert hear(message("停水了", channel="telegram")) is None
    assert lines(talk) == []


def test_the_first_words_hear_that_a_person_reads_along_and_the_next_nothing(talk: int) -> None:
    assert hear(message("停水了")) == Heard((word("talk_reads", "zh"),))
    assert hear(message("还在吗")) == Heard()
    assert lines(talk) == ["停水了", "还在吗"]


def test_the_same_message_handed_in_again_is_there_once_and_answered_as_before(talk: int) -> None:
    """A page that got no answer sends it again, maybe to another process; the conversation of Rasa does not know it."""
    again = message("停水了")
    assert hear(again) == hear(again) == Heard((word("talk_reads", "zh"),))
    assert hear(message("停水了")) == Heard(), "other words, though they are the same"
    assert lines(talk) == ["停水了"] * 2


def test_english_is_told_in_english(talk: int) -> None:
    assert hear(message("is anybody there please")) == Heard((word("talk_reads", "en"),))


def test_what_staff_wrote_comes_with_the_next_message(talk: int, now: datetime) -> None:
    with session_scope() as session:
        talks.say(session, handover_id=talk, by="甲", text="您好", now=now)
    assert hear(message("停水了")) == Heard(("您好",))
    assert hear(message("好")) == Heard()


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [("我爸昏倒了叫不醒", "utter_call_help", "emergency"), ("我不想活了", "utter_crisis", "crisis")],
)
def test_danger_is_answered_and_an_alarm_of_its_own(talk: int, text: str, said: str, reason: str) -> None:
    assert hear(message(text)) == Heard((response(said, "zh"),))
    assert hear(message(text)) == Heard((response(said, "zh"),)), "the numbers each time, the alarm once"
    with session_scope() as session:
        rows = session.scalars(select(Handover).where(Handover.urgent.is_(True))).all()
        assert [(row.reason, row.status, row.taken_by, row.text) for row in rows] == [
            (reason, "taken", "甲", text)
        ]


def test_photos_and_buttons_are_told_in_words(talk: int) -> None:
    hear(message("/send_photo", metadata={"photo": {"id": 1}}))
    hear(message("水管爆了", metadata={"photo": {"id": 2}}))
    hear(message("/affirm"))
    assert lines(talk) == ["[照片]", "[照片]水管爆了", "[按了按钮：affirm]"]


def test_words_under_a_file_come_to_staff_with_its_name(talk: int) -> None:
    hear(message("这是我们的合同", metadata={"draft": {"token": "t", "name": "合同.docx"}}))
    assert lines(talk) == ["《合同.docx》这是我们的合同"]


def test_a_photo_comes_with_its_words_to_staff(talk: int, now: datetime) -> None:
    with session_scope() as session:
        kept = Kept("photo.jpg", "image/jpeg", b"jpeg")
        photo = attachments.keep(session, kept, channel="web", sender="a", now=now)
    hear(message("水管爆了", metadata={"photo": {"id": photo}}))
    for odd in ({"photo": {"id": "x"}}, {"photo": {"id": None}}, {"photo": 1}, {"photo": {}}):
        hear(message("/send_photo", metadata=odd))
    with session_scope() as session:
        assert [line.photo for line in talk_lines.lines_of(session, talk)] == [photo, None, None, None, None]
        assert talk_lines.photo_of(session, talk, photo).body == b"jpeg"


def test_a_talk_that_staff_forgot_is_answered_by_the_assistant(
    talk: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_over.clock, "now", lambda: now + timedelta(hours=5))
    assert hear(message("停水了")) is None


async def test_rasa_does_not_get_what_staff_have(talk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Agent:
        async def handle_message(self, given: UserMessage) -> list[dict[str, Any]]:
            asked.append(given.text)
            return [{"text": "hier"}]

    monkeypatch.setattr(handed_over, "Agent", Agent)
    handed_over.apply()
    handed_over.apply()  # once is enough
    mine, other = message("停水了"), message("停水了", sender="b")
    told = await Agent().handle_message(mine)
    assert [line["text"] for line in told] == [word("talk_reads", "zh")]
    assert vars(mine.output_channel)["handed_over"] is True
    assert await Agent().handle_message(other) == [{"text": "hier"}]
    assert asked == ["停水了"]


async def test_a_database_that_is_away_leaves_the_assistant_answering(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_message: UserMessage) -> None:
        raise RuntimeError

    monkeypatch.setattr(handed_over, "hear", fail)
    assert handed_over._heard_or_none(SimpleNamespace()) is None  # type: ignore[arg-type]
