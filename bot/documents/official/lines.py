"""The lines of a published text: what belongs to the page and not to the document is put aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ENDED = re.compile(r"[。；;：:！!？?…][”\"’'』」）)》]{0,3}$")
_BREAK = re.compile(r"\r\n|[\n\r\v\x1c-\x1e\x85\u2028\u2029]")
# What no page shows, and what PostgreSQL cannot hold.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff\u200b-\u200f\u2060\ufffe\uffff\ud800-\udfff]")
_LONG = 40  # characters: no heading is as long, so that a line without a stop was broken by the page
_SHORT = 15
_FULL = 0.8  # of the longest line

_PAGE = re.compile(
    r"[—–―─\-－·•]\s{0,4}\d{1,4}\s{0,4}[—–―─\-－·•]|第\s{0,4}\d{1,4}\s{0,4}页(?:\s{0,4}[,，/]?\s{0,4}共\s{0,4}\d{1,4}\s{0,4}页)?"
    r"|\d{1,4}\s{0,2}/\s{0,2}\d{1,4}"
)
_BARE_NUMBER = re.compile(r"\d{1,4}")
# 衡南政报2021.12          领导论坛
_ISSUE = re.compile(
    r"\S{2,12}(?:政报|公报|简报|年鉴)\s{0,8}(?:19|20)\d\d\s{0,2}[.．年·第]\s{0,2}\d{1,3}\s{0,2}期?\s{0,200}\S{0,12}"
)
_LONGEST_HEAD = 60
_AROUND = 2  # lines before and after
_EMPTY, _EDGE_OF_PAGE = "empty line", "edge of a page"  # what can be between two lines
_EDGE = 2  # lines at the top and the bottom of a page that may be its head or foot


@dataclass(frozen=True)
class Line:
    """A line without the spaces around it.

    Attributes:
        goes_on: the line before it was full and had no stop, so that its sentence may go on here.
        begins: a stop or an empty line is before it, so that a sentence begins here.
    """

    text: str
    goes_on: bool
    begins: bool

    @property
    def ended(self) -> bool:
        """Whether it ends with a stop."""
        return ENDED.search(self.text[-6:]) is not None


@dataclass(frozen=True)
class Reading:
    """The lines of the documents, and the lines that belong to pages (running heads, page numbers), in order."""

    lines: tuple[Line, ...]
    left_out: tuple[str, ...]


def squeezed(text: str) -> str:
    """The text without what no page shows and without spaces: what two forms of one text have in common."""
    return "".join(_UNSEEN.sub("", text).split())


def read_lines(pages: Sequence[str]) -> Reading:
    """The lines of a text given page by page (one page where the file knows none)."""
    raw = [[_UNSEEN.sub("", line).strip() for line in _BREAK.split(page)] for page in pages]
    heads = _running_heads(raw)
    kept: list[tuple[str, str]] = []
    left_out: list[str] = []
    gap = _EMPTY
    seen: set[str] = set()
    for page in raw:
        edges = _edges(page)
        for at, text in enumerate(page):
            if not text:
                gap = gap or _EMPTY
            elif _is_of_the_page(text, at in edges and len(raw) > 1, heads, seen):
                left_out.append(text)
                gap = _EDGE_OF_PAGE
            else:
                kept.append((text, gap))
                gap = ""
        gap = _EDGE_OF_PAGE
    return Reading(tuple(_marked(kept)), tuple(left_out))


def _is_of_the_page(text: str, at_edge: bool, heads: frozenset[str], seen: set[str]) -> bool:
    if len(text) > _LONGEST_HEAD + 200:
        return False
    if _PAGE.fullmatch(text) or _ISSUE.fullmatch(text):
        return True
    if not at_edge:
        return False
    form = _form(text)
    if form not in heads:
        return bool(_BARE_NUMBER.fullmatch(text))
    # The first of its kind may be the title itself; a figure in it says that it is none.
    first = form not in seen and "#" not in form
    seen.add(form)
    return not first


def _edges(page: Sequence[str]) -> set[int]:
    """Where the first and the last lines with text are."""
    full = [at for at, text in enumerate(page) if text]
    return {*full[:_EDGE], *full[-_EDGE:]}


def _running_heads(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """What stands at the edge of half of the pages, digits masked; nothing where there are fewer than three."""
    if len(pages) < 3:
        return frozenset()
    count = Counter(form for page in pages for form in {_form(page[at]) for at in _edges(page)})
    return frozenset(form for form, times in count.items() if times >= max(3, len(pages) / 2))


def _form(text: str) -> str:
    return re.sub(r"\d+", "#", squeezed(text))[:_LONGEST_HEAD] if len(text) <= _LONGEST_HEAD + 200 else text


def _marked(kept: list[tuple[str, str]]) -> Iterator[Line]:
    longest = max((len(text) for text, _ in kept), default=0)
    full = max(_SHORT, min(_LONG, int(_FULL * longest)))
    before = ""
    for at, (text, gap) in enumerate(kept):
        torn = gap == _EDGE_OF_PAGE or _is_torn(kept, at)
        long_enough = len(before) >= (_SHORT if torn else full)
        goes_on = long_enough and not _is_whole(before)
        begins = not goes_on and (bool(gap) or ENDED.search(before[-6:]) is not None)
        yield Line(text, goes_on, begins)
        before = text


def _is_whole(text: str) -> bool:
    """Whether a line ends with a stop, or is the row of a table."""
    return ENDED.search(text[-6:]) is not None or " | " in text


def _is_torn(kept: list[tuple[str, str]], at: int) -> bool:
    """Whether no empty line is before this one, where all around have one: the edge of a page tore it off."""
    around = kept[max(0, at - _AROUND) : at] + kept[at + 1 : at + 1 + _AROUND]
    return not kept[at][1] and all(gap for _, gap in around)


def joined(lines: Sequence[Line]) -> str:
    """Lines as one text: broken sentences mended, each other line on its own."""
    parts: list[str] = []
    for line in lines:
        if parts and line.goes_on:
            latin = (
                parts[-1][-1].isascii()
                and parts[-1][-1].isalnum()
                and line.text[0].isascii()
                and line.text[0].isalnum()
            )
            parts.append(" " if latin else "")
        elif parts:
            parts.append("\n")
        parts.append(line.text)
    return "".join(parts)
