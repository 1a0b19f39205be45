"""Two forms of a message: cleaned (what we keep of it) and normalised (what rules match on).

``clean`` comes first and may shorten the text; it remembers where each character came from.
``normalise`` never changes the length, so that a span found in it is a span of the cleaned text.
Neither raises on any string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc
import yaml

from bot.settings import ROOT

TABLE = ROOT / "data" / "nlu_tables" / "normalise.yml"
MAX_CHARS = 1000


@dataclass(frozen=True)
class Cleaned:
    """``text`` as kept, and for each of its characters the index in ``original``.

    ``offsets`` has one more entry than ``text``: the end of the last character kept.
    """

    text: str
    original: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` lies in the original; dropped characters inside are included."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True)
class Normalised:
    """``text`` for matching, exactly as long as ``original``, from which spans are cut."""

    text: str
    original: str


@dataclass(frozen=True)
class Rule:
    """A pattern and what takes its place, of the same length."""

    find: re.Pattern[str]
    to: str


class _Keep(dict[str, str]):
    """What stays of one character: itself, a space for a line break or tab, or nothing."""

    def __missing__(self, char: str) -> str:
        if char in "\t\n\r\x0b\x0c\u2028\u2029":
            kept = " "
        elif (
            unicodedata.category(char) in {"Cc", "Cf", "Cs"}
            or "\ufe00" <= char <= "\ufe0f"
            or _is_noncharacter(char)
        ):
            kept = ""
        else:
            kept = char
        self[char] = kept
        return kept


def _is_noncharacter(char: str) -> bool:
    """Whether it is none of Unicode's characters for good: XML, and so Word and Excel, cannot hold U+FFFE."""
    return ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef"


class _Plain(dict[int, str]):
    """One character in its plain form: NFKC, lower case, simplified, dialect; always one character."""

    def __init__(self, chars: Mapping[str, str]) -> None:
        super().__init__()
        self._chars = dict(chars)
        self._simplify = opencc.OpenCC("t2s").convert

    def __missing__(self, code: int) -> str:
        char = chr(code)
        for step in (lambda c: unicodedata.normalize("NFKC", c), str.lower, self._convert, self._dialect):
            changed = step(char)
            char = changed if len(changed) == 1 else char
        self[code] = char
        return char

    def _convert(self, char: str) -> str:
        return str(self._simplify(char)) if char > "\u2e7f" else char

    def _dialect(self, char: str) -> str:
        return self._chars.get(char, char)


@dataclass(frozen=True)
class Table:
    """The data of ``normalise.yml``, ready to use."""

    plain: _Plain
    rules: tuple[Rule, ...]


def load_table(path: Path = TABLE) -> Table:
    """Read the table of characters, sounds and rules."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    sounds = raw["sounds"]

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"<([a-z]+)>", lambda m: f"[{sounds[m[1]]}]", pattern))

    rules = tuple(Rule(compiled(rule["find"]), rule["to"]) for rule in raw["rules"])
    return Table(_Plain(raw["chars"]), rules)


@lru_cache(maxsize=1)
def _table() -> Table:
    return load_table()


_KEEP = _Keep()


def clean(text: str, limit: int = MAX_CHARS) -> Cleaned:
    """Without zero-width and control characters and lone surrogates, and at most ``limit`` long.

    Line breaks and tabs become spaces. Use it before anything else.
    """
    chars: list[str] = []
    offsets: list[int] = []
    for i, char in enumerate(text):
        kept = _KEEP[char]
        if kept:
            chars.append(kept)
            offsets.append(i)
            if len(chars) == limit:
                break
    offsets.append(offsets[-1] + 1 if offsets else 0)
    return Cleaned("".join(chars), text, tuple(offsets))


def normalise(text: str) -> Normalised:
    """The form rules match on: half-width, lower case, simplified, dialect and misheard water words."""
    table = _table()
    plain = text.translate(table.plain)
    for rule in table.rules:
        plain = rule.find.sub(lambda m, to=rule.to: to if len(to) == len(m[0]) else m[0], plain)  # type: ignore[misc]
    return Normalised(plain, text)


def plain_characters(text: str) -> str:
    """`text` character by character half-width, lower case and simplified; of the same length."""
    return text.translate(_table().plain)


def as_normalised(text: str | Normalised) -> Normalised:
    """The text normalised, unless it is already."""
    return text if isinstance(text, Normalised) else normalise(text)
