"""A person at the page in a real Chromium, and an assistant with something of everything to say."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from rasa.core.channels.channel import UserMessage

from tests.browser import PHONE

from .conftest import Chat

# Where set, the tests leave pictures of the page in this folder.
PICTURES = os.environ.get("WUCHANG_TEST_PICTURES", "")


async def converse(message: UserMessage) -> None:
    """An assistant with a read-back, a long answer, and a failure."""
    say = message.output_channel.send_response
    if message.text == "停水了":
        buttons = [
            {"title": "对，就是这样", "payload": '/affirm{"x": 1}'},
            {"title": "不对", "payload": "/deny"},
        ]
        text = "我记下的是：\n地点：三塘镇老街\n时间：昨天晚上八点\n对不对？"
        await say(message.sender_id, {"text": text, "buttons": buttons})
    elif message.text == '/affirm{"x": 1}':
        await say(message.sender_id, {"text": "已经报上去了，编号 W20261123-0001。\n\n有消息就告诉您。"})
    elif message.text == "养老点":
        link = "https://uri.amap.com/marker?position=112.370000,26.968000&name=%E5%85%BB%E8%80%81"
        text = f"最近的是云集街道养老驿站，约 800 米。\n地图：{link}。\n网址 https://example.org/a?b=1, javascript:alert(1)"
        await say(message.sender_id, {"text": text})
    elif message.text == "发我一份":
        await say(message.sender_id, {"text": "做好了，请点下面。", "attachment": "file?token=abc"})
    elif message.text == "删掉":
        await say(message.sender_id, {"text": "都删掉了", "custom": {"forgotten": True}})
    elif message.text == "慢":
        await asyncio.sleep(0.3)
        await say(message.sender_id, {"text": "好了"})
    elif message.text == "没完":
        await asyncio.sleep(60)
    elif message.text == "坏":
        raise RuntimeError
    else:
        await say(message.sender_id, {"text": f"收到：{message.text}"})


class Visitor:
    """A person with a browser window, and what the browser complained about."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    async def say(self, text: str) -> None:
        await self.page.get_by_label("在这里打字").fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str) -> None:
        await self.page.get_by_text(text).last.wait_for(timeout=30_000)

    async def fits(self) -> bool:
        return bool(await self.page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ))  # fmt: skip

    async def picture(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=f"{PICTURES}/{name}.png")


async def talk_of_everything(visitor: Visitor) -> None:
    """A link, a file, a failure that may be tried again, and last a question with buttons that is still open."""
    for words, answer in (
        ("养老点", "约 800 米"),
        ("发我一份", "做好了"),
        ("坏", "这会儿太忙"),
        ("停水了", "老街"),
    ):
        await visitor.say(words)
        await visitor.sees(answer)


async def visit(browser: Any, chat: Chat, size: dict[str, int] = PHONE, **options: Any) -> Visitor:
    chat.agent.answer = converse
    context = await browser.new_context(viewport=size, locale="zh-CN", **options)
    visitor = Visitor(await context.new_page())
    await visitor.page.goto(chat.url)
    await visitor.page.get_by_role("button", name="报停水").wait_for()
    return visitor
