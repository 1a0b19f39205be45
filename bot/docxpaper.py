"""Word documents in the fonts of official papers: what every paper that the assistant writes shares.

python-docx is loaded with the first paper: it takes 20 MB, and few processes ever write one.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from bot.texts import one_line

BODY_FONT, HEAD_FONT = "仿宋", "黑体"


def new_paper(title: str) -> Any:
    """An empty document in the body's font under a centred title."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paper = docx.Document()
    style = paper.styles["Normal"]
    style.font.name, style.font.size = BODY_FONT, Pt(12)
    _chinese_letters(style.element, BODY_FONT)
    head = paper.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    font(head.add_run(one_line(title)), HEAD_FONT, 18)
    return paper


def font(run: Any, name: str, size: int) -> None:
    """Set the font of a run, for Latin and Chinese letters."""
    from docx.shared import Pt

    run.font.name, run.font.size = name, Pt(size)
    _chinese_letters(run._element, name)


def _chinese_letters(element: Any, name: str) -> None:
    """Chinese letters take their font from an attribute of their own."""
    from docx.oxml.ns import qn

    element.rPr.rFonts.set(qn("w:eastAsia"), name)


def to_bytes(paper: Any) -> bytes:
    """The document as a file."""
    stream = BytesIO()
    paper.save(stream)
    return stream.getvalue()
