"""Pages of who may do what: one's own account, the users, the audit."""

from __future__ import annotations

import time

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk import audit, links, sessions, users
from bot.desk.cookies import SESSION, put, remember_device
from bot.desk.throttle import Throttle
from bot.desk.web import Again, back, changes, current_user, form, noted, page, required, shows
from bot.errors import BadInput
from bot.storage.staff import staff_lines
from bot.storage.tables import AuditEntry

AUDIT_PAGE = 200
_TRIES = Throttle(most=10, seconds=900)  # of one user


@shows("viewer")
def account(request: Request, session: Session) -> Response:
    """One's own account."""
    mine = users.find(session, current_user(request).name)
    return page(request, "account.html", mine=mine)


@changes("viewer", "password.change")
def change_password(request: Request, session: Session) -> Response:
    """A new password, for who knows the old one; everywhere else the user is logged out."""
    fields, user = dict(request.state.fields), current_user(request)
    if fields.get("password", "") != fields.get("again", ""):
        raise BadInput("两次输的口令不一样。")
    _check_password(request, session)
    users.set_password(session, user_id=user.id, password=fields.get("password", ""))
    noted(request, subject=user.name)
    return _logged_in_anew(request, session, user.id, "/account", "口令改好了，别处的登录都退出了。")


@shows("viewer")
def new_totp(request: Request, session: Session) -> Response:
    """A new secret for one-time codes; it counts once a code of it was typed in."""
    secret = users.new_secret()
    address = users.totp_address(secret, current_user(request).name)
    return page(request, "totp.html", secret=secret, address=address, wrong="")


@changes("viewer", "totp.set")
def set_totp(request: Request, session: Session) -> Response:
    """From now on the user needs codes."""
    fields, user = form(request), current_user(request)
    secret, code = fields.get("secret", ""), fields.get("code", "")
    try:
        _check_password(request, session)
        users.set_totp(session, user_id=user.id, secret=secret, code=code, at=time.time())
    except BadInput as error:  # with the same secret, which the phone has already
        if not users.is_secret(secret):
            raise
        address = users.totp_address(secret, user.name)
        shown = page(request, "totp.html", status=422, secret=secret, address=address, wrong=str(error))
        raise Again(shown) from error
    noted(request, subject=user.name)
    return _logged_in_anew(request, session, user.id, "/account", "动态码开通了，下次登录要填。")


@changes("viewer", "duty.self")
def own_duty(request: Request, session: Session) -> Response:
    """Come on duty, or go off it."""
    user, on_duty = current_user(request), form(request).get("on_duty") == "1"
    users.set_duty(session, name=user.name, on_duty=on_duty)
    noted(request, subject=user.name, on_duty=on_duty)
    return back("/account", told="您现在当班，提醒会发给您。" if on_duty else "您下班了，提醒不再发给您。")


@shows("admin")
def all_users(request: Request, session: Session) -> Response:
    """Every user, and what can be done with them."""
    return _users_page(request, session)


@changes("admin", "user.add")
def add_user(request: Request, session: Session) -> Response:
    """A new user; the page shows the link for their password, once."""
    fields = form(request)
    user = users.add(
        session, name=required(fields, "name", "用户名"), role=fields.get("role", ""), now=clock.now()
    )
    noted(request, subject=user.name, role=user.role)
    return _with_link(request, session, user.name)


@changes("admin", "user.link")
def new_link(request: Request, session: Session) -> Response:
    """A new link for somebody who forgot their password."""
    name = request.path_params["name"]
    noted(request, subject=name)
    return _with_link(request, session, name)


@changes("admin", "user.role")
def set_role(request: Request, session: Session) -> Response:
    """Another role."""
    name, role = request.path_params["name"], form(request).get("role", "")
    users.set_role(session, name=name, role=role)
    noted(request, subject=name, role=role)
    return back("/users", told="角色改好了；那个人要重新登录。")


@changes("admin", "user.duty")
def set_duty(request: Request, session: Session) -> Response:
    """Who is on duty."""
    name, on_duty = request.path_params["name"], form(request).get("on_duty") == "1"
    users.set_duty(session, name=name, on_duty=on_duty)
    noted(request, subject=name, on_duty=on_duty)
    return back("/users", told="记下了。")


@changes("admin", "user.staff")
def set_staff(request: Request, session: Session) -> Response:
    """Whose accounts on the channels reminders go to."""
    name, staff = request.path_params["name"], form(request).get("staff", "")
    users.set_staff(session, name=name, staff=staff)
    noted(request, subject=name, staff=staff)
    return back("/users", told="记下了。")


@changes("admin", "user.disable")
def set_disabled(request: Request, session: Session) -> Response:
    """Keep somebody out, or let them in again."""
    name, disabled = request.path_params["name"], form(request).get("disabled") == "1"
    users.set_disabled(session, name=name, disabled=disabled, now=clock.now())
    noted(request, subject=name, disabled=disabled)
    return back("/users", told="停用了。" if disabled else "可以登录了。")


@changes("admin", "totp.drop")
def drop_totp(request: Request, session: Session) -> Response:
    """Somebody lost their phone."""
    name = request.path_params["name"]
    users.drop_totp(session, name=name)
    noted(request, subject=name)
    return back("/users", told="动态码取消了；那个人只用口令登录，请提醒重新开通。")


@shows("admin")
def audit_page(request: Request, session: Session) -> Response:
    """The latest lines of the audit, and whether its chain holds."""
    given = request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(AUDIT_PAGE)
    lines = list(session.scalars(query if before is None else query.where(AuditEntry.id < before)))
    return page(
        request, "audit.html", lines=lines, verdict=audit.verify(session), more=len(lines) == AUDIT_PAGE
    )


def _check_password(request: Request, session: Session) -> None:
    """Ask for the password anew: whoever found a screen unlocked has no more tries than at the door."""
    user, given = current_user(request), dict(request.state.fields).get("old", "")
    if not _TRIES.allows(str(user.id)):
        raise BadInput("试得太多了，请过一刻钟再来。")
    if not users.has_password(session, user_id=user.id, password=given):
        raise BadInput("现在的口令不对。")


def _logged_in_anew(request: Request, session: Session, user_id: int, path: str, told: str) -> Response:
    response, now = back(path, told=told), clock.now()
    put(response, SESSION, sessions.begin(session, user_id=user_id, now=now))
    remember_device(request, response, session, user_id=user_id, now=now)
    return response


def _with_link(request: Request, session: Session, name: str) -> Response:
    return _users_page(request, session, link=(name, links.make(session, name=name, now=clock.now())))


def _users_page(request: Request, session: Session, link: tuple[str, str] | None = None) -> Response:
    staff = [line["name"] for line in staff_lines(session)]
    return page(request, "users.html", users=users.all_users(session), staff=staff, link=link)


_USER = "/users/{name}"
ROUTES = [
    Route("/account", account, methods=["GET"]),
    Route("/account/password", change_password, methods=["POST"]),
    Route("/account/duty", own_duty, methods=["POST"]),
    Route("/account/totp", new_totp, methods=["GET"]),
    Route("/account/totp", set_totp, methods=["POST"]),
    Route("/users", all_users, methods=["GET"]),
    Route("/users", add_user, methods=["POST"]),
    Route(f"{_USER}/link", new_link, methods=["POST"]),
    Route(f"{_USER}/role", set_role, methods=["POST"]),
    Route(f"{_USER}/duty", set_duty, methods=["POST"]),
    Route(f"{_USER}/staff", set_staff, methods=["POST"]),
    Route(f"{_USER}/disable", set_disabled, methods=["POST"]),
    Route(f"{_USER}/totp", drop_totp, methods=["POST"]),
    Route("/audit", audit_page, methods=["GET"]),
]
