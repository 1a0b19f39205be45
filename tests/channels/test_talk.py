"""The web chat while staff have the conversation: no answer is no fault, and what staff say is there within seconds."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import UserMessage

from tests.browser import needs_chromium

from .conftest import Chat
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
    await visitor.page.get_by_text("在的，您请讲").wait_for(timeout=9000)
    await visitor.page.reload()
    await visitor.sees("在的，您请讲")
    assert await visitor.page.locator(".trouble").count() == 0
