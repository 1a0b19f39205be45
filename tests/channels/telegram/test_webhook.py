"""The webhook over HTTP, in a process of its own: who may call it, what it takes, and that a kill loses nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.settings import ROOT
from tests.channels.telegram.fakeapi import FakeApi
from tests.ports import free_port

SECRET = "s3cret-of-the-tests"
PATH = "/webhooks/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Server:
    """The process; `api` is what it calls."""

    def __init__(self, folder: Path, api: FakeApi, **settings: str) -> None:
        self.api, self.port, self.file = api, free_port(), folder / "test.db"
        self._environment = {
            **os.environ,
            "WUCHANG_DATABASE_URL": f"sqlite:///{self.file}",
            "WUCHANG_TELEGRAM_TOKEN": api.token,
            "WUCHANG_TELEGRAM_API": api.url,
            "WUCHANG_TELEGRAM_MODE": "webhook",
            "WUCHANG_TELEGRAM_SECRET": SECRET,
            **settings,
        }
        self.log = folder / "server.log"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.channels.telegram.serving", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while self._status() in (0, 503):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def _status(self) -> int:
        try:
            return self.post({"update_id": 0}).status_code
        except httpx.HTTPError:
            return 0

    def post(
        self, update: Any = None, secret: str | None = SECRET, content: bytes | None = None
    ) -> httpx.Response:
        body = json.dumps(update).encode() if content is None else content
        headers = {} if secret is None else {HEADER: secret}
        return httpx.post(
            f"http://127.0.0.1:{self.port}{PATH}", content=body, headers=headers, timeout=15, trust_env=False
        )

    def raw(self, request: bytes, seconds: float = 20) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), seconds) as wire:
            wire.sendall(request)
            return wire.recv(4096)

    def stored(self) -> int:
        with sqlite3.connect(self.file) as connection:
            return int(connection.execute("SELECT count(*) FROM incoming_message").fetchone()[0])

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Servers of one test alone."""
    api = FakeApi(token=f"703:AA{tmp_path.name[-20:].replace('_', '')}0000000000000000000000")
    started: list[Server] = []

    def start(**settings: str) -> Server:
        started.append(Server(tmp_path, api, **settings))
        return started[-1]

    yield start
    for one in started:
        one.kill()
    api.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    api = FakeApi(token="701:AAanotherbotofthesamemachine00001")  # one process leads for a bot
    running = Server(tmp_path_factory.mktemp("telegram"), api)
    yield running
    running.kill()
    api.close()


def update(text: str = "你好", *, number: int, person: int = 42) -> dict[str, Any]:
    message = {"message_id": number, "date": 1, "from": {"id": person, "is_bot": False}, "chat": {"id": person, "type": "private"}, "text": text}  # fmt: skip
    return {"update_id": number, "message": message}


def test_a_message_is_answered(server: Server) -> None:
    assert server.post(update(number=1)).json() == {"status": "ok"}
    server.api.wait(lambda: server.api.texts() == ["收到：你好"])


def test_the_commands_are_offered_in_both_languages(server: Server) -> None:
    zh, en = server.api.wait(
        lambda: len(server.api.of("setMyCommands")) == 2 and server.api.of("setMyCommands")
    )
    assert [command["command"] for command in zh.params["commands"]] == ["start", "report", "help"]
    assert "language_code" not in zh.params
    assert en.params["language_code"] == "en"
    assert en.params["commands"][0]["description"] == "Start"


def test_the_same_update_again_is_answered_once(server: Server) -> None:
    before = server.stored()
    told = [server.post(update("再说一次", number=2, person=7)).json()["status"] for _ in range(4)]
    assert told == ["ok", "ignored", "ignored", "ignored"]
    server.api.wait(lambda: server.api.texts(7))
    time.sleep(0.5)
    assert server.api.texts(7) == ["收到：再说一次"]
    assert server.stored() == before + 1


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "s\u00e9cret"])
def test_without_the_secret_nothing_is_taken(server: Server, secret: str | None) -> None:
    before = server.stored()
    given = None if secret is None else secret.encode()  # type: ignore[assignment]
    response = server.post(update(number=900), secret=given)
    assert (response.status_code, response.json()["error"]) == (403, "forbidden")
    assert server.stored() == before


def test_the_secret_is_looked_at_before_the_body_is_read(server: Server) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: wrong\r\nContent-Length: 100000000\r\n\r\n"
    begun = time.monotonic()
    assert b" 403 " in server.raw(head.encode())
    assert time.monotonic() - begun < 3


BAD = {
    "no JSON": b"{", "a list": b"[]", "nothing": b"", "no UTF-8": b"\xff", "deep": b"[" * 60_000, "no number": b"{}",
    "a broken message": b'{"update_id": 5, "message": {"chat": 1}}', "NaN": b'{"update_id": NaN}',
}  # fmt: skip


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_broken_body_is_refused(server: Server, body: bytes) -> None:
    before = server.stored()
    assert 400 <= server.post(content=body).status_code < 500
    assert server.stored() == before


def test_a_body_too_large_is_refused(server: Server) -> None:
    assert server.post(content=b" " * (256 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize("length", ["-5", "5, 5", "abc", "+7", "1e3", ""])
def test_lengths_that_hang_sanic(server: Server, length: str) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: {length}\r\n\r\n"
    assert b" 400 " in server.raw(head.encode(), 5)
    assert server.post({"update_id": 6}).json() == {"status": "ignored"}


def test_a_slow_sender_is_cut_off_and_holds_up_nobody(server: Server) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 500\r\n\r\n{{"
    with socket.create_connection(("127.0.0.1", server.port), 20) as wire:
        wire.sendall(head.encode())
        assert server.post({"update_id": 6}).status_code == 200
        assert b" 408 " in wire.recv(4096)


def test_what_is_of_no_use_is_taken_and_not_kept(server: Server) -> None:
    before = server.stored()
    assert server.post({"update_id": 7, "channel_post": {}}).json() == {"status": "ignored"}
    assert server.stored() == before


def test_other_methods_and_routes_are_not_there(server: Server) -> None:
    url = f"http://127.0.0.1:{server.port}/webhooks/telegram"
    assert httpx.get(f"{url}/webhook", trust_env=False).status_code == 405
    assert httpx.get(f"{url}/", trust_env=False).status_code == 404


def test_killed_in_the_middle_of_the_work_it_goes_on_after_the_start(own: Callable[..., Server]) -> None:
    server = own()
    api = server.api
    for i in range(5):
        assert server.post(update(f"慢6 {i}".replace(" ", "."), number=20 + i, person=100 + i)).json() == {
            "status": "ok"
        }
    assert server.post(update("快", number=30, person=200)).status_code == 200
    api.wait(lambda: api.texts(200))
    server.kill()
    assert [api.texts(100 + i) for i in range(5)] == [[]] * 5
    server.start()
    api.wait(lambda: all(api.texts(100 + i) for i in range(5)), 60)
    assert server.post(update("快", number=30, person=200)).json() == {"status": "ignored"}
    time.sleep(1)
    assert [api.texts(100 + i) for i in range(5)] == [[f"收到：慢6.{i}"] for i in range(5)]
    assert api.texts(200) == ["收到：快"]
    assert server.stop() == 0
    log = server.log.read_text()
    assert api.token not in log
    assert "收到" not in log


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"WUCHANG_TELEGRAM_TOKEN": ""}, ""),
        ({"WUCHANG_TELEGRAM_MODE": "both"}, "WUCHANG_TELEGRAM_MODE"),
        ({"WUCHANG_TELEGRAM_SECRET": "no spaces"}, "WUCHANG_TELEGRAM_SECRET"),
        ({"WUCHANG_TELEGRAM_PROXY": "nonsense"}, "WUCHANG_TELEGRAM_PROXY"),
    ],
    ids=["no token", "mode", "secret", "proxy"],
)
def test_without_a_token_or_with_a_wrong_setting_there_is_no_such_channel(
    own: Callable[..., Server], settings: dict[str, str], said: str
) -> None:
    server = own(**settings)  # 404 counts as started
    assert server.post(update(number=1)).status_code == 404
    assert server.api.calls == []
    assert server.stop() == 0
    assert said in server.log.read_text()
