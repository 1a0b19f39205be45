"""The OpenAPI document of the JSON API, made of its routes and their types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

import msgspec
from starlette.routing import Route

from bot.desk.api_types import Fault

REFUSALS = {
    400: "The request cannot be read.",
    401: "Nobody is logged in, and no good key came along.",
    403: "The role or the key may not do this, or the X-CSRF header is missing.",
    404: "There is none.",
    409: "It is understood, but cannot be done as things stand; `error` says why and what to do.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The body or a parameter is not as this document says.",
    503: "The database did not answer in time; look whether it was done before sending it again.",
}
_SCHEMAS = "#/components/schemas/{name}"


@dataclass(frozen=True)
class Operation:
    """One thing that the API does.

    Attributes:
        answer: type of the JSON that comes back; takes: of the body, query: of the parameters, each None where there
            is none. Names in braces in `path` are numbers that people use (SJ261123-001).
    """

    method: str
    path: str
    summary: str
    answer: Any
    takes: Any = None
    query: Any = None


# Each operation with the function that does it.
Table = Sequence[tuple[Operation, Callable[..., Any]]]


def routes_of(table: Table) -> list[Route]:
    """The routes of these operations."""
    return [Route(one.path, does, methods=[one.method]) for one, does in table]


def document(operations: Iterable[Operation], *, server: str) -> dict[str, Any]:
    """The document (OpenAPI 3.1) of these operations."""
    operations = list(operations)
    wanted = [one for o in operations for one in (o.answer, o.takes) if one is not None]
    _, components = msgspec.json.schema_components([Fault, *wanted], ref_template=_SCHEMAS)
    paths: dict[str, Any] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "屋场助手 停水值班台",
            "version": "1",
            "description": "Incidents for staff's own programs. A key made for the desk reads; what changes something is done by a person's session.",
        },
        "servers": [{"url": server.rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "desk"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF"},
            },
        },
    }


def _operation(one: Operation) -> dict[str, Any]:
    reads = one.method == "GET"
    told: dict[str, Any] = {
        "operationId": f"{one.method.lower()}{one.path.replace('/', '_').replace('{', '').replace('}', '')}",
        "summary": one.summary,
        "parameters": [*_in_path(one), *_in_query(one)],
        "security": [{"key": []}, {"session": []}] if reads else [{"session": [], "csrf": []}],
        "responses": {"200": {"description": "Done.", "content": _json(one.answer)}},
    }
    for status, words in REFUSALS.items():
        told["responses"][str(status)] = {"description": words, "content": _json(Fault)}
    if one.takes is not None:
        told["requestBody"] = {"required": True, "content": _json(one.takes)}
    return told


def _json(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_SCHEMAS)
    return {"application/json": {"schema": schema}}


def _in_path(one: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    kind = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"}
    return [{"name": name, "in": "path", "required": True, "schema": kind} for name in names]


def _in_query(one: Operation) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    hints = get_type_hints(one.query, include_extras=True)
    told = []
    for field in fields(one.query):
        schema = msgspec.json.schema(hints[field.name])
        if field.default not in (MISSING, msgspec.UNSET):
            schema = {**schema, "default": field.default}
        told.append({"name": field.name, "in": "query", "required": False, "schema": schema})
    return told
