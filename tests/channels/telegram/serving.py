"""A server of its own process with the Telegram channel and an assistant that says the words back.

`python -m tests.channels.telegram.serving PORT`; settings from the environment. Sanic 21.12 can be started once in a process.
"""

from __future__ import annotations

import sys

from rasa.core.channels.channel import register
from sanic import Sanic
from sanic.response import text

from bot.channels.telegram.channel import TelegramChannel
from bot.storage.database import migrate
from tests.channels.telegram.assistant import EchoAssistant


def main() -> None:
    migrate()
    app = Sanic("telegram_test", configure_logging=False)
    register([TelegramChannel()], app, "/webhooks/")

    async def load(app: Sanic, _loop: object) -> None:
        app.ctx.agent = EchoAssistant()

    app.add_route(lambda _request: text("up"), "/")
    app.register_listener(load, "before_server_start")
    app.run("127.0.0.1", int(sys.argv[1]), access_log=False)


if __name__ == "__main__":
    main()
