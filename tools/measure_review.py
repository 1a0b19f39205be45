"""How the review of drafts does on folders of drafts with planted defects.

    python -m tools.measure_review [FOLDER ...]

Without folders: the project's own (``tests/contracts/drafts/whole``), and ``tests/blind/drafts`` where it is there.
A folder has the drafts and a ``gold.yml`` (a list) or ``gold.jsonl`` (one object a line): ``file``; ``planted``, a list of
``{"check"}`` or ``{"clause"}`` with a ``quote`` of the evidence and a ``status`` where these matter; ``may``, findings
of the same form that are no defects and no false alarms either. Printed: planted defects found, false alarms ("to be
changed" or "missing" where nothing was planted), "look again" where nothing was planted, seconds for the slowest.
"""  # fmt: skip

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.contracts.findings import Finding
from bot.contracts.review import review
from bot.settings import ROOT

OWN = (ROOT / "tests" / "contracts" / "drafts" / "whole", ROOT / "tests" / "blind" / "drafts")
ALARMS = ("violation", "missing")
Gold = Mapping[str, Any]


@dataclass(frozen=True)
class Measured:
    """One draft: what was planted, what of it was not found, what was said beside it."""

    file: str
    planted: int
    missed: tuple[Gold, ...]
    false_alarms: tuple[Finding, ...]
    look_again: tuple[Finding, ...]
    seconds: float


def main(folders: Sequence[str]) -> None:
    """Measure and print, one table row a folder, then what went wrong."""
    print("| drafts | clean ones | planted | found | false alarms | look again | slowest |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    details = []
    for folder in [Path(name) for name in folders] or [path for path in OWN if path.is_dir()]:
        rows = [measure(folder, gold) for gold in read_gold(folder)]
        print(_row(rows))
        details += [line for row in rows for line in _details(row)]
    print(*details, sep="\n")


def read_gold(folder: Path) -> list[Gold]:
    """What was planted in the drafts of a folder."""
    if (folder / "gold.yml").exists():
        loaded: list[Gold] = yaml.safe_load((folder / "gold.yml").read_text(encoding="utf8"))
        return loaded
    return [
        json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf8").splitlines() if line
    ]


def measure(folder: Path, gold: Gold) -> Measured:
    """Review one draft and compare."""
    start = time.perf_counter()
    said = [finding for finding in review(folder / gold["file"]).findings if finding.status != "present"]
    seconds = time.perf_counter() - start
    planted, allowed = gold["planted"], [*gold["planted"], *gold.get("may", ())]
    beside = [finding for finding in said if not any(fits(finding, one) for one in allowed)]
    return Measured(
        gold["file"],
        len(planted),
        tuple(one for one in planted if not any(fits(finding, one) for finding in said)),
        tuple(finding for finding in beside if finding.status in ALARMS),
        tuple(finding for finding in beside if finding.status not in ALARMS),
        seconds,
    )


def fits(finding: Finding, gold: Gold) -> bool:
    """Whether a finding is the one of the gold: every key that is given holds."""
    quoted = f"{finding.evidence or ''}\n{finding.also or ''}"
    return (
        gold.get("check", finding.check) == finding.check
        and gold.get("clause", finding.clause) == finding.clause
        and gold.get("status", finding.status) == finding.status
        and str(gold.get("quote") or "") in quoted
    )


def _row(rows: Sequence[Measured]) -> str:
    planted = sum(row.planted for row in rows)
    found = planted - sum(len(row.missed) for row in rows)
    cells = [
        len(rows), sum(not row.planted for row in rows), planted, f"{found} ({found / max(planted, 1):.0%})",
        sum(len(row.false_alarms) for row in rows), sum(len(row.look_again) for row in rows),
        f"{max(row.seconds for row in rows):.2f} s",
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _details(row: Measured) -> list[str]:
    lines = [f"{row.file}: not found: {dict(one)}" for one in row.missed]
    for title, found in (("false alarm", row.false_alarms), ("look again", row.look_again)):
        lines += [f"{row.file}: {title}: {one.item} ({one.clause}): {one.evidence}" for one in found]
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
