"""What the page sends again because no answer reached it counts once: over real HTTP, with a fake assistant."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.channels.repeats import Repeats, Sending
from bot.channels.sessions import new_token, sender_id
from bot.channels.web import COOKIE
from bot.storage.database import engine_for
from bot.storage.tables import Attachment
from tests.test_photos import with_gps

from .conftest import Chat

NAME = "0123456789abcdef"


class Stored:
    """As much of a conversation store as is looked at."""

    def __init__(self, *events: Any, fails: bool = False) -> None:
        self.events, self.fails = events, fails

    async def retrieve(self, _sender: str) -> Stored:
        if self.fails:
            raise OSError
        return self

    async def retrieve_full_tracker(self, _sender: str) -> None:
        return None


async def post(client: Any, text: str = "停水了", name: str = NAME, again: int = 0) -> dict[str, Any]:
    query = {"id": name, **({"again": 1} if again else {})}
    response = await client.post("message", params=query, json={"text": text})
    assert response.status_code == 200, response.text
    return dict(response.json())


def said(chat: Chat) -> list[str | None]:
    return [message.text for message in chat.agent.asked]


async def test_the_same_message_gets_the_same_answer_and_counts_once(chat: Chat) -> None:
    async with chat.client() as client, chat.client() as other:
        await client.get("")
        first = await post(client)
        assert await post(client, again=1) == first == {"messages": [{"text": "收到：停水了"}]}
        assert len((await client.get("history")).json()["turns"]) == 1
        await post(client, name="another-name")  # the same words, said a second time
        await post(other)  # somebody else's message of the same name
    assert said(chat) == ["停水了"] * 3


async def test_who_tries_again_while_it_is_worked_on_gets_its_answer(chat: Chat) -> None:
    async def slowly(message: UserMessage) -> None:
        await asyncio.sleep(0.2)
        await message.output_channel.send_text_message(message.sender_id, "好")

    chat.agent.answer = slowly
    async with chat.client() as client:
        await client.get("")
        answers = await asyncio.gather(post(client), post(client, again=1), post(client, again=1))
    assert answers == [{"messages": [{"text": "好"}]}] * 3
    assert said(chat) == ["停水了"]


async def test_what_failed_or_was_not_answered_is_done_again(chat: Chat) -> None:
    async def fails(_message: UserMessage) -> None:
        raise RuntimeError

    async def says_nothing(_message: UserMessage) -> None:
        pass

    async with chat.client() as client:
        await client.get("")
        chat.agent.answer = fails
        assert (await post(client))["error"] == "busy"
        chat.agent.answer = says_nothing
        assert (await post(client, again=1))["messages"] == []
        chat.agent.answer = None
        assert (await post(client, again=1))["messages"] == [{"text": "收到：停水了"}]
    assert len(said(chat)) == 3


async def test_a_photo_that_is_sent_again_is_kept_once(chat: Chat, database_url: str) -> None:
    async with chat.client() as client:
        await client.get("")
        for again in ({}, {"again": 1}):
            answer = await client.post("photo", params={"id": NAME, **again}, content=with_gps())
            assert answer.json() == {"messages": [{"text": "收到：/send_photo"}]}
    assert said(chat) == ["/send_photo"]
    with Session(engine_for(database_url), future=True) as session:
        assert session.scalar(select(func.count(Attachment.id))) == 1


async def test_a_file_that_is_sent_again_is_looked_over_once(chat: Chat) -> None:
    async with chat.client() as client:
        await client.get("")
        for again in ({}, {"again": 1}):
            query = {"name": "合同.txt", "id": NAME, **again}
            assert (await client.post("upload", params=query, content="采购合同".encode())).status_code == 200
    assert said(chat) == ["/review_draft"]


async def test_what_was_answered_before_a_restart_is_in_the_stored_conversation(chat: Chat) -> None:
    token = new_token()
    message_id = Sending(NAME).message_id("web", sender_id(token))
    chat.agent.tracker_store = Stored(  # type: ignore[attr-defined]
        UserUttered("停水了", message_id=message_id),
        BotUttered("在哪里？"),
        UserUttered("三塘"),
        BotUttered("好"),
    )
    async with chat.client(cookies={COOKIE: token}) as client:
        assert await post(client, again=1) == {"messages": [{"text": "在哪里？"}]}
        assert said(chat) == []
        await post(client, name="another-name", again=1)
    (asked,) = chat.agent.asked
    assert asked.message_id == Sending("another-name").message_id("web", sender_id(token))


async def test_where_that_cannot_be_read_nothing_is_done_twice(chat: Chat) -> None:
    chat.agent.tracker_store = Stored(fails=True)  # type: ignore[attr-defined]
    async with chat.client() as client:
        await client.get("")
        assert await post(client, again=1) == {"messages": [], "error": "busy"}
        assert said(chat) == []
        chat.agent.tracker_store = Stored()  # type: ignore[attr-defined]
        assert (await post(client, again=1))["messages"]


@pytest.mark.parametrize("path", ["message", "photo", "upload"])
@pytest.mark.parametrize("name", ["short", "x" * 65, "停水了停水了停水了", "a b c d e f"])
async def test_a_name_that_is_none_is_refused(chat: Chat, path: str, name: str) -> None:
    async with chat.client() as client:
        query = {"id": name, "name": "a.txt"}
        answer = await client.post(path, params=query, content=b'{"text": "x"}')
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_id")
    assert said(chat) == []


async def test_of_who_is_forgotten_only_the_last_answer_is_known() -> None:
    repeats = Repeats("web")
    done: list[str] = []

    async def work(text: str, **more: Any) -> dict[str, Any]:
        done.append(text)
        return {"messages": [{"text": text}], **more}

    async def once(sender: str, name: str, text: str, **more: Any) -> dict[str, Any]:
        return await repeats.once(None, sender, Sending(name), lambda: work(text, **more))

    await once("web-1", "report", "三塘镇老街")
    await once("web-2", "report", "泉溪镇")
    await once("web-1", "forget", "都删掉了", forgotten=True)
    assert (await once("web-1", "forget", "?"))["messages"] == [{"text": "都删掉了"}]
    assert (await once("web-2", "report", "?"))["messages"] == [{"text": "泉溪镇"}]
    await once("web-1", "report", "again")
    assert done == ["三塘镇老街", "泉溪镇", "都删掉了", "again"]


async def test_only_so_many_are_kept() -> None:
    repeats = Repeats("web", most=2)
    done: list[str] = []

    async def once(name: str) -> None:
        async def work() -> dict[str, Any]:
            done.append(name)
            return {"messages": [{"text": name}]}

        await repeats.once(None, "web-1", Sending(name), work)

    for name in ("a", "b", "c", "c", "b", "a"):
        await once(name)
    assert done == ["a", "b", "c", "a"]
