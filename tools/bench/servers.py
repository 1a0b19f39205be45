"""The assistants under test: started on free ports of this machine, ended whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.settings import ENVIRONMENT_NAMES, ROOT
from tools.bench import stock

WORK = ROOT / "var" / "bench"
# A plain answer, a procedure question, and a question that the database answers.
_TEXTS = ("你好", "谁批准启动一级应急响应", "三塘镇今天哪里停水")
START_SECONDS = 180
STOP_SECONDS = 20


@dataclass(frozen=True)
class Running:
    """A running assistant: its REST address, its processes, how long it took to answer, what is said to it.

    `trouble` are its words for an action that failed: such an answer comes fast and counts for nothing.
    """

    url: str
    rasa_pid: int
    action_pid: int
    start_seconds: float
    plain: str
    action: str
    news: str | None = None
    trouble: tuple[str, ...] = ()


class DidNotStart(RuntimeError):
    """A server ended or gave no answer in time."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB (10^6 bytes)."""
    status = Path(f"/proc/{pid}/status").read_text()
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) * 1024 / 1e6


@contextmanager
def ours() -> Iterator[Running]:
    """`wuchang serve` with a database of its own that goes away afterwards."""
    home = WORK / f"run-{os.getpid()}"
    home.mkdir(parents=True, exist_ok=True)
    port, action_port = free_port(), free_port()
    database = f"sqlite:///{home / 'bench.db'}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("WUCHANG_")}
    # Every setting is given, at its default, so that a .env file changes nothing here.
    blank = dict.fromkeys(ENVIRONMENT_NAMES.values(), "")
    environment = {
        **own, **blank, "WUCHANG_HOST": "127.0.0.1", "WUCHANG_PORT": str(port),
        "WUCHANG_ACTION_HOST": "127.0.0.1", "WUCHANG_ACTION_PORT": str(action_port),
        "WUCHANG_DATABASE_URL": database, "WUCHANG_TRACKER_URL": database, "WUCHANG_DESK_PORT": str(free_port()),
    }  # fmt: skip
    command = [sys.executable, "-m", "bot.cli", "serve"]
    try:
        with _process(command, ROOT, environment, WORK / "ours.log") as server:
            url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
            seconds = _wait(url, "你好", [server], WORK / "ours.log")
            _reachable(action_port, [server], WORK / "ours.log")
            kids = _children(server.pid)
            rasa, actions = _named(kids, "rasa_server"), _named(kids, "action_server")
            try:
                yield Running(url, rasa, actions, seconds, *_TEXTS, trouble=_trouble())
            finally:
                _stop(server)
                _end_leftovers(kids)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def the_stock_one() -> Iterator[Running]:
    """`rasa run` and `rasa run actions` of the stock assistant, which must be trained."""
    port, action_port = free_port(), free_port()
    environment = stock.environment(action_port)
    rasa = [sys.executable, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "-m", str(stock.model())]
    actions = [sys.executable, "-m", "rasa", "run", "actions", "-p", str(action_port)]
    log, action_log = WORK / "stock.log", WORK / "stock-actions.log"
    with (
        _process(actions, stock.HOME, environment, action_log) as action_server,
        _process(rasa, stock.HOME, environment, log) as server,
    ):
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        seconds = _wait(url, stock.PLAIN, [server, action_server], log)
        _reachable(action_port, [server, action_server], action_log)
        yield Running(url, server.pid, action_server.pid, seconds, stock.PLAIN, stock.ACTION)


@contextmanager
def _process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    # A session of its own: Ctrl-C reaches the benchmark alone, which then ends the servers in order.
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    kids = _children(process.pid)
    process.terminate()  # both answer to it with an orderly end, also where Ctrl-C is ignored
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _end_leftovers(kids)


def _wait(url: str, text: str, needed: Sequence[subprocess.Popen[bytes]], log: Path) -> float:
    """Seconds until `text` got an answer, counted from now: call it as soon as the process is started."""
    begun = time.monotonic()
    body = json.dumps({"sender": "bench-start", "message": text}).encode()
    while time.monotonic() - begun < START_SECONDS:
        _raise_if_ended(needed, log)
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with (
            contextlib.suppress(OSError, ValueError),
            urllib.request.urlopen(request, timeout=START_SECONDS) as response,
        ):
            if json.loads(response.read()):
                return time.monotonic() - begun
        time.sleep(0.05)
    raise DidNotStart(f"no answer from {url} after {START_SECONDS} s; see {log}")


def _reachable(port: int, needed: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS:
        _raise_if_ended(needed, log)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise DidNotStart(f"nobody listens on port {port} after {START_SECONDS} s; see {log}")


def _raise_if_ended(needed: Sequence[subprocess.Popen[bytes]], log: Path) -> None:
    for process in needed:
        if process.poll() is not None:
            raise DidNotStart(f"a server ended with status {process.returncode}; see {log}")


def _children(pid: int) -> list[int]:
    try:
        return [int(kid) for kid in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _trouble() -> tuple[str, ...]:
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf8"))["responses"]
    return tuple(variant["text"] for variant in responses["utter_trouble"])


def _named(pids: Sequence[int], name: str) -> int:
    found = next((pid for pid in pids if name in _command_line(pid)), None)
    if found is None:
        raise DidNotStart(f"`wuchang serve` has no process {name!r}; has bot/runtime/serve.py changed?")
    return found


def _end_leftovers(pids: Sequence[int]) -> None:
    """Children of ours that outlived their parent (it was killed): they are ended by their number."""
    for pid in pids:
        if "bot.runtime" in _command_line(pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
