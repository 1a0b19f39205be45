"""What lets hundreds of people in at once: both servers call `expect` before they make their Sanic app.

With Sanic's own figures the 101st connection that waits is dropped (its browser tries again after 1, 3, 7, 15,
31 seconds), and one that is idle for 5 seconds is closed, often in the moment when the next message comes.
"""

from __future__ import annotations

import os

BACKLOG = 1024
KEEP_ALIVE_SECONDS = (
    75  # longer than a person reads, than nginx keeps its side open, and than Rasa uses a connection
)


def expect() -> None:
    """Set it in the environment, where Rasa and Sanic read it; what is set there already stays."""
    os.environ.setdefault("SANIC_BACKLOG", str(BACKLOG))
    os.environ.setdefault("SANIC_KEEP_ALIVE_TIMEOUT", str(KEEP_ALIVE_SECONDS))
