"""The first page: what has to be done now, and the list of incidents; exports, and the stream of changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot import clock
from bot.desk import audit, exports
from bot.desk.listing import KINDS, Listed, Wanted, list_incidents
from bot.desk.pages.handovers import people_waiting
from bot.desk.updates import Hub
from bot.desk.web import current_user, page, shows
from bot.places.gazetteer import gazetteer
from bot.storage import talk_list
from bot.storage.database import session_scope
from bot.storage.tables import Incident
from bot.water.drill import is_drill
from bot.water.duty import duty_lines
from bot.water.duty.duty_board import DutyLine
from bot.water.plan.duty_clocks import GRADES

HUB = Hub()
_MOST_TASKS = 5


@dataclass(frozen=True)
class Late:
    """An incident with duties whose time is over: how many, and the one that waits longest."""

    number: str
    place: str
    drill: bool
    count: int
    first: DutyLine


@dataclass(frozen=True)
class Tasks:
    """What waits for whoever is on duty, over all incidents; drills last, and told as such."""

    late: tuple[Late, ...]
    more_late: int
    people: tuple[talk_list.Waiting, ...]


@shows("viewer", live=True)
def incidents(request: Request, session: Session) -> Response:
    """The most urgent thing first."""
    now, wanted = clock.now(), Wanted.of(request.query_params)
    listed = list_incidents(session, wanted, now=now)
    return page(
        request, "incidents.html", wanted=wanted, listed=listed, tasks=_tasks(session),
        townships=gazetteer().townships, grades=GRADES, kinds=KINDS, drill=_any_drill(listed), is_drill=is_drill,
        at_page=lambda number: "?" + urlencode(_query(wanted) | {"page": number}),
        ordered=lambda order: "?" + urlencode(_query(wanted) | {"order": order}),
        caring=lambda only: "?" + urlencode(_query(wanted) | {"vulnerable": "1" if only else "", "page": 1}),
    )  # fmt: skip


def _tasks(session: Session) -> Tasks:
    lines: dict[str, list[DutyLine]] = {}
    for line in duty_lines.overdue(session, clock.now()):  # the longest overdue first
        lines.setdefault(line.incident, []).append(line)
    shown = sorted(lines.items(), key=lambda item: item[1][0].drill)[:_MOST_TASKS]
    places = _places(session, [number for number, _ in shown])
    late = tuple(Late(number, places.get(number, ""), of[0].drill, len(of), of[0]) for number, of in shown)
    people = tuple(one for one in people_waiting(session) if one.unanswered_since is not None)
    return Tasks(late, len(lines) - len(late), people)


def _places(session: Session, numbers: list[str]) -> dict[str, str]:
    query = select(Incident.number, Incident.township, Incident.area).where(Incident.number.in_(numbers))
    return {
        number: f"{township or ''}{area}" or "地方不明" for number, township, area in session.execute(query)
    }


def _query(wanted: Wanted) -> dict[str, object]:
    told = {
        "status": wanted.status, "kind": wanted.kind, "township": wanted.township, "grade": wanted.grade,
        "q": wanted.words, "order": wanted.order, "vulnerable": "1" if wanted.vulnerable else "",
    }  # fmt: skip
    return {name: value for name, value in told.items() if value or name == "status"}


def _any_drill(listed: Listed) -> bool:
    return any(line.drill for line in listed.lines)


@shows("duty")
def export(request: Request, session: Session) -> Response:
    """A file of all incidents or reports; that somebody took it stands in the audit."""
    sheet, form = exports.find(request.path_params["sheet"], request.path_params["form"])
    audit.note(session, by=current_user(request).name, action=f"export.{sheet.name}", subject=form.ending)

    def pieces() -> Iterator[bytes]:
        with session_scope() as own:  # the other one is closed when the first byte goes out
            yield from form.pieces(sheet, sheet.rows(own))

    name = exports.file_name(sheet, form, clock.now())
    return StreamingResponse(
        iterate_in_threadpool(pieces()),
        media_type=form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@shows("viewer", touch=False)
def events(request: Request, _session: Session) -> Response:
    """The stream of changes; it holds no session, and is no sign that somebody is there.

    `seen` is the state that the page shows; after a break the browser says itself what it heard last.
    """
    seen = request.headers.get("last-event-id") or request.query_params.get("seen") or None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        HUB.listen(by=current_user(request).id, seen=seen), media_type="text/event-stream", headers=headers
    )


ROUTES = [
    Route("/", incidents, methods=["GET"]),
    Route("/events", events, methods=["GET"]),
    Route("/export/{sheet}.{form}", export, methods=["GET"]),
]
