"""Conversations that the assistant handed over: who waits, what was said, and the answers of staff."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk.web import back, changes, current_user, form, noted, page, shows
from bot.errors import NotFound
from bot.storage import phones, talk_lines, talk_list, talks
from bot.storage.tables import Incident, OutageReport
from bot.texts import word
from bot.water.drill import is_drill

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PHOTO = "image/jpeg"  # whatever was sent: bot.photos makes it anew, and takes 10 MB to say so itself
_LATIN = re.compile(r"[A-Za-z]")


def people_waiting(session: Session) -> tuple[talk_list.Waiting, ...]:
    """Who waits, the most urgent first; made-up people of a drill last, so that they are before nobody."""
    return tuple(sorted(talk_list.waiting(session), key=lambda one: is_drill(one.channel, one.sender)))


@shows("viewer", live=True)
def waiting(request: Request, session: Session) -> Response:
    """Who waits, the most urgent first."""
    return page(request, "handovers.html", people=people_waiting(session), is_drill=is_drill)


@shows("viewer", live=True)
def talk(request: Request, session: Session) -> Response:
    """One person's conversation."""
    one = talk_list.find(session, _id(request))
    mine = one.taken_by == current_user(request).name
    return page(
        request, "talk.html", one=one, lines=talk_lines.lines_of(session, one.id), mine=mine,
        reports=_reports_of(session, one), most=talks.MAX_CHARS, drill=is_drill(one.channel, one.sender),
    )  # fmt: skip


@shows("duty")
def photo(request: Request, session: Session) -> Response:
    """A photo that the person sent to staff: not for viewers, for nothing in it can be masked. It is kept nowhere."""
    found = talk_lines.photo_of(session, _id(request), int(request.path_params["photo"]))
    return Response(found.body, media_type=_PHOTO)


@changes("duty", "talk.take")
def take(request: Request, session: Session) -> Response:
    """The assistant is silent from now on."""
    over = form(request).get("over") == "1"
    talks.take(session, handover_id=_id(request), by=current_user(request).name, now=clock.now(), over=over)
    noted(request, subject=str(_id(request)), over=over)
    return back(_path(request), told="您接手了。助手不再自动回话，等您回复。")


@changes("duty", "talk.say")
def say(request: Request, session: Session) -> Response:
    """Words to the person."""
    one, text = talk_list.find(session, _id(request)), form(request).get("text", "").replace("\r\n", "\n")
    talks.say(
        session, handover_id=one.id, by=current_user(request).name, text=text, now=clock.now(),
        told=word("talk_staff", _language(session, one), text=text),
    )  # fmt: skip
    noted(request, subject=str(one.id))
    return back(f"{_path(request)}#end", told="发出去了。")


@changes("duty", "talk.back")
def hand_back(request: Request, session: Session) -> Response:
    """The assistant answers again."""
    one = talk_list.find(session, _id(request))
    farewell = word("talk_over", _language(session, one))
    talks.hand_back(
        session, handover_id=one.id, by=current_user(request).name, now=clock.now(), farewell=farewell
    )
    noted(request, subject=str(one.id))
    return back("/handovers", told="交还给助手了，本人收到了结束的话。")


@changes("duty", "talk.settle")
def settle(request: Request, session: Session) -> Response:
    """Done without a talk: called back, say."""
    talks.settle(session, handover_id=_id(request), now=clock.now())
    noted(request, subject=str(_id(request)))
    return back("/handovers", told="记下了：已经办结。")


@changes("duty", "talk.phone")
def phone(request: Request, session: Session) -> Response:
    """The whole phone number, to call back; that it was looked at is kept."""
    one = talk_list.find(session, _id(request))
    noted(request, subject=str(one.id))
    try:
        reached = phones.look_up(session, number=str(one.id), by=current_user(request).name, now=clock.now())
    except NotFound:
        return back(_path(request), told="本人没有留电话，别处也没有。只能在这里回话。")
    return back(_path(request), told=f"电话：{'，'.join(reached.phones)}（您看过，已记录）")


def _id(request: Request) -> int:
    return int(request.path_params["id"])


def _path(request: Request) -> str:
    return f"/handovers/{_id(request)}"


def _reports_of(session: Session, one: talk_list.Waiting) -> list[tuple[OutageReport, str | None]]:
    """What the person reported, with the number of the incident, the latest first."""
    query = (
        select(OutageReport, Incident.number)
        .outerjoin(Incident, Incident.id == OutageReport.incident_id)
        .where(OutageReport.channel == one.channel, OutageReport.sender_id == one.sender)
        .order_by(OutageReport.id.desc())
        .limit(5)
    )
    return [(report, number) for report, number in session.execute(query)]


def _language(session: Session, one: talk_list.Waiting) -> str:
    """The language that the person wrote in last."""
    said = [line.text for line in talk_lines.lines_of(session, one.id) if line.by is None] or [one.text]
    return "en" if _LATIN.search(said[-1]) and not _HAN.search(said[-1]) else "zh"


ROUTES = [
    Route("/handovers", waiting, methods=["GET"]),
    Route("/handovers/{id:int}", talk, methods=["GET"]),
    Route("/handovers/{id:int}/photos/{photo:int}", photo, methods=["GET"]),
    Route("/handovers/{id:int}/take", take, methods=["POST"]),
    Route("/handovers/{id:int}/say", say, methods=["POST"]),
    Route("/handovers/{id:int}/back", hand_back, methods=["POST"]),
    Route("/handovers/{id:int}/settle", settle, methods=["POST"]),
    Route("/handovers/{id:int}/phone", phone, methods=["POST"]),
]
