"""The incident desk beside the chat, as `wuchang serve` starts it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx

from tests.e2e.served import Served


def desk(served: Served, path: str = "/health") -> httpx.Response | None:
    try:
        return httpx.get(f"http://127.0.0.1:{served.desk_port}{path}", timeout=5)
    except httpx.TransportError:
        return None


def wait_for_desk(served: Served, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while desk(served) is None:
        assert time.monotonic() < until, served.log.read_text(errors="replace")[-2000:]
        time.sleep(0.1)


def process_of_desk(served: Served) -> int:
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    (found,) = (int(pid) for pid in children if b"bot.desk" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return found


def test_a_desk_that_ends_takes_the_chat_from_nobody_and_comes_back(served: Served) -> None:
    wait_for_desk(served)
    os.kill(process_of_desk(served), signal.SIGKILL)
    until = time.monotonic() + 10
    while desk(served) is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert served.say("desk-1", "你好")
    assert served.process.poll() is None
    wait_for_desk(served)
    assert "tried again in 2 s" in served.log.read_text()


def test_the_address_is_told_and_the_first_admins_link(served: Served) -> None:
    wait_for_desk(served)
    assert any(f"http://127.0.0.1:{served.desk_port}/" in line for line in served.lines)
    assert f"http://127.0.0.1:{served.desk_port}/link?token=" in served.log.read_text()


def test_it_ends_with_the_rest(served: Served) -> None:
    wait_for_desk(served)
    pid = process_of_desk(served)
    assert served.stop() == 0
    assert not Path(f"/proc/{pid}").exists()
