"""docker/nginx*.conf in a real nginx, with a small server where Rasa would be."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.docker.nginx import (
    DOCKER,
    Site,
    arguments,
    certificate,
    free_ports,
    needs_nginx,
    place,
    started,
)

pytestmark = needs_nginx

CHAT = "/webhooks/web/"
STYLE = b"body { color: #111 }\n" * 200


class Upstream(BaseHTTPRequestHandler):
    """Says back what reached it, so that a test sees what nginx passed on."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        told = {"path": self.path, "headers": dict(self.headers), "length": len(body)}
        style = self.path.endswith(".css")
        answer = STYLE if style else json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if style else "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet."""


@dataclass(frozen=True)
class Watched:
    """A running nginx, and what reached the server behind it."""

    site: Site
    seen: list[str]

    @property
    def port(self) -> int:
        return self.site.port

    @property
    def folder(self) -> Path:
        return self.site.folder


def running(folder: Path, kind: str) -> Iterator[Watched]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with started(folder, kind, server.server_port) as site:
            yield Watched(site, server.seen)  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield from running(tmp_path_factory.mktemp("nginx"), "http")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Watched]:
    """An nginx of one's own, for tests that use up an address's limits."""
    yield from running(tmp_path, "http")


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Watched]:
    if not shutil.which("openssl"):
        pytest.skip("no openssl here, so no certificate")
    yield from running(tmp_path, "https")


def ask(
    port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def status_of_raw(port: int, request: bytes, seconds: float = 5) -> int:
    """The status of a request sent byte by byte as given; 0 where the connection is closed without one."""
    with socket.create_connection(("127.0.0.1", port), seconds) as wire:
        wire.sendall(request)
        first = wire.recv(64)
    return int(first.split()[1]) if first else 0


def post_head(*lines: str) -> bytes:
    return "\r\n".join([f"POST {CHAT}message HTTP/1.1", "Host: x", *lines, "", ""]).encode()


@pytest.mark.parametrize("kind", ["http", "https"])
def test_nginx_itself_finds_no_fault(kind: str, tmp_path: Path) -> None:
    if kind == "https":
        if not shutil.which("openssl"):
            pytest.skip("no openssl here, so no certificate")
        certificate(tmp_path)
    place(tmp_path, kind, 5005)
    done = subprocess.run([*arguments(tmp_path), "-t"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "path", [CHAT, f"{CHAT}health", f"{CHAT}static/chat-2.css", f"{CHAT}message?stream=true&x=../a//b"]
)
def test_the_chat_passes(site: Watched, method: str, path: str) -> None:
    body = b'{"text": "x"}' if method == "POST" else None
    assert ask(site.port, path, method, body)[0] == 200
    assert site.seen[-1] == f"{method} {path}"


@pytest.mark.parametrize(
    "path",
    [
        "/login", "/users", "/audit", "/api/incidents", "/static/desk.css", "/events", "/publicx/", "/open311", "/public/../login", "/public/%2e%2e/login",
        "/public//login", "/webhooks/rest/webhook", "/webhooks/rest/", "/model", "/model/train", "/model/parse", "/status", "/domain", "/version",
        "/conversations/x/tracker/events", "/webhook", "/actions", "/health", "/webhooks", "/webhooks/", "/webhooks/webx/",
        "/webhooks/web/../rest/webhook", "/webhooks/web/..%2frest/webhook", "/webhooks/web/%2e%2e/rest/webhook",
        "/webhooks/rest/webhook/../../web/", "/webhooks/rest/webhook%2f..%2f..%2fweb/", "//webhooks/web/", "/webhooks/web//x",
        "/webhooks/rest/webhook;/../../web/", "/webhooks/web/%0d%0aX-Evil:1", "/webhooks/web/a%20b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_else_reaches_rasa(site: Watched, path: str, method: str) -> None:
    before = len(site.seen)
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert status_of_raw(site.port, head.encode()) in (400, 404)
    assert len(site.seen) == before


def test_the_bare_address_leads_to_the_chat(site: Watched) -> None:
    status, headers, _ = ask(site.port, "/")
    assert (status, headers["Location"]) == (302, CHAT)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"])
def test_other_methods_are_refused(site: Watched, method: str) -> None:
    before = len(site.seen)
    assert ask(site.port, CHAT, method)[0] in (400, 405)
    assert len(site.seen) == before


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Content-Length: -5"], 400),
        (["Content-Length: 5x"], 400),
        (["Content-Length: 99999999999999999999"], 400),
        (["Content-Length: 5", "Content-Length: 6"], 400),
        (["Content-Length: 5", "Content-Length: 5"], 400),
        (["Content-Length: 5", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], 400),
        (["Transfer-Encoding: gzip, chunked"], 501),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 400),
        ([f"Content-Length: {64 * 1024 + 1}"], 413),
        (["Cookie: " + "x" * 9000], 400),
    ],
)
def test_what_hangs_sanic_ends_at_nginx(site: Watched, lines: list[str], status: int) -> None:
    before = len(site.seen)
    assert status_of_raw(site.port, post_head(*lines)) == status
    assert len(site.seen) == before


def test_64_kb_pass_and_one_byte_more_does_not_even_in_chunks(site: Watched) -> None:
    assert json.loads(ask(site.port, CHAT, "POST", b"x" * 65536)[2])["length"] == 65536
    before = len(site.seen)
    chunk = b"10001\r\n" + b"x" * 0x10001 + b"\r\n0\r\n\r\n"
    assert status_of_raw(site.port, post_head("Transfer-Encoding: chunked") + chunk) == 413
    assert len(site.seen) == before


def test_a_draft_of_20_mb_passes_to_the_upload_alone(site: Watched) -> None:
    draft = b"x" * (20 * 2**20)
    assert json.loads(ask(site.port, f"{CHAT}upload?name=a.txt", "POST", draft)[2])["length"] == len(draft)
    before = len(site.seen)
    head = f"POST {CHAT}upload?name=a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: {22 * 2**20}\r\n\r\n"
    assert status_of_raw(site.port, head.encode()) == 413
    assert ask(site.port, f"{CHAT}upload", "GET")[0] == 405
    assert len(site.seen) == before


def test_a_photo_of_10_mb_passes_to_its_own_path_alone(site: Watched) -> None:
    photo = b"x" * (10 * 2**20)
    assert json.loads(ask(site.port, f"{CHAT}photo", "POST", photo)[2])["length"] == len(photo)
    before = len(site.seen)
    head = f"POST {CHAT}photo HTTP/1.1\r\nHost: x\r\nContent-Length: {12 * 2**20}\r\n\r\n"
    assert status_of_raw(site.port, head.encode()) == 413
    assert ask(site.port, f"{CHAT}photo", "GET")[0] == 405
    assert ask(site.port, f"{CHAT}message", "POST", photo)[0] == 413
    assert len(site.seen) == before


def test_a_body_in_chunks_reaches_rasa_with_a_length(site: Watched) -> None:
    request = post_head("Transfer-Encoding: chunked", "Connection: close") + b"3\r\nabc\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), 5) as wire:
        wire.sendall(request)
        answer = b"".join(iter(lambda: wire.recv(4096), b""))
    told = json.loads(re.search(rb"\{.*\}", answer, re.S)[0])  # type: ignore[index]
    assert told["length"] == 3
    assert told["headers"]["Content-Length"] == "3"
    assert "Transfer-Encoding" not in told["headers"]


def test_an_address_cannot_be_claimed(site: Watched) -> None:
    told = json.loads(
        ask(site.port, CHAT, X_Forwarded_For="9.9.9.9", X_Real_IP="9.9.9.9", Forwarded="for=9.9.9.9")[2]
    )
    assert "9.9.9.9" not in json.dumps(told)
    assert told["headers"]["X-Forwarded-For"] == "127.0.0.1"


def test_answers_carry_the_protecting_headers_once(site: Watched) -> None:
    for path in (CHAT, "/webhooks/rest/webhook"):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
        connection.request("GET", path)
        headers = connection.getresponse().headers
        connection.close()
        assert headers.get_all("X-Frame-Options") == ["DENY"]
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
        assert headers.get_all("Referrer-Policy") == ["no-referrer"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Server"] == "nginx"


def test_styles_are_compressed_and_answers_are_not(site: Watched) -> None:
    assert ask(site.port, f"{CHAT}chat.css", Accept_Encoding="gzip")[1].get("Content-Encoding") == "gzip"
    long = ask(site.port, f"{CHAT}?{'x' * 3000}", Accept_Encoding="gzip")
    assert len(long[2]) > 3000
    assert "Content-Encoding" not in long[1]


def test_the_log_keeps_no_query_and_no_whole_address(site: Watched) -> None:
    ask(site.port, f"{CHAT}log-me?text=secret-words")
    ask(site.port, "/webhooks/rest/webhook?text=secret-words", "POST", b"x")
    ask(site.port, f"{CHAT}?text=secret-words", "POST", b"x" * 70000)  # a fault by itself, 413
    time.sleep(0.2)
    log = (site.folder / "access.log").read_text()
    assert " 127.0.0.0 GET /webhooks/web/log-me 200 " in log
    for text in (log, (site.folder / "error.log").read_text()):
        assert "secret-words" not in text
        assert "127.0.0.1" not in text


def test_a_burst_of_messages_is_slowed_and_reading_is_not(fresh: Watched) -> None:
    def statuses(method: str, count: int) -> list[int]:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return list(
                pool.map(
                    lambda _: ask(fresh.port, CHAT, method, b"x" if method == "POST" else None)[0],
                    range(count),
                )
            )

    posts = statuses("POST", 40)
    assert set(posts) == {200, 429}
    assert 20 < posts.count(200) < 35  # the burst, and what the seconds since allow
    assert set(statuses("GET", 30)) == {200}
    assert 429 in statuses("GET", 150)


def test_more_than_50_at_once_from_one_address_are_refused(fresh: Watched) -> None:
    wires = [socket.create_connection(("127.0.0.1", fresh.port), 5) for _ in range(55)]
    try:
        for wire in wires:  # a head whose body does not come keeps its place
            wire.sendall(f"GET {CHAT} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
        time.sleep(0.5)
        assert ask(fresh.port, CHAT)[0] == 429
    finally:
        for wire in wires:
            wire.close()


def cut(wire: socket.socket) -> str:
    """How nginx ended a connection."""
    try:
        answer = wire.recv(100)
    except ConnectionResetError:
        return "closed"
    return answer.split()[1].decode() if answer else "closed"


def test_slow_senders_are_cut_within_ten_seconds(site: Watched) -> None:
    began = time.monotonic()
    half_head, no_body = (socket.create_connection(("127.0.0.1", site.port), 12) for _ in range(2))
    half_head.sendall(f"POST {CHAT} HTTP/1.1\r\nHost:".encode())
    no_body.sendall(post_head("Content-Length: 100"))
    with half_head, no_body:
        assert {cut(half_head), cut(no_body)} <= {"closed", "408"}
    assert 5 < time.monotonic() - began < 10


def test_rasa_away_is_a_502_and_not_a_hang(tmp_path: Path) -> None:
    with started(tmp_path, "http", free_ports(1)[0]) as site:
        assert ask(site.port, CHAT)[0] == 502


def test_https_serves_the_chat_and_http_leads_to_it(secure: Watched) -> None:
    # No redirect: certbot's proof is looked for in its folder, which is not there (or closed to nginx's account).
    assert ask(secure.port, "/.well-known/acme-challenge/token")[0] in (403, 404)
    status, headers, _ = ask(secure.port, f"{CHAT}?a=1", Host="chat.example")
    assert (status, headers["Location"]) == (301, f"https://chat.example{CHAT}?a=1")
    assert ask(secure.port, "/webhooks/rest/webhook", "POST")[0] == 301
    trusted = ssl.create_default_context(cafile=str(secure.folder / "certs/fullchain.pem"))
    connection = http.client.HTTPSConnection("localhost", secure.site.tls_port, timeout=5, context=trusted)
    connection.request("GET", CHAT)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]
    assert json.loads(answer.read())["headers"]["X-Forwarded-Proto"] == "https"
    connection.close()
    connection.request("POST", "/webhooks/rest/webhook")
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("option", ["", "--https"])
def test_the_files_for_a_machine_without_containers_are_sound(option: str, tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("# Debian's")
    script = [str(DOCKER / "nginx-to-host.sh"), *option.split(), str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)
    assert (tmp_path / "nginx.conf.before-wuchang").read_text() == "# Debian's"
    text = "".join((tmp_path / f"{name}.conf").read_text() for name in ("nginx", "server", "paths", "desk"))
    for words in (
        "listen 80 ",
        "127.0.0.1:5005",
        "user www-data;",
        "pid /run/nginx.pid;",
        "/var/log/nginx/access.log",
    ):
        assert words in text
    for words in ("rasa:5005", "desk:5065", "/tmp", "resolver", "/dev/stdout", "8080", "8443"):
        assert words not in text
    if option:
        certificate(tmp_path)
    # Only nginx as root may use Debian's folders; elsewhere they are the test's own.
    for name in ("/var/log/nginx", "/var/lib/nginx", "/run"):
        text = (tmp_path / "nginx.conf").read_text().replace(f" {name}/", f" {tmp_path}/")
        (tmp_path / "nginx.conf").write_text(text)
    done = subprocess.run([*arguments(tmp_path), "-t"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# WeChat and WeCom


@pytest.mark.parametrize("name", ["wechat", "wecom"])
def test_the_platforms_of_tencent_reach_their_channel(site: Watched, name: str) -> None:
    path = f"/webhooks/{name}/webhook?timestamp=1&nonce=2&msg_signature=3"
    status, _, body = ask(site.port, path, "POST", b"<xml/>")
    assert status == 200
    assert json.loads(body)["path"] == path
    assert ask(site.port, path)[0] == 200
    assert ask(site.port, path, "PUT")[0] == 405
    assert ask(site.port, path, "POST", b"x" * (64 * 1024 + 1))[0] == 413
    assert ask(site.port, f"/webhooks/{name}/../rest/webhook", "POST", b"{}")[0] == 404


def test_everybodys_messages_come_from_one_address_of_tencents(site: Watched) -> None:
    path = "/webhooks/wechat/webhook"
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda _: ask(site.port, path, "POST", b"<xml/>")[0], range(150)))
    assert set(got) == {200}


# Telegram


def test_telegram_reaches_its_channel(site: Watched) -> None:
    path = "/webhooks/telegram/webhook"
    status, _, body = ask(site.port, path, "POST", b"x" * (256 * 1024))
    assert status == 200
    assert json.loads(body)["length"] == 256 * 1024
    assert ask(site.port, path)[0] == 405
    assert ask(site.port, path, "POST", b"x" * (256 * 1024 + 1))[0] == 413
    assert ask(site.port, "/webhooks/telegram/../rest/webhook", "POST", b"{}")[0] == 404
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda _: ask(site.port, path, "POST", b"{}")[0], range(150)))
    assert set(got) == {200}


# the incident desk


@pytest.fixture(scope="module")
def desk(site: Watched) -> int:
    """The port of the desk's own server."""
    return site.site.desk_port


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/users/%E7%8E%8B/role",
        "/api/incidents?limit=1",
        "/static/desk.css?v=1",
        "/incidents/SJ261123-001",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_desk_has_a_server_of_its_own(site: Watched, desk: int, path: str, method: str) -> None:
    assert ask(desk, path, method, b"a=1" if method == "POST" else None)[0] == 200
    assert site.seen[-1] == f"{method} {path}"


@pytest.mark.parametrize(
    "path", ["/static/../x", "/static/%2e%2e/x", "//evil.example/", "/a%2fb", "/a\\b", "/a%5cb", "/a%00b"]
)
def test_a_path_that_may_be_two_does_not_reach_the_desk(site: Watched, desk: int, path: str) -> None:
    before = len(site.seen)
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert status_of_raw(desk, head.encode()) in (400, 404)
    assert len(site.seen) == before


def test_the_desk_is_told_the_port_and_who_calls_and_nothing_that_was_claimed(desk: int) -> None:
    _, headers, body = ask(
        desk, "/login", X_Forwarded_For="9.9.9.9", X_Real_IP="9.9.9.9", Forwarded="for=9.9.9.9"
    )
    told = json.loads(body)["headers"]
    assert told["Host"] == f"127.0.0.1:{desk}"
    assert told["X-Forwarded-For"] == "127.0.0.1"
    assert "9.9.9.9" not in json.dumps(told)
    assert headers["X-Frame-Options"] == "SAMEORIGIN", "the desk's own headers stay"


def test_the_desk_takes_no_large_body_and_no_other_method(site: Watched, desk: int) -> None:
    before = len(site.seen)
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 262145\r\n\r\n"
    assert status_of_raw(desk, head) == 413
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        assert ask(desk, "/login", method)[0] == 405
    assert len(site.seen) == before


@pytest.mark.parametrize("path", ["/webhooks/web/", "/webhooks/rest/webhook"])
def test_the_desks_server_does_not_lead_to_the_chat(site: Watched, desk: int, path: str) -> None:
    told = json.loads(ask(desk, path)[2])
    assert told["headers"]["Host"].endswith(f":{desk}")  # answered by the desk, which has no such page


@pytest.mark.parametrize("path", ["/public/", "/public/cap.atom", "/open311/v2/requests.json?start=1"])
def test_what_is_for_everybody_passes_without_cookies(site: Watched, path: str) -> None:
    told = json.loads(ask(site.port, path, Cookie="desk=x")[2])
    assert told["path"] == path
    assert "Cookie" not in told["headers"]


def test_the_desk_over_https(secure: Watched) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = secure.site.desk_port
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=15)
    connection.request("GET", "/login")
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]
    assert json.loads(answer.read())["headers"]["X-Forwarded-Proto"] == "https"
    connection.close()
