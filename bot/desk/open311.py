"""Open311 GeoReport v2: other systems report outages and read how they stand, in JSON or XML.

The specification: https://wiki.open311.org/GeoReport_v2/. Whatever a caller gets wrong is answered in its error form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.clock import with_offset
from bot.desk import apikeys, cap
from bot.desk.georeport import ANSWERS, ERRORS, Fault, Form, rendered
from bot.errors import BadInput
from bot.storage.database import session_scope
from bot.texts import word
from bot.water.reporting.outside_reports import Given, Listed, file_given, listed
from bot.water.talk.problems import PROBLEMS

BASE = "/open311/v2"
MOST_BYTES = 64 * 1024
MOST_FIELDS, MOST_VALUES, MOST_PAGE, PAGE_SIZE, MOST_PAGE_SIZE = 60, 100, 100_000, 50, 200
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_ATTRIBUTES = (("started", "datetime"), ("households", "number"))
_FORM = "application/x-www-form-urlencoded"

Answer = tuple[str, Any]  # which of the specification's documents, and what is in it
Handler = Callable[[Request, Form], Answer]


def _endpoint(get: Handler, post: Handler | None = None) -> Callable[[Request], Any]:
    """An endpoint that answers in the specification's way, whatever happens."""

    async def endpoint(request: Request) -> Response:
        try:
            handler = {"GET": get, "HEAD": get, "POST": post}.get(request.method)
            if handler is None:
                raise Fault(405, "this method is not allowed here")
            if str(request.path_params.get("format")) not in ANSWERS:
                raise Fault(404, "the format must be json or xml")
            form = await _body(request) if request.method == "POST" else {}
            kind, content = await run_in_threadpool(handler, request, form)
            return rendered(request, kind, content)
        except Fault as fault:
            return _failed(request, fault)
        except BadInput as wrong:
            return _failed(request, Fault(400, str(wrong)))
        except OperationalError:
            return _failed(request, Fault(503, "the database is away, try again later"))

    return endpoint


def _failed(request: Request, fault: Fault) -> Response:
    return rendered(request, ERRORS, [{"code": fault.status, "description": str(fault)}], fault.status)


async def _body(request: Request) -> Form:
    """The fields of a form; a field that comes twice has its last value."""
    kind = request.headers.get("content-type", _FORM).split(";")[0].strip().lower()
    if kind != _FORM:
        raise Fault(400, f"send the report as {_FORM}")
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise Fault(413, f"at most {MOST_BYTES // 1024} kB")
    except HTTPException as refused:
        raise Fault(refused.status_code, "the request is too large") from None
    except ClientDisconnect:
        raise Fault(400, "the request broke off") from None
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Fault(400, f"at most {MOST_FIELDS} fields") from None
    return {name: value.replace("\x00", "") for name, value in fields}


# what there is


def _discovery(_request: Request, _form: Form) -> Answer:
    address = f"{cap.public_address().removesuffix('/public/')}{BASE}"
    return "discovery", {
        "changeset": "2026-11-26T00:00:00+08:00",
        "contact": cap.publisher("zh"),
        "key_service": "wuchang desk key add NAME",
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": address,
                "changeset": "2026-11-26T00:00:00+08:00",
                "type": "production",
                "formats": ["application/json", "text/xml"],
            }
        ],
    }


def _services(_request: Request, _form: Form) -> Answer:
    return "services", [
        {
            "service_code": code, "service_name": word(f"problem_{code}", "zh"),
            "description": word(f"problem_{code}", "en"), "metadata": True, "type": "realtime", "keywords": code,
            "group": word("open311_group", "zh"),
        }
        for code in PROBLEMS
    ]  # fmt: skip


def _service(request: Request, _form: Form) -> Answer:
    code = str(request.path_params["code"])
    if code not in PROBLEMS:
        raise Fault(404, "service_code was not found")
    return "service_definition", {
        "service_code": code,
        "attributes": [
            {
                "variable": True, "code": name, "datatype": datatype, "required": False, "datatype_description": None,
                "order": order, "description": word(f"open311_{name}", "zh"), "values": [],
            }
            for order, (name, datatype) in enumerate(_ATTRIBUTES, 1)
        ],
    }  # fmt: skip


# reading


def _requests(request: Request, _form: Form) -> Answer:
    asked = request.query_params
    filters: dict[str, Any] = {
        "numbers": _several(asked.get("service_request_id", "")),
        "problems": _several(asked.get("service_code", "")),
        "is_open": _is_open(_several(asked.get("status", ""))),
        "since": _time(asked.get("start_date", ""), "start_date"),
        "until": _time(asked.get("end_date", ""), "end_date"),
        "page": _count(asked.get("page", ""), "page", 1, MOST_PAGE),
        "page_size": _count(asked.get("page_size", ""), "page_size", PAGE_SIZE, MOST_PAGE_SIZE),
    }
    unknown = set(filters["problems"]) - set(PROBLEMS)
    if unknown:
        raise Fault(404, "service_code was not found")
    with session_scope() as session:
        found = listed(session, now=clock.now(), **filters)
    return "service_requests", [_as_request(one) for one in found]


def _request(request: Request, _form: Form) -> Answer:
    numbers = _several(str(request.path_params["number"]))
    with session_scope() as session:
        found = listed(session, numbers=numbers, now=clock.now()) if numbers else ()
    if not found:
        raise Fault(404, "service_request_id was not found")
    return "service_requests", [_as_request(one) for one in found]


def _as_request(one: Listed) -> dict[str, Any]:
    return {
        "service_request_id": one.number, "status": "open" if one.is_open else "closed",
        "status_notes": word("status_withdrawn", "zh") if one.withdrawn else None,
        "service_name": word(f"problem_{one.problem}", "zh"), "service_code": one.problem, "description": None,
        "agency_responsible": cap.publisher("zh"), "service_notice": None,
        "requested_datetime": with_offset(one.requested_at), "updated_datetime": with_offset(one.updated_at),
        "expected_datetime": with_offset(one.expected_at), "address": one.place or None, "address_id": None,
        "zipcode": None, "lat": one.lat, "long": one.lon, "media_url": None,
    }  # fmt: skip


# reporting


def _file(_request: Request, form: Form) -> Answer:
    key = form.get("api_key", "").strip()
    if not key:
        raise Fault(403, "api_key is missing")
    now = clock.now()
    with session_scope() as session:
        program = apikeys.program_of(session, key)
        if program is None:
            raise Fault(403, "api_key is not valid")
        if apikeys.OPEN311 not in program.scopes:
            raise Fault(403, "api_key was not made for Open311")
        filed = file_given(session, _given(form), program=program.name, now=now)
    return "service_requests", [
        {
            "service_request_id": filed.number,
            "service_notice": word("open311_filed", "zh"),
            "account_id": None,
        }
    ]


def _given(form: Form) -> Given:
    code = form.get("service_code", "").strip()
    if not code:
        raise Fault(400, "service_code is required")
    if code not in PROBLEMS:
        raise Fault(404, "service_code was not found")
    names = (form.get("last_name", "").strip(), form.get("first_name", "").strip())
    given = Given(
        code, address=form.get("address_string", ""), lat=_degrees(form, "lat"), lon=_degrees(form, "long"),
        description=form.get("description", ""), name="".join(names), phone=form.get("phone", ""),
        person=form.get("device_id", "") or form.get("account_id", ""),
        started=_time(form.get("attribute[started]", ""), "attribute[started]"),
    )  # fmt: skip
    households = form.get("attribute[households]", "").strip()
    return (
        replace(given, households=_count(households, "attribute[households]", 1, 10**9))
        if households
        else given
    )


# values


def _degrees(form: Mapping[str, str], name: str) -> float | None:
    given = form.get(name, "").strip()
    if not given:
        return None
    try:
        return float(given)
    except ValueError:
        raise Fault(400, f"{name} must be a number") from None


def _several(given: str) -> tuple[str, ...]:
    values = tuple(
        dict.fromkeys(part.strip() for part in given.replace("\x00", "").split(",") if part.strip())
    )
    if len(values) > MOST_VALUES:
        raise Fault(400, f"at most {MOST_VALUES} values")
    return values


def _is_open(given: Sequence[str]) -> bool | None:
    if set(given) - {"open", "closed"}:
        raise Fault(400, "status must be open or closed")
    return None if len(given) != 1 else given[0] == "open"


def _count(given: str, name: str, default: int, most: int) -> int:
    text = given.strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise Fault(400, f"{name} must be a number from 1 to {most}")
    return int(text)


def _time(given: str, name: str) -> datetime | None:
    """A time of the W3C's form as county-local; one without an offset is taken as local."""
    text = given.strip()
    if not text:
        return None
    # An unescaped + in an address arrives as a space.
    text = re.sub(r" (?=[0-9]{2}:?[0-9]{2}$)", "+", re.sub(r"[Zz]$", "+00:00", text))
    try:
        when = datetime.fromisoformat(text)
        return clock.at_timestamp(when.timestamp()) if when.tzinfo else when.replace(microsecond=0)
    except (ValueError, OverflowError, OSError):
        raise Fault(400, f"{name} must be a time such as 2026-11-23T18:00:00+08:00") from None


def _nothing(_request: Request, _form: Form) -> Answer:
    raise Fault(404, "there is nothing at this address")


def _route(path: str, get: Handler, post: Handler | None = None) -> Route:
    return Route(f"{BASE}/{path}", _endpoint(get, post), methods=_METHODS)


ROUTES = [
    _route("discovery.{format}", _discovery),
    _route("services.{format}", _services),
    _route("services/{code}.{format}", _service),
    _route("requests.{format}", _requests, _file),
    _route("requests/{number}.{format}", _request),
    Route(f"{BASE}/{{rest:path}}", _endpoint(_nothing, _nothing), methods=_METHODS),
]
