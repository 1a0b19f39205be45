"""The web chat on a free loopback port, with an assistant whose answers a test decides."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import InputChannel, UserMessage, register
from sanic import Sanic

from bot.channels.rest import RestChannel
from bot.channels.web import WebChat
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.platform import WeChat
from bot.channels.wecom.channel import WeComChannel
from bot.channels.wecom.platform import WeCom
from bot.settings import Settings
from bot.storage import database
from bot.storage.outbox import Outgoing
from tests.browser import CHROMIUM, FLAGS
from tests.channels.tencent.fakes import AES_KEY, AGENT_ID, APP_ID, CORP_ID, TOKEN
from tests.channels.tencent.lines import ROOMY
from tests.conftest import NOW

Answer = Callable[[UserMessage], Awaitable[None]]


@dataclass
class FakeAgent:
    """Keeps what it was asked; says what `answer` does, by default the same words back."""

    asked: list[UserMessage] = field(default_factory=list)
    answer: Answer | None = None

    async def handle_message(self, message: UserMessage) -> None:
        self.asked.append(message)
        if self.answer is not None:
            await self.answer(message)
        else:
            await message.output_channel.send_text_message(message.sender_id, f"收到：{message.text}")


@dataclass
class Chat:
    """A running chat: its address (with the last slash), its port, its assistant."""

    url: str
    port: int
    agent: FakeAgent
    app: Sanic

    def has_due(self, take_due: Callable[[str], Sequence[str | Outgoing]]) -> None:
        """From now on this tells what is due to a sender; a text stands for a message of it alone."""

        def take(sender: str) -> list[Outgoing]:
            return [
                Outgoing(1, sender, due, NOW, "filing", "x") if isinstance(due, str) else due
                for due in take_due(sender)
            ]

        self.app.ctx.take_due = take

    def waits(self, seconds: float) -> None:
        """From now on a person waits so long for the assistant; for most tests far longer than it takes."""
        self.app.ctx.web.answering.seconds = seconds

    def has_staff(self, are_there: bool) -> None:
        """From now on staff have everybody's conversation, or nobody's."""
        self.app.ctx.is_expected = lambda _sender: are_there

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A browser of its own: cookies stay with it."""
        return httpx.AsyncClient(base_url=self.url, timeout=30, trust_env=False, **options)


def _serve(app: Sanic, port: queue.Queue[int], loop: asyncio.AbstractEventLoop) -> None:
    async def start() -> int:
        # A socket of our own, for Sanic takes port 0 for its default.
        free = socket.create_server(("127.0.0.1", 0))
        server = await app.create_server(sock=free, return_asyncio_server=True, access_log=False)
        assert server is not None
        await server.startup()
        await server.before_start()
        await server.start_serving()
        return int(free.getsockname()[1])

    asyncio.set_event_loop(loop)
    port.put(loop.run_until_complete(start()))
    loop.run_forever()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sanic, int]]:
    """One server for all tests: Sanic 21.12 rewrites its own methods at the start, once in a process."""
    app = Sanic(f"chat_{uuid.uuid4().hex}", configure_logging=False)
    app.ctx.web = WebChat(
        take_due=lambda sender: app.ctx.take_due(sender),
        is_expected=lambda sender: app.ctx.is_expected(sender),
        beside=lambda sender, language: app.ctx.beside(sender, language),
    )
    channels: list[InputChannel] = [
        app.ctx.web,
        RestChannel(),
        WeChatChannel(WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=None), ROOMY),
        WeComChannel(
            WeCom(token=TOKEN, corp_id=CORP_ID, aes_key=AES_KEY, agent_id=AGENT_ID, api=None), ROOMY
        ),
    ]
    register(channels, app, "/webhooks/")
    port: queue.Queue[int] = queue.Queue()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(app, port, loop), daemon=True)
    with pytest.MonkeyPatch.context() as patch:
        # What a channel looks up at its start must not come from the database of whoever runs the tests.
        url = f"sqlite:///{tmp_path_factory.mktemp('server')}/start.db"
        patch.setattr(database, "settings", lambda: Settings(database_url=url))
        database.migrate(url)
        thread.start()
        listening = port.get(timeout=60)
    yield app, listening
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


@pytest.fixture
def chat(server: tuple[Sanic, int]) -> Chat:
    """The chat with a fresh assistant."""
    app, port = server
    app.ctx.agent = FakeAgent()
    app.ctx.take_due = lambda _sender: ()
    app.ctx.is_expected = lambda _sender: False
    app.ctx.beside = lambda _sender, _language: ()
    made = Chat(f"http://127.0.0.1:{port}/webhooks/web/", port, app.ctx.agent, app)
    made.waits(60.0)
    return made


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        await started.close()
