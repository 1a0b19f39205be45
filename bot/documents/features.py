"""What a text is compared by: runs of characters, and the meanings of its words.

Chinese needs no cutting into words here: runs of one to three characters find as much, at no cost
in start-up, and dialect that a segmenter does not know still shares characters. What people and
documents call differently (盖章 and 公章, 头头 and 指挥长) meets in a meaning of
``data/lexicon/synonyms.yml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from bot.errors import BadInput
from bot.nlu.normalise import normalise
from bot.settings import ROOT

SYNONYMS = ROOT / "data" / "lexicon" / "synonyms.yml"
MEANING = "#"  # what a meaning starts with, so that it is no run of characters
LONGEST = 3
_MARKS = re.compile(r"[^\w+]+|_")
_FILLER = re.compile(r"请问|我想问一?下?|问一?下(?!子)|想知道|你好|您好|麻烦")
_DIGIT = re.compile(r"(?<!\d)[1-9](?!\d)")
_LATIN = re.compile(r"[a-z0-9]+|[^a-z0-9]+")
# How grades are written, as one says them; the longest first, for each holds the next. 特别重大 must
# not be found by 重大.
_GRADES = (("特别重大", "特重"), ("ⅳ级", "四级"), ("iv级", "四级"), ("ⅲ级", "三级"), ("iii级", "三级"),
           ("ⅱ级", "二级"), ("ii级", "二级"), ("i级", "一级"))  # fmt: skip


def plain(text: str) -> str:
    """Normalised, without marks and filler; a single digit and the number of a grade as characters."""
    text = _MARKS.sub(" ", _FILLER.sub("", normalise(text).text)).strip()
    for roman, usual in _GRADES:
        text = text.replace(roman, usual)
    return _DIGIT.sub(lambda found: "零一二三四五六七八九"[int(found[0])], text)


def features(text: str) -> list[str]:
    """All runs of one to three characters of `text` and its meanings (``#多久``), each meaning once.

    A word in Latin letters or a number of several digits stands whole.
    """
    plain_text = plain(text)
    found: list[str] = []
    for stretch in plain_text.split():
        for run in _LATIN.findall(stretch):
            if run.isascii():
                found.append(run)
            else:
                found += [run[i : i + n] for n in range(1, LONGEST + 1) for i in range(len(run) - n + 1)]
    return found + sorted(meanings(plain_text))


def meanings(plain_text: str) -> set[str]:
    """The meanings whose words stand in a text made plain."""
    words, lengths = _words()
    found: set[str] = set()
    for start in range(len(plain_text)):
        for length in lengths:
            if group := words.get(plain_text[start : start + length]):
                found.update(group)
    return found


def read_synonyms(path: Path) -> Mapping[str, tuple[str, ...]]:
    """The meanings of each word, words made plain as the texts are.

    Raises:
        BadInput: the file is not a table of meanings with a list of words each.
    """
    table = yaml.safe_load(path.read_text(encoding="utf8"))
    words: dict[str, tuple[str, ...]] = {}
    for meaning, said in table.items():
        if not isinstance(said, list) or not all(isinstance(word, str) for word in said):
            raise BadInput(f"{path.name}: {meaning!r} needs a list of words; put numbers in quotes")
        for word in map(plain, said):
            words[word] = tuple(dict.fromkeys((*words.get(word, ()), MEANING + meaning)))
    return words


@lru_cache(maxsize=1)
def _words() -> tuple[Mapping[str, tuple[str, ...]], tuple[int, ...]]:
    words = read_synonyms(SYNONYMS)
    return words, tuple(sorted({len(word) for word in words}))
