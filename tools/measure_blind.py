"""How the assistant does on the blind sets of ``tests/blind``: figures only, never a line of them.

    python -m tools.measure_blind [ask | nlu]

ask: the share of questions whose clause (or one above or below it) is cited first and among the first
three, whose key facts are all said, that are answered at all; and how many of those without an answer
in the documents are refused. nlu: how many intents are right, and the F1 of the characters of the
entities (micro average; an entity marked optional is neither asked for nor held against).
The sets are not for tuning: see ``tests/blind/README.md``.
"""  # fmt: skip

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from bot.answering import answer_line
from bot.runtime.parser import load_parser
from bot.settings import ROOT
from tools.measure_search import related

_BLIND = ROOT / "tests" / "blind"
# What is scored; numbers and names are read by rules for the forms and have tests of their own.
_ENTITIES = {"place", "time", "duration", "service", "phone", "report_number", "problem", "contract_type"}
Row = Mapping[str, Any]
Cell = tuple[int, str]


def main(what: Iterable[str]) -> None:
    """Measure and print."""
    for name in what:
        print({"ask": ask, "nlu": nlu}[name]())


def ask() -> str:
    """The figures of `wuchang ask` over both sets of questions."""
    rows, without = _rows("ask.jsonl"), _rows("ask_unanswerable.jsonl")
    said = [answer_line(row) for row in rows]
    pairs = list(zip(rows, said, strict=True))
    refused = sum(not answer_line(row)["answered"] for row in without)
    return (
        f"ask: {len(rows)} questions: hit@1 {_share(_hit(*p, 1) for p in pairs):.3f}, "
        f"hit@3 {_share(_hit(*p, 3) for p in pairs):.3f}, key facts {_share(_facts(*p) for p in pairs):.3f}, "
        f"answered {_share(bool(out['answered']) for out in said):.3f}; "
        f"refused {refused} of {len(without)} without answer"
    )


def nlu() -> str:
    """The figures of `wuchang parse`."""
    parse, rows = load_parser(), _rows("nlu.jsonl")
    right, both, found, wanted = 0, 0, 0, 0
    for row in rows:
        out = parse({"text": row["text"]})
        right += out["intent"]["name"] == row["intent"]
        optional = _cells((e for e in row["entities"] if e.get("optional")), row["text"])
        gold = _cells((e for e in row["entities"] if not e.get("optional")), row["text"])
        got = _cells(out["entities"], row["text"]) - optional
        both, found, wanted = both + len(gold & got), found + len(got), wanted + len(gold)
    return (
        f"nlu: {len(rows)} utterances: intent accuracy {right / max(len(rows), 1):.3f}, "
        f"entity character F1 {2 * both / max(found + wanted, 1):.3f}"
    )


def _rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (_BLIND / name).read_text(encoding="utf8").splitlines() if line]


def _share(right: Iterable[bool]) -> float:
    rows = list(right)
    return sum(rows) / max(len(rows), 1)


def _hit(row: Row, out: Row, among: int) -> bool:
    return any(related(cited["id"], gold) for cited in out["citations"][:among] for gold in row["gold"])


def _facts(row: Row, out: Row) -> bool:
    said = _even(" ".join([out["answer"], *(cited["text"] for cited in out["citations"][:3])]))
    return all(_even(fact) in said for fact in row["key_facts"])


def _even(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _cells(entities: Iterable[Row], text: str) -> set[Cell]:
    """Every character of the entities with its kind; one without `start` is looked up by its value."""
    cells: set[Cell] = set()
    for entity in entities:
        if entity["entity"] in _ENTITIES:
            start = entity.get("start", text.find(entity["value"]))
            end = entity.get("end", start + len(entity["value"]))
            cells.update((i, entity["entity"]) for i in range(start, end))
    return cells


if __name__ == "__main__":
    main(sys.argv[1:] or ("ask", "nlu"))
