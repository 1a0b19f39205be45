"""Word documents in the fonts of official papers: what every paper that the assistant writes shares."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

BODY_FONT, HEAD_FONT = "仿宋", "黑体"
# What XML cannot hold, and what would break a line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]+")


def new_paper(title: str) -> Any:
    """An empty document in the body's font under a centred title."""
    paper = docx.Document()
    style = paper.styles["Normal"]
    style.font.name, style.font.size = BODY_FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY_FONT)
    head = paper.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    font(head.add_run(one_line(title)), HEAD_FONT, 18)
    return paper


def font(run: Any, name: str, size: int) -> None:
    """Chinese letters take their font from an attribute of their own."""
    run.font.name, run.font.size = name, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), name)


def one_line(text: str) -> str:
    """`text` without anything that a document's XML cannot hold."""
    return _CONTROL.sub(" ", text)


def to_bytes(paper: Any) -> bytes:
    """The document as a file."""
    stream = BytesIO()
    paper.save(stream)
    return stream.getvalue()
