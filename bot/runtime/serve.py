"""`wuchang serve`: everything from three processes, ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping

from bot import clock
from bot.errors import WuchangError
from bot.runtime.prepare import prepare
from bot.settings import ROOT, settings
from bot.storage.database import resolve_url

START_SECONDS = 120
STOP_SECONDS = 10
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0  # seconds until a desk that ended is begun again
RAN_WELL = 600.0  # one that ran so long ended for another reason than the one before it
_PR_SET_PDEATHSIG = 1


def addresses() -> dict[str, str]:
    """What the configuration files of Rasa take from the environment."""
    conf = settings()
    return {
        "WUCHANG_ACTION_URL": os.environ.get("WUCHANG_ACTION_URL")
        or f"http://{conf.action_host}:{conf.action_port}/webhook",
        "WUCHANG_TRACKER_URL": resolve_url(conf.tracker_url or conf.database_url),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",  # of libraries, none of them ours
    }


def serve() -> int:
    """Prepare, start both processes, print the address, and wait; the exit status."""
    model = prepare()
    if not clock.is_beijing_time():
        print(
            "注意：这台机器不是北京时间，“昨晚八点”会算错；请设 WUCHANG_TIMEZONE=Asia/Shanghai"
            " / this machine's clock is not on Beijing time",
            file=sys.stderr,
        )
    environment = {**os.environ, **addresses(), "PYTHONPATH": str(ROOT)}
    children = {
        "rasa": _start("bot.runtime.rasa_server", str(model), environment=environment),
        "actions": _start("bot.runtime.action_server", environment=environment),
    }
    for end in (signal.SIGTERM, signal.SIGINT):  # a shell may have handed SIGINT down as ignored
        signal.signal(end, _interrupt)
    try:
        _wait_until_up(children)
        desk = Desk(environment, children)
        print(f"\n屋场助手已经启动 / ready: {settings().chat_url}", flush=True)
        if desk.keep():
            print(f"停水值班台 / incident desk: {settings().desk_address}", flush=True)
        print("(Ctrl-C 停止 / to stop)", flush=True)
        return _watch(children, desk)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)


class Desk:
    """The incident desk's process among `children`.

    It is begun once the chat is up, which it shall not make slower, and begun again where it ends: a fault at the desk
    takes the chat from nobody.
    """

    def __init__(self, environment: Mapping[str, str], children: dict[str, subprocess.Popen[bytes]]) -> None:
        self._environment = environment
        self._children = children
        self._wait = FIRST_WAIT
        self._not_before = 0.0
        self._begun = 0.0

    def keep(self) -> bool:
        """Begin it where it does not run and it is time; whether there is to be a desk at all."""
        if settings().desk_port == "0":
            return False
        running = self._children.get("desk")
        if running is not None and running.poll() is not None:
            del self._children["desk"]
            if time.monotonic() - self._begun >= RAN_WELL:
                self._wait = FIRST_WAIT
            self._not_before = time.monotonic() + self._wait
            print(
                f"值班台停了（{running.returncode}），{self._wait:.0f} 秒后再开，原因看上面；端口被占用的话，改 WUCHANG_DESK_PORT"
                f" / the desk ended, tried again in {self._wait:.0f} s",
                file=sys.stderr,
            )
            self._wait = min(self._wait * 2, LONGEST_WAIT)
        elif running is None and time.monotonic() >= self._not_before:
            self._begun = time.monotonic()
            self._children["desk"] = _start("bot.desk", environment=self._environment)
        return True


def _start(module: str, *arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # Their own group: Ctrl-C reaches this process alone, which then ends both in order.
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )


def _end_with_parent() -> None:
    """Even where this process is killed outright, Linux ends the child with it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _wait_until_up(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    conf = settings()
    wanted = [
        f"http://{conf.local_host}:{conf.port}/webhooks/web/health",
        f"http://127.0.0.1:{conf.action_port}/health",
    ]
    until = time.monotonic() + START_SECONDS
    while wanted:
        _raise_if_ended(children)
        if time.monotonic() > until:
            raise WuchangError(f"no answer from {wanted[0]} after {START_SECONDS} s; see the log above")
        if _answers(wanted[0]):
            wanted.pop(0)
        else:
            time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _raise_if_ended(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if name != "desk" and child.poll() is not None:
            raise WuchangError(
                f"{name} ended with status {child.returncode}; is its port taken? See the log above"
            )


def _watch(children: Mapping[str, subprocess.Popen[bytes]], desk: Desk) -> int:
    while True:
        _raise_if_ended(children)
        desk.keep()
        time.sleep(0.5)


def _stop(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for impatience in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C must not leave a server behind
        signal.signal(impatience, signal.SIG_IGN)
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
