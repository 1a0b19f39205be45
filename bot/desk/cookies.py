"""The desk's cookies: for the desk's host alone, out of the reach of scripts, never sent along from another site."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from bot.desk import devices
from bot.errors import WuchangError
from bot.settings import settings
from bot.storage.sealed import seal, unseal

SESSION = "desk"  # who is logged in
DOOR = "desk-door"  # before that: makes the forms of the log-in page the visitor's own
DEVICE = "desk-device"  # this browser logged in before
TOLD = "desk-told"  # what the next page says once
_TOLD_SECONDS = 60
_MOST_TOLD = 300


def is_secure() -> bool:
    """Whether the desk is called over HTTPS."""
    return settings().desk_address.startswith("https://")


def cookie(name: str) -> str:
    """The cookie's whole name. With `__Host-` no other name of the domain and no plain HTTP can set it."""
    return f"__Host-{name}" if is_secure() else name


def put(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie, by default until the browser is closed."""
    response.set_cookie(
        cookie(name), value, max_age=seconds, path="/", secure=is_secure(), httponly=True, samesite="strict"
    )


def remember_device(
    request: Request, response: Response, session: Session, *, user_id: int, now: datetime
) -> None:
    """Note that the user logged in from this browser, and give it its new cookie."""
    given = request.cookies.get(cookie(DEVICE), "")
    token = devices.remember(session, user_id=user_id, device=given, now=now)
    put(response, DEVICE, token, seconds=int(devices.KEPT.total_seconds()))


def take_away(response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(cookie(name), path="/", secure=is_secure(), httponly=True, samesite="strict")


def set_told(response: Response, text: str) -> None:
    """Have the next page say `text` once. It is sealed: nobody else can put words there."""
    put(response, TOLD, seal(text[:_MOST_TOLD]), seconds=_TOLD_SECONDS)


def told(request: Request) -> str:
    """What is to be said once; "" where there is nothing."""
    try:
        return unseal(request.cookies.get(cookie(TOLD), ""))
    except WuchangError:
        return ""
