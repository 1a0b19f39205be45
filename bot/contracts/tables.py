"""Tables of a draft: rows of cells that follow one another, parted by ``|``, or by wide spaces in a text file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.contracts.draft_text import BLANK, Sentence

_RULE = re.compile(r"[|:-]+")  # the line under the head of a Markdown table
Row = tuple[Sentence, list[str]]


def tables(sentences: Sequence[Sentence]) -> Iterator[list[Row]]:
    """Tables with ``|`` between their cells, of two rows or more, each row as its sentence and its cells."""
    rows: list[Row] = []
    for sentence in sentences:
        plain = sentence.plain.strip("|")
        if "|" not in plain:
            if len(rows) > 1:
                yield rows
            rows = []
        elif not _RULE.fullmatch(plain):
            rows.append((sentence, plain.split("|")))
    if len(rows) > 1:
        yield rows


def in_column(
    sentences: Sequence[Sentence], column: re.Pattern[str], cell: re.Pattern[str]
) -> Sentence | None:
    """The first row with a fitting cell below the head of a column, in a table with lines or with wide spaces."""
    at, width = None, 0
    for sentence in sentences:
        if _RULE.fullmatch(sentence.plain):
            continue
        cells = _cells(sentence.plain)
        head = next((i for i, name in enumerate(cells) if column.search(name)), None)
        if len(cells) < 2:
            at = None
        elif head is not None:
            at, width = head, len(cells)
        elif at is not None and len(cells) == width and cell.search(cells[at]):
            return sentence
    return None


def _cells(plain: str) -> list[str]:
    if "|" in plain:
        return plain.removeprefix("|").removesuffix("|").split("|")
    return plain.strip(BLANK).split(BLANK)
