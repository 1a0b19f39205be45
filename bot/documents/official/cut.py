"""A published text cut into documents and clauses; every character is in exactly one piece.

Pure: text in, plain data out. Which line is which document: `split`; which number is which clause: `numbering`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from bot.documents.official import titles
from bot.documents.official.labels import Kind, is_heading, labels_of
from bot.documents.official.lines import Line, joined, read_lines, squeezed
from bot.documents.official.numbering import Node, Numbering
from bot.documents.official.split import Section, split
from bot.errors import BadInput

MAX_PIECES = 20_000  # the longest codes of law have 1,300 articles
_ITEMS = frozenset(
    {Kind.HAN, Kind.HAN_BRACKET, Kind.FIGURE, Kind.SECTION, Kind.BRACKET, Kind.CIRCLED, Kind.GROUP}
)

_CLAUSES = _ITEMS | {Kind.ARTICLE}


@dataclass(frozen=True)
class Piece:
    """A run of text of one document.

    Attributes:
        kind: clause, annex, heading (第一章), title, note ([1] …), front (before the first clause) or end (signature).
        path: id within the document (11/3, 4.2.1/2), given to clauses and annexes only.
        label: as printed: 第十四条, （三）, 4.2.2; "" where there is none.
        headings: the headings above it, outermost first.
        text: its words as printed, label included.
    """

    kind: str
    path: str | None
    label: str
    headings: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class CutDocument:
    """One document: its pieces in order are its whole text.

    Attributes:
        title: as printed; the name of the file where it prints none.
        number, issued_on: 清政发[2021]3号 and its day, where a line of its own says so.
        warnings: what a person should look at, in Chinese.
    """

    title: str
    number: str | None
    issued_on: date | None
    pieces: tuple[Piece, ...]
    warnings: tuple[str, ...]

    @property
    def clauses(self) -> tuple[Piece, ...]:
        """The first piece of each clause and each annex."""
        first = {piece.path: piece for piece in reversed(self.pieces)}
        return tuple(piece for piece in self.pieces if piece.path and first[piece.path] is piece)


@dataclass(frozen=True)
class Cut:
    """The documents of a file in order, and the lines that belong to its pages."""

    documents: tuple[CutDocument, ...]
    left_out: tuple[str, ...]


def cut(pages: Sequence[str], *, name: str = "") -> Cut:
    """Cut a text given page by page (one page where the file knows none); `name` is that of its file.

    Raises:
        BadInput: there is no clause in it, or far too many.
    """
    reading = read_lines(pages)
    documents = tuple(_document(section, name) for section in split(reading.lines))
    if not any(document.clauses for document in documents):
        raise BadInput(
            f"“{name}”里没有找到条款，没有导入。认得的编号有：第一条、一、（一）、1.1、1.、(1)，要写在一行的开头。"
            "请核对是不是选错了文件；扫描件识别出来的文字请先校对编号。"
        )
    return Cut(documents, reading.left_out)


@dataclass(eq=False)
class _Part:
    """A paragraph and what it belongs to (`node` None: front, title, note, end)."""

    kind: str
    node: Node | None
    lines: list[Line] = field(default_factory=list)


def _document(section: Section, name: str) -> CutDocument:
    lines = section.lines
    parts = [_Part("front", None, list(lines[: section.title_from]))]
    has_title = section.body_from > section.title_from and bool(section.title)
    parts.append(
        _Part("title" if has_title else "front", None, list(lines[section.title_from : section.body_from]))
    )
    body = lines[section.body_from :]
    cutter = _Cutter(body)
    cutter.run()
    _give_back_tails(cutter.parts)
    pieces = tuple(_pieces([part for part in [*parts, *cutter.parts] if part.lines]))
    front = [line.text for part in [*parts, *cutter.parts] if part.node is None for line in part.lines]
    title = section.title or _makeshift_title(cutter.parts, name)
    warnings = [] if section.title else [f"没有认出标题，用“{title}”作标题"]
    return CutDocument(
        title=title,
        number=titles.number_of(front),
        issued_on=next(filter(None, map(titles.date_of, front)), None),
        pieces=pieces,
        warnings=(*warnings, *cutter.warnings()),
    )


def _makeshift_title(parts: Sequence[_Part], name: str) -> str:
    """The first line where it can be a heading, else the name of the file."""
    first = parts[0].lines[0].text if parts and parts[0].kind == "front" else ""
    if is_heading(first) and not titles.is_head(first) and titles.date_of(first) is None:
        return squeezed(first) or PurePath(name).stem or "未命名文件"
    return PurePath(name).stem or "未命名文件"


class _Cutter:
    """Goes through the lines after the title once."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.parts: list[_Part] = []
        self._contents, self._lines = _contents_first(lines)
        self._ends = _signatures(self._lines)
        self._used: dict[str, int] = {}
        self._numberings: list[Numbering] = []

    def run(self) -> None:
        """Fill `parts`."""
        if self._contents:
            self.parts.append(_Part("front", None, list(self._contents)))
        begin = 0
        annex: Node | None = None
        for at, node in [*self._annexes(), (len(self._lines), None)]:
            self._segment(begin, at, annex)
            begin, annex = at, node

    def warnings(self) -> Iterator[str]:
        """Gaps and doubles of the numbering."""
        for gap in [gap for numbering in self._numberings for gap in numbering.gaps]:
            yield f"编号不连续：{gap}"
        doubles = [double for numbering in self._numberings for double in numbering.doubles]
        if doubles:
            shown = "、".join(doubles[:5]) + ("等" if len(doubles) > 5 else "")
            yield f"有{len(doubles)}个编号重复出现，后出现的记作 {shown}"

    def _annexes(self) -> list[tuple[int, Node]]:
        """Where annexes begin, once there was a clause."""
        found = []
        has_clause = False
        for at, line in enumerate(self._lines):
            labels = list(labels_of(line.text))
            label = next((label for label in labels if label.kind is Kind.ANNEX), None)
            has_clause = has_clause or any(label.firm and label.kind in _CLAUSES for label in labels)
            if label is not None and has_clause and not line.goes_on:
                times = self._used[label.printed] = self._used.get(label.printed, 0) + 1
                path = label.printed if times == 1 else f"{label.printed}~{times}"
                found.append((at, Node(Kind.ANNEX, label.numbers, path, label.printed, heading=line.text)))
        return found

    def _segment(self, begin: int, end: int, annex: Node | None) -> None:
        lines = self._lines[begin:end]
        numbering = Numbering.of(lines, annex=annex, used=self._used)
        self._numberings.append(numbering)
        state = _Part("annex" if annex else "front", annex)
        for at, line in enumerate(lines, begin):
            is_annex = annex is not None and at == begin
            node = None if is_annex or at in self._ends else numbering.place(line)
            if node is not None:
                state = _Part("clause" if node.path else "heading", node)
                self._begin(state, line)
            elif at in self._ends and (annex is not None or state.kind != "front"):
                state = _Part("end", None)
                self._begin(state, line)
            elif self._is_note(line):
                self._begin(_Part("note", None), line)
            else:
                self._go_on(state, line)

    def _begin(self, part: _Part, line: Line) -> None:
        part.lines = [line]
        self.parts.append(part)
        if len(self.parts) > MAX_PIECES:
            raise BadInput(f"拆出了{MAX_PIECES}多条，不像一份文件，没有导入。请核对是不是选错了文件。")

    def _go_on(self, state: _Part, line: Line) -> None:
        """A line without a number: the same paragraph, or a new one of the same clause."""
        last = self.parts[-1] if self.parts else None
        if (last is not None and line.goes_on) or (
            last is not None
            and last.kind == state.kind
            and last.node is state.node
            and not last.lines[-1].ended
        ):
            last.lines.append(line)
        else:
            self._begin(_Part(state.kind, state.node), line)

    @staticmethod
    def _is_note(line: Line) -> bool:
        return not line.goes_on and any(label.kind is Kind.NOTE for label in labels_of(line.text))


def _contents_first(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """The list of contents with what is before it, where there is one, and the rest."""

    def entry(line: Line) -> str:
        return titles.plain(line.text).rstrip("0123456789.…·-()")

    at = next((n for n, line in enumerate(lines[:40]) if titles.plain(line.text) in ("目录", "目次")), None)
    if at is None or at + 1 >= len(lines):
        return (), lines
    first = entry(lines[at + 1])
    again = next((n for n in range(at + 2, min(len(lines), at + 400)) if entry(lines[n]) == first), None)
    return (lines[:again], lines[again:]) if again is not None else ((), lines)


def _signatures(lines: Sequence[Line]) -> set[int]:
    """Where an office signs, with the day, or says who prints."""
    found: set[int] = set()
    for at, line in enumerate(lines):
        text = titles.plain(line.text) if len(line.text) <= 80 else ""
        if line.goes_on or not (titles.date_of(line.text) or (text.endswith("日印发") and len(text) <= 40)):
            continue
        found.add(at)
        while at and titles.is_office(lines[at - 1].text):
            at -= 1
            found.add(at)
    at = len(lines)
    while at and titles.is_office(lines[at - 1].text):
        at -= 1
        found.add(at)
    return found


def _give_back_tails(parts: Sequence[_Part]) -> None:
    """A paragraph after the last item of a list belongs to what the list is of, not to its last item.

    The items of an article are paragraphs, so that what comes after them is the article's. Elsewhere the items before
    tell: where each is one paragraph, so is the last. One whose heading is a line of its own holds what follows.
    """
    own: dict[Node, list[_Part]] = {}
    for part in parts:
        if part.node is not None:
            own.setdefault(part.node, []).append(part)
    families: dict[tuple[Node, tuple[Kind, int]], list[Node]] = {}
    with_items = {node.parent for node in own}
    for node in own:
        if node.parent is not None and node.kind in _ITEMS:
            families.setdefault((node.parent, node.level), []).append(node)
    for (parent, _), nodes in families.items():
        if parent.kind is Kind.SECTION and nodes[0].kind is Kind.SECTION:
            continue
        *before, last = nodes
        single = bool(before) and all(len(own[node]) == 1 for node in before) and not with_items & set(before)
        if last not in with_items and (single or parent.kind is Kind.ARTICLE):
            for part in own[last][1:]:
                part.node = parent


def _pieces(parts: Sequence[_Part]) -> Iterator[Piece]:
    runs: list[list[_Part]] = []
    for part in parts:
        last = runs[-1][-1] if runs else None
        if last is not None and last.kind == part.kind and last.node is part.node:
            runs[-1].append(part)
        else:
            runs.append([part])
    for run in runs:
        node, text = run[0].node, joined([line for part in run for line in part.lines])
        if node is None:
            yield Piece(run[0].kind, None, "", (), text)
        else:
            yield Piece(run[0].kind, node.path, node.label, node.headings, text)


def words(document: CutDocument) -> str:
    """Every character of a document that is no space."""
    return "".join(squeezed(piece.text) for piece in document.pieces)
