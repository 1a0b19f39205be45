"""One amount in figures and in Chinese numerals, and the total of the contract wherever it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding
from bot.contracts.money import Amount, capitals, figures

_NEAR = 24  # characters between the two forms of one amount
_FORMAL = re.compile("[壹贰叁肆伍陆柒捌玖拾佰仟]")


def check_amounts(draft: Draft) -> Iterator[Finding]:
    """¥1500 beside 肆仟伍佰元整: the two forms of one amount that do not agree."""
    check, flow = check_rules()["amount"], draft.flow
    glue = re.compile(f"(?:{check.patterns['glue'].pattern})*")
    in_figures = list(figures(flow.text))
    first = 0
    for written in capitals(flow.text):
        while first < len(in_figures) and in_figures[first].end < written.start - _NEAR:
            first += 1
        beside = _beside(flow.text, written, in_figures[first:], glue)
        if not beside:
            continue
        sentences = [flow.sentence(amount.start) for amount in (beside[0], written)]
        if written.cents is None:
            if _FORMAL.search(written.text):
                yield check.finding(
                    "unclear", sentences[1], item="unreadable", suggestion="unreadable_suggestion"
                )
        elif all(amount.cents != written.cents for amount in beside):
            yield check.finding("violation", sentences[0], also=sentences[1])


def _beside(text: str, written: Amount, in_figures: list[Amount], glue: re.Pattern[str]) -> list[Amount]:
    """The figures directly before and directly behind, with nothing but glue between."""
    found = []
    for amount in in_figures:
        if amount.start > written.end + _NEAR:
            break
        if amount.start < written.end and written.start < amount.end:
            continue
        behind = amount.start >= written.end
        between = text[written.end : amount.start] if behind else text[amount.end : written.start]
        if len(between) <= _NEAR and glue.fullmatch(between):
            found.append(amount)
    return found


def check_totals(draft: Draft) -> Iterator[Finding]:
    """The total of the contract, or of one fee, is given at two places, with two amounts."""
    check = check_rules()["total"]
    first: dict[str, tuple[Sentence, int]] = {}
    for sentence in draft.sentences:
        if check.has("unless", sentence.plain):
            continue
        for name, cents in _totals_in(check, sentence.plain):
            where, before = first.setdefault(name, (sentence, cents))
            if before != cents:
                yield check.finding("violation", sentence, also=where)
                return


def _totals_in(check: Check, plain: str) -> Iterator[tuple[str, int]]:
    """Amounts in cents that stand directly behind the label of a total, with the fee's name ("" for the whole)."""
    ends = {found.end(): "" for found in check.patterns["label"].finditer(plain)}
    ends |= {found.end(): found["name"] for found in check.patterns["fee"].finditer(plain)}
    for amount in chain(figures(plain), capitals(plain)):
        if amount.start in ends and amount.cents is not None:
            yield ends[amount.start], amount.cents
