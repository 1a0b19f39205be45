"""The JSON API as a whole: all of its routes, and the OpenAPI document that tells of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk import api, api_changes, openapi
from bot.desk.openapi import Operation
from bot.desk.web import shows
from bot.settings import settings

_PATH = "/api/openapi.json"


@shows("viewer", keys=True)
def document(_request: Request, _session: Session) -> Response:
    """The OpenAPI document."""
    return api.as_json(openapi.document(OPERATIONS, server=settings().desk_address))


OPERATIONS = [
    *api.OPERATIONS,
    *api_changes.OPERATIONS,
    Operation("GET", _PATH, "This document", dict[str, Any]),
]
ROUTES = [*api.ROUTES, *api_changes.ROUTES, Route(_PATH, document, methods=["GET"])]
