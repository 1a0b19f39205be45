"""The web chat as a Rasa channel: one page, its health, messages in, answers and history out.

In credentials.yml: ``bot.channels.web.WebChat:``. Rasa mounts it at ``/webhooks/web``.

| route | what |
| --- | --- |
| GET ``/`` and files of `page/` | the page |
| GET ``/health`` | ``{"status": "ok"}`` |
| POST ``/message`` | see `bot.channels.incoming`; gives ``{"messages": [{"text", "buttons", ...}], "cut"?: true, "forgotten"?: true, "talk"?: true}`` |
| POST ``/upload?name=…`` | a draft contract as the body (`bot.channels.uploads`); gives the same as ``/message`` |
| POST ``/photo`` | a photo as the body (`bot.channels.pictures`); gives the same |
| GET ``/history`` | ``{"turns": [{"said", "at", "messages"}]}`` of this browser's session; `said` is "" where the assistant spoke by itself |
| GET ``/waiting`` | ``{"messages": [{"text", "buttons"?}], "talk"?: true}``: what has become due to this browser (reminders, words of staff); each is given once |
| GET ``/file?token=…`` | a file that was made for somebody; whoever has the link has the file, until it expires |

What is posted may have a name of its own (``?id=…``), and is answered once however often it comes (`bot.channels.repeats`).

`talk`: staff have the conversation or were asked for, so the page looks every few seconds, and a message may go
without an answer. Where the assistant fails or takes longer than `ANSWER_SECONDS`: 200 with ``{"messages": [], "error": "busy"}``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json, redirect

from bot import clock
from bot.channels import deliveries, guard, incoming, pagefiles, uploads
from bot.channels.answering import Answering
from bot.channels.conversation import ANSWER_SECONDS, OnNewMessage, log_failure
from bot.channels.recall import Beside, Recall, store_of
from bot.channels.repeats import UNNAMED, Sending
from bot.channels.sessions import is_token, new_token, sender_id
from bot.channels.shown import public_messages
from bot.channels.tasks import to_its_end
from bot.settings import settings
from bot.storage import outbox
from bot.storage.outbox import Outgoing

BODY_SECONDS = 10.0  # for a text of 64 kB at most
COOKIE = "wuchang_chat"
COOKIE_SECONDS = (
    365 * 24 * 3600
)  # renewed by every open page; with it goes the clerk's way to the contracts at hand

TakeDue = Callable[[str], Sequence[Outgoing]]
IsExpected = Callable[[str], bool]


class WebChat(InputChannel):
    """The chat in a browser.

    Args:
        answer_seconds: how long a person waits at most.
        take_due: what is due to a sender, each message given once.
        is_expected: whether words of staff may come to a sender at any moment.
        beside: what was said beside the stored conversation (`bot.channels.recall`).
        several: other processes answer too; None: what Rasa's `SANIC_WORKERS` says.
    """

    def __init__(
        self,
        answer_seconds: float = ANSWER_SECONDS,
        take_due: TakeDue = deliveries.take_due,
        is_expected: IsExpected = deliveries.staff_expected,
        beside: Beside = deliveries.beside,
        several: bool | None = None,
    ) -> None:
        self._take_due = take_due
        self._is_expected = is_expected
        if several is None:
            several = os.environ.get("SANIC_WORKERS", "1") != "1"
        self._recall = Recall(self.name(), beside, several=several)
        self._uploads = uploads.Uploads()
        self.answering = Answering(self.name(), self._recall, answer_seconds)
        self._files = pagefiles.load()

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa and in the database, and its place in the address."""
        return "web"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The routes; `on_new_message` hands a message to the assistant."""
        chat = guard.GuardedBlueprint("web_chat")
        # Partial, for Sanic notes things on a handler, which a bound method does not allow.
        chat.add_route(partial(self._page), "/", methods=["GET", "HEAD"], name="page")
        chat.add_route(_health, "/health", name="health")
        chat.add_route(partial(self._history), "/history", name="history")
        chat.add_route(partial(self._waiting), "/waiting", name="waiting")
        chat.add_route(_shared_file, "/file", name="file")
        for name, file in self._files.items():
            chat.add_route(
                partial(_file, file), f"/{name}", methods=["GET", "HEAD"], name=f"file_{file.stem}"
            )

        async def message(request: Request) -> HTTPResponse:
            body, sending = await _body(request), Sending.of(request)
            token, is_new = _token(request)
            response = await self.receive(request.app, body, sender_id(token), on_new_message, sending)
            return _with_cookie(response, token) if is_new else response

        async def upload(request: Request) -> HTTPResponse:
            token, is_new = _token(request)
            sender, sending = sender_id(token), Sending.of(request)
            async with AsyncExitStack() as stack:
                handed_in = await stack.enter_async_context(self._uploads.received(request, sender))
                # What has come is answered to the end, and thrown away only then, where the person leaves meanwhile.
                work = self.answering.uploaded(
                    request.app, handed_in.message, sender, on_new_message, stack.pop_all(), sending
                )
                response = json(await to_its_end(work))
            return _with_cookie(response, token) if is_new else response

        async def photo(request: Request) -> HTTPResponse:
            token, is_new = _token(request)
            sender, sending = sender_id(token), Sending.of(request)
            async with AsyncExitStack() as stack:
                content = await stack.enter_async_context(self._uploads.photo(request, sender))
                work = self.answering.pictured(
                    request.app, content, sender, on_new_message, stack.pop_all(), sending
                )
                response = json(await to_its_end(work))
            return _with_cookie(response, token) if is_new else response

        # As streams, so that nothing of a body beyond the limit is ever taken in.
        chat.add_route(message, "/message", methods=["POST"], stream=True, name="message")
        chat.add_route(upload, "/upload", methods=["POST"], stream=True, name="upload")
        chat.add_route(photo, "/photo", methods=["POST"], stream=True, name="photo")
        guard.refuse_in_words(chat)
        chat.middleware(_safe_headers, "response")
        return chat

    async def receive(
        self, app: Sanic, body: bytes, sender: str, on_new_message: OnNewMessage, sending: Sending = UNNAMED
    ) -> HTTPResponse:
        """The answer to the body of a ``/message``; its work goes on where the person leaves.

        Raises:
            BadMessage: it is refused.
        """
        return json(
            await to_its_end(
                self.answering.answer(app, incoming.parse(body), sender, on_new_message, sending)
            )
        )

    async def _page(self, request: Request) -> HTTPResponse:
        if not request.path.endswith("/"):
            # Relative, for the prefix that people see may be a proxy's.
            return redirect(request.path.rsplit("/", 1)[-1] + "/")
        response = pagefiles.respond(self._files["index.html"], request.headers.get("if-none-match"))
        return _with_cookie(response, _token(request)[0])

    async def _history(self, request: Request) -> HTTPResponse:
        token, is_new = _token(request)
        session = None if is_new else await self._recall.session(request.app, sender_id(token), afresh=True)
        turns = [turn.as_json() for turn in session.turns] if session else []
        return json({"turns": turns}, headers={"Cache-Control": "no-store"})

    async def _waiting(self, request: Request) -> HTTPResponse:
        token, is_new = _token(request)
        if is_new:  # nobody can have written to a browser that is not known yet
            return json({"messages": []})
        sender = sender_id(token)
        try:
            talk = await asyncio.to_thread(self._is_expected, sender)
            messages = await to_its_end(self._take(request.app, sender))
        except Exception as error:
            log_failure(self.name(), sender, error)
            return json({"messages": [], "error": "busy"})
        told = {"messages": messages, "talk": True} if talk else {"messages": messages}
        return _with_cookie(json(told), token)

    async def _take(self, app: Sanic, sender: str) -> list[dict[str, Any]]:
        # In a thread: the database must not hold up everybody else's messages.
        began = clock.now()
        due = await asyncio.to_thread(self._take_due, sender)
        language = await self._language(app, sender) if due else None
        messages = public_messages(outbox.in_language(message, language) for message in due)
        if messages:
            session = await self._recall.opened(app, sender)
            # Made again at this moment it has them already: they were noted as told.
            known = [message for turn in session.turns if turn.at >= began for message in turn.messages]
            if new := [message for message in messages if message not in known]:
                session.deliver(new, clock.now())
        return messages

    async def _language(self, app: Sanic, sender: str) -> str | None:
        """The language of the conversation, None where it is not known."""
        store = store_of(app)
        try:
            tracker = await store.retrieve(sender) if store is not None else None
        except Exception as error:  # what was taken from the outbox is said in any case
            log_failure(self.name(), sender, error)
            return None
        return tracker.get_slot("language") if tracker is not None else None


async def _file(file: pagefiles.PageFile, request: Request) -> HTTPResponse:
    return pagefiles.respond(file, request.headers.get("if-none-match"))


async def _shared_file(request: Request) -> HTTPResponse:
    return await asyncio.to_thread(deliveries.shared_file, str(request.args.get("token", "")))


async def _health(_request: Request) -> HTTPResponse:
    return json({"status": "ok"})


async def _body(request: Request) -> bytes:
    return await guard.read_body(request, most=incoming.MAX_BYTES, seconds=BODY_SECONDS)


def _token(request: Request) -> tuple[str, bool]:
    """The browser's token and whether it is new."""
    given = request.cookies.get(COOKIE)
    return (given, False) if is_token(given) else (new_token(), True)


def _with_cookie(response: HTTPResponse, token: str) -> HTTPResponse:
    # Without a Path it holds for the folder of the page, wherever a proxy puts that.
    secure = "; Secure" if settings().secure_cookie == "1" else ""
    response.headers.add(
        "Set-Cookie", f"{COOKIE}={token}; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    )
    return response


def _safe_headers(_request: Request, response: HTTPResponse) -> None:
    for name, value in pagefiles.SAFE_HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
