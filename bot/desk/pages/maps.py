"""The map: drawn by the page itself from coordinates, so that it is there without the internet."""

from __future__ import annotations

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.desk import mapping
from bot.desk.web import page, shows
from bot.settings import settings


@shows("viewer", live=True)
def show_map(request: Request, session: Session) -> Response:
    """The page; beside the drawing all incidents stand as a list."""
    return page(request, "map.html", shown=mapping.shown(session), tiles=settings().desk_tiles)


@shows("viewer", touch=False)
def map_data(_request: Request, session: Session) -> Response:
    """What the script draws."""
    return JSONResponse(mapping.shown(session).as_json())


ROUTES = [
    Route("/map", show_map, methods=["GET"]),
    Route("/map.json", map_data, methods=["GET"]),
]
