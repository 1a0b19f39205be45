"""Marked sentences as data, and how well an understanding of them is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import BadInput
from bot.settings import ROOT

_NLU = ROOT / "data" / "nlu"
_MARK = re.compile(r"\[([^\[\]]+)\]\(([a-z_]+)\)")
# What is scored; numbers and names are read by rules for the forms and have tests of their own.
ENTITIES = frozenset("place time duration service phone report_number problem contract_type".split())
OUTSIDE = ("out_of_scope", "nlu_fallback")
Spans = Sequence[tuple[int, int, str]]


@dataclass(frozen=True)
class Sentence:
    """One sentence: its intent, and its pieces as (start, end, entity).

    `optional` pieces may be found or not.
    """

    text: str
    intent: str
    spans: tuple[tuple[int, int, str], ...] = ()
    optional: tuple[tuple[int, int, str], ...] = ()

    def marked(self) -> str:
        """The sentence as Rasa's training data writes it."""
        out, last = "", 0
        for start, end, entity in sorted(self.spans):
            if start >= last:
                out, last = f"{out}{self.text[last:start]}[{self.text[start:end]}]({entity})", end
        return out + self.text[last:]


def unmarked(line: str, intent: str) -> Sentence:
    """A line of training data, `[老街](place)停水了`, as a sentence."""
    text, last, spans = "", 0, []
    for mark in _MARK.finditer(line):
        text += line[last : mark.start()]
        spans.append((len(text), len(text) + len(mark[1]), mark[2]))
        text, last = text + mark[1], mark.end()
    return Sentence(text + line[last:], intent, tuple(spans))


def load_hands(folder: Path = _NLU) -> dict[str, list[Sentence]]:
    """The training sentences by whose hand wrote them: one folder of `data/nlu` each."""
    hands: dict[str, list[Sentence]] = {}
    for path in sorted(folder.glob("*/*.yml")):
        for block in yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)["nlu"]:
            lines = (line.strip() for line in block["examples"].splitlines())
            rows = [unmarked(line[2:], block["intent"]) for line in lines if line.startswith("- ")]
            hands.setdefault(path.parent.name, []).extend(rows)
    return hands


def load_lines(path: Path) -> list[Sentence]:
    """Sentences of a JSON Lines file: `{"text", "intent", "entities": [{"entity", "value", "start"?}]}`.

    Raises:
        BadInput: a line is none, or a value does not stand in its text; the message names the line.
        OSError, UnicodeDecodeError: the file cannot be read as UTF-8.
    """
    sentences = []
    for number, line in enumerate(path.read_text(encoding="utf8").split("\n"), 1):
        if line.strip():
            try:
                sentences.append(_sentence(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadInput(
                    f'{path}, line {number}: {error!r}. A line is {{"text": …, "intent": …, '
                    f'"entities": [{{"entity": …, "value": …}}]}}, each value as it stands in the text.'
                ) from error
    return sentences


def _sentence(row: Mapping[str, Any]) -> Sentence:
    text, intent = row["text"], row["intent"]
    if not isinstance(text, str) or not isinstance(intent, str):
        raise TypeError("text and intent are words")
    spans: dict[bool, list[tuple[int, int, str]]] = {False: [], True: []}
    for entity in row.get("entities", ()):
        start = entity.get("start", text.find(entity["value"]))
        end = start + len(entity["value"])
        if not entity["value"] or start < 0 or text[start:end] != entity["value"]:
            raise ValueError(f"{entity['value']!r} does not stand in the text")
        spans[bool(entity.get("optional"))].append((start, end, entity["entity"]))
    return Sentence(text, intent, tuple(spans[False]), tuple(spans[True]))


@dataclass(frozen=True)
class Scores:
    """Shares between 0 and 1.

    Attributes:
        right: intents right, of all; turning away what is out of scope counts as right.
        turned_away: in-scope sentences taken for out of scope or not understood.
        kept_out: out-of-scope sentences not taken for anything else.
        entities: F1 of the characters of the entities, micro average.
        by_entity: the same for each.
    """

    right: float
    turned_away: float
    kept_out: float
    entities: float
    by_entity: dict[str, float]


def scores(wanted: Sequence[Sentence], found: Sequence[tuple[str, Spans]]) -> Scores:
    """How (intent, spans) `found` for each sentence compare with what was `wanted`."""
    pairs = list(zip(wanted, found, strict=True))
    outside = [intent in OUTSIDE for sentence, (intent, _) in pairs if sentence.intent == "out_of_scope"]
    inside = [
        (sentence.intent, intent) for sentence, (intent, _) in pairs if sentence.intent != "out_of_scope"
    ]
    right = sum(a == b for a, b in inside) + sum(outside)
    by_entity = {entity: _f1(pairs, {entity}) for entity in sorted(ENTITIES)}
    return Scores(
        right / max(len(pairs), 1),
        sum(b in OUTSIDE for _, b in inside) / max(len(inside), 1),
        sum(outside) / max(len(outside), 1),
        _f1(pairs, ENTITIES),
        by_entity,
    )


def _f1(pairs: Iterable[tuple[Sentence, tuple[str, Spans]]], entities: Iterable[str]) -> float:
    both = together = 0
    for sentence, (_, spans) in pairs:
        optional = _cells(sentence.optional, entities)
        want, got = _cells(sentence.spans, entities), _cells(spans, entities) - optional
        both += len(want & got)
        together += len(want) + len(got)
    return 2 * both / max(together, 1)


def _cells(spans: Spans, entities: Iterable[str]) -> set[tuple[int, str]]:
    return {(i, entity) for start, end, entity in spans if entity in entities for i in range(start, end)}
