"""The action server's process (`python -m bot.runtime.action_server`)."""

from __future__ import annotations

import logging
import warnings

from rasa_sdk.endpoint import create_app

from bot.documents import answers
from bot.nlu import encoder
from bot.nlu.normalise import normalise
from bot.runtime import crowd
from bot.runtime.key import require_key
from bot.settings import settings


def main() -> None:
    """Serve the actions of package `actions` until the process is told to stop."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    require_key()
    answers.shipped()  # built now, not at the first question
    encoder.warm_up()
    normalise("")  # and so are the tables of the rules
    crowd.expect()
    app = create_app("actions")
    app.run(
        host=settings().action_host,
        port=int(settings().action_port),
        backlog=crowd.BACKLOG,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
