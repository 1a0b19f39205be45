"""The files of the web chat's page, read once, with the headers that they are sent with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sanic.response import HTTPResponse, raw

PAGE = Path(__file__).resolve().parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_OWN = "'self'"
SAFE_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_OWN}; style-src {_OWN}; img-src {_OWN}; connect-src {_OWN}; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {_OWN}"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}


@dataclass(frozen=True)
class PageFile:
    """A file with its type and its ETag, which is a hash of the content; `stem` is its name without type."""

    stem: str
    body: bytes
    content_type: str
    etag: str


def load(folder: Path = PAGE) -> dict[str, PageFile]:
    """Name to file of everything in `folder` that a browser may have."""
    found = sorted(path for path in folder.iterdir() if path.suffix in TYPES)
    return {path.name: _read(path) for path in found}


def respond(file: PageFile, if_none_match: str | None) -> HTTPResponse:
    """The file, or 304 where the browser has the same one: it always asks, so a new version shows at once."""
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    if if_none_match and file.etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return HTTPResponse(status=304, headers=headers)
    return raw(file.body, headers=headers, content_type=file.content_type)


def _read(path: Path) -> PageFile:
    body = path.read_bytes()
    return PageFile(path.stem, body, TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:20]}"')
