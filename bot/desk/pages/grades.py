"""Changes of an incident: facts, grade, duties, the response, and a reporter's phone."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk.pages.given import fact_of, moment_of, number_of, path_of
from bot.desk.web import back, changes, current_user, form, noted, required
from bot.desk.words import grade_word
from bot.errors import BadInput
from bot.storage import phones
from bot.water.duty import duty_lines
from bot.water.incidents import decisions, response
from bot.water.incidents.assessing import refresh
from bot.water.incidents.moments import find_incident
from bot.water.plan.facts import all_facts


@changes("duty", "incident.fact")
def set_fact(request: Request, session: Session) -> Response:
    """A fact; the page then shows the grade that comes of it."""
    number, fields = number_of(request), form(request)
    name = fields.get("name", "")
    values = [value for key, value in request.state.fields if key == "value"]
    value = None if fields.get("drop") == "1" else fact_of(name, values)
    assessed = decisions.set_fact(
        session, number=number, name=name, value=value, by=current_user(request).name, now=clock.now(),
        reason=fields.get("reason", "")[:200],
    )  # fmt: skip
    noted(request, subject=number, fact=name, value=value)
    label = all_facts()[name].zh
    said = "不再写明" if value is None else "改好了"
    return back(
        path_of(number, "grade"), told=f"“{label}”{said}。现在判定：{grade_word(assessed.grading.grade)}。"
    )


@changes("duty", "incident.confirm")
def confirm(request: Request, session: Session) -> Response:
    """The grade as it was shown."""
    number, by, now = number_of(request), current_user(request).name, clock.now()
    seen = form(request).get("seen") or None
    decisions.confirm_grade(session, number=number, by=by, now=now, seen=seen)
    incident = find_incident(session, number)
    noted(request, subject=number, grade=incident.confirmed_grade)
    return back(
        path_of(number, "duties"), told=f"已确认：{grade_word(incident.confirmed_grade)}。职责和时限在下面。"
    )


@changes("duty", "incident.override")
def override(request: Request, session: Session) -> Response:
    """Another grade than was worked out, with a reason."""
    number, fields, by, now = number_of(request), form(request), current_user(request).name, clock.now()
    grade = fields.get("grade") or None
    decisions.override_grade(
        session, number=number, grade=None if grade == "none" else grade, reason=fields.get("reason", "")[:500],
        by=by, now=now,
    )  # fmt: skip
    incident = find_incident(session, number)
    noted(request, subject=number, grade=incident.confirmed_grade)
    return back(path_of(number, "duties"), told=f"人工定为{grade_word(incident.confirmed_grade)}。")


@changes("duty", "duty.tick")
def tick(request: Request, session: Session) -> Response:
    """A duty is done."""
    number, fields = number_of(request), form(request)
    key = fields.get("key", "")
    line = duty_lines.tick(
        session, incident=number, key=key, by=current_user(request).name, how=fields.get("how", "")[:500],
        now=clock.now(), at=moment_of(fields, "at", "办好的时间"),
    )  # fmt: skip
    noted(request, subject=number, key=key)
    return back(
        path_of(number, "duties"), told=f"记下了：{line.clause} 办好了{'（过了时限）' if line.late else ''}。"
    )


@changes("duty", "duty.untick")
def untick(request: Request, session: Session) -> Response:
    """It was ticked by mistake."""
    number, fields = number_of(request), form(request)
    key = fields.get("key", "")
    line = duty_lines.untick(
        session, incident=number, key=key, by=current_user(request).name, now=clock.now(),
        reason=fields.get("reason", "")[:200],
    )  # fmt: skip
    noted(request, subject=number, key=key)
    return back(path_of(number, "duties"), told=f"{line.clause} 改回没办，原来的记录留着。")


@changes("duty", "incident.moment")
def set_moment(request: Request, session: Session) -> Response:
    """The moment that clocks count from."""
    number, fields = number_of(request), form(request)
    at = moment_of(fields, "at", "起算时间")
    if at is None:
        raise BadInput("请填起算时间。")
    duty_lines.set_moment(
        session, number=number, which=fields.get("which", ""), at=at, by=current_user(request).name, now=clock.now(),
        reason=fields.get("reason", "")[:200],
    )  # fmt: skip
    refresh(session, find_incident(session, number), now=clock.now())
    noted(request, subject=number, which=fields.get("which", ""))
    return back(path_of(number, "duties"), told="起算时间改好了，时限跟着变了。")


@changes("duty", "response.step")
def step(request: Request, session: Session) -> Response:
    """A step of the response was taken."""
    number, fields = number_of(request), form(request)
    state = response.take_step(
        session, number=number, step=fields.get("step", ""), by=current_user(request).name, now=clock.now(),
        office=fields.get("office", "")[:100],
    )  # fmt: skip
    noted(request, subject=number, step=fields.get("step", ""))
    return back(
        path_of(number, "response"), told=f"记下了：{state.taken[-1].label}。" if state.taken else "记下了。"
    )


@changes("duty", "response.withdraw")
def withdraw_step(request: Request, session: Session) -> Response:
    """The last step was noted by mistake."""
    number, fields = number_of(request), form(request)
    response.withdraw_step(
        session, number=number, step=fields.get("step", ""), by=current_user(request).name,
        reason=required(fields, "reason", "撤回的理由")[:200], now=clock.now(),
    )  # fmt: skip
    noted(request, subject=number, step=fields.get("step", ""))
    return back(path_of(number, "response"), told="撤回了，记录里留着。")


@changes("duty", "response.group")
def group(request: Request, session: Session) -> Response:
    """A group of 2.2 is called out or stood down."""
    number, fields = number_of(request), form(request)
    out = fields.get("out") == "1"
    response.call_group(
        session,
        number=number,
        group=fields.get("group", ""),
        by=current_user(request).name,
        now=clock.now(),
        out=out,
    )
    noted(request, subject=number, group=fields.get("group", ""), out=out)
    return back(
        path_of(number, "response"), told=f"{fields.get('group', '')}{'集结了' if out else '撤回了'}。"
    )


@changes("duty", "report.phone")
def phone(request: Request, session: Session) -> Response:
    """A reporter's whole phone number, to call back; that it was looked at is kept."""
    number, report = number_of(request), str(request.path_params["report"])[:32]
    reached = phones.look_up(session, number=report, by=current_user(request).name, now=clock.now())
    noted(request, subject=reached.number)
    name = f"{reached.name}，" if reached.name else ""
    told = f"{reached.number}：{name}{'，'.join(reached.phones)}（您看过，已记录）"
    return back(path_of(number, "reports"), told=told)


def _post(path: str, endpoint: Any) -> Route:
    return Route(f"/incidents/{{number}}/{path}", endpoint, methods=["POST"])


ROUTES = [
    _post("fact", set_fact), _post("confirm", confirm), _post("override", override), _post("tick", tick),
    _post("untick", untick), _post("moment", set_moment), _post("step", step), _post("withdraw", withdraw_step),
    _post("group", group), _post("reports/{report}/phone", phone),
]  # fmt: skip
