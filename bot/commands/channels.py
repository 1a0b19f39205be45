"""Channels: what is set up at a platform by a command."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bot.commands import base


def add(commands: Any) -> None:
    """Add the commands of this module."""
    wechat = base.group(commands, "wechat", "the WeChat official account", of="menu")
    menu = base.add(wechat, "menu", _menu, "create the menu under the chat, in place of what is there")
    menu.add_argument("--show", action="store_true", help="print it only")


def _menu(arguments: argparse.Namespace) -> int:
    import asyncio

    from bot.channels.wechat.api import api_of, create_menu
    from bot.channels.wechat.messages import menu_payload
    from bot.errors import BadInput
    from bot.settings import settings

    payload = menu_payload()
    if not arguments.show:
        api = api_of(settings())
        if api is None:
            raise BadInput("先设 WUCHANG_WECHAT_APP_ID 和 WUCHANG_WECHAT_APP_SECRET，才能建菜单。")
        asyncio.run(create_menu(api, payload))
    print(json.dumps(payload, ensure_ascii=False, indent=1))
    return 0
