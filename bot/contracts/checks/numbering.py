"""Numbers of clauses that are left out, come twice, or go back."""

from __future__ import annotations

from collections.abc import Iterator

from bot.contracts.check_rules import check_rules
from bot.contracts.checks.markers import Fresh, Marker, markers, stands_between
from bot.contracts.checks.signing import signing_block
from bot.contracts.draft_text import Draft
from bot.contracts.findings import Finding

_TOP = ("chapter", "section", "article", "han", "capital")
_WIDEST = 3  # numbers left out in a row; more is another list, or a figure that looks like a number
_FIRST_HOLE = 3  # a list that begins with 2 or 3 lacks its beginning; with more it continues another


def check_numbering(draft: Draft) -> Iterator[Finding]:
    """Each number that does not follow the one before it, with the one before as the second passage."""
    check, counts = check_rules()["numbering"], _Counts()
    for marker in markers(draft, signing_block(draft).at):
        if isinstance(marker, Fresh):
            counts.restart(everything=marker.annex)
            continue
        before = counts.before(marker)
        fault = counts.put(marker)
        if fault == "hole" and _is_there_after_all(draft, before, marker):
            continue
        if fault:
            yield check.finding(_status(fault, before, marker), marker.sentence, item=fault,
                                also=before.sentence if before else None)  # fmt: skip


def _is_there_after_all(draft: Draft, before: Marker | None, marker: Marker) -> bool:
    """The numbers between stand inside a sentence, not at the beginning of one."""
    first = before.value if before else 0
    start = before.at if before else max(marker.at - 3, 0)
    return all(
        stands_between(draft, start, marker.at, value)
        for value in range(first + 1, min(marker.value, first + 1 + _WIDEST))
    )


def _status(fault: str, before: Marker | None, marker: Marker) -> str:
    if before is None or fault == "order":
        return "unclear"
    if fault == "hole":
        return "violation" if marker.value - before.value <= _WIDEST + 1 else "unclear"
    return "violation" if marker.style in _TOP else "unclear"


class _Counts:
    """How far each style has come. A style that begins again within another is put on top of the earlier count."""

    def __init__(self) -> None:
        self._order: list[str] = []  # styles from the outermost to the innermost
        self._open: dict[str, list[Marker]] = {}
        self._fresh: set[str] = set()  # styles that may begin again or go on

    def before(self, marker: Marker) -> Marker | None:
        """The marker that this one has to follow."""
        counts = self._open.get(marker.style)
        return counts[-1] if counts else None

    def restart(self, *, everything: bool) -> None:
        """After a heading lists may begin anew; in an annex all numbering may."""
        if everything:
            self._order, self._open, self._fresh = [], {}, set()
        else:
            self._fresh |= {style for style in self._order if style not in _TOP}

    def put(self, marker: Marker) -> str | None:
        """Take the marker in; "hole", "double" or "order" where it does not follow."""
        style = marker.style
        if style in self._order:
            inner = self._order[self._order.index(style) + 1 :]
            self._fresh |= set(inner)
        else:
            self._order.append(style)
        counts = self._open.setdefault(style, [])
        fault = self._follow(counts, marker)
        self._fresh.discard(style)
        return fault

    def _follow(self, counts: list[Marker], marker: Marker) -> str | None:
        last = counts[-1] if counts else None
        if last is None:
            counts.append(marker)
            begins = marker.value == 1 or marker.value > _FIRST_HOLE or marker.style in ("dotted", "chapter")
            return None if begins else "hole"
        if marker.prefix != last.prefix:
            counts[:] = [marker]
            return None
        if marker.value == last.value + 1:
            counts[-1] = marker
            return None
        if marker.value == 1:
            counts[:] = [marker] if marker.style in self._fresh else [*counts[-4:], marker]
            return None
        outer = next((i for i, one in enumerate(counts[:-1]) if one.value + 1 == marker.value), None)
        if outer is not None:
            counts[outer:] = [marker]
            return None
        counts[-1] = marker
        if marker.style in self._fresh and marker.style not in _TOP:
            return None if marker.value < last.value else "hole"
        if marker.value == last.value:
            return "double"
        return "hole" if marker.value > last.value else "order"
