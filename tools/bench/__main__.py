"""`python -m tools.bench`: our assistant and a stock one on this machine, side by side.

Both serve at the same time and are asked in turn, round by round, so that other work on the machine
disturbs both alike. The figures go to the terminal and to var/bench/latest.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from bot.settings import ROOT
from tools.bench import load, rest, servers, stock
from tools.bench.inprocess import MEASURES, in_own_process
from tools.bench.plan import FULL, QUICK, TAIL, Plan
from tools.bench.table import ROWS, as_data, render, wanted

LATEST = servers.WORK / "latest.json"
OVER_REST = ("plain", "action", "news", "rate", "long", "rss", "start")
Figures = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is wanted; the exit status: 1 where a target is missed, 2 where measuring failed."""
    given = _parser().parse_args(arguments)
    try:
        names = [row.name for row in wanted(tuple(filter(None, given.rows.split(","))))]
    except ValueError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, _interrupt)
    servers.WORK.mkdir(parents=True, exist_ok=True)
    notes = [_machine()]
    try:
        ours, theirs = _measure(names, QUICK if given.quick else FULL, notes)
    except KeyboardInterrupt:
        print("\nbench: ended early; nothing is written", file=sys.stderr)
        return 130
    except (load.NoAnswer, servers.DidNotStart, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    notes.append(f"load at the end {os.getloadavg()[0]:.1f}: figures of a busy machine are worse")
    lines = as_data([row for row in ROWS if row.name in names], ours, theirs)
    _write(lines, notes)
    print("\n" + render(lines) + "\n" + "".join(f"\n- {note}" for note in notes))
    if len(lines) < len(names):
        return 2
    return 1 if any(line["holds"] is False for line in lines) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer rounds; the stock assistant only where it is trained already",
    )
    parser.add_argument(
        "--rows", default="", metavar="NAME,...", help="rows by name or its beginning; all by default"
    )
    return parser


def _measure(names: Sequence[str], plan: Plan, notes: list[str]) -> tuple[Figures, Figures]:
    ours, theirs = Figures(), Figures()
    if any(name.startswith(OVER_REST) for name in names):
        _say("the model of the present inputs")
        subprocess.run(
            [sys.executable, "-m", "bot.cli", "train"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        if _stock_is_there(plan, notes):
            stock.ensure_stock()
            if plan.stock_long_turns and plan.stock_long_turns < plan.long_turns and "long_plain" in names:
                notes.append(
                    f"long_plain: stock's last {TAIL} of {plan.stock_long_turns} turns; more take too long"
                )
        _over_rest(names, plan, ours, theirs, notes)
    for name in MEASURES:
        begin = (
            f"{name}_p",
            name.replace("join", "list") + "_p",
        )  # the list is measured on what joining filled
        if any(row == name or row.startswith(begin) for row in names):
            _say(name)
            try:
                ours.update(in_own_process(name))
            except RuntimeError as error:  # the other rows are still worth having
                notes.append(f"NOT MEASURED: {error}")
    if "training" in names and (seconds := stock.training_seconds()):
        theirs["training"] = seconds
        notes.append(
            "training: the stock assistant learns about 75 sentences of its template, ours all of data/nlu"
        )
    return ours, theirs


def _over_rest(names: Sequence[str], plan: Plan, ours: Figures, theirs: Figures, notes: list[str]) -> None:
    starts = []
    for _ in range(plan.starts - 1 if "start" in names else 0):
        _say("a start")
        with servers.ours() as running:
            starts.append(running.start_seconds)
    with ExitStack() as stack:
        _say("starting ours")
        mine = stack.enter_context(servers.ours())
        ours["start"] = median([*starts, mine.start_seconds])
        sides = [rest.Side(mine, ours, dict.fromkeys(("plain", "action"), plan.long_turns))]
        if stock.model().exists():
            _say("starting stock")
            other = stack.enter_context(servers.the_stock_one())
            theirs["start"] = other.start_seconds
            sides.append(rest.Side(other, theirs, {"plain": plan.stock_long_turns}))
        for side in sides:
            notes.extend(rest.warm_up(side))
        rest.measure(sides, names, plan, _say)


def _stock_is_there(plan: Plan, notes: list[str]) -> bool:
    """True where the stock assistant is trained or may be; a note where it is left out or not the usual one."""
    if not stock.model().exists() and not plan.train_stock:
        notes.append("stock: not trained yet, so left out (run without --quick once)")
        return False
    notes.append(f"stock: `rasa init` with {stock.tokenizer()}, one custom action, conversations in memory")
    return True


def _machine() -> str:
    cores, load_now = os.cpu_count(), os.getloadavg()[0]
    return f"{cores} cores, Python {platform.python_version()}, load at the start {load_now:.1f}"


def _write(lines: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> None:
    made = datetime.now().astimezone().isoformat(timespec="seconds")
    text = json.dumps(
        {"made": made, "arguments": sys.argv[1:], "notes": list(notes), "rows": list(lines)},
        ensure_ascii=False,
        indent=1,
    )
    part = Path(f"{LATEST}.part")
    part.write_text(text + "\n", encoding="utf8")
    part.replace(LATEST)


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
