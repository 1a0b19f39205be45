"""Blanks left open, placeholders that still stand, and matters put off."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.checks.signing import signing_block
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding

# On the half-width form with its spaces, for a gap may be nothing but spaces.
_LINE = re.compile(r"(?<![A-Za-z0-9])_(?![A-Za-z0-9])|__+|▁|【\s*】|〔\s*〕|(?<=\S)\(\s*\)")
_NO_DATE = re.compile(
    r"(?<!\d)(?:20\d?)?\s*年\s+月|\d年\s+月|月\s+日(?!\S)|(?:[自至于到从:]|起)\s*年\s*月\s*日"
)
_CROSSES = re.compile(r"(?<![A-Za-z0-9×xX*-])(?:X{2,}|x{2,}|×{2,}|\*{2,}(?=[元年月日%]))(?![A-Za-z0-9×xX*-])")
_FIGURE_BEHIND = re.compile(r"^\s*(?:年|月|日|元|万元|%|天|个月|平方米|亩|套|台)")
_LABEL_ALONE = re.compile(r"^\(?[^:。]{1,20}:$")


def check_blanks(draft: Draft) -> Iterator[Finding]:
    """One finding a sentence: a gap is to be filled, one that is often filled later is unclear."""
    signed = signing_block(draft).at
    for i, sentence in enumerate(draft.sentences):
        if i not in signed:
            found = _gap(sentence) or _placeholder(sentence) or _put_off(sentence)
            if found:
                yield found


def _gap(sentence: Sentence) -> Finding | None:
    check = check_rules()["blank"]
    spaced = _spaced(sentence.quote)
    rest = check_rules()["choice"].patterns["unchosen"].sub("", sentence.plain)
    if not (_open(check, spaced) or _nameless(sentence.plain)):
        return None
    if rest != sentence.plain and "▁" not in rest and "()" not in rest:
        return None  # only the number of an alternative: the check of alternatives says so
    if check.has("at_signing", sentence.plain):
        return None
    return check.finding("unclear" if check.has("soft", sentence.plain) else "violation", sentence)


def _open(check: Check, spaced: str) -> bool:
    units = check.patterns["units"].pattern
    # 课桌   套   200 is a row of columns: its unit has its figure behind.
    before_unit = rf"[\u4e00-\u9fff:¥]\s{{2,}}(?=(?:{units}))(?![^\s\d]{{1,3}}\s{{2,}}\d)"
    return bool(_LINE.search(spaced) or _NO_DATE.search(spaced) or re.search(before_unit, spaced))


def _nameless(plain: str) -> bool:
    """乙方： with nothing behind it."""
    return bool(re.match(rf"^\|?(?:{check_rules().role})(?:\([^()]{{0,12}}\))?[:|]+$", plain))


def _spaced(quote: str) -> str:
    text = unicodedata.normalize("NFKC", quote).replace("\t", " ")
    return re.sub(r"^\s*[-*+]?\s*\(\s*\)", "", text)  # a box to tick, not a gap


def _placeholder(sentence: Sentence) -> Finding | None:
    check, plain = check_rules()["placeholder"], sentence.plain
    if check.has("words", plain):
        return check.finding("violation", sentence)
    found = _CROSSES.search(plain)
    if not found or check_rules()["blank"].has("soft", plain):
        return None
    figure = _FIGURE_BEHIND.match(plain[found.end() :])
    return check.finding("violation" if figure else "unclear", sentence)


def _put_off(sentence: Sentence) -> Finding | None:
    check, plain = check_rules()["put_off"], sentence.plain
    if not check.has("words", plain) or check.has("unless", plain):
        return None
    return check.finding("unclear", sentence)
