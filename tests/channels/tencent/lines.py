"""A service in the test's own loop, with the fake platform on both sides of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import UserMessage

from bot.channels.tencent.passive import Patience
from bot.channels.tencent.platform import Platform
from bot.channels.tencent.service import Service
from bot.nlu.language import warm_up
from tests.channels.tencent.fakes import FakeTencent, Peer

QUICK = Patience(ready=0.8, dropped=1.2)
# Where an answer is to be in time: a busy machine may take seconds for what takes milliseconds on a quiet one.
ROOMY = Patience(ready=15.0, dropped=20.0)


class Assistant:
    """Says what `says` has for a text, by default the same words back; while it is held it thinks, until `go`."""

    def __init__(self) -> None:
        self.asked: list[UserMessage] = []
        self.says: dict[str, Sequence[dict[str, Any]]] = {}
        self._held: asyncio.Event | None = None

    def hold(self) -> None:
        """No answer is ready from now on, however long a delivery waits."""
        self._held = asyncio.Event()

    def go(self) -> None:
        """Everything is answered again, at once."""
        if self._held:
            self._held.set()
        self._held = None

    @property
    def is_held(self) -> bool:
        return self._held is not None

    async def handle(self, message: UserMessage) -> None:
        self.asked.append(message)
        if self._held:
            await self._held.wait()
        for said in self.says.get(message.text, ({"text": f"收到：{message.text}"},)):
            await message.output_channel.send_response(message.sender_id, dict(said))

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.asked]


@dataclass
class Line:
    """One account: what the platform posts goes through `deliver`, what is pushed arrives in `tencent`.

    Attributes:
        hurried: the platform's patience is short, and what is slow comes too late; else only while the assistant is held.
    """

    service: Service
    platform: Platform
    peer: Peer
    assistant: Assistant
    tencent: FakeTencent
    hurried: bool = False

    async def deliver(self, xml: str) -> str | None:
        """One delivery; the text of the answer, or None where there is none now."""
        self.service._exchanges._patience = self._patience
        body = await self.service.receive(*self.peer.sealed(xml))
        if body == self.platform.nothing:
            return None
        fields = self.peer.opened(body)
        assert (fields["FromUserName"], fields["MsgType"]) == (self.peer.to, "text")
        return fields["Content"]

    @property
    def _patience(self) -> Patience:
        return QUICK if self.hurried or self.assistant.is_held else ROOMY

    async def say(self, text: str) -> str | None:
        return await self.deliver(self.peer.text(text))

    async def thinking(self, text: str, deliveries: int = 3) -> tuple[str, list[str | None]]:
        """`text`, delivered so often while the assistant is held: the delivery, and what was answered to each."""
        self.assistant.hold()
        xml = self.peer.text(text)
        return xml, [await self.deliver(xml) for _ in range(deliveries)]

    async def answer(self, text: str) -> str:
        """What the person reads in the end: delivered three times at most, as the platform does on a busy machine."""
        xml = self.peer.text(text)
        for _ in range(3):
            if (answer := await self.deliver(xml)) is not None:
                return answer
        raise AssertionError("three deliveries without an answer")

    async def settled(self) -> None:
        """What was delivered is worked on: on a busy machine a delivery may end before its work does."""
        await asyncio.gather(*self.service._exchanges._at_work)

    async def pushed(self, count: int, seconds: float = 30.0) -> list[str]:
        """The texts that were pushed, once there are `count`."""
        for _ in range(int(seconds / 0.02)):
            if len(self.tencent.texts) >= count:
                break
            await asyncio.sleep(0.02)
        return self.tencent.texts


async def restarted(line: Line) -> Service:
    """A second process on the same database."""
    service = Service(line.platform, line.assistant.handle, ROOMY)
    line.service._exchanges._exchanges.clear()
    line.service = service
    await service.start()
    return service


def line(platform: Platform, peer: Peer, tencent: FakeTencent) -> Line:
    warm_up()  # as the server does; the first message in Latin letters would wait for it
    assistant = Assistant()
    return Line(Service(platform, assistant.handle, ROOMY), platform, peer, assistant, tencent)
