"""The character tagger: a conditional random field over place, problem, service and contract type.

What rules find well (times, phones, numbers) is handed in as a feature, so the field learns where
a place ends beside them. It is trained on the annotated sentences of data/nlu.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pycrfsuite

from bot.nlu.syllables import sounds

# Name of a word list -> one mark a character: B where a word of it begins, I within it, "" outside.
Hints = Mapping[str, Sequence[str]]
ENTITIES = ("place", "problem", "service", "contract_type")
# Endings of places: a hint, not a rule.
_ENDINGS = set("村组街路巷栋号镇乡县市区桥坪塘湾冲坳岭山院校店铺厂站场口背边洲园庄屋楼门里城苑庭府")


_LONGEST = 60  # characters; what is longer names nothing (aaaa…)


@dataclass(frozen=True)
class Tagged:
    """A span found by the tagger: `text[start:end]` is an `entity`."""

    entity: str
    start: int
    end: int


def _char_class(char: str) -> str:
    if char.isdigit() or char in "〇一二三四五六七八九十百千万两几半":
        return "digit"
    if char.isascii() and char.isalpha():
        return "latin"
    if "\u4e00" <= char <= "\u9fff":
        return "han"
    return "space" if char.isspace() else "mark"


def features(text: str, marks: Sequence[str], hints: Hints) -> list[list[str]]:
    """Features of each character.

    Args:
        text: the normalised text.
        marks: one a character: what rules found there ("time", "phone", "township" ...; "" for nothing).
        hints: what the word lists know of it.
    """
    padded = f"\x02\x02{text}\x03\x03"
    classes = [_char_class(char) for char in padded]
    heard = _heard(text)
    rows = []
    for i, char in enumerate(text):
        a, b, c, d, e = (padded[i + k] for k in range(5))
        row = [
            "bias", f"c={c}", f"p={b}", f"n={d}", f"pc={b}{c}", f"cn={c}{d}", f"pp={a}{b}", f"nn={d}{e}",
            f"k={classes[i + 2]}", f"ks={classes[i + 1]} {classes[i + 2]} {classes[i + 3]}",
            f"m={marks[i]}",
            f"m-={marks[i - 1] if i else '^'}", f"m+={marks[i + 1] if i + 1 < len(text) else '$'}",
        ]  # fmt: skip
        for name, hint in hints.items():
            if hint[i]:
                row.append(f"{name}={hint[i]}")
            if i and hint[i - 1]:
                row.append(f"{name}-")
            if i + 1 < len(text) and hint[i + 1]:
                row.append(f"{name}+")
        row += heard[i]
        if char in _ENDINGS:
            row.append("ending")
        if i == 0 or not b.strip():
            row.append("first")
        rows.append(row)
    return rows


def _heard(text: str) -> list[list[str]]:
    """How the syllable or word at each character sounds, with its neighbours: typed pinyin is read like Han."""
    found = list(sounds(text))
    names = ["^", *(sound.name for sound in found), "$"]
    rows: list[list[str]] = [[] for _ in text]
    for i, sound in enumerate(found):
        before, own, after = names[i : i + 3]
        for at in range(sound.start, sound.end):
            rows[at] = [f"s={own}", f"s-={before}", f"s+={after}", f"ss={before} {own}", f"sn={own} {after}"]
        rows[sound.start].append("s^")
    return rows


def labels(text: str, spans: Iterable[tuple[int, int, str]]) -> list[str]:
    """BIO labels, one a character; of overlapping spans the first stays."""
    out = ["O"] * len(text)
    for start, end, entity in spans:
        if entity in ENTITIES and all(label == "O" for label in out[start:end]):
            out[start:end] = [f"B-{entity}"] + [f"I-{entity}"] * (end - start - 1)
    return out


def train(path: Path, rows: Iterable[tuple[list[list[str]], list[str]]]) -> None:
    """Train on (features, labels) of each sentence and store the model at `path`."""
    # Passive-aggressive: as good as L-BFGS on hands that were held out, in a fifth of the time.
    trainer = pycrfsuite.Trainer(algorithm="pa", verbose=False)
    trainer.set_params({"max_iterations": 12, "feature.minfreq": 2, "feature.possible_transitions": True})
    for x, y in rows:
        if x:
            trainer.append(x, y)
    trainer.train(str(path))


class Tagger:
    """A trained tagger, read from the file that `train` wrote."""

    def __init__(self, path: Path) -> None:
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(path))

    def tag(self, text: str, marks: Sequence[str], hints: Hints) -> list[Tagged]:
        """Spans of `text`, in order, without overlaps; whole Latin syllables, without outer spaces and marks."""
        found: list[Tagged] = []
        start, entity = 0, ""
        for i, label in enumerate([*self._tagger.tag(features(text, marks, hints)), "O"]):
            if label == f"I-{entity}":
                continue
            if entity:
                found.append(_trimmed(text, entity, start, i))
            start, entity = i, label[2:]
        return [span for span in _whole(text, found) if 0 < span.end - span.start <= _LONGEST]


def _whole(text: str, spans: Sequence[Tagged]) -> list[Tagged]:
    """The spans, none with an edge inside a syllable or word in Latin letters (ti|ngshui), nor into the one before."""
    inside = {at: sound for sound in sounds(text) for at in range(sound.start + 1, sound.end)}
    found: list[Tagged] = []
    for span in spans:
        start = inside[span.start].start if span.start in inside else span.start
        end = inside[span.end].end if span.end in inside else span.end
        found.append(Tagged(span.entity, max(start, found[-1].end if found else 0), end))
    return found


def _trimmed(text: str, entity: str, start: int, end: int) -> Tagged:
    edge = " ，,。.!！?？、;；:：\n\t"
    while start < end and text[start] in edge:
        start += 1
    while end > start and text[end - 1] in edge:
        end -= 1
    # 茶市街上全停了: how much is off is no part of where
    if (
        entity == "place"
        and end - start > 1
        and text[end - 1] in "全都又也"
        and text[end : end + 1] in tuple("停断没")
    ):
        end -= 1
    return Tagged(entity, start, end)
