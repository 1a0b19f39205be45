"""Where the text of a draft ends and the place to sign may begin: behind the last article, before or among annexes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.contracts.checks.markers import Marker, is_annex, markers
from bot.contracts.draft_text import Draft

# The numbers that a draft's articles may have, the surest sign first.
_ARTICLES = ("article", "han", "digit", "dotted")
_PREAMBLE = 3  # whole sentences that may stand above the parties


@dataclass(frozen=True)
class Ending:
    """Places among the sentences, each list in order: of the articles, the annexes, the whole sentences.

    Attributes:
        numbers: of the articles at `articles`, to be compared: (3,) of 第三条, (3, 1) of 3.1.
    """

    articles: Sequence[int]
    numbers: Sequence[tuple[int, ...]]
    annexes: Sequence[int]
    stops: Sequence[int]
    last: int

    @classmethod
    def of(cls, draft: Draft) -> Ending:
        """What is needed of a draft, looked for once."""
        articles = _articles(draft)
        return cls(
            [marker.at for marker in articles],
            [_number(marker) for marker in articles],
            [i for i, sentence in enumerate(draft.sentences) if i and is_annex(sentence)],
            [i for i, sentence in enumerate(draft.sentences) if sentence.plain.endswith(("。", ";"))],
            len(draft.sentences),
        )

    def holds(self, i: int) -> bool:
        """Whether the text does not go on behind the sentence at `i`; an annex or notes may follow."""
        at = bisect_right(self.annexes, i)
        end = self.annexes[at] if at < len(self.annexes) else self.last
        before = bisect_left(self.stops, i)
        behind = bisect_left(self.stops, end) - before
        following = bisect_right(self.articles, i)
        goes_on = following < len(self.articles) and self.articles[following] < end
        if following and goes_on:
            # Numbers that begin anew are those of an annex or of notes; a table of contents has no whole sentence.
            return before > 0 and self.numbers[following] <= self.numbers[following - 1]
        # Without an article before: as much must be agreed above as below, and more than a preamble.
        return following > 0 or before >= max(behind, _PREAMBLE if goes_on else 0)


def _articles(draft: Draft) -> list[Marker]:
    """The markers of the style in which the articles are numbered; none where they are not."""
    found = [marker for marker in markers(draft, frozenset()) if isinstance(marker, Marker)]
    by_style = {
        style: list(group)
        for style, group in groupby(sorted(found, key=lambda one: one.style), key=lambda one: one.style)
    }
    return next((by_style[style] for style in _ARTICLES if len(by_style.get(style, ())) > 1), [])


def _number(marker: Marker) -> tuple[int, ...]:
    return (*(int(part) for part in marker.prefix.split(".") if part), marker.value)
