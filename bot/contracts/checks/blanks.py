"""Blanks left open, placeholders that still stand, and matters put off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.checks.gaps import Gap, gaps, words_before
from bot.contracts.checks.signing import signing_block
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding

_CROSSES = re.compile(
    r"(?<![A-Za-z0-9×)%])[Xx×](?=(?:%|万?元|天|日内|个(?:工作日|月)|年(?!代)))|(?<![A-Za-z0-9×xX*-])(?:X{2,}|x{2,}|×{2,}|\*{2,}(?=[元年月日%]))(?![A-Za-z0-9×xX*-])"
)
_FIGURE_BEHIND = re.compile(r"^\s*(?:年|月|日|元|万元|%|天|个月|个工作日|平方米|亩|套|台)")


def check_blanks(draft: Draft) -> Iterator[Finding]:
    """One finding a sentence: a gap is to be filled, one that is often filled later is unclear."""
    signed = signing_block(draft).at
    for i, sentence in enumerate(draft.sentences):
        if i not in signed:
            found = _gap(sentence) or _placeholder(sentence) or _put_off(sentence)
            if found:
                yield found


def _gap(sentence: Sentence) -> Finding | None:
    """Each gap is judged by its own words, so that 本合同自签字之日起生效 excuses no amount beside it."""
    check = check_rules()["blank"]
    found = {_judged(check, gap) for gap in gaps(sentence.quote, check.patterns["units"].pattern)}
    if _nameless(sentence.plain):
        found.add("violation")
    status = next((status for status in ("violation", "unclear") if status in found), None)
    return check.finding(status, sentence) if status else None


def _judged(check: Check, gap: Gap) -> str | None:
    """What a gap is; None where it is meant to be empty or another check says so."""
    place = len(gap.before)
    numbers = check_rules()["choice"].patterns["unchosen"].finditer(gap.around)
    if any(number.start() <= place < number.end() for number in numbers):
        return None  # the number of an alternative: the check of alternatives says so
    if check.has("figure", gap.behind):
        return "violation"
    if check.has("at_signing", gap.before) or check.has("signed", gap.around):
        return None
    soft = check.has("soft", gap.before) or check.has("soft_behind", gap.behind)
    return "unclear" if soft else "violation"


def _nameless(plain: str) -> bool:
    """乙方： with nothing behind it."""
    return bool(re.match(rf"^\|?(?:{check_rules().role})(?:\([^()]{{0,12}}\))?[:|]+$", plain))


def _placeholder(sentence: Sentence) -> Finding | None:
    check, plain = check_rules()["placeholder"], sentence.plain
    if check.has("words", plain):
        return check.finding("violation", sentence)
    found = _CROSSES.search(plain)
    if not found:
        return None
    if _FIGURE_BEHIND.match(plain[found.end() :]):
        return check.finding("violation", sentence)
    soft = check_rules()["blank"].has("soft", words_before(plain[: found.start()]))
    return None if soft else check.finding("unclear", sentence)


def _put_off(sentence: Sentence) -> Finding | None:
    check, plain = check_rules()["put_off"], sentence.plain
    if not check.has("words", plain) or check.has("unless", plain):
        return None
    return check.finding("unclear", sentence)
