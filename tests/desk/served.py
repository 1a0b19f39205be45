"""The desk over a real socket, in a thread of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from bot.desk.app import create_app
from tests.ports import free_port


@contextmanager
def served_desk() -> Iterator[int]:
    """A running desk; its port."""
    number = free_port()
    config = uvicorn.Config(
        create_app(), port=number, log_level="error", ws="none", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    yield number
    server.should_exit = True
    thread.join(10)
