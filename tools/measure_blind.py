"""How the assistant does on the blind sets of ``tests/blind``: figures only, never a line of them.

    python -m tools.measure_blind [ask | nlu]

ask: the share of questions whose clause (or one above or below it) is cited first and among the first
three (both, where it needs two), whose key facts are all said, that are answered at all; and how many of those without an answer
in the documents are refused. nlu: of the sentences that no training
sentence equals, how many intents are right, how many in-scope sentences are turned away and
out-of-scope ones kept out, and the F1 of the characters of the entities (`bot/measuring/sentences.py`).
The sets are not for tuning: see ``tests/blind/README.md``.
"""  # fmt: skip

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.answering import answer_line
from bot.documents.digest import digest
from bot.measuring.report import read_all
from bot.measuring.sentences import load_hands, load_lines, scores
from bot.runtime.parser import load_parser
from bot.settings import ROOT
from tools.measure_search import related

_BLIND = ROOT / "tests" / "blind"
_DEVELOPMENT = ROOT / "tests" / "development"
Row = Mapping[str, Any]


def main(what: Iterable[str]) -> None:
    """Measure and print."""
    for name in what:
        print({"ask": ask, "nlu": nlu}[name]())


def ask() -> str:
    """The figures of `wuchang ask`, one line a pair of sets: those in `tests/blind`, and the one to choose settings on."""
    names = [_BLIND / "ask", _BLIND / "ask2", _BLIND / "ask3", _DEVELOPMENT / "ask", _DEVELOPMENT / "two"]
    return "\n".join(_ask(name) for name in names)


def _ask(name: Path) -> str:
    bank = {_bare(q) for e in digest().entries for q in e.questions}
    bank |= {_bare(row.question) for row in digest().unanswerable}
    # A short question may stand in the bank too, where nobody copied it.
    rows, without = (
        [row for row in _rows(name.with_name(file)) if _bare(row["question"]) not in bank]
        for file in (f"{name.name}.jsonl", f"{name.name}_unanswerable.jsonl")
    )
    said = [answer_line(row) for row in rows]
    pairs = list(zip(rows, said, strict=True))
    refused = [not answer_line(row)["answered"] for row in without]
    return (
        f"{name.parent.name}/{name.name}: {len(rows)} questions: hit@1 {_share(_hit(*p, 1) for p in pairs):.3f}, "
        f"hit@3 {_share(_hit(*p, 3) for p in pairs):.3f}, {_facts_told(pairs)}"
        f"answered {_share(bool(out['answered']) for out in said):.3f}"
        + (f"; refused {_share(refused):.3f} of {len(without)} without answer" if without else "")
    )


def _facts_told(pairs: Sequence[tuple[Row, Row]]) -> str:
    """How many answers say the key facts, of a set that has any."""
    if not any(row.get("key_facts") for row, _ in pairs):
        return ""
    told, alone = (_share(_facts(*p, only_answer=only) for p in pairs) for only in (False, True))
    return f"key facts {told:.3f} ({alone:.3f} in the answer itself), "


def nlu() -> str:
    """The figures of `wuchang parse`, one line a set."""
    parse, lines = load_parser(), []
    known = {_bare(sentence.text) for rows in load_hands().values() for sentence in rows}
    for path in sorted(_BLIND.glob("nlu*.jsonl")):
        # 你好 and the like stand in the training sentences too, where nobody copied them.
        rows = read_all(parse, [s for s in load_lines(path) if _bare(s.text) not in known])
        got = scores([row.sentence for row in rows], [(row.intent, row.spans) for row in rows])
        lines.append(
            f"{path.name}: {len(rows)} utterances: intents right {got.right:.3f}, turned away {got.turned_away:.3f}, "
            f"out of scope kept out {got.kept_out:.3f}, entity character F1 {got.entities:.3f}"
        )
    return "\n".join(lines)


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)


def _rows(path: Path) -> list[Row]:
    if not path.exists():  # no questions without answer stand beside it
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line]


def _share(right: Iterable[bool]) -> float:
    rows = list(right)
    return sum(rows) / max(len(rows), 1)


def _hit(row: Row, out: Row, among: int) -> bool:
    cited = [citation["id"] for citation in out["citations"][:among]]
    if among > 1 and row.get("both"):
        return all(any(related(clause, gold) for clause in cited) for gold in row["both"])
    return any(related(clause, gold) for clause in cited for gold in row["gold"])


def _facts(row: Row, out: Row, *, only_answer: bool = False) -> bool:
    cited = () if only_answer else (cited["text"] for cited in out["citations"][:3])
    said = _even(" ".join([out["answer"], *cited]))
    return all(_even(fact) in said for fact in row["key_facts"])


def _even(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


if __name__ == "__main__":
    main(sys.argv[1:] or ("ask", "nlu"))
