"""What the desk's routes are made with: who may call one, the form that came in, the page that goes out.

A route that shows something is a plain function under `shows`, one that changes something is one under `changes`. Both
get the request and a database session, run in a thread, and give back a response; the session is committed when they
return, and rolled back with all that they did when they raise::

    @shows("viewer")
    def incident(request: Request, session: Session) -> Response:
        return page(request, "incident.html", incident=find(session, request.path_params["number"]))

    @changes("duty", "incident.confirm")
    def confirm(request: Request, session: Session) -> Response:
        number = request.path_params["number"]
        confirm_grade(session, number=number, by=current_user(request).name, now=clock.now())
        noted(request, subject=number)
        return back(f"/incidents/{number}", told="已确认")
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.desk import apikeys, audit, forms, sessions, updates
from bot.desk.cookies import SESSION, cookie, set_told
from bot.desk.paths import form_page, own_path
from bot.desk.rendering import page
from bot.desk.roles import allows
from bot.desk.sessions import LoggedIn
from bot.errors import BadInput
from bot.settings import settings
from bot.storage.database import session_scope

__all__ = ["Gate", "back", "changes", "current_user", "form", "noted", "page", "shows"]

Handler = Callable[[Request, Session], Response]
Endpoint = Callable[[Request], Awaitable[Response]]
Reader = Callable[[Request], None]

BODY_SECONDS = 15
MOST_FIELDS = 500
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF"
LIVE_HEADER = "X-Live"
DONE_ALREADY = "这张表单刚才已经记下了，没有再记一遍。"


@dataclass(frozen=True)
class Gate:
    """What a route asks of its caller: at least this role; `action` is what the audit calls it (None: it only shows)."""

    role: str
    action: str | None = None


class Again(BadInput):
    """Something in a form will not do: it is shown again as it was filled in, with what is wrong. Nothing is kept."""

    def __init__(self, response: Response) -> None:
        super().__init__("the form is shown again")
        self.response = response


class LogInFirst(Exception):
    """Nobody is logged in, or not any more."""


def shows(
    role: str, *, touch: bool = True, keys: bool = False, live: bool = False
) -> Callable[[Handler], Endpoint]:
    """Make a route of a function that shows something to users of at least `role`.

    `touch`: a call is a person's click. False for what a page asks by itself, so that nobody stays logged in by it.
    `keys`: a program with a key for the desk may call it too, as a viewer.
    `live`: the page follows what happens (`live.js`), and says which state of things it shows.
    """

    def decorate(handler: Handler) -> Endpoint:
        def once(request: Request, click: bool) -> Response:
            with session_scope() as session:
                if live:  # before anything is read: a change is shown once too often rather than never
                    request.state.seen = updates.state_of(session.connection())
                if not (keys and _is_program(request, session)):
                    identify(request, session, role, touch=click)
                return handler(request, session)

        def work(request: Request) -> Response:
            # What a page asks by itself (live.js) is nobody's click.
            click = touch and LIVE_HEADER not in request.headers
            try:
                return once(request, click)
            except OperationalError:
                if not click:
                    raise
                return once(
                    request, False
                )  # a click that cannot be noted while others write costs nobody the page

        return _endpoint(handler, work, Gate(role))

    return decorate


def changes(role: str, action: str, *, read: Reader | None = None) -> Callable[[Handler], Endpoint]:
    """Make a route of a function that changes something for users of at least `role`.

    It must be sent with the session's CSRF token, in the field `csrf` or the header `X-CSRF`. What it does and its line
    in the audit (see `noted`) are one transaction. A form that was done already (`bot.desk.forms`) is not done again.
    `read`: reads a body that is no form from `request.state.body`.
    """

    def decorate(handler: Handler) -> Endpoint:
        def work(request: Request) -> Response:
            with session_scope() as session:
                # Who may not do it does not get as far as the lock; who was put out while waiting for it, no further.
                csrf = identify(request, session, role, touch=False).csrf
                request.state.fields = [] if read else fields_of(request)
                check_csrf(request, csrf)
                if read:
                    read(request)
                request.state.meant = True
                audit.lock(session)
                user = identify(request, session, role)
                sent = forms.hash_of(request.state.fields, user_id=user.id, path=request.url.path)
                if sent and not forms.is_first(session, sent, now=clock.now()):
                    return back(form_page(request), told=DONE_ALREADY)
                response = handler(request, session)
                told = getattr(request.state, "noted", {"subject": "", "detail": {}})
                audit.note(session, by=user.name, action=action, subject=told["subject"], **told["detail"])
                return response

        return _endpoint(handler, work, Gate(role, action))

    return decorate


def current_user(request: Request) -> LoggedIn:
    """Who sent this request; under `shows` and `changes` there is always somebody."""
    user: LoggedIn = request.state.user
    return user


def noted(request: Request, *, subject: str = "", **detail: Any) -> None:
    """What the audit says of this change: its subject (number of the incident, name of the user …) and details.

    Nothing that tells of a resident: no phones, no names, no words of theirs.
    """
    request.state.noted = {"subject": subject, "detail": detail}


def form(request: Request) -> Mapping[str, str]:
    """The fields of the form that was sent, white space at their ends taken away; of a field sent twice the last.

    All values of one field: `request.state.fields`, pairs in their order.
    """
    return {name: value.strip() for name, value in request.state.fields}


def back(path: str, *, told: str = "") -> Response:
    """After a change: on to `path` of the desk, where `told` is shown once."""
    response = RedirectResponse(own_path(path), status_code=303)
    if told:
        set_told(response, told)
    return response


async def read_form(request: Request) -> None:
    """Read the form of a request, for `form`.

    Raises:
        HTTPException: it is no form (415), broken (400), too slow (408) or too long (413).
    """
    request.state.body = await body_of(request)
    request.state.fields = fields_of(request)


def fields_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a form whose body was read.

    Raises:
        HTTPException: it is no form (415) or broken (400).
    """
    body: bytes = request.state.body
    if not body:
        return []
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "这里只收网页表单。")
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:  # UnicodeDecodeError is one
        raise HTTPException(400, "表单读不出来，请刷新页面再试。") from None
    if any("\x00" in name + value for name, value in pairs):
        raise HTTPException(400, "表单里有不能用的字符。")
    return pairs


async def body_of(request: Request) -> bytes:
    """The body, if it comes within `BODY_SECONDS`."""
    try:
        return await asyncio.wait_for(request.body(), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise HTTPException(408, "太慢了，没有收完。请再试一次。") from None
    except ClientDisconnect:
        raise HTTPException(400, "没有收完。") from None


def check_csrf(request: Request, wanted: str) -> None:
    """Look whether a change was meant by the page that the user sees.

    Raises:
        HTTPException: 403; another site (or nobody) made their browser send it.
    """
    given = request.headers.get(CSRF_HEADER) or dict(getattr(request.state, "fields", ())).get(CSRF_FIELD, "")
    right = hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
    if not right or not is_same_site(request):
        raise HTTPException(403, "页面过期了，或者不是从工作台点过来的。请刷新页面再试。")


def is_same_site(request: Request) -> bool:
    """Whether the browser says that a page of this very host sent the request, or says nothing."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    ours = (request.headers.get("host", "").lower(), urlsplit(settings().desk_address).netloc.lower())
    try:
        return origin is None or urlsplit(origin).netloc.lower() in ours
    except ValueError:  # no browser's
        return False


def identify(request: Request, session: Session, role: str, *, touch: bool = True) -> LoggedIn:
    """Who sent the request.

    Raises:
        LogInFirst: nobody.
        HTTPException: 403; they may not do this.
    """
    token = request.cookies.get(cookie(SESSION), "")
    user = sessions.find(session, token, now=clock.now(), touch=touch) if token else None
    if user is None:
        raise LogInFirst
    request.state.user = user
    if not allows(user.role, role):
        raise HTTPException(403, "您的角色不能做这件事。要做的话，请找管理员。")
    return user


def _is_program(request: Request, session: Session) -> bool:
    """Whether a program with a key of the desk asks.

    Raises:
        HTTPException: 401, the key is none; 403, it was made for something else.
    """
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return False
    program = apikeys.program_of(session, key.strip())
    if program is None:
        raise HTTPException(401, "这个接口密钥不对，或者已经停用。", headers={"WWW-Authenticate": "Bearer"})
    if apikeys.DESK not in program.scopes:
        raise HTTPException(
            403, "这个密钥不是给值班台接口用的。请管理员用 wuchang desk key add NAME --scope desk 另做一个。"
        )
    return True


def _endpoint(handler: Handler, work: Callable[[Request], Response], gate: Gate) -> Endpoint:
    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        if gate.action is not None:  # taken in here, looked at once it is known who sent it
            request.state.body = await body_of(request)
        return await run_in_threadpool(work, request)

    endpoint.gate = gate  # type: ignore[attr-defined]
    return endpoint


def required(fields: Mapping[str, str], name: str, label: str) -> str:
    """A field that must not be empty.

    Raises:
        BadInput: it is.
    """
    value = fields.get(name, "")
    if not value:
        raise BadInput(f"请填“{label}”。")
    return value
