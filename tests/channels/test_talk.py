"""The web chat while staff have the conversation: no answer is no fault, and what staff say is there within seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered

from bot.channels import deliveries
from bot.channels.sessions import Turn, new_token, sender_id
from bot.channels.web import COOKIE
from bot.storage import talks
from bot.storage.database import session_scope
from bot.storage.tables import Handover
from bot.texts import word
from tests.browser import needs_chromium

from .conftest import Chat
from .test_web import Stored
from .visitor import visit


async def nobody_answers(message: UserMessage) -> None:
    message.output_channel.handed_over = True  # as `bot.runtime.handed_over` does


async def test_a_message_to_staff_has_no_answer_and_stands_in_the_history(chat: Chat) -> None:
    chat.agent.answer = nobody_answers
    chat.has_staff(True)
    async with chat.client() as client:
        await client.get("")
        assert (await client.post("message", json={"text": "在吗"})).json() == {"messages": [], "talk": True}
        assert (await client.get("waiting")).json() == {"messages": [], "talk": True}
        (turn,) = (await client.get("history")).json()["turns"]
        assert (turn["said"], turn["messages"], turn["talk"]) == ("在吗", [], True)
        chat.agent.answer = None
        chat.has_staff(False)
        assert (await client.post("message", json={"text": "停水"})).json() == {
            "messages": [{"text": "收到：停水"}]
        }
        assert (await client.get("waiting")).json() == {"messages": []}


def talk_of(sender: str, now: datetime) -> int:
    """A talk of `sender` with staff: asked, taken, a word of each."""
    with session_scope() as session:
        row = Handover(channel="web", sender_id=sender, reason="asked", text="人工", created_at=now)
        session.add(row)
        session.flush()
        talks.take(session, handover_id=row.id, by="甲", now=now)
        talks.heard(session, handover_id=row.id, text="还要多久", now=now)
        talks.heard(session, handover_id=row.id, text=word("talk_button", "zh", payload="affirm"), now=now)
        talks.say(session, handover_id=row.id, by="甲", text="两小时", told="【值班人员】两小时", now=now)
        return int(row.id)


async def test_what_was_said_to_staff_and_by_them_bears_a_restart(
    chat: Chat, database_url: str, now: datetime
) -> None:
    token = new_token()
    sender = sender_id(token)
    one = talk_of(sender, now)
    chat.app.ctx.beside = deliveries.beside
    chat.has_due(deliveries.take_due)
    early = now.timestamp() - 60
    chat.agent.tracker_store = Stored(  # type: ignore[attr-defined]
        sender, UserUttered("找人工", timestamp=early), BotUttered("好的", timestamp=early + 1)
    )
    async with chat.client(cookies={COOKIE: token}) as client:
        # Not told yet: it comes with the next look, once.
        assert (await client.get("waiting")).json()["messages"] == [{"text": "【值班人员】两小时"}]
        turns = (await client.get("history")).json()["turns"]
    assert [(turn["said"], [one["text"] for one in turn["messages"]]) for turn in turns] == [
        ("找人工", ["好的"]), ("还要多久", []), ("", ["【值班人员】两小时"]),
    ]  # fmt: skip
    assert [turn.get("talk", False) for turn in turns] == [False, True, False]
    with session_scope() as session:
        talks.hand_back(session, handover_id=one, by="甲", now=now, farewell="先说到这里")
    assert [turn.messages for turn in deliveries.beside(sender)][-1] == [{"text": "【值班人员】两小时"}]
    assert deliveries.beside("web-other") == ()


async def test_talks_that_cannot_be_read_cost_nobody_the_rest(chat: Chat) -> None:
    def away(_sender: str, _language: str | None) -> tuple[Turn, ...]:
        raise OSError

    token = new_token()
    chat.app.ctx.beside = away
    chat.agent.tracker_store = Stored(sender_id(token), UserUttered("停水了"), BotUttered("好"))  # type: ignore[attr-defined]
    async with chat.client(cookies={COOKIE: token}) as client:
        turns = (await client.get("history")).json()["turns"]
    assert [turn["said"] for turn in turns] == ["停水了"]


@needs_chromium
async def test_what_staff_say_is_on_the_page_within_seconds(browser: Any, chat: Chat) -> None:
    waiting: list[str] = []
    chat.has_due(lambda _sender: [waiting.pop()] if waiting else [])
    chat.has_staff(True)
    visitor = await visit(browser, chat)
    chat.agent.answer = nobody_answers
    await visitor.say("在吗")
    await visitor.sees("值班人员看得到您的话")
    assert await visitor.page.locator(".trouble").count() == 0
    waiting.append("【值班人员】在的，您请讲。")
    await visitor.page.get_by_text("在的，您请讲").wait_for(timeout=30_000)
    await visitor.page.reload()
    await visitor.sees("在的，您请讲")
    assert await visitor.page.locator(".trouble").count() == 0
