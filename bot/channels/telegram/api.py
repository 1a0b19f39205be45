"""The client of the Bot API: python-telegram-bot's `Bot`, without its `Application`.

`Application` confirms updates before they are worked on, and its rate limiter lets one chat's limit hold up all.
"""

from __future__ import annotations

import logging
import re
import warnings
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.model import BadMessage, File, Photo
from bot.errors import WuchangError
from bot.settings import Settings, settings
from bot.storage.sealed import fingerprint
from bot.textfiles import MAX_BYTES, too_big

MODES = ("poll", "webhook")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
CONNECTIONS = 32
POLL_SECONDS = 25
PHOTO_BYTES = 10 * 1024 * 1024
_SLACK = 10  # beyond what Telegram itself waits with an empty answer
# What is asked for, so that nothing else is sent.
UPDATES = ["message", "callback_query", "my_chat_member"]
# `Bot.get_updates` would make objects of a whole batch at once, and fail as a whole.
warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'")


def check(conf: Settings) -> None:
    """Raises `WuchangError` where a setting cannot be used."""
    if conf.telegram_mode not in MODES:
        raise WuchangError(
            f"WUCHANG_TELEGRAM_MODE 只能是 {' 或 '.join(MODES)}，不能是 {conf.telegram_mode}。"
        )
    if not _SECRET.fullmatch(secret(conf)):
        raise WuchangError("WUCHANG_TELEGRAM_SECRET 只能用 1 到 256 个字母、数字、_ 和 -。")
    make_bot(conf)


def make_bot(conf: Settings | None = None) -> Bot:
    """The client of the configured bot; nothing is sent yet.

    Raises:
        WuchangError: the proxy or the address cannot be used.
    """
    conf = conf or settings()
    for name in ("httpx", "httpcore"):  # they log addresses, and the token is part of them
        logging.getLogger(name).setLevel(logging.WARNING)
    proxy = conf.telegram_proxy or None
    try:
        calls = HTTPXRequest(CONNECTIONS, read_timeout=20, connect_timeout=10, pool_timeout=20, proxy=proxy)
        polls = HTTPXRequest(
            1, read_timeout=POLL_SECONDS + _SLACK, connect_timeout=10, pool_timeout=10, proxy=proxy
        )
    except (RuntimeError, ValueError) as error:
        raise WuchangError(
            f"WUCHANG_TELEGRAM_PROXY 用不了（{error}）。要写成 http://127.0.0.1:7890 这样；socks5:// 要另外装 httpx[socks]。"
        ) from None
    api = conf.telegram_api.rstrip("/")
    return Bot(
        conf.telegram_token, base_url=f"{api}/bot", base_file_url=f"{api}/file/bot", request=calls,
        get_updates_request=polls,
    )  # fmt: skip


def secret(conf: Settings | None = None) -> str:
    """What Telegram has to send along with each webhook request; made from the data key where none is configured."""
    conf = conf or settings()
    return conf.telegram_secret or fingerprint("telegram webhook", conf.telegram_token)


async def get_updates(bot: Bot, offset: int | None, seconds: int = POLL_SECONDS) -> list[dict[str, Any]]:
    """The updates from `offset` on, as they came (not as objects: one that is odd must not cost the others)."""
    asked = {"offset": offset, "timeout": seconds, "allowed_updates": UPDATES}
    found: Any = await bot.do_api_request("getUpdates", api_kwargs=asked, read_timeout=seconds + _SLACK)
    return found if isinstance(found, list) else []


async def download(bot: Bot, wanted: Photo | File) -> bytes:
    """The bytes of a photo or file.

    Raises:
        BadMessage: it is too big, in words for people.
        TelegramError: Telegram does not hand it out.
    """
    if isinstance(wanted, File):
        _check_size(wanted, wanted.size)
    try:
        file = await bot.get_file(wanted.reference)
    except TelegramError as error:
        if "too big" in error.message.lower():
            _check_size(wanted, MAX_BYTES + 1)
        raise
    _check_size(wanted, file.file_size)
    content = bytes(await file.download_as_bytearray())
    _check_size(wanted, len(content))
    return content


def _check_size(wanted: Photo | File, size: int | None) -> None:
    if size is None or size <= (MAX_BYTES if isinstance(wanted, File) else PHOTO_BYTES):
        return
    if isinstance(wanted, File):
        raise BadMessage("too_large", str(too_big(wanted.name, size)), 413)
    raise BadMessage("too_large", "这张照片超过 10 MB，太大了。请发小一点的。", 413)
