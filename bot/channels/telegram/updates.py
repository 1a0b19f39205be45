"""From an update to its work: stored, told apart, worked on in the order of its chat, and taken up again after a fall."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot import clock
from bot.channels.conversation import log_failure
from bot.channels.model import BadMessage, Command, Received
from bot.channels.reception import Reception, Turn
from bot.channels.tasks import tried_again
from bot.channels.telegram.contents import Me
from bot.channels.telegram.parse import CHANNEL, Pressed, key_of, parse, split_address
from bot.channels.telegram.sender import KEYBOARD
from bot.storage import accounts, choices, outbox
from bot.storage.database import session_scope
from bot.storage.inbound import Claim
from bot.texts import word

TYPING_AFTER, TYPING_EVERY = 1.0, 4.0  # Telegram shows it for 5 s
PAUSES = (1.0, 5.0, 25.0)  # before the work on a message is tried again, when the database was away, say
STOP_SECONDS = 8.0
AFTER_GREETING = timedelta(seconds=2)  # the keyboard's message is put down first, so that no fall loses it

logger = logging.getLogger(__name__)


class Updates:
    """Takes updates in and has them worked on; several chats side by side, one chat's in order.

    Args:
        bot: must be initialised.
    """

    def __init__(self, bot: Bot, reception: Reception) -> None:
        self._bot = bot
        self._reception = reception
        self._me = Me(bot.id, bot.username)
        self._running: set[asyncio.Task[None]] = set()

    async def take(self, update: Mapping[str, Any]) -> asyncio.Task[None] | None:
        """Store an update and begin its work; the work, or None where there is none (useless, or here before).

        Raises:
            BadMessage: it is no update.
        """
        parsed = parse(update, self._me)
        if parsed.gone:
            await self._reception.lost(key_of(update), parsed.gone)
        if parsed.pressed:
            self._spawn(self._answer_press(parsed.pressed, parsed.received))
        if parsed.received is None:
            return None
        # Its place is taken before anything is waited for, so that one chat's updates stay in order.
        turn = self._reception.arrive(parsed.received)
        try:
            new = await turn.take_in(json.dumps(update, ensure_ascii=False))
        except BaseException:
            turn.leave()
            raise
        if not new:
            turn.leave()
            return None
        return self._spawn(self._work(turn))

    async def resume(self) -> None:
        """Go on with what was taken in, is not done, and nobody works on."""
        for message in await self._reception.unfinished():
            try:
                update = json.loads(message.body)
                received = parse(update, self._me).received
            except (BadMessage, ValueError):
                received = None
            if received:
                self._spawn(self._work(self._reception.arrive(received, again=message.tries > 0)))

    async def stop(self) -> None:
        """Let the work that has begun end; what does not is taken up after the next start."""
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _work(self, turn: Turn) -> None:
        received = turn.received
        failed = partial(log_failure, CHANNEL, accounts.sender_of(CHANNEL, received.address))

        loop = asyncio.get_running_loop()
        typing: list[asyncio.TimerHandle | asyncio.Task[None]] = []

        def show_typing() -> None:
            typing.append(self._spawn(self._show_typing(received.address)))

        async def work() -> None:
            if await turn.claim() is not Claim.MINE:  # another process is at it, or it is done
                return
            if not typing:
                typing.append(loop.call_later(TYPING_AFTER, show_typing))
            if _greets(received):
                await asyncio.to_thread(_show_keyboard, received)
            await turn.work()

        with turn:
            try:
                await tried_again(work, PAUSES, failed)
            except Exception as error:
                failed(error)
            finally:
                for shown in typing:
                    shown.cancel()

    async def _show_typing(self, address: str) -> None:
        chat, _group = split_address(address)
        while True:
            with suppress(TelegramError):
                await self._bot.send_chat_action(chat, ChatAction.TYPING)
            await asyncio.sleep(TYPING_EVERY)

    async def _answer_press(self, pressed: Pressed, received: Received | None) -> None:
        """Stop the button's little clock, and take the buttons away: each choice is made once.

        In a group only who was asked may take them away.
        """
        with suppress(TelegramError):
            await self._bot.answer_callback_query(pressed.query)
        if pressed.chat is None or pressed.message is None or received is None:
            return
        if pressed.private or await asyncio.to_thread(_is_theirs, received, pressed.data):
            with suppress(TelegramError):
                await self._bot.edit_message_reply_markup(pressed.chat, pressed.message, reply_markup=None)


def _greets(received: Received) -> bool:
    """Whether it is /start in a private chat, after which the keyboard is shown."""
    sent, group = received.sent, split_address(received.address)[1]
    return isinstance(sent, Command) and sent.title.startswith("/start") and not group


def _show_keyboard(received: Received) -> None:
    now = clock.now()
    with session_scope() as session:
        sender = accounts.sender_of(CHANNEL, received.address)
        account = accounts.find(session, channel=CHANNEL, sender=sender)
        text = word("channel_place_keyboard", account.language if account else "zh")
        outbox.notify(
            session, channel=CHANNEL, sender=sender, text=text, kind=outbox.REPLY, reference=received.key, now=now,
            due_at=now + AFTER_GREETING, content={KEYBOARD: True}, once=f"{CHANNEL}:{received.key}:keyboard",
        )  # fmt: skip


def _is_theirs(received: Received, data: str) -> bool:
    with session_scope() as session:
        sender = accounts.sender_of(CHANNEL, received.address)
        found = choices.chosen(session, data, channel=CHANNEL, sender=sender, now=clock.now())
    return found is not None
