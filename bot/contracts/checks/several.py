"""A second contract in one file: its own title and its own first party behind the first contract's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.contracts.check_rules import check_rules
from bot.contracts.checks.markers import is_annex
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding

_LEAST = 8  # sentences of a contract before another can begin
_HEAD = 5  # sentences behind a title among which the first party stands
_BEFORE = 3  # sentences before a title that may call it an annex


def check_several(draft: Draft) -> Iterator[Finding]:
    """Each further contract, with the title of the first one as the second passage."""
    check = check_rules()["several"]
    for contract in contracts(draft)[1:]:
        yield check.finding("unclear", contract[0], also=draft.title)


def contracts(draft: Draft) -> list[Sequence[Sentence]]:
    """The sentences of each contract of the file, in most cases all of one. What is called an annex is no contract of its own."""
    sentences, starts = draft.sentences, [0]
    for i in range(_LEAST, len(sentences)):
        if i - starts[-1] >= _LEAST and _begins(sentences, i):
            starts.append(i)
    return [sentences[start:end] for start, end in zip(starts, [*starts[1:], len(sentences)], strict=True)]


def _begins(sentences: Sequence[Sentence], at: int) -> bool:
    check, role = check_rules()["several"], check_rules().role
    if not check.has("title", sentences[at].plain):
        return False
    around = sentences[max(at - _BEFORE, 0) : at + 1]
    if any(is_annex(one) or check.has("annex", one.plain) for one in around):
        return False
    party = re.compile(rf"^(?:{role})(?:\([^()]{{0,12}}\))?:[^▁|]{{2,}}")
    return any(party.match(one.plain) for one in sentences[at + 1 : at + 1 + _HEAD])
