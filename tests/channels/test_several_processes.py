"""Several processes on one database, SQLite and PostgreSQL: each message is worked on by one of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered

from bot.channels.model import Words
from bot.channels.reception import Reception
from bot.channels.web import WebChat
from tests.channels.test_reception import FakeAssistant, came, desk, left_behind, outgoing
from tests.conftest import NOW


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """On both kinds of database."""
    return each_database_url


pytestmark = pytest.mark.usefixtures("database_url", "now")


async def test_of_several_processes_one_takes_up_what_was_left() -> None:
    left_behind()
    assistant = FakeAssistant()
    processes = [desk(assistant) for _ in range(4)]
    found = await asyncio.gather(*(process.unfinished() for process in processes))
    assert [len(messages) for messages in found] == [1] * 4  # all see it

    async def take_up(process: Reception) -> bool:
        with process.arrive(came(Words("停水了")), again=True) as turn:
            return await turn.work() is not None

    assert sorted(await asyncio.gather(*map(take_up, processes))) == [False, False, False, True]
    assert [message.text for message in assistant.asked] == ["停水了"]
    assert len(outgoing()) == 1


async def test_a_message_handed_to_all_at_once_is_stored_and_worked_on_by_one() -> None:
    assistant = FakeAssistant()

    async def take(process: Reception) -> bool:
        with process.arrive(came(Words("停水了"))) as turn:
            return await turn.take_in("{}") and await turn.work() is not None

    taken = await asyncio.gather(*(take(desk(assistant)) for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]
    assert len(assistant.asked) == len(outgoing()) == 1


class Conversations:
    """A store that all processes share, and the assistant that writes into it."""

    def __init__(self) -> None:
        self.tracker_store = self
        self.asked: list[str | None] = []
        self.events: list[Any] = []

    async def retrieve(self, _sender: str) -> Any:
        return SimpleNamespace(events=self.events) if self.events else None

    retrieve_full_tracker = retrieve

    async def handle(self, message: UserMessage) -> None:
        self.asked.append(message.text)
        buttons = [{"title": f"看其余 {len(self.asked)}", "payload": f"/more{len(self.asked)}"}]
        said = {"text": f"收到：{message.text}", "buttons": buttons}
        self.events += [UserUttered(message.text), BotUttered(said["text"], {"buttons": buttons})]
        await message.output_channel.send_response(message.sender_id, said)


def in_browser(assistant: Conversations) -> tuple[Callable[..., Any], Callable[..., Any], Any]:
    """What a browser does that reaches one process or another: say something, look at the history."""
    app: Any = SimpleNamespace(ctx=SimpleNamespace(agent=assistant))

    async def say(process: WebChat, **body: str) -> list[Any]:
        answer = await process.receive(app, json.dumps(body).encode(), "web-1", assistant.handle)
        return list(json.loads(answer.body)["messages"])

    async def history(process: WebChat) -> list[str]:
        session = await process._recall.session(app, "web-1", afresh=True)
        return [turn.said or turn.messages[0]["text"] for turn in session.turns] if session else []

    return say, history, app


async def test_the_page_shows_the_whole_conversation_whichever_process_answers() -> None:
    assistant = Conversations()
    say, history, _app = in_browser(assistant)
    one, two = WebChat(several=True), WebChat(several=True)
    await say(one, text="停水了")
    (second,) = await say(two, text="三塘镇老街")
    assert await history(one) == await history(two) == ["停水了", "三塘镇老街"]
    button = second["buttons"][0]
    await say(one, text="好")
    await say(two, text="谢谢")
    await say(one, **button)
    await say(two, payload="/more4", title="看其余 4")  # offered by neither of them, but in between
    assert assistant.asked[-2:] == ["/more2", "/more4"]
    assert await history(one) == await history(two)


async def test_what_is_in_no_stored_conversation_stays_beside_it() -> None:
    assistant = Conversations()
    say, history, app = in_browser(assistant)
    one, two = WebChat(several=True), WebChat(several=True)
    await say(one, text="停水了")
    (await one._recall.opened(app, "web-1")).deliver([{"text": "提醒：备案"}], NOW + timedelta(days=9000))
    await say(two, text="三塘镇老街")
    assert await history(one) == await history(one) == ["停水了", "三塘镇老街", "提醒：备案"]
    assistant.events.append(BotUttered("提醒：备案"))  # it was said with an answer, too
    assert await history(one) == ["停水了", "三塘镇老街"]


@pytest.mark.parametrize("several", [True, False])
async def test_a_conversation_that_staff_deleted_is_not_shown_any_more(several: bool) -> None:
    assistant = Conversations()
    say, history, _app = in_browser(assistant)
    process = WebChat(several=several)
    await say(process, text="停水了")
    assistant.events.clear()
    assert await history(process) == []
