"""The place at the end where the parties seal, sign and date: whether it is there and whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.checks.ending import Ending
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding

_LONGEST = 120  # of a line that is to be signed
_AROUND = 8  # lines above and below a place for a seal that may belong to it
_CLAUSE = re.compile(
    r"^(?:第[^条章]{1,6}[条章]|[0-9一二三四五六七八九十]{1,3}[.、]|\([0-9一二三四五六七八九十]{1,3}\))"
)
_TOLD = re.compile(r"生效|之日|(?<!供)应当?|须|经[^:|]{0,12}(?:签字|盖章)|方可|必须|不得|有权")


@dataclass(frozen=True)
class SigningBlock:
    """The lines to be sealed, signed and dated; `at` are their places among the draft's sentences."""

    sentences: tuple[Sentence, ...]
    at: frozenset[int]

    @property
    def text(self) -> str:
        """Their plain forms, one a line."""
        return "\n".join(sentence.plain for sentence in self.sentences)


def signing_block(draft: Draft) -> SigningBlock:
    """All lines of the draft that are there to be signed; none where it has no such place.

    甲方（公章）： above the first article is the head of the draft, not a place to sign.
    """
    check = check_rules()["signing"]
    places = [i for i, sentence in enumerate(draft.sentences) if _is_place(check, sentence.plain)]
    seeds = _at_the_end(draft, places) or _at_the_end(draft, _bare_names(draft))
    at = set(seeds)
    for seed in seeds:
        for step in (-1, 1):
            i = seed + step
            while 0 < i < len(draft.sentences) and abs(i - seed) <= _AROUND and _belongs(check, draft, i):
                at.add(i)
                i += step
    return SigningBlock(tuple(draft.sentences[i] for i in sorted(at)), frozenset(at))


def check_signing(draft: Draft) -> Iterator[Finding]:
    """No place to sign is missing; one without a party, a signature or a date is unclear."""
    check, block = check_rules()["signing"], signing_block(draft)
    if not block.sentences:
        yield check.finding("missing", None)
        return
    parts = list(_missing_parts(check, block, draft))
    if parts:
        yield check.finding(
            "unclear", block.sentences[0], item="incomplete", suggestion="incomplete_suggestion",
            parts="、".join(check.words[f"no_{part}"] for part in parts),
            english={"parts": ", ".join(check.words[f"no_{part}_en"] for part in parts)},
        )  # fmt: skip


def _at_the_end(draft: Draft, places: list[int]) -> list[int]:
    if not places:
        return []
    ending = Ending.of(draft)
    return [i for i in places if ending.holds(i)]


def _missing_parts(check: Check, block: SigningBlock, draft: Draft) -> Iterator[str]:
    roles = set(re.findall(check_rules().role, block.text))
    if max(len(roles), len(check.patterns["seal"].findall(block.text))) < 2:
        yield "party"
    if not check.has("hand", block.text):
        yield "hand"
    dated = any(check.has("date", sentence.plain) for sentence in block.sentences)
    if not dated and not any(check.has("dated", sentence.plain) for sentence in draft.sentences):
        yield "date"


def _is_place(check: Check, plain: str) -> bool:
    """甲方（盖章）：, not 自双方签字盖章之日起生效."""
    if len(plain) > _LONGEST or plain.endswith(("。", ";")) or _CLAUSE.match(plain) or _TOLD.search(plain):
        return False
    return check.has("mark", plain) and (":" in plain or "(" in plain or "|" in plain or "▁" in plain)


def _belongs(check: Check, draft: Draft, i: int) -> bool:
    plain = draft.sentences[i].plain
    if len(plain) > _LONGEST or plain.endswith(("。", ";")) or _CLAUSE.match(plain):
        return False
    return check.has("label", plain) or check.has("date", plain)


def _bare_names(draft: Draft) -> list[int]:
    """甲方：… 乙方：… behind the last whole sentence of the text, without a word of seals."""
    ends = [i for i, sentence in enumerate(draft.sentences) if sentence.plain.endswith("。")]
    label = re.compile(rf"(?:^|\||▁)({check_rules().role})(?:代表)?(?:[:|▁]|$)")
    tail = range(ends[-1] + 1 if ends else len(draft.sentences), len(draft.sentences))
    named = {i: label.findall(draft.sentences[i].plain) for i in tail}
    roles = {role for found in named.values() for role in found}
    return [i for i in tail if named[i]] if len(roles) >= 2 else []
