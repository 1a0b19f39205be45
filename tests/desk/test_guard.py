"""What no request gets past: foreign hosts, large bodies, broken forms; and what each answer says of itself."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.desk import web
from bot.desk.app import create_app
from bot.desk.guard import MOST_BYTES
from bot.desk.rendering import TEMPLATES, environment
from bot.settings import Settings
from tests.ports import free_port

from .conftest import Browser

Make = Callable[..., Browser]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:5065", "127.0.0.1.evil.example", "localhost.evil.example", "desk.example@evil.example", "",
     "evil.example#127.0.0.1", "[::1", "127.0.0.1/evil", "desk.example.", "notdesk.example"],
)  # fmt: skip
def test_a_foreign_host_is_answered_with_nothing(
    browser: Make, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.desk.guard.settings", lambda: Settings(desk_url="https://desk.example"))
    answer = browser().get("/login", headers={"Host": host})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:5065", "localhost", "[::1]:5065", "192.168.1.7:5065", "desk.example", "DESK.example:443"],
)
def test_its_own_hosts_are_answered(browser: Make, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.guard.settings", lambda: Settings(desk_url="https://desk.example"))
    assert browser().get("/login", headers={"Host": host}).status_code == 200


def test_no_answer_is_made_of_the_host_that_was_claimed(browser: Make) -> None:
    one = browser("admin")
    for path in ("/", "/account", "/account/", "/users", "/users/", "/static", "/static/", "/nothing"):
        answer = one.get(path, headers={"X-Forwarded-Host": "evil.example", "Host": "10.9.8.7"})
        assert "10.9.8.7" not in str(answer.headers) + answer.text, path
        assert "evil.example" not in str(answer.headers) + answer.text, path


@pytest.mark.parametrize(
    "path",
    ["/login", "/account", "/nothing", "/static/desk.css", "/health", "/static/nothing", "/api/nothing"],
)
def test_every_answer_forbids_what_a_page_does_not_need(browser: Make, path: str) -> None:
    headers = browser("duty").get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "no-store" in headers["cache-control"]
    assert "server" not in headers


def test_a_fault_says_nothing_of_itself_and_has_the_headers_too(browser: Make) -> None:
    def broken(_request: Request) -> PlainTextResponse:
        raise RuntimeError("the secret is 42")

    answer = browser("duty", Route("/broken", broken)).get("/broken")
    assert answer.status_code == 500
    assert "42" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_tiles_are_the_only_thing_from_elsewhere(browser: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = Settings(desk_tiles="https://tiles.example/{z}/{x}/{y}.png")
    monkeypatch.setattr("bot.desk.guard.settings", lambda: tiles)
    policy = browser().get("/login").headers["content-security-policy"]
    assert policy.count("tiles.example") == 1
    assert "img-src 'self' data: https://tiles.example;" in policy


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/....//app.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
     "/static/..\\app.py", "/static/..%5capp.py", "/static/desk.css%00.js", "/static/../templates/login.html", "/static/%252e%252e/app.py", "/static/."],
)  # fmt: skip
def test_only_what_is_static_is_given_out(browser: Make, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code in (303, 404, 405), path
    assert "create_app" not in answer.text
    assert "root:" not in answer.text


def test_static_files_come_with_their_types(browser: Make) -> None:
    one = browser()
    for name, kind in (("desk.css", "text/css"), ("desk.js", "javascript"), ("htmx.min.js", "javascript")):
        assert kind in one.get(f"/static/{name}").headers["content-type"]


def test_the_templates_hold_no_script_and_no_style_of_their_own() -> None:
    import re

    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text, re.I), (
            path
        )
        assert "|safe" not in text, path
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text), path
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.S):
            assert "csrf_field()" in form or 'name="csrf"' in form, path
    assert environment().autoescape


# bodies


def test_a_body_that_says_it_is_too_large_is_not_read(browser: Make) -> None:
    answer = browser("duty").post(
        "/account/duty", content=b"x", headers={"Content-Length": str(MOST_BYTES + 1)}
    )
    assert answer.status_code == 413


def test_a_body_without_a_length_is_read_no_further_than_allowed(browser: Make) -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for _ in range(64):
            taken.append(1)
            yield b"a=" + b"x" * 65536

    answer = browser("duty").post(
        "/account/duty", content=chunks(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-5", "5x", "", "9" * 30, "1e3"])
def test_a_length_that_is_none_is_refused(browser: Make, length: str) -> None:
    assert browser().post("/login", content=b"x", headers={"Content-Length": length}).status_code in (
        400,
        413,
    )


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b'{"csrf": "x"}', 415), ("multipart/form-data; boundary=x", b"--x--", 415), ("text/plain", b"csrf=x", 415),
     ("", b"csrf=x", 415), ("application/x-www-form-urlencoded", b"a=%ff%fe", 400), ("application/x-www-form-urlencoded", b"\xff", 400),
     ("application/x-www-form-urlencoded", b"a=1&" * 600, 400), ("application/x-www-form-urlencoded", b"name=%00", 400)],
)  # fmt: skip
def test_what_is_no_form_is_refused(browser: Make, kind: str, body: bytes, status: int) -> None:
    answer = browser("duty").post("/account/duty", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status


def test_what_was_typed_is_never_part_of_a_header(browser: Make) -> None:
    boss = browser("admin")
    for name in ("a\r\nSet-Cookie: x=1", "a\nLocation: //evil", "\u2028", "甲\r\n乙"):
        answer = boss.submit("/users", name=name, role="viewer")
        assert answer.status_code == 422, name
        assert "x=1" not in str(answer.headers)


def test_what_was_typed_is_shown_and_not_run(browser: Make) -> None:
    answer = browser().post("/login", data={"csrf": "<script>alert(1)</script>", "name": "<script>"})
    assert "<script>alert" not in answer.text
    page = browser().get("/login?next=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page.text


# over a real socket


@pytest.fixture
def port(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(web, "BODY_SECONDS", 1)
    number = free_port()
    server = uvicorn.Server(
        uvicorn.Config(create_app(), port=number, log_level="error", ws="none", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield number
    server.should_exit = True
    thread.join(10)


def raw(port: int, request: bytes, seconds: float = 10) -> bytes:
    with socket.create_connection(("127.0.0.1", port), seconds) as wire:
        wire.sendall(request)
        wire.settimeout(seconds)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
            if b"\r\n\r\n" in answer:
                break
    return answer


HEAD = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def test_a_body_that_does_not_come_is_not_waited_for(port: int) -> None:
    begun = time.monotonic()
    answer = raw(port, HEAD + b"Content-Length: 100\r\n\r\ncsrf=")
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize(
    "lines",
    [b"Content-Length: -5", b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: 5\r\nTransfer-Encoding: chunked",
     b"Content-Length: 999999999999", b"X-A: b\r\n folded: c\r\nContent-Length: zz", b"X-\x00: y\r\nContent-Length: 1"],
)  # fmt: skip
def test_a_head_that_can_be_read_in_two_ways_is_refused_or_read_in_one(port: int, lines: bytes) -> None:
    answer = raw(port, HEAD + lines + b"\r\n\r\n")
    assert answer.split(b" ")[1] in (b"400", b"413", b"403"), answer[:200]
    assert b" 200 " in raw(port, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
