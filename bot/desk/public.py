"""For everybody, without a log-in: the page of outages in Chinese and English, and the same as CAP 1.2.

What stands here staff confirmed, announced or ended (`bot.water.telling.notices`). Drills have a feed of their own.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from functools import lru_cache, wraps

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import clock
from bot.desk import cap
from bot.desk.rendering import STATIC, environment
from bot.settings import settings
from bot.storage.database import address, session_scope
from bot.texts import word
from bot.water.telling import notices, saying
from bot.water.telling.notices import LANGUAGES, PLANNED, Notice

FRESH_SECONDS = 20.0  # so long a page made once is given again
_KEPT = "public, max-age=60"
_ATOM_TYPE, _CSS_TYPE = "application/atom+xml", "text/css"
_NUMBER = re.compile(r"[A-Z]{2}[0-9]{6}-[0-9]{3,9}\.[0-9]{1,9}")
_made: dict[tuple[str, ...], tuple[float, bytes]] = {}  # by database and page, of which there are few

Endpoint = Callable[[Request], Response]


def forget_pages() -> None:
    """Make each page anew at the next request."""
    _made.clear()


def _or_busy(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    def answered(request: Request) -> Response:
        try:
            return endpoint(request)
        except OperationalError:
            return PlainTextResponse(word("public_busy", "zh"), 503, {"Retry-After": "30"})

    return answered


def _kept(name: str, make: Callable[[], bytes]) -> bytes:
    key = (address(), name)
    known = _made.get(key)
    if known is None or known[0] < time.monotonic():
        known = _made[key] = (time.monotonic() + FRESH_SECONDS, make())
    return known[1]


def _answer(request: Request, body: bytes, media_type: str) -> Response:
    """The body, or 304 where the reader has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": _KEPT, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


@_or_busy
def _page(request: Request) -> Response:
    asked = request.query_params.get("lang", "")
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    return _answer(request, _kept(f"page {language}", lambda: _rendered(language)), "text/html")


def _rendered(language: str) -> bytes:
    now = clock.now()
    with session_scope() as session:
        found = notices.current(session, now)
    going_on = [one for one in found if not one.over]
    text = environment().get_template("public.html").render(
        language=language, word=lambda name, /, **values: word(f"public_{name}", language, **values),
        groups=[
            ("now", _shown([one for one in going_on if one.about != PLANNED], language)),
            ("planned", _shown([one for one in going_on if one.about == PLANNED], language)),
            ("over", _shown([one for one in found if one.over], language)),
        ],
        chat=settings().chat_url, updated=saying.moment(now, language, today=None), name=cap.publisher(language),
    )  # fmt: skip
    return text.encode()


def _shown(found: list[Notice], language: str) -> list[dict[str, str]]:
    return [
        {
            **one.texts[language], "number": one.number, "about": one.about,
            "sent": saying.moment(one.sent_at, language, today=None),
        }
        for one in found
    ]  # fmt: skip


@_or_busy
def _feed(request: Request) -> Response:
    return _answer(request, _kept("feed", lambda: _listed(drill=False)), _ATOM_TYPE)


@_or_busy
def _exercise_feed(request: Request) -> Response:
    return _answer(request, _kept("exercise feed", lambda: _listed(drill=True)), _ATOM_TYPE)


def _listed(*, drill: bool) -> bytes:
    now = clock.now()
    with session_scope() as session:
        found = notices.current(session, now, drill=drill)
    return cap.feed(found, address=cap.public_address(), now=now, drill=drill)


@_or_busy
def _message(request: Request) -> Response:
    number = request.path_params["number"]
    notice = None
    if _NUMBER.fullmatch(number):
        with session_scope() as session:
            notice = notices.find(session, number)
    if notice is None:
        return PlainTextResponse(word("public_unknown", "zh"), 404)
    from bot.desk import cap_message

    return _answer(request, cap_message.message(notice), cap.TYPE)


@lru_cache(maxsize=1)
def _css() -> bytes:
    return (STATIC / "public.css").read_bytes()


def _style(request: Request) -> Response:
    return _answer(request, _css(), _CSS_TYPE)


ROUTES = [
    Route("/public/", _page, methods=["GET"]),
    Route("/public/public.css", _style, methods=["GET"]),
    Route("/public/cap.atom", _feed, methods=["GET"]),
    Route("/public/cap-exercise.atom", _exercise_feed, methods=["GET"]),
    Route("/public/cap/{number}.xml", _message, methods=["GET"]),
]
