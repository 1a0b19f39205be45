"""Pages from the templates beside this file. All that is put into one is escaped; a name that is missing is an error."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot import clock
from bot.desk import forms, words
from bot.desk.cookies import TOLD, take_away, told
from bot.desk.roles import ADMIN, DUTY, VIEWER, allows

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"
ROLE_WORDS = {VIEWER: "只看", DUTY: "值班", ADMIN: "管理员"}


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page of `template` with `values`; every template also has `user` (or None), `csrf`, `told`, `now`, `path`,
    and `seen`, the state that a live page shows.

    In a template: `allows("duty")` is whether the user may do what needs this role, `{{ csrf_field() }}` is a form's token and number,
    `static("desk.css")` the address of a file, and the filters `moment` and `ago` show times.
    """
    user = getattr(request.state, "user", None)
    once = told(request)
    text = environment().get_template(template).render(
        user=user,
        csrf=user.csrf if user else "",
        csrf_field=lambda: _field(user.csrf if user else ""),
        told=once,
        now=clock.now(),
        path=request.url.path,
        seen=getattr(request.state, "seen", ""),
        allows=lambda role: user is not None and allows(user.role, role),
        **values,
    )  # fmt: skip
    response = HTMLResponse(text, status)
    if once:
        take_away(response, TOLD)
    return response


def _field(csrf: str) -> Markup:
    hidden = '<input type="hidden" name="csrf" value="{}"><input type="hidden" name="{}" value="{}">'
    return Markup(hidden).format(csrf, forms.FIELD, token_urlsafe(9))


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates' environment."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.globals["static"] = static
    made.globals["role_words"] = ROLE_WORDS
    made.filters["moment"] = moment
    made.filters["ago"] = ago
    made.globals.update(words.GLOBALS)
    made.filters.update(words.FILTERS)
    return made


@lru_cache(maxsize=64)
def static(name: str) -> str:
    """The address of a file in `static/`; another one once its content is another, so that none is stale."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def moment(at: datetime | None) -> str:
    """A time as staff read it: 11月26日 08:05, with the year where it is not this one."""
    if at is None:
        return "—"
    year = "" if at.year == clock.now().year else f"{at.year}年"
    return f"{year}{at.month}月{at.day}日 {at:%H:%M}"


def ago(at: datetime | None) -> str:
    """How long ago, or how long until, in one or two words: 3分钟前, 2小时后."""
    if at is None:
        return "—"
    seconds = (clock.now() - at).total_seconds()
    side, minutes = ("前" if seconds >= 0 else "后"), int(abs(seconds) // 60)
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes}分钟{side}"
    return f"{minutes // 60}小时{side}" if minutes < 48 * 60 else f"{minutes // 1440}天{side}"
