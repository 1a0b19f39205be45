"""An assistant for the tests of the channel: says the words back, and does what some words ask for."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, Event, UserUttered

BUTTONS = [{"title": "对", "payload": "/affirm"}, {"title": "不对", "payload": "/deny"}]
VENUES = {"venues": [{"name": "三塘驿站", "address": "老街1号", "lat": 26.97, "lon": 112.37}]}


class _Tracker:
    def __init__(self, events: list[Event]) -> None:
        self.events = events


class EchoAssistant:
    """Keeps conversations as Rasa's tracker store does: as a whole, once an answer is there.

    What begins with 等 is answered once `go_on` is set, what begins with 慢 so many seconds later.
    """

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.asked: list[UserMessage] = []
        self._stored: defaultdict[str, list[Event]] = defaultdict(list)
        self.tracker_store = self

    async def retrieve(self, sender: str) -> _Tracker | None:
        return _Tracker(self._stored[sender]) if self._stored[sender] else None

    async def handle_message(self, message: UserMessage) -> None:
        self.asked.append(message)
        text = str(message.text)
        if text.startswith("慢"):
            await asyncio.sleep(float(text[1:] or 1))
        if text.startswith("等"):
            await self.go_on.wait()
        if text.startswith("坏"):
            raise RuntimeError(text)
        said = f"收到：{text}"
        self._stored[message.sender_id] += [
            UserUttered(text, message_id=message.message_id),
            BotUttered(said),
        ]
        out, sender = message.output_channel, message.sender_id
        if text == "问":
            await out.send_text_with_buttons(sender, "对吗？", BUTTONS)
        elif text == "点":
            await out.send_text_message(sender, "最近的点：")
            await out.send_custom_json(sender, VENUES)
        else:
            await out.send_text_message(sender, said)
