"""What holds for every request of the desk, whoever sends it: which host, how long, and what each answer says of itself."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import settings

MOST_BYTES = 256 * 1024  # of a request's body: 20,000 Chinese characters of a form, and some
# Pages for everybody are called by the public site's name, and have no session that a foreign name could use.
PUBLIC = ("/public/", "/open311/")
_HOST = re.compile(r"(?:([A-Za-z0-9.-]+)|\[([0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOO_LARGE = f"太大了：一次最多 {MOST_BYTES // 1024} kB。"
_WRONG_HOST = "这个地址不是工作台的。请用 WUCHANG_DESK_URL 里写的地址（或者机器的 IP）。"


@lru_cache(maxsize=2)
def safe_headers(tiles: str) -> dict[str, str]:
    """Headers of every answer: nothing but the desk's own scripts and styles, in no frame, kept in no cache."""
    pictures = "'self' data:"
    if tiles:
        parts = urlsplit(tiles)
        pictures += f" {parts.scheme}://{parts.netloc}"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
        "Cache-Control": "no-store",
    }


class Guard:
    """ASGI middleware around the whole desk."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a foreign host and a large body; add the headers to every answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in safe_headers(settings().desk_tiles).items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if not (scope["path"].startswith(PUBLIC) or _is_ours(headers.get("host", ""))):
            await _refusal(scope, 421, _WRONG_HOST)(scope, receive, send_safe)
        elif _CONTROL.search(scope["path"]) or b"%00" in scope["query_string"]:
            await _refusal(scope, 404, "没有这一页。")(scope, receive, send_safe)
        elif _is_too_long(headers.get("content-length", "0")):
            await _refusal(scope, 413, _TOO_LARGE)(scope, receive, send_safe)
        else:
            await self.app(scope, _counted(receive), send_safe)


def is_api(path: str) -> bool:
    """Whether a program asks, which reads JSON."""
    return path.startswith("/api/")


def _refusal(scope: Scope, status: int, words: str) -> Response:
    """Said without looking at who asks; the rest of the request is not read."""
    headers = {"Connection": "close"}
    if is_api(scope["path"]):
        return JSONResponse({"error": words}, status, headers)
    return PlainTextResponse(words, status, headers)


def _counted(receive: Receive) -> Receive:
    """The body as it comes, ended with 413 where it is longer than its `Content-Length` let on (or has none)."""
    come = 0

    async def counted() -> Message:
        nonlocal come
        message = await receive()
        come += len(message.get("body", b""))
        if come > MOST_BYTES:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return counted


def _is_too_long(length: str) -> bool:
    return not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > MOST_BYTES


def _is_ours(host: str) -> bool:
    """Whether `host` is a name of the desk. An address in figures is: no foreign site can stand for one."""
    name = _name_of(host)
    conf = settings()
    if name in ("localhost", _name_of(urlsplit(conf.desk_url).netloc), _name_of(conf.desk_host)):
        return bool(name)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name_of(host: str) -> str:
    """The name without a port, in small letters; "" where it is none."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""
