"""Which lines of a file are which document: each begins with its notice of issue or with its title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.documents.official import titles
from bot.documents.official.labels import Kind, Label, labels_of
from bot.documents.official.lines import Line, squeezed

_TOP = frozenset({Kind.PART, Kind.ARTICLE, Kind.HAN, Kind.HAN_BRACKET, Kind.FIGURE, Kind.SECTION})
_LONGEST_TITLE_LINE = 60
_NOTICE_LINES, _TITLE_LINES = 5, 3  # how many lines a notice or a title is spread over at most
_LOOK_AHEAD = 80
_LONGEST_NOTICE = 100  # lines between a notice and the title that it promises


@dataclass(frozen=True)
class Section:
    """The lines of one document.

    Attributes:
        title: "" where none was found.
        title_from, body_from: index of its first line of the title, and of the first line after title or notice.
    """

    title: str
    lines: tuple[Line, ...]
    title_from: int
    body_from: int


@dataclass
class _Start:
    at: int
    title: str
    title_from: int
    body_from: int


def split(lines: Sequence[Line]) -> tuple[Section, ...]:
    """The documents of a file in order; their lines together are all lines."""
    starts = _without_contents(lines, list(_starts(lines)))
    if not starts:
        return (Section("", tuple(lines), 0, 0),) if lines else ()
    starts[0].at = 0  # what is before the first belongs to it
    ends = [start.at for start in starts[1:]] + [len(lines)]
    return tuple(
        Section(s.title, tuple(lines[s.at : end]), s.title_from - s.at, s.body_from - s.at)
        for s, end in zip(starts, ends, strict=True)
    )


def _starts(lines: Sequence[Line]) -> Iterator[_Start]:
    """Every beginning of a document; a title begins one only once the document before it has a clause."""
    begun, has_clause, has_annex, at = False, False, False, 0
    while at < len(lines):
        start = _by_notice(lines, at)
        if start is None and (has_clause or not begun):
            start = _by_title(lines, at, is_first=not begun)
            if start and has_annex and start.at == start.title_from and not titles.recognise(start.title):
                start = None  # without an office or a number above it, it is the title of the annex
        if start is not None:
            yield start
            begun, has_clause, has_annex, at = True, False, False, start.body_from
            continue
        has_annex = has_annex or (has_clause and _is_annex(lines[at]))
        if _top_label(lines[at]) is not None:
            if not begun:
                return  # clauses before any title: one document without one
            has_clause = True
        at += 1


def _by_notice(lines: Sequence[Line], at: int) -> _Start | None:
    found = _notice_at(lines, at)
    if found is None:
        return None
    end, promised = found
    begin = _backed_up(lines, at)
    for n in range(end, min(len(lines), end + _LONGEST_NOTICE)):
        if _notice_at(lines, n):
            break
        title = _title_at(lines, n, promised)
        if title and _same(title[1], promised):
            return _Start(begin, title[1], title[0], n + 1)
    return _Start(begin, promised, end, end)


def _by_title(lines: Sequence[Line], at: int, *, is_first: bool) -> _Start | None:
    title = _title_at(lines, at)
    if title is None or not _begins(lines, title[0], at, is_first=is_first):
        return None
    return _Start(_backed_up(lines, title[0]), title[1], title[0], at + 1)


def _without_contents(lines: Sequence[Line], starts: list[_Start]) -> list[_Start]:
    """From the first that has a clause on: the titles before it are a list of contents."""
    for n, start in enumerate(starts):
        end = starts[n + 1].at if n + 1 < len(starts) else len(lines)
        if any(_top_label(line) for line in lines[start.body_from : end]):
            return starts[n:]
    return starts[:1]


def _begins(lines: Sequence[Line], first: int, last: int, *, is_first: bool) -> bool:
    """Whether a title begins a document here, and is no heading within one."""
    if lines[first].goes_on:
        return False
    if is_first:
        return True
    for line in lines[last + 1 : last + 1 + _LOOK_AHEAD]:
        label = _top_label(line)
        if label is not None:
            return set(label.numbers) == {1}
    return False


def _is_annex(line: Line) -> bool:
    return not line.goes_on and any(label.kind is Kind.ANNEX for label in labels_of(line.text))


def _top_label(line: Line) -> Label | None:
    return next((label for label in labels_of(line.text) if label.kind in _TOP and label.firm), None)


def _notice_at(lines: Sequence[Line], at: int) -> tuple[int, str] | None:
    """The end of a notice of issue that begins on this line, and the title it brings."""
    if "关于" not in squeezed(lines[at].text[:_LONGEST_TITLE_LINE]) or lines[at].goes_on:
        return None
    text = ""
    for end, line in enumerate(lines[at : at + _NOTICE_LINES], at + 1):
        if len(line.text) > 2 * _LONGEST_TITLE_LINE:
            return None
        text += line.text
        found = titles.notice(text)
        if found:
            return end, found
    return None


def _title_at(lines: Sequence[Line], at: int, promised: str = "") -> tuple[int, str] | None:
    """The first line of a title that ends on this line, and the title; the one promised by a notice, if it is here."""
    best = None
    text = ""
    for first in range(at, max(-1, at - _TITLE_LINES), -1):
        line = lines[first].text
        if len(line) > _LONGEST_TITLE_LINE or next(labels_of(line), None) or titles.date_of(line):
            break
        text = squeezed(line) + text
        if not titles.is_title(text):
            break
        if titles.recognise(text) or titles.key(text) == titles.key(promised):
            return first, text
        if (first == at and len(text) >= 6) or (text.startswith("关于") and not titles.is_title(line)):
            best = first, text
    return best


def _same(title: str, promised: str) -> bool:
    known = titles.recognise(title)
    return titles.key(title) == titles.key(promised) or (
        known is not None and known == titles.recognise(promised)
    )


def _backed_up(lines: Sequence[Line], at: int) -> int:
    """The first of the lines above that belong to a head: the office, the number of the document."""
    while at and titles.is_head(lines[at - 1].text) and not lines[at - 1].goes_on:
        at -= 1
    return at
