"""The documents of GeoReport v2 as JSON and XML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

Form = Mapping[str, str]
ERRORS = "errors"
JSON, XML = "json", "xml"
ANSWERS = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}
# What the elements of a list are called in XML.
_ITEMS = {
    "services": "service", "service_requests": "request", "errors": "error", "attributes": "attribute",
    "endpoints": "endpoint", "formats": "format", "values": "value",
}  # fmt: skip
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Fault(Exception):
    """What a caller gets wrong: an HTTP status, and why, in English, for programs."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


def rendered(request: Request, kind: str, content: Any, status: int = 200) -> Response:
    """A document of the specification (`kind` is its root in XML) in the format of the request's path; else JSON."""
    xml = str(request.path_params.get("format")) == XML or request.url.path.endswith(".xml")
    if xml:
        root = ElementTree.Element(kind)
        _fill(root, content)
        body = b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")
    else:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    return Response(body, status, headers, media_type=ANSWERS[XML if xml else JSON])


def _fill(element: ElementTree.Element, content: Any) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(ElementTree.SubElement(element, name), value)
    elif isinstance(content, list):
        for value in content:
            _fill(ElementTree.SubElement(element, _ITEMS[element.tag]), value)
    elif content is not None:
        text = json.dumps(content) if isinstance(content, bool) else str(content)
        element.text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
