"""Long polling, for an office without a public address.

python-telegram-bot's own `Updater` confirms updates before they are handled, so that a fall loses them. Here each
is stored and worked on first. The work is waited for a little only, for what is stored is not lost either: one
chat that hangs must not hold up all others.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.channels.model import BadMessage
from bot.channels.telegram import api
from bot.channels.telegram.parse import update_id
from bot.channels.telegram.sender import seconds_of, verdict
from bot.channels.telegram.updates import Updates

WORK_SECONDS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

logger = logging.getLogger(__name__)


async def poll(bot: Bot, updates: Updates, seconds: int = api.POLL_SECONDS) -> None:
    """Fetch updates and have them worked on until cancelled.

    Begins without an offset: Telegram then sends all that was never confirmed, and what of it was stored is known.
    """
    offset: int | None = None
    pause = FIRST_PAUSE
    while True:
        try:
            found = await api.get_updates(bot, offset, seconds)
            offset = await _take_all(found, updates) or offset
            pause = FIRST_PAUSE
        except Exception as error:  # of the database too: nothing was confirmed, so all comes again
            logger.warning("Telegram: %s", explain(error))
            await asyncio.sleep(_wait(error, pause))
            pause = min(pause * 2, LONGEST_PAUSE)


async def _take_all(found: list[dict[str, Any]], updates: Updates) -> int | None:
    """Store a batch and wait for its work; the offset that confirms it, None where it is empty."""
    begun: list[asyncio.Task[None]] = []
    offset = None
    for update in found:
        offset = max(offset or 0, update_id(update) + 1)
        try:
            task = await updates.take(update)
        except BadMessage as error:
            logger.warning("Telegram: an update is left out: %s", error.code)
            continue
        if task:
            begun.append(task)
    if begun:
        await asyncio.wait(begun, timeout=WORK_SECONDS)
    return offset


def explain(error: Exception) -> str:
    """What an error of polling means and what to do, without anything of a person or the token."""
    if isinstance(error, Conflict):
        return (
            "409 Conflict. Another program polls with this token, or a webhook is set. End the other one, or run "
            "`wuchang telegram poll`, which takes the webhook away."
        )
    if isinstance(error, InvalidToken | EndPointNotFound):  # the latter is what a raw call makes of a 401
        return "the token is not known. Put the one of @BotFather into WUCHANG_TELEGRAM_TOKEN and restart."
    if isinstance(error, TelegramError):
        return (
            f"{verdict(error)}. Tried again; from mainland China a proxy is needed (WUCHANG_TELEGRAM_PROXY)."
        )
    return f"{type(error).__name__}. Tried again."


def _wait(error: Exception, pause: float) -> float:
    return seconds_of(error) if isinstance(error, RetryAfter) else pause
