"""Requests whose length is not clear are refused before anything reads their body.

Sanic 21.12 answers 500 to a `Content-Length` that is no number, loops for ever on a negative one, and takes
two lengths, or a length beside a `Transfer-Encoding`: ways to smuggle a second request past a proxy.
The guard holds for every route of the server, for Rasa's own too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sanic import Blueprint, Sanic
from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.channels.model import BadMessage

MAX_DIGITS = 15


def check_length(lengths: Sequence[str], encodings: Sequence[str]) -> None:
    """Values of the `Content-Length` and `Transfer-Encoding` headers of one request.

    Raises:
        BadMessage: the length of the body is not clear from them.
    """
    wrong = None
    if len(lengths) + len(encodings) > 1:
        wrong = "the length of the body is given more than once"
    elif any(not _is_length(length) for length in lengths):
        wrong = "Content-Length is not a number of bytes"
    elif any(encoding.strip().lower() != "chunked" for encoding in encodings):
        wrong = "this Transfer-Encoding is not known"
    if wrong:
        raise BadMessage("bad_length", f"{wrong}. Send one Content-Length with the bytes of the body.")


def install(app: Sanic) -> None:
    """Guard every request of `app`; call it before the server starts. A second call changes nothing."""
    if getattr(app.ctx, "length_guard", False):
        return
    app.ctx.length_guard = True
    app.add_signal(_check, "http.lifecycle.request")
    app.error_handler.add(BadMessage, answer)


class GuardedBlueprint(Blueprint):
    """A blueprint whose application is guarded with it."""

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Register the routes, and the guard."""
        super().register(app, options)
        install(app)


async def read_body(request: Request, *, most: int, seconds: float) -> bytes:
    """The body of a request whose route is a stream: nothing beyond `most` bytes or `seconds` is taken in.

    Raises:
        BadMessage: it is larger or slower.
    """
    request.stream.request_max_size = most
    try:
        await asyncio.wait_for(request.receive_body(), seconds)
    except PayloadTooLarge:
        raise BadMessage("too_large", f"the body is larger than {most // 1024} kB. Send less.", 413) from None
    except asyncio.TimeoutError:
        request.stream.request_max_size = 0  # what is still to come is not waited for
        raise BadMessage(
            "too_slow", f"the body did not come within {seconds:.0f} s. Send it at once.", 408
        ) from None
    return bytes(request.body)


def answer(_request: Request, error: BadMessage) -> HTTPResponse:
    """A refusal as JSON: ``{"error": code, "message": what happened, why, what to do}``."""
    return json({"error": error.code, "message": str(error)}, status=error.status)


def refuse_in_words(blueprint: Blueprint) -> None:
    """Refusals of the blueprint's routes, ours and Sanic's own, are answered as JSON."""
    blueprint.exception(BadMessage)(answer)
    blueprint.exception(SanicException)(_refused)


def _refused(_request: Request, error: SanicException) -> HTTPResponse:
    return json({"error": "bad_request", "message": str(error)}, status=error.status_code or 400)


def _is_length(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS


async def _check(request: Request, **_: Any) -> None:
    check_length(
        request.headers.getall("content-length", []), request.headers.getall("transfer-encoding", [])
    )
