"""What reporters and everybody are told of an incident, its end, and planned outages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk.pages.given import moment_of, number_of, path_of
from bot.desk.web import Again, back, changes, current_user, form, noted, page, required, shows
from bot.errors import BadInput
from bot.places.gazetteer import gazetteer
from bot.storage.tables import PlannedOutage
from bot.water.incidents import closing
from bot.water.telling import news, planned

_BETWEEN_AREAS = re.compile(r"[;；,，、\n]+")
_SHOWN_AFTER = timedelta(days=14)


@changes("duty", "incident.expected")
def expected(request: Request, session: Session) -> Response:
    """When the water is to be back; empty: not known any more."""
    number = number_of(request)
    at = moment_of(form(request), "at", "预计来水")
    told = news.set_expected(session, number=number, at=at, by=current_user(request).name, now=clock.now())
    noted(request, subject=number, at=at)
    return back(
        path_of(number, "people"),
        told=f"预计来水时间{'改好了' if at else '取消了'}，会告诉 {told} 位报修人。",
    )


@changes("duty", "incident.cause")
def cause(request: Request, session: Session) -> Response:
    """The cause in words for residents."""
    number = number_of(request)
    told = news.tell_cause(
        session,
        number=number,
        cause=form(request).get("cause", ""),
        by=current_user(request).name,
        now=clock.now(),
    )
    noted(request, subject=number)
    return back(path_of(number, "people"), told=f"原因会告诉 {told} 位报修人。")


@changes("duty", "incident.trucks")
def trucks(request: Request, session: Session) -> Response:
    """Where water trucks stand."""
    number, fields = number_of(request), form(request)
    told = news.tell_trucks(
        session, number=number, where=fields.get("where", ""), at=moment_of(fields, "at", "送水时间"),
        by=current_user(request).name, now=clock.now(),
    )  # fmt: skip
    noted(request, subject=number)
    return back(path_of(number, "people"), told=f"送水车的消息会告诉 {told} 位报修人。")


@changes("duty", "incident.close")
def close(request: Request, session: Session) -> Response:
    """It is over; the reporters are asked whether the water is back."""
    number = number_of(request)
    closed = closing.close_incident(
        session, number=number, by=current_user(request).name, now=clock.now(),
        reason=form(request).get("reason", "")[:200],
    )  # fmt: skip
    noted(request, subject=number, asked=closed.asked)
    return back(path_of(number), told=f"事件结束了，正在问 {closed.asked} 位报修人“水来了吗”。")


@changes("duty", "incident.reopen")
def reopen(request: Request, session: Session) -> Response:
    """It is not over."""
    number = number_of(request)
    reason = required(form(request), "reason", "重新打开的理由")[:200]
    closing.reopen(session, number=number, by=current_user(request).name, now=clock.now(), reason=reason)
    noted(request, subject=number)
    return back(path_of(number), told="重新打开了。")


@shows("viewer")
def all_planned(request: Request, session: Session) -> Response:
    """What is announced, the next one first, and what was lately."""
    return _planned_page(request, session)


def _planned_page(request: Request, session: Session, *, wrong: str = "", status: int = 200) -> Response:
    now = clock.now()
    query = (
        select(PlannedOutage)
        .where(PlannedOutage.ends_at > now - _SHOWN_AFTER)
        .order_by(PlannedOutage.ends_at <= now, PlannedOutage.starts_at)
        .limit(200)
    )
    given = dict(request.state.fields) if request.method == "POST" else {}
    return page(
        request, "planned.html", status=status, rows=list(session.scalars(query)), wrong=wrong, given=given,
        townships=gazetteer().townships,
    )  # fmt: skip


@changes("duty", "planned.announce")
def announce(request: Request, session: Session) -> Response:
    """A new one; subscribers hear of it a day before."""
    fields = form(request)
    try:
        made = planned.announce(
            session, township=fields.get("township", ""),
            areas=[area for area in _BETWEEN_AREAS.split(fields.get("areas", "")) if area.strip()],
            starts_at=_needed(fields, "starts_at", "开始时间"), ends_at=_needed(fields, "ends_at", "结束时间"),
            reason=fields.get("reason", ""), by=current_user(request).name, now=clock.now(),
        )  # fmt: skip
    except BadInput as error:
        raise Again(_planned_page(request, session, wrong=str(error), status=422)) from error
    noted(request, subject=made.number)
    return back("/planned", told=f"公告好了：{made.number}。提前一天告诉订阅的人。")


@changes("duty", "planned.cancel")
def cancel(request: Request, session: Session) -> Response:
    """It does not take place."""
    number = number_of(request)
    planned.cancel(session, number=number, by=current_user(request).name, now=clock.now())
    noted(request, subject=number)
    return back("/planned", told=f"{number} 取消了，已经告诉过的人会收到取消的消息。")


def _needed(fields: Any, name: str, label: str) -> datetime:
    at = moment_of(fields, name, label)
    if at is None:
        raise BadInput(f"请填“{label}”。")
    return at


def _post(path: str, endpoint: Any) -> Route:
    return Route(f"/incidents/{{number}}/{path}", endpoint, methods=["POST"])


ROUTES = [
    _post("expected", expected), _post("cause", cause), _post("trucks", trucks), _post("close", close),
    _post("reopen", reopen),
    Route("/planned", all_planned, methods=["GET"]),
    Route("/planned", announce, methods=["POST"]),
    Route("/planned/{number}/cancel", cancel, methods=["POST"]),
]  # fmt: skip
