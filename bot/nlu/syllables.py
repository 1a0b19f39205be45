"""How a text sounds: Chinese characters and typed pinyin as the same toneless syllables.

停水, voice input's 婷睡 and typed `tingshui` give the same two syllables, so what the classifier learns of
one holds for the others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Single characters are all that is asked for; the dictionary of phrases would cost 45 MB and 0.2 s.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
from pypinyin import lazy_pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

_LONGEST = 6  # letters of a syllable (zhuang)
_TOKEN = re.compile(r"[a-z]+|\d+|[^\sa-z\d]")
DIGITS = "#"  # any run of digits sounds the same: which number it is says nothing of what is wanted


class _Sounds(dict[str, str]):
    """The commonest syllable of a character; other characters stand for themselves."""

    def __missing__(self, char: str) -> str:
        sound = lazy_pinyin(char)[0].replace("ü", "v") if "\u4e00" <= char <= "\u9fff" else char
        self[char] = sound
        return sound


_SOUNDS = _Sounds()


@lru_cache(maxsize=1)
def all_syllables() -> frozenset[str]:
    """Every toneless syllable of standard Chinese (about 400); ü is written v."""
    sounds = {
        to_normal(reading).replace("ü", "v")
        for code, readings in pinyin_dict.items()
        if 0x4E00 <= code <= 0x9FFF
        for reading in readings.split(",")
    }
    return frozenset(sound for sound in sounds if re.fullmatch(r"[a-z]*[aeiouv][a-z]*", sound))


@lru_cache(maxsize=4096)
def cut(word: str) -> tuple[str, ...] | None:
    """A lower-case Latin word as the fewest pinyin syllables, None where it is no pinyin.

    >>> cut("tingshui")
    ('ting', 'shui')
    """
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for start in range(len(word)):
        so_far = best[start]
        if so_far is None:
            continue
        for end in range(start + 1, min(start + _LONGEST, len(word)) + 1):
            known = best[end]
            if word[start:end] in all_syllables() and (known is None or len(known) > len(so_far) + 1):
                best[end] = (*so_far, word[start:end])
    return best[-1]


@dataclass(frozen=True)
class Sound:
    """How the characters `start` to `end` (exclusive) of a text sound."""

    name: str
    start: int
    end: int


def sounds(text: str) -> Iterator[Sound]:
    """The sounds of normalised `text`, in order; words that are no pinyin, marks and masks stay as they are."""
    for token in _TOKEN.finditer(text):
        word, start = token.group(), token.start()
        if word[0].isascii() and word.isalpha():
            for part in cut(word) or (word,):
                yield Sound(part, start, start + len(part))
                start += len(part)
        else:
            yield Sound(DIGITS if word.isdigit() else _SOUNDS[word], start, token.end())


def syllables(text: str) -> list[str]:
    """The names of `sounds`."""
    return [sound.name for sound in sounds(text)]
