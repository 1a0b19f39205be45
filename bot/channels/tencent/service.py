"""The way of a message through a platform of Tencent: its requests in, the assistant's answers out.

| route | what |
| --- | --- |
| GET ``/webhooks/<channel>/webhook`` | the platform's check of the address: `echostr` back |
| POST ``/webhooks/<channel>/webhook`` | a message or event; gives the answer, or "nothing now" |

Refused with a 4xx: a wrong or missing signature, a request more than 10 minutes off, more than 64 kB, broken XML.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import clock
from bot.channels import guard
from bot.channels.conversation import Conversation, OnNewMessage, log_failure
from bot.channels.courier import LOOK_SECONDS, Courier, TryLater, Undeliverable, WindowClosed
from bot.channels.ledger import Windows
from bot.channels.model import BadMessage, File, Photo, Received, Reply
from bot.channels.reception import Reception
from bot.channels.tasks import over_and_over
from bot.channels.tencent import wording
from bot.channels.tencent.envelope import MAX_BYTES, Query, fields, read_query
from bot.channels.tencent.fields import UNSUBSCRIBED
from bot.channels.tencent.parts import joined
from bot.channels.tencent.passive import PATIENCE, Busy, Exchanges, Patience
from bot.channels.tencent.platform import Platform
from bot.storage import accounts, outbox
from bot.storage.accounts import Account
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing

BODY_SECONDS = 8.0
OLD_SECONDS = 3600.0
ANSWERED_WITHIN = timedelta(seconds=10)
RESUME_SECONDS, LONGEST_RESUME = 30.0, 600.0

logger = logging.getLogger(__name__)


class TencentChannel(InputChannel):
    """A channel as Rasa mounts it; where nothing is configured it has no route.

    Args:
        platform: None: not configured.
    """

    def __init__(self, platform: Platform | None, patience: Patience = PATIENCE) -> None:
        self._platform = platform
        self._patience = patience

    def blueprint(self, on_new_message: OnNewMessage) -> guard.GuardedBlueprint:
        """The routes, and what starts and stops with the server."""
        blueprint = guard.GuardedBlueprint(self.name())
        if self._platform:
            Service(self._platform, on_new_message, self._patience).add_to(blueprint)
        return blueprint


class Service:
    """One account's routes, reception and courier."""

    def __init__(
        self, platform: Platform, on_new_message: OnNewMessage, patience: Patience = PATIENCE
    ) -> None:
        self._platform = platform
        self._resuming: asyncio.Task[None] | None = None
        self._app: Sanic | None = None
        # Where nothing can be pushed it has nothing to send, and is there for what has become old alone.
        pushes = platform.api is not None
        self._courier = Courier(
            platform.channel, self._send, look_seconds=LOOK_SECONDS if pushes else OLD_SECONDS
        )
        self._reception = Reception(
            Conversation(platform.channel, on_new_message, self._tracker_of),
            fetch=self._fetch,
            render=self._render,
            ready=self._courier.wake if pushes else _nothing,
            join=wording.joined,
            interpret=self._interpret,
        )
        self._exchanges = Exchanges(
            self._reception,
            can_push=lambda: platform.can_push,
            windows=self._windows,
            wake=self._courier.wake,
            patience=patience,
            kept=wording.KEPT,
        )

    def add_to(self, blueprint: guard.GuardedBlueprint) -> None:
        """Add routes and listeners."""

        # Functions, for Sanic notes things on a handler, which a bound method does not allow.
        async def check(request: Request) -> HTTPResponse:
            return text(self._platform.echo(read_query(dict(request.args))))

        async def receive(request: Request) -> HTTPResponse:
            query = read_query(dict(request.args))
            body = await guard.read_body(request, most=MAX_BYTES, seconds=BODY_SECONDS)
            try:
                return text(await self.receive(query, body), content_type="text/xml; charset=utf-8")
            except Busy:
                return text("busy", status=503)
            except BadMessage:
                raise
            except Exception as error:  # the database is away: the platform may send it again
                log_failure(self._platform.channel, "-", error)
                return text("busy", status=503)

        blueprint.add_route(check, "/webhook", methods=["GET"], name="check")
        # As a stream, so that nothing of a body beyond the limit is ever taken in.
        blueprint.add_route(receive, "/webhook", methods=["POST"], stream=True, name="receive")
        guard.refuse_in_words(blueprint)
        blueprint.listener("after_server_start")(self._started)
        blueprint.listener("before_server_stop")(self._stopping)

    async def start(self) -> None:
        """Deliver what waits, and go on with what the last process left."""
        self._courier.start()
        # What the last process left, at once; what could not be worked on, and what other processes leave, later.
        self._resuming = asyncio.create_task(
            over_and_over(self._resume, RESUME_SECONDS, LONGEST_RESUME, self._log_resume)
        )

    async def stop(self) -> None:
        """Let what is at work end, photos that are being fetched too, and what is on its way arrive."""
        if self._resuming:
            self._resuming.cancel()
            with suppress(asyncio.CancelledError):
                await self._resuming
        await self._exchanges.stop()
        await self._courier.stop()
        if self._platform.api:
            await self._platform.api.close()

    async def _resume(self) -> None:
        await self._exchanges.resume(self._parsed)

    def _log_resume(self, error: Exception) -> None:
        logger.error("%s: what was left could not be read: %s", self._platform.channel, type(error).__name__)

    async def receive(self, query: Query, body: bytes) -> str:
        """The body that answers a delivery.

        Raises:
            BadMessage: it is refused.
            Busy: nothing was stored; the platform may send it again.
        """
        xml = self._platform.open(body, query)
        given = fields(xml)
        received = self._platform.parse(given)
        if received is None:
            return self._platform.nothing
        if received.sent == UNSUBSCRIBED:
            await self._reception.lost(received.key, received.address)
            return self._platform.nothing
        # The language is looked for only where patience is asked for: that takes as long as a statement.
        late = partial(wording.late, received.sent, channel=self._platform.channel, address=received.address)
        answer = await self._exchanges.deliver(received, xml, late)
        return self._platform.nothing if answer is None else self._platform.reply(answer, given=given)

    async def _started(self, app: Sanic, *_: Any) -> None:
        self._app = app
        await self.start()

    async def _stopping(self, *_: Any) -> None:
        await self.stop()

    def _parsed(self, xml: str) -> Received | None:
        return self._platform.parse(fields(xml))

    def _windows(self, received: Received) -> Windows:
        now = clock.now()
        if not self._platform.can_push:
            return Windows(now, 0)
        windows = self._platform.windows(received, now)
        return replace(windows, kept_back=ANSWERED_WITHIN) if self._platform.refused else windows

    async def _fetch(self, photo: Photo | File) -> bytes:
        if isinstance(photo, File):
            raise BadMessage("no_file", "files cannot be had from here.")
        return await self._platform.fetch(photo)

    async def _tracker_of(self, sender: str) -> Any:
        agent = getattr(self._app.ctx, "agent", None) if self._app else None
        store = getattr(agent, "tracker_store", None)
        return await store.retrieve(sender) if store else None

    def _render(self, session: Session, reply: Reply, sender: str, now: datetime) -> Sequence[Reply]:
        pages = wording.pages(
            session,
            reply,
            channel=self._platform.channel,
            sender=sender,
            now=now,
            pushed=self._platform.can_push,
            refused=self._platform.refused,
        )
        return [Reply(page) for page in pages]

    def _interpret(self, session: Session, received: Received, sender: str, now: datetime) -> Any:
        return wording.interpret(session, received, platform=self._platform, sender=sender, now=now)

    async def _send(self, account: Account, reply: Reply, message: Outgoing) -> None:
        pages: Sequence[str] = [reply.text]
        if message.kind != outbox.REPLY:  # an answer has been put into its form before
            pages = await asyncio.to_thread(_pages, self._platform, reply, account)
        for number, page in enumerate(pages):
            if account.pushes_until and account.pushes_until <= clock.now():
                raise WindowClosed("the time in which the platform takes messages is over")
            try:
                await self._platform.send(account.address, page)
            except (TryLater, WindowClosed) as error:
                if number:
                    raise Undeliverable(f"only {number} of {len(pages)} parts were sent: {error}") from None
                raise
            try:
                await asyncio.to_thread(_count, account)
            except SQLAlchemyError as error:  # it was sent all the same, and so is what follows
                log_failure(self._platform.channel, account.sender, error)


def _pages(platform: Platform, reply: Reply, account: Account) -> Sequence[str]:
    with session_scope() as session:
        return wording.pages(
            session,
            # What nobody asked for leaves the question at hand its choices.
            joined([replace(reply, notice=not reply.buttons)]),
            channel=account.channel,
            sender=account.sender,
            now=clock.now(),
            pushed=True,
        )


def _nothing() -> None:
    pass


def _count(account: Account) -> None:
    with session_scope() as session:
        accounts.count_push(session, channel=account.channel, sender=account.sender)
