"""The text of a draft contract from .txt, .md, .docx or .pdf, cut into sentences that can be quoted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BadInput
from bot.textfiles import read_text

BLANK = "▁"
"""Stands in :attr:`Sentence.plain` where the draft leaves a gap to fill in."""

_CONTRACT = re.compile(r"合\s*同|协\s*议|意向书|备忘录|承诺书")
_SPACED_LABEL = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])\s+([\u4e00-\u9fff])(?=\s*[:：（(|])")
_HEADING = re.compile(
    rf"(?:第[0-9一二三四五六七八九十]+[章条节款]|[(]?[0-9一二三四五六七八九十]+[)、.])?[^0-9,。;:|%{BLANK}]{{2,16}}$"
)


@dataclass(frozen=True)
class Sentence:
    """``quote`` stands in the draft as it is; ``plain`` is the same for matching: half-width, without
    spaces, gaps to fill in as :data:`BLANK`, table cells parted by ``|``."""

    quote: str
    plain: str

    @property
    def is_heading(self) -> bool:
        """Whether this only names a matter: short, without a stop, a figure or a gap to fill in."""
        return bool(_HEADING.match(self.plain))


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


def read_draft(path: Path) -> Draft:
    """Read a draft. Raises :class:`bot.errors.NotFound` or :class:`BadInput` with what to do."""
    return draft_of(read_text(path), str(path))


def draft_of(text: str, path: str) -> Draft:
    """The draft of a text. Raises :class:`BadInput` where it is empty or no contract."""
    sentences = tuple(_sentences(text))
    if not sentences:
        raise BadInput(f"“{Path(path).name}”里没有文字。请换一份有正文的文件。")
    if not _CONTRACT.search(text):
        raise BadInput(f"“{Path(path).name}”不像合同：通篇没有“合同”“协议”一类的字样。请确认选对了文件。")
    return Draft(path, text, sentences)


def _sentences(text: str) -> list[Sentence]:
    parts = (part.strip() for part in re.split(r"(?<=[。；;！？])|[\r\n]+", text))
    return [Sentence(part, plain_of(part)) for part in parts if re.search(r"\w", part)]


def plain_of(quote: str) -> str:
    """The form for matching of a sentence, see :class:`Sentence`."""
    text = unicodedata.normalize("NFKC", quote).replace("\t", "|")
    text = re.sub(r"[*#`>]+", "", text)  # Markdown marks
    text = _SPACED_LABEL.sub(r"\1\2", text)
    text = re.sub(r"(?:[ _]{2,}|_)", BLANK, text.strip())
    return re.sub(r"\s+", "", text)
