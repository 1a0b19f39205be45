"""Incidents are put together and taken apart, and that is taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk.pages.given import number_of, path_of
from bot.desk.web import back, changes, current_user, form, noted
from bot.errors import BadInput
from bot.water.incidents import merging


def _values(request: Request, name: str) -> list[str]:
    return [value.strip() for key, value in request.state.fields if key == name and value.strip()]


@changes("duty", "incident.merge")
def merge(request: Request, session: Session) -> Response:
    """Others become part of this one."""
    number, others = number_of(request), _values(request, "other")
    if not others:
        raise BadInput("请先勾选要并进来的事件。")
    merging.merge(session, into=number, numbers=others, by=current_user(request).name, now=clock.now())
    noted(request, subject=number, numbers=others)
    return back(path_of(number, "reports"), told=f"{'、'.join(others)} 并进来了。并错了，可以在经过里撤回。")


@changes("duty", "incident.split")
def split(request: Request, session: Session) -> Response:
    """Some reports become an incident of their own."""
    number, reports = number_of(request), _values(request, "report")
    if not reports:
        raise BadInput("请先勾选要拆出去的报修。")
    made = merging.split(
        session, number=number, reports=reports, by=current_user(request).name, now=clock.now()
    )
    noted(request, subject=number, into=made.number)
    return back(path_of(made.number), told=f"拆出来了，这是新的事件 {made.number}。")


@changes("duty", "incident.undo")
def undo(request: Request, session: Session) -> Response:
    """A merger or split is taken back."""
    number, given = number_of(request), form(request).get("event", "")
    if not (given.isascii() and given.isdigit() and len(given) < 12):
        raise BadInput("没有这一步，请刷新页面再试。")
    merging.undo(session, event_id=int(given), by=current_user(request).name, now=clock.now())
    noted(request, subject=number, event=int(given))
    return back(path_of(number, "course"), told="撤回了。")


def _post(path: str, endpoint: Any) -> Route:
    return Route(f"/incidents/{{number}}/{path}", endpoint, methods=["POST"])


ROUTES = [_post("merge", merge), _post("split", split), _post("undo", undo)]
