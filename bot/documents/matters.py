"""Matters of the documents that a question names in one breath, and wants told both: 六有和六统一, 四个结合跟五个有人.

A search finds one of them, or the clause above, which says neither.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.documents.digest import Entry
from bot.documents.features import plain

# What may stand between two names said together: 六有六统一, 六有、六统一, 六有还要六统一.
_AND = re.compile(r"(?:还有|以及|还要|加上|[和跟与及同 ]|的|各?是|哪些|什么)*")


class Matters:
    """The matters of a digest (entries with a `part`) by their names, each document by itself."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._named: dict[str, dict[str, Entry]] = defaultdict(dict)
        for entry in entries:
            if entry.part:
                self._named[entry.document.id].setdefault(plain(entry.part), entry)
        # The longest first: 园区指标 is not 园区.
        self._names = {
            document: re.compile("|".join(map(re.escape, sorted(named, key=len, reverse=True))))
            for document, named in self._named.items()
        }

    def named_together(self, question: str, best: Entry) -> tuple[Entry, ...]:
        """The matters that `question` names side by side, in its order; () where it names fewer than two so.

        Args:
            best: what the search found: the matters are those of its document, and one of its clause must be named.
        """
        document = best.document.id
        if document not in self._names:
            return ()
        for stretch in _stretches(self._names[document].finditer(plain(question))):
            matters = [self._named[document][name] for name in dict.fromkeys(stretch)]
            if len(matters) > 1 and any(matter.id == best.id for matter in matters):
                return tuple(matters)
        return ()


def _stretches(found: Iterable[re.Match[str]]) -> Iterator[list[str]]:
    """Names with nothing between them but what joins them."""
    stretch: list[str] = []
    end = 0
    for name in found:
        if stretch and not _AND.fullmatch(name.string, end, name.start()):
            yield stretch
            stretch = []
        stretch.append(name[0])
        end = name.end()
    yield stretch
