"""Alternatives of a form that still stand side by side, and boxes that nobody ticked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding

_BOX = re.compile(
    r"[□☐▢◻]|^[○◯](?=[^\d一二三四五六七八九])|\[\]|\[▁\]|^[-*+]?\(▁?\)(?=\d|[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff|▁])\(▁?\)(?=\d[.、])"
)
_AHEAD = 6  # sentences in which the choice may be made, or its alternatives follow


def check_choices(draft: Draft) -> Iterator[Finding]:
    """Boxes, numbers of alternatives, words such as 是/否, and courts beside arbitration."""
    check = check_rules()["choice"]
    yield from _boxes(check, draft)
    for i, sentence in enumerate(draft.sentences):
        if check.has("unchosen", sentence.plain):
            yield check.finding("violation", sentence, item="open")
        elif check.has("slash", sentence.plain) and not _ticked(check, sentence.plain):
            yield check.finding("unclear", sentence, item="both")
        elif _asks_to_pick(check, sentence.plain) and not _picked(check, draft.sentences[i : i + _AHEAD]):
            yield check.finding("unclear", sentence, item="open")
    yield from _disputes(check, draft)


def _ticked(check: Check, plain: str) -> bool:
    return check.has("ticked", plain)


def _asks_to_pick(check: Check, plain: str) -> bool:
    return check.has("pick_one", plain) and not check.has("a_right", plain)


def _picked(check: Check, sentences: Sequence[Sentence]) -> bool:
    return any(check.has("chosen", one.plain) or _ticked(check, one.plain) for one in sentences)


def _boxes(check: Check, draft: Draft) -> Iterator[Finding]:
    """Boxes of one line, or of lines with one box each that follow one another: none of them ticked."""
    group: list[Sentence] = []
    for sentence in [*draft.sentences, Sentence("", "")]:
        boxes, ticked = len(_BOX.findall(sentence.plain)), _ticked(check, sentence.plain)
        if boxes + ticked == 1:
            group.append(sentence)
            continue
        if len(group) > 1 and not any(_ticked(check, one.plain) for one in group):
            yield check.finding("violation", group[0], item="unticked", also=group[1])
        group = []
        if boxes > 1 and not ticked:
            yield check.finding("violation", sentence, item="unticked")


def _disputes(check: Check, draft: Draft) -> Iterator[Finding]:
    """Arbitration and the courts, both chosen: in one sentence, or in two that both speak of disputes."""
    found: dict[str, tuple[int, Sentence]] = {}
    for i, sentence in enumerate(draft.sentences):
        if check.has("not_dispute", sentence.plain):
            continue
        ways = [way for way in ("arbitration", "court") if check.has(way, sentence.plain)]
        if ways and _boxed(check, sentence):
            continue  # the check of boxes says it
        if len(ways) == 2 and not _chosen_before(check, draft, i):
            yield check.finding("violation", sentence, item="both", suggestion="disputes_suggestion")
            return
        for way in ways:
            found.setdefault(way, (i, sentence))
    if len(found) == 2:
        (i, first), (j, second) = sorted(found.values(), key=lambda pair: pair[0])
        if i == j or _chosen_before(check, draft, i) or _chosen_before(check, draft, j):
            return
        sure = all(check.has("dispute", one.plain) for one in (first, second)) or j - i == 1
        status = "violation" if sure else "unclear"
        yield check.finding(status, first, item="both", suggestion="disputes_suggestion", also=second)


def _chosen_before(check: Check, draft: Draft, i: int) -> bool:
    """A form whose choice is made (第1种方式) or left open, which is said already, in the sentences before."""
    before = draft.sentences[max(i - 3, 0) : i + 1]
    return any(
        check.has(name, one.plain) for one in before for name in ("chosen", "unchosen", "pick_one", "slash")
    )


def _boxed(check: Check, sentence: Sentence) -> bool:
    return bool(_BOX.search(sentence.plain)) or _ticked(check, sentence.plain)
