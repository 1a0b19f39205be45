"""A Bot API of our own on a loopback port: keeps what it was called with, and fails where a test wants it to."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "700:AAtesttesttesttesttesttesttesttest1"
ME = {"id": 700, "is_bot": True, "first_name": "屋场助手", "username": "wuchang_bot"}
LONGEST_POLL = 1.0
# Ways to fail beside an answer of one's own.
DROP, HANG = "drop", "hang"


@dataclass
class Call:
    """One call: its method, its parameters (JSON taken apart), the files sent along, when it came."""

    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes]]
    at: float


@dataclass
class FakeApi:
    """The server. `sent` are the calls that reached a person, in their order; `hosts`, whom each call was meant for."""

    token: str = TOKEN
    calls: list[Call] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    polling: int = 0

    def __post_init__(self) -> None:
        self._fail: dict[str, list[Any]] = defaultdict(list)
        self._changed = threading.Condition()
        self._numbers = count(1)
        self._update_numbers = count(1001)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, method: str, *how: Any) -> None:
        """The next calls of `method`: (status, description[, parameters]), `DROP`, `HANG`, or None for none."""
        self._fail[method].extend(how)

    # what people do

    def receives(self, text: str, person: int = 42, **more: Any) -> int:
        """Somebody writes; the number of the update."""
        return self.gets({"text": text, **more}, person)

    def gets(self, content: dict[str, Any], person: int = 42, chat: dict[str, Any] | None = None) -> int:
        message = {
            "message_id": next(self._numbers), "date": int(time.time()), "from": {"id": person, "is_bot": False, "first_name": "x"},
            "chat": chat or {"id": person, "type": "private"}, **content,
        }  # fmt: skip
        return self.gets_update({"message": message})

    def presses(self, title: str, person: int = 42) -> int:
        """Somebody presses a button of the last message that has one of this title."""
        for call in reversed(self.calls):
            for row in (call.params.get("reply_markup") or {}).get("inline_keyboard", ()):
                for button in row:
                    if button["text"] == title:
                        message = {
                            "message_id": call.params["message_id"], "date": int(time.time()),
                            "chat": {"id": call.params["chat_id"], "type": "private"}, "text": "…",
                            "reply_markup": call.params["reply_markup"],
                        }  # fmt: skip
                        query = {"id": str(next(self._numbers)), "from": {"id": person, "is_bot": False, "first_name": "x"},
                                 "chat_instance": "1", "data": button["callback_data"], "message": message}  # fmt: skip
                        return self.gets_update({"callback_query": query})
        raise AssertionError(f"nobody was offered {title}")

    def gets_update(self, update: dict[str, Any]) -> int:
        with self._changed:
            number = next(self._update_numbers)
            self.updates.append({"update_id": number, **update})
            self._changed.notify_all()
        return number

    # what a test looks at

    def of(self, method: str) -> list[Call]:
        return [call for call in list(self.calls) if call.method == method]

    def texts(self, person: int = 42) -> list[str]:
        return [call.params["text"] for call in self.of("sendMessage") if call.params["chat_id"] == person]

    def wait(self, done: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Wait until `done()` is true; its value."""
        until = time.monotonic() + seconds
        while not (value := done()):
            if time.monotonic() > until:
                raise AssertionError(
                    f"not within {seconds} s; calls: {[(c.method, c.params) for c in self.calls][-12:]}"
                )
            time.sleep(0.02)
        return value

    # the server

    def answer(self, method: str, params: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> Any:
        """(status, body), or a way to fail."""
        how = self._fail[method].pop(0) if self._fail[method] else None
        call = Call(method, params, files, time.monotonic())
        if how is None and method.startswith("send") and method != "sendChatAction":
            call.params["message_id"] = next(self._numbers)
        if how is None or how in (DROP, HANG):
            self.calls.append(call)
        if how is not None:
            return how if how in (DROP, HANG) else _error(*how)
        made = getattr(self, f"_{method}", None)
        return 200, {"ok": True, "result": made(params) if made else True}

    def _getMe(self, _params: dict[str, Any]) -> dict[str, Any]:
        return {
            **ME,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _getUpdates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        until = time.monotonic() + min(float(params.get("timeout", 0)), LONGEST_POLL)
        with self._changed:
            self.updates[:] = [u for u in self.updates if u["update_id"] >= int(params.get("offset", 0))]
            while not self.updates and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return self.updates[:100]

    def _setWebhook(self, params: dict[str, Any]) -> bool:
        self.webhook = params
        return True

    def _deleteWebhook(self, _params: dict[str, Any]) -> bool:
        self.webhook = {}
        return True

    def _getWebhookInfo(self, _params: dict[str, Any]) -> dict[str, Any]:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    def _getFile(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["file_id"]
        return {
            "file_id": name,
            "file_unique_id": name,
            "file_size": len(self.files[name]),
            "file_path": f"docs/{name}",
        }

    def _message(self, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "message_id": params["message_id"],
            "date": int(time.time()),
            "chat": {"id": int(params["chat_id"]), "type": "private"},
            "text": "x",
        }

    _sendMessage = _sendVenue = _sendDocument = _sendPhoto = _message


def _error(
    status: int, description: str, parameters: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    body = {"ok": False, "error_code": status, "description": description}
    return status, {**body, "parameters": parameters} if parameters else body


def _handler(api: FakeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[-1]
            self._reply(200, api.files[name], "application/octet-stream")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = urlsplit(self.path)  # whole where this stands for a proxy
            api.hosts.append(asked.netloc or self.headers["host"])
            _, token, method = asked.path.split("/", 2)
            if token != f"bot{api.token}":
                self._json(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
                return
            answer = api.answer(method, *_read(body, self.headers.get("content-type") or ""))
            if answer == HANG:
                time.sleep(60)
            if answer in (DROP, HANG):
                self.close_connection = True
                self.connection.close()
                return
            self._json(*answer)

        def _json(self, status: int, body: Any) -> None:
            self._reply(status, json.dumps(body).encode(), "application/json")

        def _reply(self, status: int, body: bytes, kind: str) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # whoever asked was killed
                self.close_connection = True

    return Handler


def _read(body: bytes, kind: str) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    if not kind.startswith("multipart/"):
        return {name: _value(text) for name, text in parse_qsl(body.decode(), keep_blank_values=True)}, {}
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    params: dict[str, Any] = {}
    files = {}
    for part in whole.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        if part.get_filename():
            files[name] = (str(part.get_filename()), content)
        else:
            params[name] = _value(content.decode())
    return params, files


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
