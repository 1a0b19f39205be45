"""The numbers at the beginnings of clauses and items: 第三条, 三、, 叁、, （三）, 3., 3.1, （3）."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.money import number

_HAN = "一二三四五六七八九十百零〇"
_CAPITAL = "壹贰叁肆伍陆柒捌玖拾"
# Behind the number of an article: words that cite it instead of beginning it.
_CITED = r"(?![款项的和及与至到之中]|、第|规定|约定|所|以及)"
STYLES: dict[str, re.Pattern[str]] = {
    "chapter": re.compile(rf"^第([0-9]{{1,3}}|[{_HAN}]{{1,5}})[章编]"),
    "section": re.compile(rf"^第([0-9]{{1,3}}|[{_HAN}]{{1,5}})节"),
    "article": re.compile(rf"^第([0-9]{{1,3}}|[{_HAN}]{{1,5}})条{_CITED}"),
    "han": re.compile(rf"^([{_HAN}]{{1,4}})[、.](?!\d)"),
    "capital": re.compile(rf"^([{_CAPITAL}]{{1,3}})[、.](?!\d)"),
    "han_bracket": re.compile(rf"^\(([{_HAN}]{{1,4}})\)"),
    "dotted": re.compile(
        r"^([0-9]{1,2}(?:\.[0-9]{1,2}){1,3})(?![0-9%‰.]|[万亿]?元|万|倍|米|公里|亩|平方|吨|个|年|月|日|-)"
    ),
    "digit": re.compile(r"^([0-9]{1,3})[.、](?![0-9])"),
    "digit_bracket": re.compile(r"^\(?([0-9]{1,2})\)(?![0-9])"),
}
_ATTACHED = re.compile(r"^(?:附件|附表|附录|附:|附1|补充条款|第[一二三]部分|专用条款|通用条款)")
_LONGEST_HEADING = 40


@dataclass(frozen=True)
class Marker:
    """One number: its style, the numbers that stand before the last one (3 in 3.1), the last one, its sentence."""

    style: str
    prefix: str
    value: int
    at: int
    sentence: Sentence


@dataclass(frozen=True)
class Fresh:
    """A place where numbering may begin again: an annex, or a heading without a number."""

    annex: bool


def markers(draft: Draft, without: frozenset[int]) -> Iterator[Marker | Fresh]:
    """Every marker in order; sentences at the places `without` have none."""
    for i, sentence in enumerate(draft.sentences):
        if i in without or sentence.plain.startswith("|"):
            continue
        if i and is_annex(sentence):
            yield Fresh(annex=True)
            continue
        found = _marker(i, sentence)
        if found:
            yield found
        elif sentence.is_heading:
            yield Fresh(annex=False)


def is_annex(sentence: Sentence) -> bool:
    """Whether this is the heading of an annex or of another part, where numbering may begin again."""
    return bool(_ATTACHED.match(sentence.plain)) and len(sentence.plain) <= _LONGEST_HEADING


def _marker(i: int, sentence: Sentence) -> Marker | None:
    for style, pattern in STYLES.items():
        hit = pattern.match(sentence.plain)
        if hit and not sentence.plain[hit.end() :].startswith("|"):  # the first cell of a table
            *before, last = hit[1].split(".") if style == "dotted" else [hit[1]]
            value = number(last)
            return None if value is None else Marker(style, ".".join(before), value, i, sentence)
    return None


def stands_between(draft: Draft, first: int, last: int, value: int) -> bool:
    """Whether a number is found, in any style, inside the sentences from `first` to `last`."""
    han = _han(value)
    pattern = re.compile(
        rf"第(?:{value}|{han})条|(?<!\d){value}[.、)](?!\d)|(?<![{_HAN}]){han}[、)]|\.{value}(?![\d%‰]|[百千]?[万亿]|元|倍|米|个|年|吨|公里|亩|平方)"
    )
    return any(pattern.search(sentence.plain) for sentence in draft.sentences[first : last + 1])


def _han(value: int) -> str:
    """1 to 999 in Chinese numerals."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
