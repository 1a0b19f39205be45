"""Fixtures: files in the forms that are read, made on the spot (a conftest imports what it needs)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from tests.pdf import write_pages


@pytest.fixture
def write_pdf(tmp_path: Path) -> Callable[..., Path]:
    """A PDF with these lines of text; none is a scan, a password encrypts it."""

    def write(lines: list[str], password: str | None = None) -> Path:
        return write_pages(tmp_path / "draft.pdf", [lines], password)

    return write


@pytest.fixture
def write_docx(tmp_path: Path) -> Callable[..., Path]:
    """A .docx whose lists of lists are tables and whose strings are paragraphs."""

    def write(blocks: list[str | list[list[str]]]) -> Path:
        document = docx.Document()
        for block in blocks:
            if isinstance(block, str):
                document.add_paragraph(block)
                continue
            table = document.add_table(rows=0, cols=len(block[0]))
            for row in block:
                for cell, text in zip(table.add_row().cells, row):
                    cell.text = text
        path = tmp_path / "draft.docx"
        document.save(str(path))
        return path

    return write
