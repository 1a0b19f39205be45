"""One amount in figures and in Chinese numerals, and the total of the contract wherever it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from bot.contracts.check_rules import check_rules
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
    """The total of the contract is given at two places, with two amounts."""
    check = check_rules()["total"]
    first: tuple[Sentence, int] | None = None
    for sentence in draft.sentences:
        said = None if check.has("unless", sentence.plain) else _total_in(check.patterns["label"], sentence)
        if said is None:
            continue
        if first is None:
            first = (sentence, said)
        elif said != first[1]:
            yield check.finding("violation", sentence, also=first[0])
            return


def _total_in(label: re.Pattern[str], sentence: Sentence) -> int | None:
    """The amount in cents that stands directly behind the label of a total."""
    ends = {found.end() for found in label.finditer(sentence.plain)}
    amounts = chain(figures(sentence.plain), capitals(sentence.plain))
    return next((amount.cents for amount in amounts if amount.start in ends), None)
