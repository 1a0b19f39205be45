"""Days that are in no calendar, terms that end before they begin, and lengths that do not fit their dates."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding
from bot.contracts.money import number

_HAN = "〇○零一二三四五六七八九十"
_DATE = re.compile(
    rf"(?<![A-Za-z0-9.-])(?:(?P<year>(?:19|20)\d\d|[一二][〇○零一二三四五六七八九]{{3}})(?P<mark>年|[-./](?=\d)))?"
    rf"(?P<month>\d{{1,2}}|[{_HAN}]{{1,3}})(?(mark)(?:月|(?<=\d)[-./])|月)(?P<day>\d{{1,2}}|[{_HAN}]{{1,3}})(?P<end>日|号|(?!\d))"
)
_TO = re.compile(r"^(?:\([^)]{0,6}\))?起?(?:至|到|—+|-+|~|—|–)(?:\|)?$")
_LENGTH = re.compile(
    rf"(?P<count>\d{{1,2}}|[{_HAN}两壹贰叁肆伍陆柒捌玖拾]{{1,3}})(?:\([^)]{{1,4}}\))?(?P<unit>年|个月)(?![\d{_HAN}]|度|内|前|后|以)"
)
_MONTHS = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月起?(?:至|到|-+|—+|~)((?:19|20)\d\d)年(\d{1,2})月(?!\d)")
_DIGITS = {char: str(i) for i, char in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0"}


def check_days(draft: Draft) -> Iterator[Finding]:
    """One finding of each kind a sentence at most."""
    check = check_rules()["date"]
    for sentence in draft.sentences:
        if "月" in sentence.plain or re.search(r"20\d\d[-./]", sentence.plain):
            yield from _in_sentence(check, sentence)


def _in_sentence(check: Check, sentence: Sentence) -> Iterator[Finding]:
    said = [(found, _read(found)) for found in _DATE.finditer(sentence.plain) if _is_date(found)]
    if any(_impossible(*parts) for _, parts in said):
        yield check.finding("violation", sentence, item="impossible", suggestion="impossible_suggestion")
        return
    for found in _MONTHS.findall(sentence.plain):
        if [*map(int, found[2:])] < [*map(int, found[:2])]:
            yield check.finding("violation", sentence, item="backwards", suggestion="backwards_suggestion")
            return
    for (a, begin), (b, end) in pairwise(said):
        between = sentence.plain[a.end() : b.start()]
        if begin[0] is None or end[0] is None or not _TO.match(between):
            continue
        first, last = date(*begin), date(*end)  # type: ignore[arg-type]
        if last < first:
            yield check.finding("violation", sentence, item="backwards", suggestion="backwards_suggestion")
        elif not check.has("unless", sentence.plain):
            yield from _length(check, sentence, (a, b), first, last)
        return


def _is_date(found: re.Match[str]) -> bool:
    """With 日 behind it, or with a year and a month that there is: 3.5 and HN-2026-31-07 are no dates."""
    return found["end"] in ("日", "号") or bool(found["year"] and 1 <= _figure(found["month"]) <= 12)


def _read(found: re.Match[str]) -> tuple[int | None, int, int]:
    year = "".join(_DIGITS.get(char, char) for char in found["year"] or "")
    return int(year) if year else None, _figure(found["month"]), _figure(found["day"])


def _figure(text: str) -> int:
    value = number(text.replace("○", "零"))
    return 0 if value is None else value


def _impossible(year: int | None, month: int, day: int) -> bool:
    if not 1 <= month <= 12 or day < 1:
        return True
    return day > calendar.monthrange(year or 2024, month)[1]  # without a year 29 February may be meant


def _length(
    check: Check, sentence: Sentence, days: tuple[re.Match[str], re.Match[str]], first: date, last: date
) -> Iterator[Finding]:
    """期限三年，自2026年3月1日起至2028年2月29日止 is two years."""
    lengths = [
        count * (12 if found["unit"] == "年" else 1)
        for found in _LENGTH.finditer(sentence.plain)
        if (count := number(found["count"])) and _is_term(check, sentence.plain, found, *days)
    ]
    ends = (last, last + timedelta(days=1), last - timedelta(days=1))  # the last day counted in, or not
    if lengths and not any(_months_later(first, months) == end for months in lengths for end in ends):
        yield check.finding(
            "violation", sentence, item="span", suggestion="span_suggestion", months=_whole(first, last)
        )


def _is_term(
    check: Check, plain: str, length: re.Match[str], begin: re.Match[str], end: re.Match[str]
) -> bool:
    """Whether a length is that of these days: 租期三年，自…至…, or …止，共三年; 免租期2个月 is not."""
    if check.has("other_days", plain[end.end() :]):
        return False
    before = plain[: length.start()]
    if length.start() >= end.end():
        return check.has("summed", plain[end.end() : length.start()]) or check.has("term", before)
    if not check.has("opens", plain[length.end() : begin.start()]):
        return False
    return check.has("term", before) or not check.has("other", before)


def _whole(first: date, last: date) -> int:
    """Whole months from `first` to `last`, both counted in."""
    end = last + timedelta(days=1)
    months = (end.year - first.year) * 12 + end.month - first.month
    return months - (end.day < first.day)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
