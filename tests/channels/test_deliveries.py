"""What reaches a browser beside the answers: messages that are due, and files behind a link."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered

from bot import clock
from bot.channels import deliveries
from bot.channels.sessions import new_token, sender_id
from bot.channels.web import COOKIE, COOKIE_SECONDS
from bot.storage import files, outbox
from bot.storage.database import session_scope
from tests.conftest import NOW

from .conftest import Chat
from .test_web import Stored

SECRET = "三塘镇老街张大爷"
FILE = files.File("HT261123-001-采购合同-清单.docx", "application/x-word", b"PK\x03\x04\x00\xff")


def put(sender: str, text: str, due_at: datetime = NOW) -> None:
    with session_scope() as session:
        outbox.notify(
            session, channel="web", sender=sender, text=text, due_at=due_at, kind="filing", reference="HT261123-001",
            now=NOW,
        )  # fmt: skip


async def test_what_is_due_is_given_once_and_stands_in_the_history(
    chat: Chat, database_url: str, now: datetime
) -> None:
    chat.has_due(deliveries.take_due)
    async with chat.client() as client, chat.client() as other:
        for browser in (client, other):
            await browser.get("")
        put(sender_id(client.cookies[COOKIE]), "提醒：备案")
        put(sender_id(client.cookies[COOKIE]), "还没到", NOW + timedelta(minutes=1))
        assert (await other.get("waiting")).json() == {"messages": []}
        response = await client.get("waiting")
        assert response.json() == {"messages": [{"text": "提醒：备案"}]}
        assert response.headers["cache-control"] == "no-store"
        assert f"Max-Age={COOKIE_SECONDS}" in response.headers["set-cookie"]  # an open page keeps its cases
        assert (await client.get("waiting")).json() == {"messages": []}
        history = (await client.get("history")).json()["turns"]
        assert [(turn["said"], turn["messages"]) for turn in history] == [("", [{"text": "提醒：备案"}])]
        assert (await other.get("history")).json() == {"turns": []}


@pytest.mark.parametrize(("language", "said"), [(None, "提醒：备案"), ("en", "Reminder: filing")])
async def test_what_was_told_bears_a_restart_and_stands_there_once(
    chat: Chat, database_url: str, now: datetime, language: str | None, said: str
) -> None:
    token = new_token()
    sender, early = sender_id(token), now.timestamp() - 60
    with session_scope() as session:
        for text, reference in (("提醒：备案", "1"), ("提醒：签字", "2")):
            outbox.notify(
                session, channel="web", sender=sender, text=text, kind="filing", reference=reference, now=now,
                content={outbox.ENGLISH: {"text": "Reminder: filing"}} if reference == "1" else None,
            )  # fmt: skip
        # What was given to a page that had gone, or by a process that ended then.
        assert len(outbox.take(session, channel="web", sender=sender, now=now)) == 2
    chat.app.ctx.beside = deliveries.beside
    chat.agent.tracker_store = Stored(  # type: ignore[attr-defined]
        sender, UserUttered("停水了", timestamp=early), SlotSet("language", language, timestamp=early),
        BotUttered("好", timestamp=early), BotUttered("提醒：签字", timestamp=early),  # the latter with an answer
    )  # fmt: skip
    async with chat.client(cookies={COOKIE: token}) as client:
        for _ in range(2):
            turns = (await client.get("history")).json()["turns"]
            assert [(turn["said"], [one["text"] for one in turn["messages"]]) for turn in turns] == [
                ("停水了", ["好", "提醒：签字"]), ("", [said]),
            ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [("zh", "您家水来了吗？", "来了"), ("en", "Is your water back?", "It is back")],
)
async def test_what_is_asked_without_being_asked_has_its_buttons_in_the_persons_language(
    chat: Chat, database_url: str, now: datetime, language: str, said: str, title: str
) -> None:
    class Store:
        async def retrieve(self, _sender: str) -> Any:
            return SimpleNamespace(get_slot={"language": language}.get, events=[])

        async def retrieve_full_tracker(self, _sender: str) -> None:
            return None

    payload = '/water_back{"incident": "SJ261123-001"}'
    chat.agent.tracker_store = Store()  # type: ignore[attr-defined]
    chat.has_due(deliveries.take_due)
    async with chat.client() as client:
        await client.get("")
        english = {"text": "Is your water back?", "buttons": [{"title": "It is back", "payload": payload}]}
        with session_scope() as session:
            outbox.notify(
                session, channel="web", sender=sender_id(client.cookies[COOKIE]), text="您家水来了吗？",
                kind="told_restored", reference="SJ261123-001", now=NOW,
                content={"buttons": [{"title": "来了", "payload": payload}], outbox.ENGLISH: english},
            )  # fmt: skip
        asked = (await client.get("waiting")).json()["messages"]
        assert asked == [{"text": said, "buttons": [{"title": title, "payload": payload}]}]
        await client.post("message", json={"payload": payload, "title": title})
    assert [message.text for message in chat.agent.asked] == [payload]


async def test_nothing_is_looked_up_for_a_browser_that_is_not_known(chat: Chat) -> None:
    asked: list[str] = []
    chat.has_due(lambda sender: asked.append(sender) or ("x",))
    async with chat.client() as client:
        response = await client.get("waiting")
        assert response.json() == {"messages": []}
        assert "set-cookie" not in response.headers
        await client.get("waiting", headers={"cookie": f"{COOKIE}=admin"})
    assert asked == []


async def test_a_database_that_fails_is_logged_and_asked_again(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_sender: str) -> tuple[str, ...]:
        raise RuntimeError(SECRET)

    chat.has_due(fail)
    async with chat.client() as client:
        await client.get("")
        with caplog.at_level(logging.ERROR, logger="bot"):
            response = await client.get("waiting")
        assert (response.status_code, response.json()) == (200, {"messages": [], "error": "busy"})
        assert (await client.post("waiting")).status_code == 405
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


# files


def share() -> str:
    with session_scope() as session:
        return files.share(session, FILE, channel="rest", sender="clerk", now=NOW)


async def test_whoever_has_the_link_has_the_file(chat: Chat, database_url: str, now: datetime) -> None:
    async with chat.client() as client:
        response = await client.get("file", params={"token": share()})
    assert (response.status_code, response.content) == (200, FILE.body)
    assert response.headers["content-type"] == FILE.content_type
    assert response.headers["content-disposition"] == (
        f"attachment; filename=\"checklist.docx\"; filename*=UTF-8''{quote(FILE.name)}"
    )
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=../../etc/passwd", "?token=" + "a" * 43, "?token=%00", "?name=x", "?token=" + "a" * 5000]
)  # fmt: skip
async def test_nothing_else_opens_a_file(chat: Chat, database_url: str, now: datetime, query: str) -> None:
    share()
    async with chat.client() as client:
        response = await client.get(f"file{query}")
        assert response.status_code == 404
        assert "链接" in response.text
        assert (await client.get("file/../web.py")).status_code == 404


async def test_a_link_expires(
    chat: Chat, database_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = share()
    monkeypatch.setattr(clock, "now", lambda: NOW + files.KEPT)
    async with chat.client() as client:
        assert (await client.get("file", params={"token": token})).status_code == 404
