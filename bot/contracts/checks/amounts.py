"""One amount in figures and in Chinese numerals, and the total of the contract wherever it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.checks.several import contracts
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding
from bot.contracts.money import Amount, capitals, figures

_LEAST = 100_00  # cents, of figures in brackets: smaller ones number the items of a list
_NEAR = 24  # characters between the two forms of one amount
_FORMAL = re.compile("[壹贰叁肆伍陆柒捌玖拾佰仟]")


def check_amounts(draft: Draft) -> Iterator[Finding]:
    """¥1500 beside 肆仟伍佰元整: the two forms of one amount that do not agree."""
    check, flow = check_rules()["amount"], draft.flow
    in_figures = list(figures(flow.text, bare=True))
    first = 0
    for written in capitals(flow.text):
        while first < len(in_figures) and in_figures[first].end < written.start - _NEAR:
            first += 1
        beside = _beside(check, flow.text, written, in_figures[first:])
        if not beside:
            continue
        sentences = [flow.sentence(amount.start) for amount in (beside[0], written)]
        if written.cents is None:
            if _FORMAL.search(written.text):
                yield check.finding(
                    "unclear", sentences[1], item="unreadable", suggestion="unreadable_suggestion"
                )
        elif not any(_agree(amount, written.cents) for amount in beside):
            yield check.finding("violation", sentences[0], also=sentences[1])


def _agree(amount: Amount, cents: int) -> bool:
    """Whether both are one amount; mere figures may be in the ten thousands that a heading names."""
    return amount.cents == cents or (
        not amount.marked and amount.cents is not None and amount.cents * 10_000 == cents
    )


def _beside(check: Check, text: str, written: Amount, in_figures: list[Amount]) -> list[Amount]:
    """The figures directly before and directly behind, with nothing but glue between."""
    found = []
    for amount in in_figures:
        if amount.start > written.end + _NEAR:
            break
        if amount.start < written.end and written.start < amount.end:
            continue
        behind = amount.start >= written.end
        between = text[written.end : amount.start] if behind else text[amount.end : written.start]
        if len(between) > _NEAR or not check.patterns["glue"].fullmatch(between):
            continue
        if amount.marked or _means_money(check, text, amount, between, behind=behind):
            found.append(amount)
    marked = [amount for amount in found if amount.marked]
    return marked or found


def _means_money(check: Check, text: str, amount: Amount, between: str, *, behind: bool) -> bool:
    """Whether figures without ¥ or 元 are the other form of the amount: 合同总价1500(大写:…), …整(小写:1500)."""
    if behind:
        # …元整(1500), not the (1) of a list.
        in_brackets = (
            between == "(" and text[amount.end : amount.end + 1] == ")" and (amount.cents or 0) >= _LEAST
        )
        return in_brackets or check.has("small_form", between)
    if "|" in between:
        return check.has("small_form", text[max(amount.start - _NEAR, 0) : amount.start])
    labelled = check.has("money_label", text[max(amount.start - _NEAR, 0) : amount.start])
    return labelled or ("大写" in between and not between.startswith(","))


@dataclass(frozen=True)
class _Total:
    """A sum of the draft: of what (a fee's name, "" for the whole), in cents, and whether the label is beyond doubt."""

    of: str
    cents: int
    sentence: Sentence
    sure: bool


def check_totals(draft: Draft) -> Iterator[Finding]:
    """The total of the contract, or of one fee, is given at two places, with two amounts.

    A violation where both labels are beyond doubt; unclear where one may be of a part.
    """
    for sentences in contracts(draft):
        yield from _differing(check_rules()["total"], sentences)


def _differing(check: Check, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    totals = [
        total
        for sentence in sentences
        if not check.has("unless", sentence.plain)
        for total in _totals_in(check, sentence)
    ]
    for status, among in (("violation", [total for total in totals if total.sure]), ("unclear", totals)):
        first: dict[str, _Total] = {}
        for total in among:
            before = first.setdefault(total.of, total)
            if before.cents != total.cents:
                yield check.finding(status, total.sentence, also=before.sentence)
                return


def _totals_in(check: Check, sentence: Sentence) -> Iterator[_Total]:
    """The amounts that stand directly behind the label of a total."""
    plain = sentence.plain
    labels = [*check.patterns["label"].finditer(plain), *check.patterns["fee"].finditer(plain)]
    # The fee comes last: 租金总额 is the sum of one fee rather than that of the contract.
    ends = {label.end(): label for label in labels}
    for amount in chain(figures(plain), capitals(plain)):
        label = ends.get(amount.start)
        if label is None or amount.cents is None:
            continue
        if check.has("unless_beside", _between_commas(plain, label.start(), amount.end)):
            continue
        sure = _is_sure(check, plain[: label.start()], label.groupdict())
        if sure is not None:
            yield _Total(label.groupdict().get("name") or "", amount.cents, sentence, sure)


def _between_commas(plain: str, start: int, end: int) -> str:
    """The words around `start` to `end`, from the comma before to the one behind."""
    before, behind = re.split("[,;]", plain[:start])[-1], re.split("[,;]", plain[end:])[0]
    return before + plain[start:end] + behind


def _is_sure(check: Check, before: str, names: dict[str, str | None]) -> bool | None:
    """Whether a label with this before it is surely that of the whole; None where it is that of a part."""
    if check.has("part", before):
        return None
    begins = check.has("begins", before)
    if names.get("contract"):
        return begins or check.has("leads_in", before)
    if not begins:
        return None
    return "name" in names
