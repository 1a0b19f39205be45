"""Tencent as a peer: its web service on loopback, which records and fails on demand, and what it posts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as WeComCrypto
from wechatpy.utils import WeChatSigner

from bot.channels.tencent.envelope import Query

TOKEN = "wuchangtoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID, CORP_ID, AGENT_ID = "wx0123456789abcdef", "ww0123456789abcdef", 1000002
OPENID, ACCOUNT, MEMBER = "oLVPpjqs9BhvzwPj5A-vTYAX3GLc", "gh_680bdefc8c5d", "LiuJie"
JPEG = b"\xff\xd8\xff\xe0 a photo"


@dataclass
class Call:
    """One call: its path, query and JSON."""

    path: str
    query: dict[str, str]
    body: dict[str, Any]


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        parted = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(parted.path, dict(parse_qsl(parted.query)), json.loads(raw or b"{}"))
        status, kind, answer = self.server.fake.answer(call)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet."""


@dataclass
class FakeTencent:
    """`calls` without those for tokens; `replies` are said to the next calls in place of success, one each. While its
    `gate` is clear it has been `asked` and says nothing yet."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any] | int] = field(default_factory=list)
    token: str = "token-1"
    on_force: str = "token-2"
    media: bytes = JPEG
    gate: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    _server: Any = None

    def __post_init__(self) -> None:
        self.gate.set()

    def start(self) -> FakeTencent:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def texts(self) -> list[str]:
        """What was pushed to people."""
        return [call.body["text"]["content"] for call in self.calls if "text" in call.body]

    def answer(self, call: Call) -> tuple[int, str, bytes]:
        self.asked += 1
        self.gate.wait(30)
        if call.path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            self.tokens.append({**call.query, **call.body})
            if call.body.get("force_refresh"):
                self.token = self.on_force
            return _json({"access_token": self.token, "expires_in": 7200})
        if call.query.get("access_token") != self.token:
            return _json({"errcode": 40001, "errmsg": "invalid credential"})
        if self.replies:
            said = self.replies.pop(0)
            if isinstance(said, int):
                return said, "text/plain", b""
            if said.get("errcode"):
                return _json(said)
            self.calls.append(call)
            return _json(said)
        self.calls.append(call)
        if call.path == "/cgi-bin/media/get":
            return 200, "image/jpeg", self.media
        return _json({"errcode": 0, "errmsg": "ok"})


def _json(answer: Mapping[str, Any]) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(answer).encode()


@dataclass
class Peer:
    """A platform that signs and encrypts with wechatpy's own crypto."""

    crypto: Any
    to: str
    sender: str
    extra: str = ""
    encrypt_type: str = ""
    serial: int = 23000000000000000

    def text(self, content: str, **changes: str) -> str:
        return self.message("text", f"<Content><![CDATA[{content}]]></Content>", **changes)

    def message(self, kind: str, inner: str, *, number: int | None = None, sender: str | None = None) -> str:
        self.serial += 1
        return self._xml(kind, f"{inner}<MsgId>{number or self.serial}</MsgId>", sender)

    def event(self, name: str, key: str = "", *, sender: str | None = None) -> str:
        inner = f"<Event><![CDATA[{name}]]></Event><EventKey><![CDATA[{key}]]></EventKey>"
        return self._xml("event", inner, sender)

    def _xml(self, kind: str, inner: str, sender: str | None) -> str:
        return (
            f"<xml><ToUserName><![CDATA[{self.to}]]></ToUserName>"
            f"<FromUserName><![CDATA[{sender or self.sender}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{inner}{self.extra}</xml>"
        )

    def sealed(self, xml: str, *, at: float | None = None, nonce: str = "n0nce") -> tuple[Query, bytes]:
        """The query and body of a delivery."""
        timestamp = str(int(time.time() if at is None else at))
        body = self.crypto.encrypt_message(xml, nonce, timestamp)
        signature = xmltodict.parse(body)["xml"]["MsgSignature"]
        outer = f"<xml><ToUserName><![CDATA[{self.to}]]></ToUserName>{body.split('<xml>')[1]}"
        return Query(timestamp, nonce, sign(timestamp, nonce), signature, self.encrypt_type), outer.encode()

    def opened(self, body: str) -> dict[str, str]:
        """The fields of an answer, as the platform opens them."""
        outer = xmltodict.parse(body)["xml"]
        xml = self.crypto.decrypt_message(body, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
        inner: dict[str, str] = xmltodict.parse(xml)["xml"]
        return inner


def wechat_peer() -> Peer:
    return Peer(WeChatCrypto(TOKEN, AES_KEY, APP_ID), ACCOUNT, OPENID, encrypt_type="aes")


def wecom_peer() -> Peer:
    extra = f"<AgentID>{AGENT_ID}</AgentID>"
    return Peer(WeComCrypto(TOKEN, AES_KEY, CORP_ID), CORP_ID, MEMBER, extra=extra)


def sign(*signed: str) -> str:
    signer = WeChatSigner()
    signer.add_data(TOKEN, *signed)
    return str(signer.signature)


Answer = Callable[[Any], Any]
