"""Logging in and out, and the page behind a one-time link."""

from __future__ import annotations

import ipaddress
import time

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot import clock
from bot.desk import audit, devices, links, passwords, sessions, tries, users
from bot.desk.cookies import DEVICE, DOOR, SESSION, cookie, put, remember_device, take_away
from bot.desk.paths import own_path
from bot.desk.rendering import page
from bot.desk.sessions import new_token
from bot.desk.throttle import Throttle
from bot.desk.web import back, changes, check_csrf, form, read_form
from bot.errors import BadInput
from bot.storage.database import session_scope
from bot.storage.sealed import keyed_hash

# One answer for every reason, so that nobody learns from it which names there are.
REFUSED = (
    f"没有登录成功。用户名、口令或动态码不对；连错 {tries.MOST} 次，要等 {tries.LOCKED.seconds // 60} 分钟。"
)
TOO_OFTEN = "试得太多了，请过几分钟再来。"


class Door:
    """The routes that nobody needs to be logged in for."""

    def __init__(self) -> None:
        self._throttle = Throttle(most=20, seconds=300)

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route("/login", self.show_log_in, methods=["GET"], name="login"),
            Route("/login", self.log_in, methods=["POST"]),
            Route("/link", self.show_link, methods=["GET"]),
            Route("/link", self.use_link, methods=["POST"]),
            Route("/logout", log_out, methods=["POST"]),
        ]

    async def show_log_in(self, request: Request) -> Response:
        """The page."""
        return _door_page(request, "login.html", to=own_path(request.query_params.get("next", "/")), wrong="")

    async def log_in(self, request: Request) -> Response:
        """Who gives the right name, password and code gets a new session, whatever cookie came along."""
        await self._enter(request)
        return await run_in_threadpool(_log_in, request)

    async def show_link(self, request: Request) -> Response:
        """The form for a new password; opening it (some programs open every link) does not use the link up."""
        self._count(request)
        token = request.query_params.get("token", "")

        def show() -> Response:
            with session_scope() as session:
                _, name = links.whose(session, token, now=clock.now())
            return _door_page(request, "link.html", token=token, name=name, wrong="")

        return await run_in_threadpool(show)

    async def use_link(self, request: Request) -> Response:
        """Set the password; the link is used up with it."""
        await self._enter(request)
        return await run_in_threadpool(_use_link, request)

    async def _enter(self, request: Request) -> None:
        self._count(request)
        await read_form(request)
        door = request.cookies.get(cookie(DOOR), "")
        if not door:
            raise HTTPException(403, "页面过期了，或者浏览器不收 Cookie。请刷新页面再试。")
        check_csrf(request, _form_token(door))

    def _count(self, request: Request) -> None:
        if not self._throttle.allows(_address_of(request)):
            raise HTTPException(429, TOO_OFTEN, headers={"Retry-After": "300"})


@changes("viewer", "logout")
def log_out(request: Request, session: Session) -> Response:
    """The session ends in the database, not in the cookie alone."""
    sessions.end(session, request.cookies.get(cookie(SESSION), ""))
    response = RedirectResponse("/login", 303)
    take_away(response, SESSION)
    return response


def _log_in(request: Request) -> Response:
    fields, now = form(request), clock.now()
    name = fields.get("name", "")[:64]
    to, device = own_path(fields.get("next", "/")), request.cookies.get(cookie(DEVICE), "")
    with session_scope() as session:  # committed before anything is checked
        taken = devices.take_try(session, name=name, device=device, now=now)
    with session_scope() as session:
        user_id = users.let_in(
            session, name=name, password=_as_typed(request, "password"), code=fields.get("code", ""),
            taken=taken, at=time.time(),
        )  # fmt: skip
        if user_id is None:
            return _door_page(request, "login.html", status=401, to=to, wrong=REFUSED)
        response = RedirectResponse(to, 303)
        sessions.end(session, request.cookies.get(cookie(SESSION), ""))
        put(response, SESSION, sessions.begin(session, user_id=user_id, now=now))
        remember_device(request, response, session, user_id=user_id, now=now)
        audit.note(session, by=name, action="login")
    take_away(response, DOOR)
    return response


def _use_link(request: Request) -> Response:
    token, password, now = form(request).get("token", ""), _as_typed(request, "password"), clock.now()
    with session_scope() as session:
        audit.lock(session)
        user_id, name = links.whose(session, token, now=now)
        try:
            if password != _as_typed(request, "again"):
                raise BadInput("两次输的口令不一样。")
            passwords.check_new(password, name)
        except BadInput as error:
            return _door_page(request, "link.html", status=422, token=token, name=name, wrong=str(error))
        links.use(session, token, now=now)
        users.set_password(session, user_id=user_id, password=password)
        audit.note(session, by=name, action="password.link", subject=name)
        response = back("/login", told="口令设好了，请登录。")
        remember_device(request, response, session, user_id=user_id, now=now)
    return response


def _door_page(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    door = request.cookies.get(cookie(DOOR), "") or new_token()
    response = page(request, template, status=status, door=_form_token(door), **values)
    put(response, DOOR, door)
    return response


def _form_token(door: str) -> str:
    """What a form of somebody with the cookie `door` carries; a cookie that was planted is no use without the key."""
    return keyed_hash("desk-door", door)


def _as_typed(request: Request, name: str) -> str:
    """A password as it was typed, spaces at its ends too."""
    return str(dict(request.state.fields).get(name, ""))


def _address_of(request: Request) -> str:
    """The caller's address; of IPv6 the net, which is one household's."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)
