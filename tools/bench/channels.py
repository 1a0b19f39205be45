"""What a channel costs by itself: a delivery in, the stored message, the answer out, with an assistant that takes no time."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from rasa.core.channels.channel import UserMessage
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WeComCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.conversation import Conversation
from bot.channels.reception import Reception
from bot.channels.telegram.render import render
from bot.channels.telegram.updates import Updates
from bot.channels.tencent.envelope import Query
from bot.channels.tencent.platform import Platform
from bot.channels.tencent.service import Service
from bot.channels.web import WebChat
from bot.channels.wechat.platform import WeChat
from bot.channels.wecom.platform import WeCom
from bot.settings import Settings
from bot.storage import database
from tools.bench.stats import MILLI, percentile

PEOPLE, MESSAGES, WARM_UP = 50, 600, 50
_TOKEN, _KEY, _ID, _AGENT = "bench", "a" * 43, "wx0000000000000000", 1000002


@dataclass
class _Instant:
    """An assistant that answers at once; the time of its own is left out."""

    seconds: list[float] = field(default_factory=list)

    async def handle(self, message: UserMessage) -> None:
        begun = time.perf_counter()
        await message.output_channel.send_response(message.sender_id, {"text": "记下了。方便留个电话吗？"})
        self.seconds.append(time.perf_counter() - begun)


def wechat() -> dict[str, float]:
    """Milliseconds of a channel's own work for one message: envelope, XML, two transactions, encryption."""
    return _percentiles("channel", _wechat_measured)


def _percentiles(row: str, measured: Callable[[], Coroutine[Any, Any, list[float]]]) -> dict[str, float]:
    """The rows of what `measured` gives in seconds, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="wuchang-bench-") as folder:
        conf = Settings(database_url=f"sqlite:///{folder}/bench.db")
        database.settings = lambda: conf  # type: ignore[assignment]
        database.migrate(conf.database_url)
        times = asyncio.run(measured())
    return {f"{row}_p50": percentile(times, 0.5) * MILLI, f"{row}_p95": percentile(times, 0.95) * MILLI}


def wecom() -> dict[str, float]:
    """The same for WeCom."""
    return _percentiles("wecom", _wecom_measured)


def _account() -> WeChat:
    return WeChat(token=_TOKEN, app_id=_ID, aes_key=_KEY, api=None)


def _app() -> WeCom:
    return WeCom(token=_TOKEN, corp_id=_ID, aes_key=_KEY, agent_id=_AGENT, api=None)


async def _wechat_measured() -> list[float]:
    return await _answered(_account(), WeChatCrypto(_TOKEN, _KEY, _ID))


async def _wecom_measured() -> list[float]:
    return await _answered(_app(), WeComCrypto(_TOKEN, _KEY, _ID))


async def _answered(platform: Platform, crypto: Any) -> list[float]:
    """Seconds of each delivery to a service, from its bytes to those of the answer."""
    assistant = _Instant()
    service = Service(platform, assistant.handle)
    times = []
    for number in range(WARM_UP + MESSAGES):
        delivery = _delivery(crypto, number)
        begun = time.perf_counter()
        answer = await service.receive(*delivery)
        took = time.perf_counter() - begun - assistant.seconds[-1]
        if "Encrypt" not in answer:
            raise RuntimeError("the channel gave no answer")
        times.append(took)
    return times[WARM_UP:]


def _delivery(crypto: Any, number: int) -> tuple[Query, bytes]:
    now = str(int(time.time()))
    xml = (
        f"<xml><ToUserName>gh_bench</ToUserName><FromUserName>oPerson{number % PEOPLE}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>老街昨晚八点停水</Content>"
        f"<MsgId>{number + 1}</MsgId><AgentID>{_AGENT}</AgentID></xml>"
    )
    body = crypto.encrypt_message(xml, "n", now)
    signer = WeChatSigner()
    signer.add_data(_TOKEN, now, "n", body.split("<Encrypt><![CDATA[")[1].split("]]>")[0])
    return Query(now, "n", "", signer.signature, "aes"), body.encode()


def web() -> dict[str, float]:
    """Milliseconds of the web chat, from the body of a request to that of its answer; sessions are in memory."""
    return _percentiles("web", _web_measured)


async def _web_measured() -> list[float]:
    assistant, chat = _Instant(), WebChat()
    app = cast(Any, SimpleNamespace(ctx=SimpleNamespace()))
    times = []
    for number in range(WARM_UP + MESSAGES):
        body = json.dumps({"text": "老街昨晚八点停水"}).encode()
        begun = time.perf_counter()
        answer = await chat.receive(app, body, f"web-{number % PEOPLE}", assistant.handle)
        took = time.perf_counter() - begun - assistant.seconds[-1]
        if b"messages" not in (answer.body or b""):
            raise RuntimeError("the channel gave no answer")
        times.append(took)
    return times[WARM_UP:]


def telegram() -> dict[str, float]:
    """Milliseconds from an update to its answer in the outbox: parsing, two transactions, a task of its own."""
    return _percentiles("telegram", _telegram_measured)


class _Bot:
    """Who the bot is; the network's time is left out, so nothing is called."""

    id, username = 700, "bench_bot"


async def _telegram_measured() -> list[float]:
    assistant = _Instant()
    conversation = Conversation("telegram", assistant.handle)
    updates = Updates(cast(Any, _Bot()), Reception(conversation, fetch=_nothing, render=render))
    times = []
    for number in range(WARM_UP + MESSAGES):
        person = {"id": number % PEOPLE + 1, "is_bot": False}
        message = {
            "message_id": number,
            "date": 0,
            "from": person,
            "chat": {**person, "type": "private"},
            "text": "老街昨晚八点停水",
        }
        begun = time.perf_counter()
        task = await updates.take({"update_id": number, "message": message})
        if task is None:
            raise RuntimeError("the update was not taken")
        await task
        times.append(time.perf_counter() - begun - assistant.seconds[-1])
    return times[WARM_UP:]


async def _nothing(_wanted: object) -> bytes:
    return b""
