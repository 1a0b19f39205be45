"""Counts said in English: two people, about 50 households, a couple of kids, twenty-five families."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
         "ninety": 90}  # fmt: skip
_SIZES = {"dozen": 12, "hundred": 100, "thousand": 1000}
# Rough words: value, lowest, highest; the same figures as 几, 几十 and 几百.
_ROUGH = {
    "a couple of": (2.0, 2.0, 2.0), "a couple": (2.0, 2.0, 2.0), "couple of": (2.0, 2.0, 2.0),
    "a few": (5.0, 3.0, 9.0), "several": (5.0, 3.0, 9.0), "dozens of": (50.0, 20.0, 99.0),
    "hundreds of": (500.0, 200.0, 999.0),
}  # fmt: skip

_WORD = "|".join(sorted((*_ONES, *_TENS), key=len, reverse=True))
WORDS = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_ONES)}"  # one to ninety-nine
_SIZE = "|".join(_SIZES)
_EXACT = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,7}}|(?:{_WORD}|an?(?= (?:{_SIZE})))(?:[ -](?:{_WORD}))?)"
    rf"(?: (?:{_SIZE})(?:(?: and)? (?:{_WORD})(?:[ -](?:{_WORD}))?)?){{0,2}}"
)
_NUMBER = (
    rf"(?:(?P<rough>{'|'.join(sorted(_ROUGH, key=len, reverse=True))})"
    rf"|(?P<low>{_EXACT})(?: ?(?:or|to|-|~) ?(?P<high>{_EXACT}))?)"
)
_HOUSEHOLDS = r"households?|famil(?:y|ies)|homes?|houses?|flats?|apartments?"
_PEOPLE = (
    r"people|persons?|(?:wo)?m[ae]n|adults?|child(?:ren)?|kids?|bab(?:y|ies)|students?|residents?|villagers?"
    r"|workers?|neighbou?rs?|patients?|elders?|seniors?|us|them"
)
_BETWEEN = r"(?: (?:other|more|old|elderly|young|small|local|sick|injured|dead|of (?:my|our|the|these)|of))*"
_COUNT = re.compile(
    rf"(?<![\w.,#:\-/])(?<!no )(?<!number ){_NUMBER}{_BETWEEN} ?"
    rf"(?:(?P<households>{_HOUSEHOLDS})|(?P<people>{_PEOPLE}))\b(?! old\b|-)"
)
# What a count of people is followed by, up to the next mark or figure.
_WHAT = {
    "poisoned": r"poison|faint|vomit|throwing up|threw up|sick\b|ill\b|dizzy|cough|unconscious|passed out"
    r"|collapsed|diarrh|stomach|chok|hospital|breathe",
    "injured": r"injur|hurt\b|wounded|trapped|electrocut|burn[et]",
    "dead": r"die[ds]?\b|dead\b|dying|killed|drown",
}
_AFTER = {
    role: re.compile(rf"(?:(?!\bnot\b|n't\b|\bno\b)[^,.!?;，。！？；\d]){{0,40}}?\b(?:{words})")
    for role, words in _WHAT.items()
}
_BEFORE = {
    role: re.compile(rf"\b(?:{words})\w* (?:at least |about |over )?$") for role, words in _WHAT.items()
}


@dataclass(frozen=True)
class Count:
    """``text[start:end]`` counts ``value`` (``low`` to ``high``) of ``role``, as in `numerals`."""

    start: int
    end: int
    value: float
    low: float
    high: float
    role: str


def value(said: str) -> float:
    """A whole number in digits or words: 1,200, twenty-five, two hundred and ten, a dozen.

    Raises:
        KeyError: a word that is no number.
    """
    total, section = 0, 0
    for word in re.split(r"[ -]", said.replace(",", "")):
        if word.isdigit():
            section += int(word)
        elif word in _SIZES:
            section = max(section, 1) * _SIZES[word]
            if word == "thousand":
                total, section = total + section, 0
        elif word not in ("and", "a", "an"):
            section += _ONES.get(word) or _TENS[word]
    return float(total + section)


def _figures(m: re.Match[str]) -> tuple[float, float, float]:
    """(value, low, high) of a match; the middle of a range is rounded up where its ends are wide apart."""
    if m["rough"]:
        return _ROUGH[m["rough"]]
    low = value(m["low"])
    high = value(m["high"]) if m["high"] else low
    low, high = min(low, high), max(low, high)
    middle = (low + high) / 2
    return (float(int(middle + 0.5)) if high - low >= 3 else middle), low, high


def _role(text: str, m: re.Match[str]) -> str:
    """What happened to the people counted: the nearest word after them, else the one just before."""
    if m["households"]:
        return "households"
    after = [(found.end(), role) for role, p in _AFTER.items() if (found := p.match(text, m.end()))]
    before = (role for role, p in _BEFORE.items() if p.search(text[: m.start()]))
    return min(after)[1] if after else next(before, "people")


def find(text: str) -> list[Count]:
    """Counts of people and households in normalised ``text``; the span holds number and noun."""
    counts = []
    for m in _COUNT.finditer(text):
        middle, low, high = _figures(m)
        if low >= 1:
            counts.append(Count(*m.span(), middle, low, high, _role(text, m)))
    return counts


# A bare hour cannot stand before these: yesterday about 20 households names no hour.
COUNTED = rf"{_BETWEEN} ?(?:{_HOUSEHOLDS}|{_PEOPLE})\b"
