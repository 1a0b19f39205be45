"""The gaps of a sentence that are there to be filled in, each with the words around it in its own piece of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.contracts.draft_text import BLANK

# On the half-width form with its spaces, for a gap may be nothing but spaces.
_LINE = r"(?<![A-Za-z0-9])_(?![A-Za-z0-9])|__+|▁+|【\s*】|〔\s*〕|(?<=\S)\(\s*\)"
_NO_DATE = r"(?<!\d)(?:20\d?)?\s*年\s+月(?:\s*日)?|\d年\s+月(?:\s*日)?|月\s+日(?!\S)|(?:(?<=[自至于到从:])|(?<=起))\s*年\s*月\s*日"
# What parts gaps that are one: ____年__月__日, 〔20__〕__, but not two that stand in two cells or two pieces of a sentence.
_ONE_DATE = re.compile(r"[\s年月日0-9\-/.〔〕【】\[\]()第]*")
_PIECE = re.compile(r"[,;。|]")
_GAPS_BEHIND = 4  # that are looked over for what stands behind
_MARKDOWN = re.compile(r"[*#`>]+")


@dataclass(frozen=True)
class Gap:
    """A gap, or the gaps of one date, without spaces.

    Attributes:
        before: the words up to it since the last comma, cell or gap; those of the cell before where its own has none.
        behind: the words behind it up to the next comma or cell, further gaps as :data:`BLANK`.
    """

    before: str
    behind: str

    @property
    def around(self) -> str:
        """The words with the gap as :data:`BLANK` between them."""
        return f"{self.before}{BLANK}{self.behind}"


def gaps(quote: str, units: str) -> Iterator[Gap]:
    """The gaps of a sentence as it stands in the draft; `units` is a pattern of what a figure is missing before."""
    text = _spaced(quote)
    # 课桌   套   200 is a row of columns: its unit has its figure behind.
    before_unit = rf"(?<=[\u4e00-\u9fff:¥])\s{{2,}}(?=(?:{units}))(?![^\s\d]{{1,3}}\s{{2,}}\d)"
    found = list(re.finditer(f"{_NO_DATE}|{_LINE}|{before_unit}", text))
    spans: list[tuple[int, int]] = []
    for start, end in (hit.span() for hit in found):
        if spans and _ONE_DATE.fullmatch(text, spans[-1][1], start):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    edges = [(0, 0), *spans, (len(text), len(text))]
    between = [text[end:start] for (_, end), (start, _) in pairwise(edges)]
    for i in range(len(spans)):
        behind = BLANK.join(between[i + 1 : i + 1 + _GAPS_BEHIND])
        yield Gap(_before(between[i]), _plain(_PIECE.split(behind, maxsplit=1)[0]))


def words_before(plain: str) -> str:
    """What stands directly before the end of this part of a plain form, in its own piece or the cell before."""
    return _before(plain)


def _before(text: str) -> str:
    """The last piece; where that is an empty cell, the cell before, which may name it."""
    *others, own = re.split(r"([,;。|])", text)
    if _plain(own) or others[-1:] != ["|"]:
        return _plain(own)
    return _plain(others[-2])


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", _MARKDOWN.sub("", text))


def _spaced(quote: str) -> str:
    text = unicodedata.normalize("NFKC", quote).replace("\t", " ")
    return re.sub(r"^\s*[-*+]?\s*\(\s*\)", "", text)  # a box to tick, not a gap
