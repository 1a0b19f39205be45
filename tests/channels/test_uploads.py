"""A draft sent to the web chat, over real HTTP, with a fake assistant."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels import uploads
from bot.channels.incoming import parse
from bot.channels.model import BadMessage, Press, Words
from bot.storage import uploads as stored
from bot.textfiles import MAX_BYTES
from tests.until import until

from .conftest import Chat
from .test_web import raw

HEAD = b"POST /webhooks/web/upload?name=a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n"
CONTRACT = "采购合同\n甲方：某某局".encode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    return tmp_path


async def send(client: Any, name: str, content: bytes) -> Any:
    return await client.post("upload", params={"name": name}, content=content)


async def test_a_file_reaches_the_assistant_as_an_intent_with_a_token_and_is_gone_afterwards(
    chat: Chat, folder: Path
) -> None:
    there: list[bytes] = []

    async def look(message: UserMessage) -> None:
        there.append(stored.path_of(message.metadata["draft"]["token"]).read_bytes())
        await message.output_channel.send_text_message(message.sender_id, "看完了")

    chat.agent.answer = look
    async with chat.client() as client:
        answer = await send(client, "采购 合同.txt", CONTRACT)
        history = (await client.get("history")).json()["turns"]
    assert answer.json() == {"messages": [{"text": "看完了"}]}
    (asked,) = chat.agent.asked
    assert (asked.text, asked.metadata["draft"]["name"]) == ("/review_draft", "采购 合同.txt")
    assert there == [CONTRACT]
    assert list(folder.iterdir()) == []
    assert [turn["said"] for turn in history] == ["[文件] 采购 合同.txt"]


async def test_a_file_is_gone_after_a_failure_too(chat: Chat, folder: Path) -> None:
    async def fail(_message: UserMessage) -> None:
        raise RuntimeError

    chat.agent.answer = fail
    async with chat.client() as client:
        assert (await send(client, "a.txt", CONTRACT)).json() == {"messages": [], "error": "busy"}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "wrong_kind"),
        ("", b"x", 415, "wrong_kind"),
        ("旧.doc", b"x", 415, "wrong_kind"),
        ("a.docx", b"\x89PNG\r\n", 415, "bad_file"),
        ("a.txt", b"", 415, "bad_file"),
        ("a.pdf", b"no pdf", 415, "bad_file"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(
    chat: Chat, folder: Path, name: str, content: bytes, status: int, code: str
) -> None:
    async with chat.client() as client:
        answer = await send(client, name, content)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["message"]
    assert chat.agent.asked == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\文件\\合同.docx", "合同.docx"),
        ("../../etc/合同.txt", "合同.txt"),
        ("/合同.txt", "合同.txt"),
        ("合\u202e同\n.txt", "合同 .txt"),
        ("长" * 200 + ".txt", "长" * 76 + ".txt"),
    ],
)
def test_a_name_is_shown_but_never_a_path(name: str, shown: str, folder: Path) -> None:
    content = CONTRACT if shown.endswith(".txt") else b"PK\x03\x04"
    handed_in = uploads.keep(name, content)
    assert handed_in.name == shown
    assert [path.name for path in folder.iterdir()] == [handed_in.token]


def test_bytes_beyond_the_limit_are_refused_before_they_are_stored(folder: Path) -> None:
    with pytest.raises(BadMessage, match="超过 20 MB"):
        uploads.keep("a.txt", bytes(MAX_BYTES + 1))
    assert list(folder.iterdir()) == []


async def test_a_body_of_20_mb_passes_and_a_larger_one_does_not(chat: Chat, folder: Path) -> None:
    async with chat.client() as client:
        assert (await send(client, "a.txt", b"x" * MAX_BYTES)).status_code == 200
        assert (await send(client, "a.txt", b"x" * (MAX_BYTES + 1))).status_code == 413
    assert len(chat.agent.asked) == 1
    assert list(folder.iterdir()) == []


async def test_a_large_length_is_refused_before_the_body_comes(chat: Chat) -> None:
    head = b"POST /webhooks/web/upload?name=a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n"
    assert (await raw(chat.port, head)).startswith(b"HTTP/1.1 413 ")


async def test_a_chunked_body_without_an_end_is_cut_off(chat: Chat, folder: Path) -> None:
    head = b"POST /webhooks/web/upload?name=a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    with contextlib.suppress(ConnectionError):  # it may be cut off before it hears why
        assert (await raw(chat.port, head + piece * 27)).startswith(b"HTTP/1.1 413 ")
    await asyncio.sleep(0.1)
    assert chat.agent.asked == []
    assert list(folder.iterdir()) == []


async def at_once(chat: Chat, clients: int, each: int, refused: int = 0) -> list[int]:
    """What that many posts are answered with, of which none is read before so many were refused."""
    go_on = threading.Event()

    async def slowly(message: UserMessage) -> None:
        await until(go_on.is_set)
        await message.output_channel.send_text_message(message.sender_id, "好")

    chat.agent.answer = slowly
    async with contextlib.AsyncExitStack() as stack:
        people = [await stack.enter_async_context(chat.client()) for _ in range(clients)]
        for person in people:
            await person.get("")
        posts = [
            asyncio.create_task(send(person, "a.txt", CONTRACT)) for person in people for _ in range(each)
        ]
        for _, done in zip(range(refused), asyncio.as_completed(posts), strict=False):
            await done
        go_on.set()
        return sorted([answer.status_code for answer in await asyncio.gather(*posts)])


async def test_only_a_few_files_are_taken_at_once(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_AT_ONCE", 3)
    assert await at_once(chat, clients=5, each=1, refused=2) == [200] * 3 + [429] * 2


async def test_one_sender_sends_one_file_at_a_time(chat: Chat) -> None:
    assert await at_once(chat, clients=2, each=3, refused=4) == [200] * 2 + [429] * 4
    assert await at_once(chat, clients=1, each=1) == [200]


async def test_a_sender_that_never_ends_does_not_keep_its_place(
    chat: Chat, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "GRACE_SECONDS", 0.2)
    answer = await raw(chat.port, HEAD + b"abc")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["message"].startswith("网络太慢")
    assert list(folder.iterdir()) == []


async def drip(port: int, seconds: float) -> bytes:
    """What is answered to 1,000 bytes of which 50 come each `seconds`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def write() -> None:
        writer.write(HEAD)
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                writer.write(b"a" * 50)
                await writer.drain()
                await asyncio.sleep(seconds)

    writing = asyncio.create_task(write())
    answer = await asyncio.wait_for(reader.readline(), 10)
    await writing
    writer.close()
    return answer


async def test_a_slow_line_has_time_as_long_as_it_keeps_the_pace(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(uploads, "PACE", 500)  # 50 bytes buy a tenth of a second
    assert (await drip(chat.port, 0.05)).startswith(b"HTTP/1.1 200 ")  # a second in all, beyond the grace
    assert (await drip(chat.port, 0.2)).startswith(b"HTTP/1.1 408 ")


async def test_the_pace_does_not_lengthen_the_whole_time(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "RECEIVE_SECONDS", 0.3)
    assert (await drip(chat.port, 0.05)).startswith(b"HTTP/1.1 408 ")


def test_the_intent_cannot_be_typed() -> None:
    typed = parse(b'{"text": "/review_draft{\\"a\\": 1}"}')
    assert isinstance(typed, Words)
    assert not typed.text.startswith("/")
    assert isinstance(parse(b'{"payload": "/review_draft"}'), Press)  # counts only where it was offered
