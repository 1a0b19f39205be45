"""The text of a draft contract from .txt, .md, .docx or .pdf, cut into sentences that can be quoted."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from bot.errors import BadInput
from bot.textfiles import read_text

BLANK = "▁"
"""Stands in :attr:`Sentence.plain` where the draft leaves a gap to fill in."""

MAX_CHARS = 500_000
"""A contract of 50 pages has about 40,000 characters; what is far longer is none, or not meant to be read."""

# One sentence: up to its stop or the end of its line. No contract has one of 2,000 characters, a hostile file may.
_SENTENCE = re.compile(r"[^。；;！？\r\n]{1,2000}[。；;！？]?")
_CONTRACT = re.compile(r"合\s*同|协\s*议|合约|契约|约定书|意向书|备忘录|承诺书")
_SPACED_LABEL = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])\s+([\u4e00-\u9fff])(?=\s*[:：（(|])")
_HEADING = re.compile(
    rf"(?:第[0-9一二三四五六七八九十]+[章条节款]|[(]?[0-9一二三四五六七八九十]+[)、.])?[^0-9,。;:|%{BLANK}]{{2,16}}$"
)


@dataclass(frozen=True)
class Sentence:
    """``quote`` stands in the draft as it is; ``plain`` is the same for matching: half-width, without
    spaces, gaps to fill in as :data:`BLANK`, table cells parted by ``|``; ``line`` is that of the draft, from 1."""

    quote: str
    plain: str
    line: int = 1

    @property
    def is_heading(self) -> bool:
        """Whether this only names a matter: short, without a stop, a figure or a gap to fill in."""
        return bool(_HEADING.match(self.plain))


@dataclass(frozen=True)
class Flow:
    """The plain forms of the sentences as one text, each ended by a newline, and the way back to them."""

    text: str
    starts: tuple[int, ...]
    sentences: Sequence[Sentence]

    def sentence(self, position: int) -> Sentence:
        """The sentence in which this position of `text` lies."""
        return self.sentences[max(bisect_right(self.starts, position) - 1, 0)]


@dataclass(frozen=True)
class Draft:
    """A draft that was read: its whole text, and its sentences in order."""

    path: str
    text: str
    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> Sentence:
        """The first sentence, which in a contract is its name."""
        return self.sentences[0]

    @cached_property
    def flow(self) -> Flow:
        """The sentences as one text, for what may reach over the end of one."""
        plains = [sentence.plain + "\n" for sentence in self.sentences]
        starts = tuple(accumulate(map(len, plains[:-1]), initial=0))
        return Flow("".join(plains), starts, self.sentences)


def read_draft(path: Path, name: str = "") -> Draft:
    """Read a draft, called `name` in messages. Raises :class:`bot.errors.NotFound` or :class:`BadInput`."""
    return draft_of(read_text(path, name), name or str(path))


def draft_of(text: str, path: str) -> Draft:
    """The draft of a text. Raises :class:`BadInput` where it is empty, far too long or never speaks of a contract."""
    name = Path(path).name
    if len(text) > MAX_CHARS:
        raise BadInput(
            f"“{name}”有{len(text) // 10_000}万字，超过{MAX_CHARS // 10_000}万字，不像一份合同。请只留合同正文再试。"
        )
    sentences = tuple(_sentences(text))
    if not sentences:
        raise BadInput(f"“{name}”里没有文字。请换一份有正文的文件。")
    if not _CONTRACT.search(text):
        raise BadInput(f"“{name}”不像合同：通篇没有“合同”“协议”一类的字样。请确认选对了文件。")
    return Draft(path, text, sentences)


def _sentences(text: str) -> Iterator[Sentence]:
    line, counted = 1, 0
    for found in _SENTENCE.finditer(text):
        quote = found.group().strip()
        if not re.search(r"\w", quote):
            continue
        line += text.count("\n", counted, found.start())
        counted = found.start()
        yield Sentence(quote, plain_of(quote), line)


def plain_of(quote: str) -> str:
    """The form for matching of a sentence, see :class:`Sentence`."""
    text = unicodedata.normalize("NFKC", quote).replace("\t", "|")
    text = re.sub(r"[*#`>]+", "", text)  # Markdown marks
    text = _SPACED_LABEL.sub(r"\1\2", text)
    text = re.sub(r"(?:[ _]{2,}|_)", BLANK, text.strip())
    return re.sub(r"\s+", "", text)
