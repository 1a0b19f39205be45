"""Which reading of a number is right: the one that follows what was numbered before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.documents.official.labels import Kind, Label, is_heading, labels_of
from bot.documents.official.lines import Line

_RANKS = {
    Kind.PART: -2, Kind.SUBPART: -1, Kind.ARTICLE: 0, Kind.HAN: 2, Kind.HAN_BRACKET: 3, Kind.FIGURE: 4,
    Kind.SECTION: 5, Kind.BRACKET: 10, Kind.CIRCLED: 11, Kind.GROUP: 12,
}  # fmt: skip
_TOP_FIGURE = 1
_ANNEX_RANK = -9
_GAP = 5  # a number further on than that is no number of a clause
_Level = tuple[Kind, int]  # 1.1 and 1.1.1 are two levels


@dataclass(eq=False)
class Node:
    """A numbered piece of a document.

    Attributes:
        path: the clause id within the document ("11/3", "3.2.1/7"); None for a heading that gives no id.
        label: as printed.
        heading: what a heading says, for the pieces under it; "" where the line is more than that.
        headings: the headings above it, outermost first.
        parent: the node that it is an item of.
    """

    kind: Kind
    numbers: tuple[int, ...]
    path: str | None
    label: str
    heading: str = ""
    headings: tuple[str, ...] = ()
    parent: Node | None = None

    @property
    def level(self) -> _Level:
        """Nodes of one level are numbered on from one another."""
        return self.kind, len(self.numbers) if self.kind is Kind.SECTION else 1


@dataclass
class Numbering:
    """The numbering of one document or one annex (`base` is "附件1/" for that), line by line."""

    base: str
    dotted: bool  # sections are numbered 1.1, chapters 1
    headings: frozenset[Kind]  # kinds that give no id here
    top_figure: bool  # 1. is above （一） here
    groups: bool
    used: dict[str, int]  # of the whole document: how often each path came
    gaps: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)
    _stack: list[Node] = field(default_factory=list)
    _above: list[Node] = field(default_factory=list)  # chapters that give no id
    _sections: dict[tuple[int, ...], Node] = field(default_factory=dict)
    _last: tuple[int, ...] | None = None

    @classmethod
    def of(cls, lines: Sequence[Line], *, annex: Node | None, used: dict[str, int]) -> Numbering:
        """The numbering that fits these lines."""
        labels = [label for line in lines for label in labels_of(line.text)]
        kinds = [label.kind for label in labels if label.firm]
        numbered = [kind for kind in kinds if kind in _RANKS and kind not in (Kind.PART, Kind.SUBPART)]
        first = numbered[0] if numbered else None
        sections = sum(label.kind is Kind.SECTION for label in labels)
        dotted = first in (Kind.FIGURE, Kind.SECTION) and sections >= 2
        headings = set()
        if Kind.ARTICLE in kinds or dotted:
            headings |= {Kind.PART, Kind.SUBPART}
        if first is Kind.HAN and Kind.ARTICLE in kinds:
            headings.add(Kind.HAN)  # 一、总则 above 第一条
        return cls(
            base=f"{annex.path}/" if annex else "",
            dotted=dotted,
            headings=frozenset(headings),
            top_figure=first is Kind.FIGURE and not dotted,
            groups=kinds.count(Kind.GROUP) >= 2,
            used=used,
            _above=[annex] if annex else [],
        )

    def place(self, line: Line) -> Node | None:
        """The node that begins on this line; None where none does."""
        labels = list(labels_of(line.text))
        for label, exact in [*((label, True) for label in labels), *((label, False) for label in labels)]:
            node = self._place(label, line, exact=exact)
            if node is not None:
                node.heading = line.text if is_heading(line.text) else ""
                node.headings = self._headings_above(node)
                return node
        return None

    def _headings_above(self, node: Node) -> tuple[str, ...]:
        over = node.parent
        if over is None:
            return tuple(above.heading for above in self._above if above is not node)
        return (*over.headings, over.heading) if over.heading else over.headings

    def _place(self, label: Label, line: Line, *, exact: bool) -> Node | None:
        """The node of one reading; with `exact` only where its number is the next one or a first one."""
        if label.kind in self.headings:
            return self._heading(label) if not line.goes_on else None
        if label.kind not in _RANKS or (label.kind is Kind.GROUP and not (self.groups and self._stack)):
            return None
        if self.dotted and label.kind in (Kind.FIGURE, Kind.SECTION):
            section = self._section(label, line, exact=exact)
            if section is not None or label.kind is Kind.SECTION:
                return section
        return None if label.bare else self._item(label, line, exact=exact)

    def _heading(self, label: Label) -> Node:
        node = Node(label.kind, label.numbers, None, label.printed)
        rank = _RANKS[label.kind]
        self._above = [*(above for above in self._above if _RANKS.get(above.kind, _ANNEX_RANK) < rank), node]
        self._stack = [above for above in self._stack if above.kind is Kind.ARTICLE]  # articles number on
        return node

    # sections of a text that is numbered 1, 1.1, 1.1.1

    def _section(self, label: Label, line: Line, *, exact: bool) -> Node | None:
        numbers, last = label.numbers, self._last
        if not label.firm and not label.bare:
            return None
        if not _follows(numbers, last):
            if exact or label.bare or line.goes_on:
                return None
            again = len(numbers) > 1 and numbers in self._sections
            if not again and not _skips(numbers, last, is_heading(line.text)):
                return None
            if not again:
                self._tell_gap(_dotted(last), label.printed)
        above = next(
            (
                self._sections[numbers[:n]]
                for n in range(len(numbers) - 1, 0, -1)
                if numbers[:n] in self._sections
            ),
            None,
        )
        node = Node(
            Kind.SECTION, numbers, self._path(self.base + _dotted(numbers)), _dotted(numbers), parent=above
        )
        self._sections[numbers] = node
        self._last = numbers
        self._stack = [node]
        return node

    # everything else

    def _item(self, label: Label, line: Line, *, exact: bool) -> Node | None:
        level = (label.kind, len(label.numbers) if label.kind is Kind.SECTION else 1)
        at = next((n for n, node in enumerate(self._stack) if node.level == level), None)
        before = self._stack[at] if at is not None else None
        if not self._fits(label, before, line, exact=exact):
            return None
        above = self._stack[:at] if at is not None else list(self._stack)
        while at is None and above and self._rank(above[-1].level) > self._rank(level):
            above.pop()
        parent = above[-1] if above else None
        name = label.printed if label.kind is Kind.GROUP else _number(label)
        path = self._path(f"{parent.path}/{name}" if parent else f"{self.base}{name}")
        node = Node(label.kind, label.numbers, path, label.printed, parent=parent)
        self._stack = [*above, node]
        return node

    def _fits(self, label: Label, before: Node | None, line: Line, *, exact: bool) -> bool:
        if label.kind is Kind.GROUP:
            return True
        if before is not None and _is_next(label.numbers, before.numbers):
            return label.firm or line.begins
        if label.numbers[-1] == 1 and (before is None or len(label.numbers) == 1):
            return label.firm and not (line.goes_on and before is not None)
        if exact or line.goes_on or not label.firm:
            return False
        if before is None:
            if label.kind in (Kind.FIGURE, Kind.SECTION, Kind.HAN):
                return False  # 3.5万元, 12月
            self._tell_gap("", label.printed)
        elif label.numbers[0] > before.numbers[0]:
            if label.kind is not Kind.ARTICLE and label.numbers[0] > before.numbers[0] + _GAP:
                return False
            self._tell_gap(before.label, label.printed)
        return True

    def _rank(self, level: _Level) -> int:
        kind, depth = level
        if kind is Kind.FIGURE and self.top_figure:
            return _TOP_FIGURE
        if kind is Kind.SECTION and self.dotted:
            return 0
        return _RANKS[kind] + (depth if kind is Kind.SECTION else 0)

    def _path(self, path: str) -> str:
        times = self.used[path] = self.used.get(path, 0) + 1
        if times == 1:
            return path
        self.doubles.append(f"{path}~{times}")
        return f"{path}~{times}"

    def _tell_gap(self, before: str, after: str) -> None:
        self.gaps.append(f"“{before}”后面直接是“{after}”" if before else f"从“{after}”开始，前面的没有")


def _number(label: Label) -> str:
    """第十条之一 as 10-1; the last figure of 1.1 within a clause; else the figure."""
    if label.kind is Kind.ARTICLE:
        return "-".join(map(str, label.numbers))
    return str(label.numbers[-1])


def _is_next(numbers: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Whether 第十一条 or 第十条之一 comes after 第十条, 4 after 3, 1.3 after 1.2."""
    if len(numbers) == len(before):
        return numbers == (*before[:-1], before[-1] + 1)
    if len(numbers) < len(before):
        return numbers == (before[0] + 1,)
    return numbers == (*before, 1)


def _follows(numbers: tuple[int, ...], last: tuple[int, ...] | None) -> bool:
    """Whether a section comes right after `last`: a part of it, the next, or the next of one above."""
    if last is None:
        return set(numbers) == {1} and len(numbers) <= 2
    if numbers == (*last, 1):
        return True
    for depth in range(len(last)):
        after = (*last[:depth], last[depth] + 1)
        if numbers in (after, (*after, 1)):
            return True
    return False


def _skips(numbers: tuple[int, ...], last: tuple[int, ...] | None, heading: bool) -> bool:
    """Whether a section comes a little after `last`, with some left out between."""
    if last is None:
        return len(numbers) > 1 or heading
    if not numbers > last or len(numbers) > len(last) + 1 or (len(numbers) == 1 and not heading):
        return False
    return all(0 < number < 100 for number in numbers) and numbers[0] <= last[0] + _GAP and numbers[-1] <= 99


def _dotted(numbers: tuple[int, ...] | None) -> str:
    return ".".join(map(str, numbers or ()))
