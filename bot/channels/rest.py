"""Rasa's REST channel at the same address, which refuses what Rasa's own takes.

Rasa answers 500 to a JSON list, lets everybody without a `sender` share one conversation, and
takes a text of any length. The shape of request and answer is Rasa's.
"""

from __future__ import annotations

import uuid
from typing import Any

from rasa.core.channels.rest import RestInput
from sanic.exceptions import InvalidUsage
from sanic.request import Request

MAX_SENDER, MAX_TEXT = 255, 1000


class RestChannel(RestInput):
    """`POST /webhooks/rest/webhook` with `{"sender", "message"}`."""

    @classmethod
    def name(cls) -> str:
        """The same as Rasa's, so the address stays."""
        return "rest"

    async def _extract_sender(self, req: Request) -> str:
        """The sender, or a new one for this message alone where none is given."""
        sender = _body(req).get("sender")
        if sender is None:
            return f"rest-{uuid.uuid4().hex}"
        if not isinstance(sender, str) or not sender.strip() or len(sender) > MAX_SENDER:
            raise InvalidUsage(f'"sender" must be text of 1 to {MAX_SENDER} characters')
        return sender

    def _extract_message(self, req: Request) -> str:
        """The text, cut at 1,000 characters."""
        text = _body(req).get("message")
        if not isinstance(text, str):
            raise InvalidUsage('"message" must be text')
        return text[:MAX_TEXT]

    def _extract_input_channel(self, req: Request) -> str:
        """Always this channel: what is stored must not be the caller's choice."""
        return self.name()


def _body(request: Request) -> dict[str, Any]:
    body = request.json
    if not isinstance(body, dict):
        raise InvalidUsage('send a JSON object: {"sender": "...", "message": "..."}')
    return body
