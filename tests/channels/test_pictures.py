"""Photos: from the web chat over real HTTP, and from a platform through the reception."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels import pictures, uploads
from bot.channels.conversation import Conversation
from bot.channels.incoming import parse
from bot.channels.model import BadMessage, File, Message, Photo, Received, Reply, Words
from bot.channels.reception import Reception
from bot.photos import MAX_BYTES
from bot.storage import uploads as stored
from bot.storage.accounts import sender_of
from bot.storage.database import engine_for
from bot.storage.tables import Attachment
from bot.texts import word
from tests.test_photos import SECRET, opened, picture, saved, with_gps

from .conftest import Chat
from .test_reception import worked_on
from .test_web import raw

CAPTION = "三塘老街爆管了"


@pytest.fixture
def kept(database_url: str) -> Iterator[Session]:
    """A session on the test's database, to look at what was kept."""
    with Session(engine_for(database_url), future=True) as session:
        yield session


def rows(session: Session) -> list[Attachment]:
    return list(session.scalars(select(Attachment).order_by(Attachment.id)))


async def test_a_photo_of_the_web_chat_is_kept_bare_and_told_to_the_assistant(
    chat: Chat, kept: Session
) -> None:
    async with chat.client() as client:
        answer = await client.post("photo", content=with_gps(orientation=6))
        history = (await client.get("history")).json()["turns"]
    (row,) = rows(kept)
    (asked,) = chat.agent.asked
    assert answer.json() == {"messages": [{"text": "收到：/send_photo"}]}
    assert (asked.text, asked.metadata) == ("/send_photo", {"photo": {"id": row.id}})
    assert (row.channel, row.sender_id, row.report_id) == ("web", asked.sender_id, None)
    assert (row.name, row.content_type) == ("photo.jpg", "image/jpeg")
    image = opened(row.body)
    assert image.size == (480, 640)
    assert not dict(image.getexif())
    assert SECRET not in row.body
    assert [turn["said"] for turn in history] == ["[照片]"]


@pytest.mark.parametrize(
    ("content", "status", "code", "says"),
    [
        (b"", 415, "bad_photo", "不是能看的照片"),
        (b"<svg/>", 415, "bad_photo", "不是能看的照片"),
        (with_gps()[:3000], 415, "bad_photo", "没有收全"),
        (b"x" * (MAX_BYTES + 1), 413, "too_large", "超过 10 MB"),
    ],
    ids=["empty", "svg", "cut off", "too large"],
)
async def test_what_is_no_photo_is_refused_in_words(
    chat: Chat, kept: Session, content: bytes, status: int, code: str, says: str
) -> None:
    async with chat.client() as client:
        answer = await client.post("photo", content=content)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert says in answer.json()["message"]
    assert chat.agent.asked == []
    assert rows(kept) == []


async def test_a_photo_of_10_mb_passes(chat: Chat, kept: Session) -> None:
    photo = with_gps()
    async with chat.client() as client:
        answer = await client.post("photo", content=photo + bytes(MAX_BYTES - len(photo)))
    assert answer.status_code == 200
    assert len(rows(kept)[0].body) < 100_000


async def test_a_large_length_is_refused_before_the_body_comes(chat: Chat) -> None:
    head = b"POST /webhooks/web/photo HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n"
    assert (await raw(chat.port, head)).startswith(b"HTTP/1.1 413 ")


async def test_a_sender_that_never_ends_is_cut_off(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "RECEIVE_SECONDS", 0.2)
    head = b"POST /webhooks/web/photo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
    assert (await raw(chat.port, head)).startswith(b"HTTP/1.1 408 ")


def test_the_intent_cannot_be_typed() -> None:
    typed = parse(json.dumps({"text": '/send_photo{"id": 1}'}).encode())
    assert isinstance(typed, Words)
    assert not typed.text.startswith("/")


async def test_a_photo_being_made_anew_holds_up_nobody(kept: Session) -> None:
    """With two large photos at work the loop still comes round in a fraction of their time."""
    large = saved(picture((4000, 3000)))

    async def longest_wait() -> float:
        work = asyncio.gather(*[pictures.keep(large, channel="web", sender="a") for _ in range(4)])
        longest, before = 0.0, time.perf_counter()
        while not work.done():
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        assert len(await work) == 4
        return longest

    # Waiting is measured on the wall: other work on the machine may spoil a try, not all of them.
    assert min([await longest_wait() for _ in range(3)]) < 0.25


# A platform's photo


class Assistant(Conversation):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.channel = "testing"
        self.asked: list[Message] = []

    async def ask(self, message: Message, sender: str, key: str) -> tuple[Reply, ...]:
        self.asked.append(message)
        return (Reply("好"),)


async def received(sent: Photo | File, content: bytes) -> tuple[list[Message], list[str]]:
    """What the assistant was asked, and what the person was told."""

    async def fetch(_: Photo | File) -> bytes:
        return content

    assistant = Assistant()
    reception = Reception(assistant, fetch=fetch, render=lambda _s, reply, _p, _n: [reply])
    answers = await worked_on(reception, Received("1", "address", sent))
    return assistant.asked, [reply.text for reply in answers]


async def test_a_photo_without_words_is_the_intent(kept: Session) -> None:
    (message,), told = await received(Photo("file-1"), with_gps())
    (row,) = rows(kept)
    assert message == Message("/send_photo", "[照片]", {"photo": {"id": row.id}})
    assert (row.channel, row.sender_id) == ("testing", sender_of("testing", "address"))
    assert told == ["好"]


async def test_words_under_a_photo_are_words_with_a_photo(kept: Session) -> None:
    (message,), _ = await received(Photo("file-1", Words(CAPTION, cut=True)), with_gps())
    (row,) = rows(kept)
    assert message == Message(CAPTION, f"[照片] {CAPTION}", {"photo": {"id": row.id}}, cut=True)


async def test_a_photo_sent_as_a_file_is_a_photo(kept: Session) -> None:
    (message,), _ = await received(File("file-1", "IMG_1.JPG", caption=Words(CAPTION)), with_gps())
    assert message.text == CAPTION
    assert len(rows(kept)) == 1


async def test_a_contract_is_still_a_file(
    kept: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "uploads")
    (message,), _ = await received(File("file-1", "合同.txt"), "采购合同".encode())
    assert message.text == "/review_draft"
    assert rows(kept) == []
    assert list((tmp_path / "uploads").iterdir()) == []


async def test_words_under_a_contract_are_words_with_a_file(
    kept: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "uploads")
    sent = File("file-1", "合同.txt", caption=Words(CAPTION, cut=True))
    (message,), told = await received(sent, "采购合同".encode())
    token = message.metadata["draft"]["token"] if message.metadata else ""
    draft = {"draft": {"token": token, "name": "合同.txt"}}
    assert message == Message(CAPTION, f"[文件] 合同.txt {CAPTION}", draft, cut=True)
    assert told == [word("channel_cut", "zh"), "好"]
    assert list((tmp_path / "uploads").iterdir()) == []


async def test_a_refused_photo_says_why(kept: Session) -> None:
    asked, told = await received(Photo("file-1"), b"\x00\x00\x00\x18ftypheic")
    assert asked == []
    assert "HEIC" in told[0]
    assert rows(kept) == []


async def test_a_photo_that_cannot_be_fetched_is_told(kept: Session) -> None:
    async def fetch(_: Photo | File) -> bytes:
        raise ConnectionError

    reception = Reception(Assistant(), fetch=fetch, render=lambda _s, reply, _p, _n: [reply])
    (answer,) = await worked_on(reception, Received("1", "address", Photo("file-1")))
    assert answer.text == word("channel_trouble", "zh")


async def test_bytes_are_refused_with_a_status(kept: Session) -> None:
    with pytest.raises(BadMessage) as refused:
        await pictures.keep(b"", channel="web", sender="a")
    assert (refused.value.code, refused.value.status) == ("bad_photo", 415)
