"""The papers of an incident: to be read and printed on the desk, or saved as Word documents."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import clock
from bot.desk import audit
from bot.desk.pages.given import number_of, path_of
from bot.desk.web import current_user, page, shows
from bot.water.papers import papers

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MARKED = re.compile(r"(〔待填：[^〕]*〕)")


@dataclass(frozen=True)
class Part:
    """A part of a paper: a title, a line, or a row of the form; text in pieces, (text, is to be filled in)."""

    kind: str
    label: str
    lines: tuple[tuple[tuple[str, bool], ...], ...]


@shows("viewer")
def read(request: Request, session: Session) -> Response:
    """The paper as a page; what is still to be filled in stands out."""
    number, kind = number_of(request), str(request.path_params["kind"])
    name, content = papers.paper(
        session, number=number, kind=kind, by=current_user(request).name, now=clock.now()
    )
    parts = tuple(_parts(content))
    open_ = sum(marked for part in parts for line in part.lines for _text, marked in line)
    return page(
        request, "paper.html", name=name, parts=parts, open=open_, number=number, at=path_of(number),
        docx=f"{path_of(number)}/papers/{kind}.docx",
    )  # fmt: skip


@shows("viewer")
def save(request: Request, session: Session) -> Response:
    """The Word document; that it was made stands in the audit."""
    number, kind, by = number_of(request), str(request.path_params["kind"]), current_user(request).name
    name, content = papers.paper(session, number=number, kind=kind, by=by, now=clock.now())
    audit.note(session, by=by, action="paper", subject=number, kind=kind)
    named = f"attachment; filename=\"{kind}.docx\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=DOCX, headers={"Content-Disposition": named})


def _parts(content: bytes) -> Iterator[Part]:
    """The document in its order: paragraphs, and the rows of its tables."""
    from docx import Document  # with the first paper that is looked at

    document = Document(io.BytesIO(content))
    first = True
    for child in document.element.body.iterchildren():
        if child.tag.endswith("}p"):
            text = "".join(node.text or "" for node in child.iter() if node.tag.endswith("}t"))
            if text.strip():
                yield Part("title" if first else "line", "", (_pieces(text),))
                first = False
        elif child.tag.endswith("}tbl"):
            table = next(one for one in document.tables if one._element is child)
            for row in table.rows:
                label, *cells = [cell.text for cell in row.cells]
                lines = "\n".join(cells).split("\n")
                yield Part("row", label, tuple(_pieces(line) for line in lines))


def _pieces(text: str) -> tuple[tuple[str, bool], ...]:
    return tuple((piece, bool(_MARKED.fullmatch(piece))) for piece in _MARKED.split(text) if piece)


ROUTES = [
    Route("/incidents/{number}/papers/{kind}.docx", save, methods=["GET"]),
    Route("/incidents/{number}/papers/{kind}", read, methods=["GET"]),
]
