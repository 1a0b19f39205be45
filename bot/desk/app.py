"""The desk as one ASGI application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.desk import account, api_document, forms, open311, public
from bot.desk.door import Door
from bot.desk.guard import Guard, is_api, safe_headers
from bot.desk.minute import every_minute
from bot.desk.pages import ROUTES as PAGES
from bot.desk.paths import came_from, form_page, log_in_path
from bot.desk.rendering import STATIC, page
from bot.desk.web import Again, LogInFirst
from bot.desk.words import TYPED
from bot.errors import NotFound, WuchangError
from bot.settings import settings

logger = logging.getLogger(__name__)
_WORDS = {
    404: "没有这一页。",
    405: "这个地址不能这样用。",
}
_BUSY = "数据库正忙，没有等到。请过一会儿再试；还不行，请找管理员看日志。"
_RETRY = {"Retry-After": "10"}


def create_app(more: Sequence[BaseRoute] = ()) -> Starlette:
    """The application; `more`: routes beside its own (of tests)."""
    app = Starlette(
        routes=[*_routes(), *more],
        middleware=[Middleware(Guard)],
        exception_handlers={
            HTTPException: _refused,
            WuchangError: _in_words,
            LogInFirst: _log_in_first,
            OperationalError: _busy,
            PoolTimeout: _busy,
            Exception: _fault,
        },
        lifespan=_life,
    )
    # A redirect to the same path with or without its last slash would be made of the host that the caller claims.
    app.router.redirect_slashes = False
    return app


def _routes() -> list[BaseRoute]:
    return [
        Route("/health", _health, methods=["GET"]),
        *Door().routes(),
        *account.ROUTES,
        *api_document.ROUTES,
        *PAGES,
        *public.ROUTES,
        *open311.ROUTES,
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


@asynccontextmanager
async def _life(_app: Starlette) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(every_minute)
        yield
        tasks.cancel_scope.cancel()


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = error.detail if not error.detail.isascii() else _WORDS.get(error.status_code, "这样不行。")
    return _error(request, error.status_code, words, dict(error.headers or {}))


async def _in_words(request: Request, error: Exception) -> Response:
    """What a use case refuses is said to the user as it is: it is written for them."""
    if isinstance(error, Again):
        return error.response
    refused = 409 if is_api(request.url.path) else 422
    return _error(request, 404 if isinstance(error, NotFound) else refused, str(error))


async def _log_in_first(request: Request, _error_: Exception) -> Response:
    path = log_in_path(request)
    if request.headers.get("hx-request"):
        return PlainTextResponse("请先登录。", 401, {"HX-Redirect": path})
    if is_api(request.url.path):
        return _error(request, 401, "请先登录，或者带上接口密钥。", {"WWW-Authenticate": "Bearer"})
    return RedirectResponse(path, 303)


async def _busy(request: Request, error: Exception) -> Response:
    """The database did not answer in time. A form that was meant is offered again, with all that was typed in it.

    It may have been done: where the connection broke at its very end nobody can tell. The form's number does.
    """
    logger.error("the database did not answer %s %s", request.method, request.url.path, exc_info=error)
    again = forms.to_send_again(request.state.fields) if getattr(request.state, "meant", False) else None
    if not again or is_api(request.url.path) or request.headers.get("hx-request"):
        return _error(request, 503, _BUSY, _RETRY)
    return page(
        request, "busy.html", status=503, fields=again, came_from_field=forms.CAME_FROM, before=form_page(request),
        shown=[(TYPED[name], value) for name, value in forms.typed(again, TYPED)],
    )  # fmt: skip


async def _fault(request: Request, _error_: Exception) -> Response:
    """The trace is in the log (Starlette raises it again), not on the page."""
    response = _error(
        request, 500, "工作台出了故障，刚才的操作没有做成。请再试一次；还不行，请找管理员看日志。"
    )
    response.headers.update(safe_headers(settings().desk_tiles))  # this answer does not pass the guard
    return response


def _error(request: Request, status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    if is_api(request.url.path):
        return JSONResponse({"error": words}, status, headers)
    if request.headers.get("hx-request"):
        return PlainTextResponse(words, status, headers)
    response = page(request, "error.html", status=status, words=words, before=came_from(request))
    response.headers.update(headers or {})
    return response
