"""The channel over real HTTP on loopback, with a fake assistant."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered

from bot.channels.answering import TURNS_AT_ONCE
from bot.channels.model import Message
from bot.channels.sessions import MAX_WAITING, ChatSession, new_token, sender_id
from bot.channels.web import COOKIE, WebChat
from bot.settings import Settings
from bot.storage import uploads as stored
from tests.conftest import NOW
from tests.test_photos import with_gps
from tests.until import until

from .conftest import Chat
from .test_incoming import BODIES, body_of

SECRET = "三塘镇老街张大爷"


async def say(client: Any, **body: Any) -> dict[str, Any]:
    response = await client.post("message", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def offer(message: UserMessage) -> None:
    """Read back with two buttons, and a second answer."""
    buttons = [{"title": "对", "payload": '/affirm{"x": 1}'}, {"title": "不对", "payload": "/deny"}]
    await message.output_channel.send_response(message.sender_id, {"text": "对不对？", "buttons": buttons})
    await message.output_channel.send_response(message.sender_id, {"text": "一\n\n二"})


def test_the_channel_is_called_web() -> None:
    assert WebChat.name() == WebChat().url_prefix() == "web"


async def test_health(chat: Chat) -> None:
    async with chat.client() as client:
        assert (await client.get("health")).json() == {"status": "ok"}


async def test_an_answer_comes_back_and_the_sender_is_the_servers(chat: Chat) -> None:
    async with chat.client() as client:
        answer = await say(client, text="停水了", sender="admin", sender_id="admin", metadata={"a": 1})
        await say(client, text="还没来")
    async with chat.client() as other:
        await say(other, text="停水了")
    assert answer == {"messages": [{"text": "收到：停水了"}]}
    first, second, third = chat.agent.asked
    assert (first.text, first.input_channel, first.metadata) == ("停水了", "web", None)
    assert first.sender_id == second.sender_id != third.sender_id
    assert first.sender_id.startswith("web-")
    assert len(first.sender_id) == 36


async def test_answers_are_for_the_channel_web_with_buttons_and_in_one_piece(chat: Chat) -> None:
    chat.agent.answer = offer
    async with chat.client() as client:
        answer = await say(client, text="停水了")
    buttons = [{"title": "对", "payload": '/affirm{"x": 1}'}, {"title": "不对", "payload": "/deny"}]
    assert answer == {"messages": [{"text": "对不对？", "buttons": buttons}, {"text": "一\n\n二"}]}
    assert chat.agent.asked[0].output_channel.name() == "web"


async def test_an_offered_button_goes_as_it_is_and_only_for_whom_it_was_offered(chat: Chat) -> None:
    chat.agent.answer = offer
    press = {"payload": '/affirm{"x": 1}', "title": "对"}
    async with chat.client() as client, chat.client() as other:
        await say(client, text="停水了")
        await say(client, **press)
        await say(other, **press)
        refused = await other.post("message", json={"payload": "/deny2"})
        history = (await client.get("history")).json()["turns"]
    assert [message.text for message in chat.agent.asked] == ["停水了", '/affirm{"x": 1}', "对"]
    assert (refused.status_code, refused.json()["error"]) == (400, "button_unknown")
    assert [turn["said"] for turn in history] == ["停水了", "对"]


async def test_a_place_carries_its_metadata(chat: Chat) -> None:
    async with chat.client() as client:
        await say(client, location={"lat": 26.968, "lon": 112.37})
    asked = chat.agent.asked[0]
    assert asked.text == "[位置] 26.968000,112.370000"
    assert asked.metadata == {"location": {"lat": 26.968, "lon": 112.37, "datum": "wgs84"}}


async def test_a_long_text_says_that_it_was_cut(chat: Chat) -> None:
    async with chat.client() as client:
        assert (await say(client, text="水" * 1001))["cut"] is True
        assert "cut" not in await say(client, text="水" * 1000)
    assert len(chat.agent.asked[0].text) == 1000


async def test_the_history_is_the_sessions_own_and_bears_a_reload(chat: Chat) -> None:
    async with chat.client() as client, chat.client() as other:
        assert (await client.get("history")).json() == {"turns": []}
        await say(client, text="停水了")
        response = await client.get("history")
        assert (await other.get("history")).json() == {"turns": []}
    (turn,) = response.json()["turns"]
    assert (turn["said"], turn["messages"]) == ("停水了", [{"text": "收到：停水了"}])
    assert response.headers["cache-control"] == "no-store"


async def forget(message: UserMessage) -> None:
    """An assistant that forgets whoever says yes."""
    say = message.output_channel.send_response
    if message.text == "/affirm":
        await say(message.sender_id, {"text": "都删掉了", "custom": {"forgotten": True}})
    else:
        await say(message.sender_id, {"text": "要删吗", "buttons": [{"title": "删掉", "payload": "/affirm"}]})


async def test_who_is_forgotten_has_no_history_and_no_button_any_more(chat: Chat) -> None:
    chat.agent.answer = forget
    async with chat.client() as browser, chat.client() as other:
        await other.post("message", json={"text": "你好"})
        await browser.post("message", json={"text": "忘记我"})
        answer = (await browser.post("message", json={"payload": "/affirm", "title": "删掉"})).json()
        assert answer == {"messages": [{"text": "都删掉了"}], "forgotten": True}
        assert (await browser.get("history")).json() == {"turns": []}
        assert len((await other.get("history")).json()["turns"]) == 1
        again = (await browser.post("message", json={"payload": "/affirm", "title": "删掉"})).json()
        assert chat.agent.asked[-1].text == "删掉"  # it was not offered in what is left
        assert "forgotten" not in again


async def test_the_cookie_is_made_by_the_server_and_kept_from_scripts(chat: Chat) -> None:
    async with chat.client() as client:
        made = (await client.get("")).headers["set-cookie"]
        assert "HttpOnly" in made
        assert "SameSite=Lax" in made
        assert "Secure" not in made
        assert "set-cookie" not in (await client.post("message", json={"text": "好"})).headers
        client.cookies.clear()
        own = {"cookie": f"{COOKIE}=admin"}
        assert (
            COOKIE in (await client.post("message", json={"text": "好"}, headers=own)).headers["set-cookie"]
        )
    assert "admin" not in chat.agent.asked[1].sender_id


async def test_the_cookie_is_only_for_https_where_that_is_set(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.settings", lambda: Settings(secure_cookie="1"))
    async with chat.client() as client:
        assert (await client.get("")).headers["set-cookie"].endswith("; Secure")


async def test_a_failing_assistant_gives_a_kind_answer_and_logs_no_words(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(message: UserMessage) -> None:
        await message.output_channel.send_text_message(message.sender_id, "半个回答")
        raise RuntimeError(f"cannot do {message.text}")

    chat.agent.answer = fail
    async with chat.client() as client:
        with caplog.at_level(logging.DEBUG, logger="bot"):
            assert await say(client, text=SECRET) == {"messages": [], "error": "busy"}
        assert (await client.get("history")).json() == {"turns": []}
    assert "RuntimeError" in caplog.text
    assert chat.agent.asked[0].sender_id in caplog.text
    assert SECRET not in caplog.text


async def test_a_slow_assistant_is_not_waited_for_for_ever(chat: Chat) -> None:
    async def dawdle(_message: UserMessage) -> None:
        await asyncio.sleep(60)

    chat.agent.answer = dawdle
    chat.waits(0.5)
    async with chat.client() as client:
        assert await say(client, text="停水了") == {"messages": [], "error": "busy"}
        chat.agent.answer = None
        chat.waits(60.0)
        assert (await say(client, text="停水了"))["messages"]


async def test_too_many_messages_at_once_are_refused(chat: Chat) -> None:
    go_on = threading.Event()  # the server has a loop of its own

    async def slowly(message: UserMessage) -> None:
        await until(go_on.is_set)
        await message.output_channel.send_text_message(message.sender_id, "好")

    chat.agent.answer = slowly
    async with chat.client() as client:
        await client.get("")
        posts = [
            asyncio.create_task(client.post("message", json={"text": "好"})) for _ in range(MAX_WAITING + 2)
        ]
        refused = [await done for _, done in zip(range(2), asyncio.as_completed(posts), strict=False)]
        go_on.set()
        statuses = sorted([response.status_code for response in await asyncio.gather(*posts)])
    assert [response.status_code for response in refused] == [429] * 2
    assert statuses == [200] * MAX_WAITING + [429] * 2


async def test_of_a_crowd_only_some_are_with_the_assistant_and_the_others_wait(chat: Chat) -> None:
    running, most = 0, 0

    async def count(message: UserMessage) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        await message.output_channel.send_text_message(message.sender_id, message.text)

    chat.agent.answer = count
    async with chat.client() as client:
        client.cookies.clear()
        posts = [client.post("message", json={"text": str(number)}) for number in range(TURNS_AT_ONCE * 3)]
        answers = [response.json()["messages"] for response in await asyncio.gather(*posts)]
    assert answers == [[{"text": str(number)}] for number in range(TURNS_AT_ONCE * 3)]
    assert most == TURNS_AT_ONCE


async def test_bad_bodies_get_a_4xx_in_json_and_never_reach_the_assistant(chat: Chat) -> None:
    async with chat.client() as client:
        for case in BODIES:
            response = await client.post("message", content=body_of(case))
            assert response.status_code == case.get("status", 400), case["what"]
            assert response.json()["error"] == case["code"], case["what"]
            assert response.json()["message"]
    assert chat.agent.asked == []


async def test_another_method_or_path_is_a_4xx(chat: Chat) -> None:
    async with chat.client() as client:
        assert (await client.get("message")).status_code == 405
        assert (await client.put("history")).status_code == 405
        assert (await client.get("../web/web.py")).status_code == 404
        assert (await client.get("..%2fweb.py")).status_code == 404
        assert (await client.post("message?stream=true", json={"text": "好"})).status_code == 200


async def raw(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


@pytest.mark.parametrize("lengths", [
    "Content-Length: -5", "Content-Length: abc", "Content-Length: ", "Content-Length: 1e3", "Content-Length: +5",
    "Content-Length: 5, 5", "Content-Length: ٥", "Content-Length: " + "9" * 5000,
    "Content-Length: 13\r\nContent-Length: 13", "Content-Length: 13\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: gzip", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
], ids=lambda value: value[:60].replace("\r\n", " and "))  # fmt: skip
@pytest.mark.parametrize("target", ["POST /webhooks/web/message", "GET /webhooks/web/health", "GET /nowhere"])
async def test_an_unclear_length_is_refused_and_the_connection_ends(
    chat: Chat, lengths: str, target: str
) -> None:
    head = f"{target} HTTP/1.1\r\nHost: x\r\n{lengths}\r\n\r\n".encode()
    answer = await raw(chat.port, head + b'{"text": "a"}')
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"] == "bad_length"
    assert answer.count(b"HTTP/1.1") == 1
    assert chat.agent.asked == []


async def test_a_chunked_body_is_taken_and_one_that_is_too_large_refused(chat: Chat) -> None:
    head = b"POST /webhooks/web/message HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    good = await raw(chat.port, head + b'd\r\n{"text": "a"}\r\n0\r\n\r\n')
    assert good.startswith(b"HTTP/1.1 200 ")
    bad = await raw(chat.port, head + b"".join(b"8000\r\n" + b"a" * 0x8000 + b"\r\n" for _ in range(3)))
    assert bad.startswith(b"HTTP/1.1 413 ")
    broken = await raw(chat.port, head + b"zz\r\n")
    assert broken.startswith(b"HTTP/1.1 400 ")


async def test_a_large_length_is_refused_before_the_body_comes(chat: Chat) -> None:
    head = b"POST /webhooks/web/message HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n"
    answer = await raw(chat.port, head)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"too_large"' in answer


async def test_the_page_and_its_files_come_with_safe_headers(chat: Chat) -> None:
    async with chat.client() as client:
        page = await client.get("")
        assert "<title>屋场助手</title>" in page.text
        for name in ("", "chat.css", "chat.js", "show.js", "upload.js", "voice.js", "words.js", "icon.svg"):
            file = await client.get(name)
            assert file.status_code == 200
            headers = file.headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert "http" not in headers["content-security-policy"]
            assert headers["cache-control"] == "no-cache"
            again = await client.get(name, headers={"if-none-match": headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert (await client.head(name)).status_code == 200


async def test_the_page_without_its_last_slash_leads_to_the_page(chat: Chat) -> None:
    async with chat.client(follow_redirects=True) as client:
        response = await client.get(chat.url.rstrip("/"))
    assert str(response.url) == chat.url
    assert response.status_code == 200


class Stored:
    """A store of conversations that holds one."""

    def __init__(self, sender: str, *events: Any) -> None:
        self.sender, self.events = sender, events

    async def retrieve_full_tracker(self, sender: str) -> Any:
        return SimpleNamespace(events=self.events) if sender == self.sender else None


async def test_what_is_not_in_memory_any_more_comes_from_the_stored_conversation(chat: Chat) -> None:
    token = new_token()
    buttons = [{"title": "对", "payload": '/affirm{"x": 1}'}]
    chat.agent.tracker_store = Stored(  # type: ignore[attr-defined]
        sender_id(token), UserUttered("停水了"), BotUttered("对不对？", {"buttons": buttons})
    )
    async with chat.client(cookies={COOKIE: token}) as client, chat.client() as other:
        before = (await client.get("history")).json()["turns"]
        await say(client, payload='/affirm{"x": 1}', title="对")
        after = (await client.get("history")).json()["turns"]
        assert (await other.get("history")).json() == {"turns": []}
    assert [(turn["said"], turn["messages"]) for turn in before] == [
        ("停水了", [{"text": "对不对？", "buttons": buttons}])
    ]
    assert [message.text for message in chat.agent.asked] == ['/affirm{"x": 1}']
    assert [turn["said"] for turn in after] == ["停水了", "对"]


async def test_a_reminder_does_not_hide_what_was_said_before(chat: Chat) -> None:
    token = new_token()
    chat.agent.tracker_store = Stored(sender_id(token), UserUttered("停水了"), BotUttered("好"))  # type: ignore[attr-defined]
    chat.has_due(lambda _sender: ("提醒",))
    async with chat.client(cookies={COOKIE: token}) as client:
        await client.get("waiting")
        turns = (await client.get("history")).json()["turns"]
    assert [turn["said"] for turn in turns] == ["停水了", ""]


async def test_a_store_that_fails_holds_up_nobody(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.agent.tracker_store = object()  # type: ignore[attr-defined]
    async with chat.client(cookies={COOKIE: new_token()}) as client:
        assert (await client.get("history")).json() == {"turns": []}
        assert (await say(client, text="停水了"))["messages"]
    assert "AttributeError" in caplog.text


async def leave_at_once(chat: Chat, token: str, request: str, body: bytes = b"") -> list[Any]:
    """What the history holds after a request whose sender closes the page before the answer is there."""
    _, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    head = f"{request} HTTP/1.1\r\nHost: x\r\nCookie: {COOKIE}={token}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    async with chat.client(cookies={COOKIE: token}) as client:
        for _ in range(100):  # on a busy machine the answer takes its time
            await asyncio.sleep(0.1)
            turns = (await client.get("history")).json()["turns"]
            if any(turn["messages"] for turn in turns):
                break
    return [(turn["said"], turn["messages"]) for turn in turns]


async def test_an_answer_that_comes_while_the_page_is_reloaded_is_in_the_history(chat: Chat) -> None:
    async def slowly(message: UserMessage) -> None:
        await asyncio.sleep(0.3)
        await message.output_channel.send_text_message(message.sender_id, "好")

    chat.agent.answer = slowly
    body = json.dumps({"text": "停水了"}).encode()
    turns = await leave_at_once(chat, new_token(), "POST /webhooks/web/message", body)
    assert turns == [("停水了", [{"text": "好"}])]


async def test_a_reminder_that_comes_while_the_page_is_reloaded_is_in_the_history(chat: Chat) -> None:
    due = ["提醒"]

    def slowly(_sender: str) -> list[str]:
        time.sleep(0.3)
        return [due.pop()] if due else []

    chat.has_due(slowly)
    assert await leave_at_once(chat, new_token(), "GET /webhooks/web/waiting") == [("", [{"text": "提醒"}])]


@pytest.mark.parametrize(
    ("request_", "body", "said"),
    [
        ("POST /webhooks/web/photo", with_gps(), "[照片]"),
        ("POST /webhooks/web/upload?name=a.txt", "采购合同".encode(), "[文件] a.txt"),
    ],
    ids=["photo", "file"],
)
async def test_what_was_sent_is_answered_to_the_end_where_the_page_is_closed(
    chat: Chat,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request_: str,
    body: bytes,
    said: str,
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setattr(stored, "FOLDER", folder)
    there: list[int] = []

    async def slowly(message: UserMessage) -> None:
        await asyncio.sleep(0.3)
        there.append(len(list(folder.iterdir())))
        await message.output_channel.send_text_message(message.sender_id, "好")

    chat.agent.answer = slowly
    assert await leave_at_once(chat, new_token(), request_, body) == [(said, [{"text": "好"}])]
    assert there == [1 if "upload" in request_ else 0]  # a file stays until it was read
    assert list(folder.iterdir()) == []


async def test_what_has_no_answer_as_the_server_stops_is_not_shown_as_said() -> None:
    begun = asyncio.Event()

    async def never(_message: UserMessage) -> None:
        begun.set()
        await asyncio.Event().wait()

    chat, session = WebChat(), ChatSession(NOW)
    work = asyncio.create_task(chat.answering.deliver(Message("停水了", "停水了"), "web-1", session, never))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (list(session.turns), session.waiting) == ([], 0)
