"""The Rasa process: channels and conversation (`python -m bot.runtime.rasa_server MODEL`)."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from bot.runtime.key import require_key
from bot.runtime.training import quiet
from bot.settings import ROOT, settings


def main(model: Path) -> None:
    """Serve `model` until the process is told to stop."""
    require_key()
    quiet()
    os.chdir(ROOT)
    # TensorFlow takes JAX in where it is installed, to convert its models: 0.4 s for what nobody here does.
    sys.modules["jax"] = None  # type: ignore[assignment]
    from rasa.core import run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings

    from bot.runtime import crowd, handed_over, robust, speed

    configure_logging_and_warnings(logging.WARNING, warn_only_once=True)
    for name in ("sanic.access", "httpx", "httpcore", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    crowd.expect()
    speed.apply()
    robust.apply()
    handed_over.apply()
    run.serve_application(
        model_path=str(model),
        interface=settings().host,
        port=int(settings().port),
        credentials=str(ROOT / "credentials.yml"),
        endpoints=AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml")),
        enable_api=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
