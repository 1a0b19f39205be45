"""Sending one message of the outbox with one call of the Bot API, and what an error of it means.

Nothing may be sent twice. So only what surely never reached Telegram, or what Telegram refused for now, is tried
again; where nobody knows, the message goes to the list for staff.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot import clock
from bot.channels.courier import TryLater, Undeliverable
from bot.channels.model import Button, Reply, Venue
from bot.channels.telegram.limits import Flood
from bot.channels.telegram.parse import split_address
from bot.channels.telegram.render import offered
from bot.storage import files, outbox
from bot.storage.accounts import Account
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing
from bot.texts import word

KEYBOARD = "keyboard"  # in a message's content: the keyboard that stays below, to send one's place
# Telegram's limits for a title and an address of a venue are not told; far longer ones pass.
MAX_TITLE = 200
AWAY_SECONDS = 20.0  # between tries while there is no connection
_WAITED = 2.0  # seconds for which a message may wait here; longer ones give their place to others
_ROW_UNITS = 16  # titles longer than this have a row of their own
_FILE_LINK = re.compile(r"(?:^|/)file\?token=([A-Za-z0-9_-]+)$")
# Nothing of the message left this machine.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_NOBODY = (
    "chat not found",
    "user is deactivated",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
)


class Sender:
    """`Courier`'s `send` for Telegram."""

    def __init__(self, bot: Bot, flood: Flood | None = None) -> None:
        self._bot = bot
        self._flood = flood or Flood()

    async def __call__(self, account: Account, reply: Reply, message: Outgoing) -> None:
        """Send one message.

        Raises:
            TryLater: it was surely not sent.
            Undeliverable: it cannot be, or nobody knows.
        """
        chat, group = split_address(account.address)
        await self._wait(chat, group=group, message=message.id)
        if reply.buttons and message.kind != outbox.REPLY:  # an answer has been put into its form before
            reply = await asyncio.to_thread(_with_tokens, reply, account.sender)
        options: dict[str, Any] = {}
        if group and message.kind == outbox.REPLY and message.reference.isdigit():
            number = int(message.reference)
            options["reply_parameters"] = ReplyParameters(number, allow_sending_without_reply=True)
        if message.content.get(KEYBOARD) and not group:
            options["reply_markup"] = place_keyboard(account.language)
        try:
            await self._send_migrated(chat, reply, options)
        except TelegramError as error:
            if isinstance(error, RetryAfter):
                self._flood.hold(chat, seconds_of(error))
            raise verdict(error) from error

    async def _wait(self, chat: int, *, group: bool, message: int) -> None:
        while seconds := self._flood.seconds(chat, group=group, message=message):
            if seconds > _WAITED:
                raise TryLater("flood limit of the chat", seconds, counts=False)
            await asyncio.sleep(seconds)

    async def _send_migrated(self, chat: int, reply: Reply, options: dict[str, Any]) -> None:
        try:
            await self._send(chat, reply, options)
        except ChatMigrated as moved:  # the group became a supergroup: refused under its old number
            await self._send(moved.new_chat_id, reply, {**options, "reply_parameters": None})

    async def _send(self, chat: int, reply: Reply, options: dict[str, Any]) -> None:
        if reply.venues:
            await self._send_venue(chat, reply.venues[0], options)
        elif reply.attachment:
            await self._send_file(chat, reply.attachment, options)
        elif reply.image:
            await self._bot.send_photo(chat, reply.image, **options)
        else:
            await self._send_text(chat, reply.text, reply.buttons, options)

    async def _send_text(
        self, chat: int, text: str, buttons: Any = (), options: dict[str, Any] | None = None
    ) -> None:
        markup = {"reply_markup": keyboard(tuple(buttons))} if buttons else {}
        preview = LinkPreviewOptions(is_disabled=True)  # a map's preview is larger than the answer
        await self._bot.send_message(
            chat, text, link_preview_options=preview, **{**(options or {}), **markup}
        )

    async def _send_venue(self, chat: int, venue: Venue, options: dict[str, Any]) -> None:
        await self._bot.send_venue(
            chat, venue.lat, venue.lon, venue.name[:MAX_TITLE], (venue.address or venue.name)[:MAX_TITLE], **options
        )  # fmt: skip

    async def _send_file(self, chat: int, link: str, options: dict[str, Any]) -> None:
        """The file behind a link of ours as a document; any other link as text."""
        token = _FILE_LINK.search(link)
        file = await asyncio.to_thread(_file, token[1]) if token else None
        if file is None:
            await self._send_text(chat, link, options=options)
        else:
            await self._bot.send_document(chat, InputFile(file.body, filename=file.name), **options)


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup:
    """Buttons under a message: short ones two in a row, so that old eyes can read them."""
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        made = InlineKeyboardButton(button.title, callback_data=button.payload)
        short = len(button.title) <= _ROW_UNITS // 2
        beside = rows and len(rows[-1]) == 1 and short and len(str(rows[-1][0].text)) <= _ROW_UNITS // 2
        if beside:
            rows[-1].append(made)
        else:
            rows.append([made])
    return InlineKeyboardMarkup(rows)


def place_keyboard(language: str) -> ReplyKeyboardMarkup:
    """The keyboard that stays below the chat: one button, which sends one's place."""
    button = KeyboardButton(word("channel_place_button", language), request_location=True)
    return ReplyKeyboardMarkup([[button]], resize_keyboard=True, is_persistent=True)


def verdict(error: TelegramError) -> TryLater | Undeliverable:
    """What an error of the Bot API means for the message. Reasons hold Telegram's words, never a person's."""
    if isinstance(error, RetryAfter):
        return TryLater("Telegram: too many messages", seconds_of(error), counts=False)
    if isinstance(error, Forbidden):
        return Undeliverable(f"Telegram: {error.message}"[:200], unreachable=True)
    if isinstance(error, InvalidToken):
        return TryLater(
            "Telegram does not know the token (WUCHANG_TELEGRAM_TOKEN)", AWAY_SECONDS, counts=False
        )
    if isinstance(error, BadRequest):
        gone = any(words in error.message.lower() for words in _NOBODY)
        return Undeliverable(f"Telegram: {error.message}"[:200], unreachable=gone)
    if isinstance(error, NetworkError) and isinstance(error.__cause__, _UNSENT):
        name = type(error.__cause__).__name__
        return TryLater(f"no connection to Telegram ({name})", AWAY_SECONDS, counts=False)
    if isinstance(error, TimedOut):
        return Undeliverable("unsure: Telegram did not answer in time")
    return Undeliverable(f"unsure: {type(error).__name__}")


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _with_tokens(reply: Reply, sender: str) -> Reply:
    with session_scope() as session:
        return replace(reply, buttons=offered(session, reply.buttons, sender, clock.now()))


def _file(token: str) -> files.File | None:
    with session_scope() as session:
        return files.fetch(session, token, now=clock.now())
