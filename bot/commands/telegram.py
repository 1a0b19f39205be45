"""Setting up the channels of platforms: what has to be told to the platform itself."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.commands import base
from bot.errors import BadInput, WuchangError

_WEBHOOK_PATH = "/webhooks/telegram/webhook"


def add(commands: Any) -> None:
    """Add the commands of this module."""
    telegram = base.group(commands, "telegram", "set up the Telegram bot", of="what")
    base.add(
        telegram, "check", _check, "ask Telegram who the bot is, and say what is wrong where it does not work"
    )
    base.add(
        telegram, "poll", _poll, "take a webhook away, so that the running assistant can ask for messages"
    )
    webhook = base.add(
        telegram,
        "webhook",
        _webhook,
        "tell Telegram the address that it calls (WUCHANG_TELEGRAM_MODE=webhook)",
    )
    webhook.add_argument(
        "url", nargs="?", help=f"https://…{_WEBHOOK_PATH}; default: made from WUCHANG_WEB_URL", metavar="URL"
    )


def _check(_arguments: argparse.Namespace) -> int:
    return _run(_tell_state)


def _poll(_arguments: argparse.Namespace) -> int:
    async def without_webhook(bot: Any) -> None:
        was = (await bot.get_webhook_info()).url
        await bot.delete_webhook()
        print(f"Webhook 取消了：{was}" if was else "本来就没有 webhook。")
        print(_mode("poll"))

    return _run(without_webhook)


def _webhook(arguments: argparse.Namespace) -> int:
    from bot.channels.telegram import api
    from bot.settings import settings

    url = webhook_url(arguments.url, settings().web_url)

    async def with_webhook(bot: Any) -> None:
        await bot.set_webhook(url, secret_token=api.secret(), allowed_updates=api.UPDATES)
        print(f"Telegram 会把消息送到 {url}，每次带着密钥。")
        print(_mode("webhook"))

    return _run(with_webhook)


def webhook_url(given: str | None, web_url: str) -> str:
    """The address for Telegram: as given, or on the host of the web chat.

    Raises:
        BadInput: there is none, or it is not HTTPS.
    """
    url = given or (web_url.split("/webhooks/")[0].rstrip("/") + _WEBHOOK_PATH if web_url else "")
    if not url.startswith("https://"):
        raise BadInput(
            f"Telegram 只往 https:// 的公网地址送消息，这里是 {url or '空的'}。"
            f"请写全：wuchang telegram webhook https://域名{_WEBHOOK_PATH}；没有公网地址就用 wuchang telegram poll。"
        )
    return url


def _mode(wanted: str) -> str:
    from bot.settings import settings

    if settings().telegram_mode == wanted:
        return f"WUCHANG_TELEGRAM_MODE 就是 {wanted}，运行中的助手（wuchang serve）照此收消息。"
    return f"还差一步：.env 里写 WUCHANG_TELEGRAM_MODE={wanted}，再重启 wuchang serve。"


async def _tell_state(bot: Any) -> None:
    from bot.settings import settings

    webhook = await bot.get_webhook_info()
    print(f"Telegram 认得这个机器人：@{bot.username}（{bot.first_name}）")
    print(f"等着收的消息：{webhook.pending_update_count}")
    mode = settings().telegram_mode
    if webhook.url and mode == "poll":
        raise WuchangError(f"设了 webhook（{webhook.url}），所以收不到消息。请运行 wuchang telegram poll。")
    if not webhook.url and mode == "webhook":
        raise WuchangError("还没有 webhook，所以收不到消息。请运行 wuchang telegram webhook。")
    if webhook.last_error_message:
        print(f"Telegram 上次送消息没成功：{webhook.last_error_message}")
    print(f"收消息的方式：{mode}{'，' + webhook.url if webhook.url else ''}")


def _run(work: Callable[[Any], Awaitable[None]]) -> int:
    """Do `work` with the configured bot; the exit status."""
    from telegram.error import InvalidToken, TelegramError

    from bot.channels.telegram import api
    from bot.settings import settings

    if not settings().telegram_token:
        raise BadInput(
            "还没有设 WUCHANG_TELEGRAM_TOKEN。请在 Telegram 里找 @BotFather 建一个机器人，把它给的令牌写进 .env。"
        )

    async def run() -> None:
        async with api.make_bot() as bot:
            await work(bot)

    try:
        asyncio.run(run())
    except InvalidToken:
        raise WuchangError(
            "Telegram 不认得 WUCHANG_TELEGRAM_TOKEN。请从 @BotFather 那里重新抄一遍。"
        ) from None
    except TelegramError as error:
        raise WuchangError(
            f"连不上 Telegram 或者它不答应：{error.message}。在国内要设代理：WUCHANG_TELEGRAM_PROXY=http://地址:端口"
        ) from None
    return 0
