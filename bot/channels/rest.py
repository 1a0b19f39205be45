"""Rasa's REST channel at the same address, which refuses what Rasa's own takes.

Rasa answers 500 to a JSON list, lets everybody without a `sender` share one conversation,
takes a text of any length, and logs people's words where something fails. The shape of request and answer is Rasa's.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint
from sanic.exceptions import InvalidUsage
from sanic.request import Request

from bot.channels.conversation import OnNewMessage, log_failure
from bot.channels.model import MAX_CHARS
from bot.nlu.language import identify
from bot.texts import word

MAX_SENDER = 255


class RestChannel(RestInput):
    """`POST /webhooks/rest/webhook` with `{"sender", "message"}`."""

    @classmethod
    def name(cls) -> str:
        """The same as Rasa's, so the address stays."""
        return "rest"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Rasa's routes; a text beyond 1,000 characters is cut, with a word about it before the answer."""

        async def hand_over(message: UserMessage) -> None:
            text = str(message.text)
            try:
                if len(text) > MAX_CHARS:
                    message.text = text[:MAX_CHARS].rstrip()
                    language = "en" if identify(message.text) == "en" else "zh"
                    await message.output_channel.send_text_message(
                        message.sender_id, word("channel_cut", language)
                    )
                await on_new_message(message)
            except (Exception, asyncio.CancelledError) as error:  # the caller has gone, say
                log_failure(self.name(), "-", error)

        return super().blueprint(hand_over)

    async def _extract_sender(self, req: Request) -> str:
        """The sender, or a new one for this message alone where none is given."""
        sender = _body(req).get("sender")
        if sender is None:
            return f"rest-{uuid.uuid4().hex}"
        if not isinstance(sender, str) or not sender.strip() or len(sender) > MAX_SENDER:
            raise InvalidUsage(f'"sender" must be text of 1 to {MAX_SENDER} characters')
        return sender

    def _extract_message(self, req: Request) -> str:
        """The text."""
        text = _body(req).get("message")
        if not isinstance(text, str):
            raise InvalidUsage('"message" must be text')
        return text

    def _extract_input_channel(self, req: Request) -> str:
        """Always this channel: what is stored must not be the caller's choice."""
        return self.name()


def _body(request: Request) -> dict[str, Any]:
    body = request.json
    if not isinstance(body, dict):
        raise InvalidUsage('send a JSON object: {"sender": "...", "message": "..."}')
    return body
