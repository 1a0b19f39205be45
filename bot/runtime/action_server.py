"""The action server's process (`python -m bot.runtime.action_server`)."""

from __future__ import annotations

import logging

from rasa_sdk.endpoint import create_app

from bot.documents import answers
from bot.settings import settings


def main() -> None:
    """Serve the actions of package `actions` until the process is told to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    answers.index()  # built now, not at the first question
    app = create_app("actions")
    app.run(host=settings().action_host, port=int(settings().action_port), access_log=False, motd=False)


if __name__ == "__main__":
    main()
