"""Telegram as a Rasa channel. In credentials.yml: ``bot.channels.telegram.channel.TelegramChannel:``.

Without `WUCHANG_TELEGRAM_TOKEN` it does nothing at all: no route, no call. With `WUCHANG_TELEGRAM_MODE=webhook`
Telegram calls ``POST /webhooks/telegram/webhook``; otherwise this process asks Telegram for updates.

An update is stored, answered with 200, and then worked on, for Telegram waits for the answer before it sends more.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json
from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.channels import guard
from bot.channels.conversation import ANSWER_SECONDS, Conversation, OnNewMessage
from bot.channels.courier import Courier
from bot.channels.model import BadMessage
from bot.channels.reception import Reception
from bot.channels.tasks import over_and_over
from bot.channels.telegram import api, contents, parse, polling
from bot.channels.telegram.render import render
from bot.channels.telegram.sender import Sender
from bot.channels.telegram.updates import Updates
from bot.errors import WuchangError
from bot.locks import alone_at_once
from bot.settings import ROOT, Settings, settings
from bot.texts import word

HEADER = "x-telegram-bot-api-secret-token"
BODY_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LOCK_SECONDS = 5.0
RESUME_SECONDS, LONGEST_RESUME = 30.0, 600.0

logger = logging.getLogger(__name__)


class TelegramChannel(InputChannel):
    """The Telegram bot.

    Args:
        conf: the settings; None: those of this process.
        answer_seconds: how long the assistant may take for one message.
    """

    def __init__(self, conf: Settings | None = None, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._conf = conf or settings()
        self._answer_seconds = answer_seconds
        self._bot: Bot | None = None
        self._updates: Updates | None = None
        self._courier: Courier | None = None
        self._keeping: asyncio.Task[None] | None = None

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa and in the database, and its place in the address."""
        return parse.CHANNEL

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The route of the webhook where there is one; start and stop with the server."""
        routes = guard.GuardedBlueprint("telegram")
        if not self._conf.telegram_token:
            return routes
        try:
            api.check(self._conf)
        except WuchangError as error:
            logger.error("Telegram: no such channel: %s", error)
            return routes

        async def start(app: Sanic, _loop: Any) -> None:
            await self._start(app, on_new_message)

        async def stop(_app: Sanic, _loop: Any) -> None:
            await self._stop()

        routes.listener(start, "after_server_start")
        routes.listener(stop, "before_server_stop")
        if self._conf.telegram_mode == "webhook":
            secret = api.secret(self._conf)

            async def webhook(request: Request) -> HTTPResponse:
                return await self._webhook(request, secret)

            # As a stream: nothing of a body is read before the secret is known to be right.
            routes.add_route(webhook, "/webhook", methods=["POST"], stream=True, name="webhook")
            guard.refuse_in_words(routes)
        return routes

    async def _webhook(self, request: Request, secret: str) -> HTTPResponse:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            request.stream.request_max_size = 0  # what is still to come is not waited for
            raise BadMessage("forbidden", "the secret is missing or wrong. Only Telegram may call this.", 403)
        update = parse.read(await guard.read_body(request, most=parse.MAX_BYTES, seconds=BODY_SECONDS))
        if self._updates is None:
            return json({"error": "starting"}, status=503)  # Telegram sends it again
        task = await self._updates.take(update)
        return json({"status": "ok" if task else "ignored"})

    async def _start(self, app: Sanic, on_new_message: OnNewMessage) -> None:
        bot = self._bot = api.make_bot(self._conf)
        sender = Sender(bot)
        courier = self._courier = Courier(self.name(), sender)
        conversation = Conversation(
            self.name(),
            on_new_message,
            lambda who: app.ctx.agent.tracker_store.retrieve(who),
            self._answer_seconds,
        )
        reception = Reception(
            conversation,
            fetch=lambda wanted: api.download(bot, wanted),
            render=render,
            ready=courier.wake,
            most_waiting=None,  # what piled up while the office was away is not "too fast"
        )
        self._keeping = asyncio.get_running_loop().create_task(self._keep(bot, reception, courier))
        self._keeping.add_done_callback(_log_end)

    async def _keep(self, bot: Bot, reception: Reception, courier: Courier) -> None:
        """Everything that goes on by itself until the server stops."""
        await _again_until_done(bot.initialize)
        logger.warning("Telegram: @%s, %s", bot.username, self._conf.telegram_mode)
        self._updates = Updates(bot, reception)
        courier.start()
        # Of several processes one takes up what was left behind, and polls; if it ends, another one does.
        async with _leading(self._conf.telegram_token):
            await _again_until_done(self._updates.resume)
            await _offer_commands(bot)
            # What could not be worked on, and what other processes leave behind, is taken up later.
            later = over_and_over(self._updates.resume, RESUME_SECONDS, LONGEST_RESUME, _log_resume)
            if self._conf.telegram_mode == "webhook":
                await later
            await asyncio.gather(later, polling.poll(bot, self._updates))

    async def _stop(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        if self._updates:
            await self._updates.stop()
        if self._courier:
            await self._courier.stop()
        if self._bot:
            with suppress(TelegramError):
                await self._bot.shutdown()


def _log_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("Telegram: stopped (%s); restart the server", type(error).__name__)


def _log_resume(error: Exception) -> None:
    logger.error("Telegram: what was left could not be read: %s", type(error).__name__)


async def _again_until_done(work: Callable[[], Any]) -> None:
    """`work`, tried again with longer and longer pauses while it fails."""
    pause = FIRST_PAUSE
    while True:
        try:
            await work()
            return
        except Exception as error:
            logger.warning("Telegram: %s", polling.explain(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


@asynccontextmanager
async def _leading(token: str) -> AsyncIterator[None]:
    """Wait until no other process of this machine leads for this bot, then lead."""
    path = lock_file(token)
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with alone_at_once(path) as first:
            if first:
                yield
                return
        await asyncio.sleep(LOCK_SECONDS)


def lock_file(token: str) -> Path:
    """The file that the process which polls for this bot locks."""
    return ROOT / "var" / f"telegram-{sha256(token.encode()).hexdigest()[:8]}.lock"


async def _offer_commands(bot: Bot) -> None:
    """Telegram's menu of commands, Chinese for all and English where the app is English."""
    try:
        for language, code in (("zh", None), ("en", "en")):
            commands = [
                BotCommand(name, word(f"channel_command_{name}", language)) for name in contents.COMMANDS
            ]
            await bot.set_my_commands(commands, language_code=code)
    except TelegramError as error:
        logger.warning("Telegram: the menu of commands could not be set: %s", polling.explain(error))
