"""Ports for servers that tests start."""

from __future__ import annotations

import os
import random
import socket

# Below those that the system gives to outgoing connections, of which one could take a port before its server does.
FIRST, EACH = 15_000, 1_000
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on; no two calls give the same, nor do two of pytest's workers."""
    first = FIRST + int(_WORKER) % 16 * EACH
    for port in random.sample(range(first, first + EACH), EACH):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
    raise RuntimeError(f"no port is free from {first} on")
