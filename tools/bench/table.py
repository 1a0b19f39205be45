"""The rows of the benchmark, and how they are printed and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEADER = ("row", "what", "ours", "stock", "times better", "target", "")


@dataclass(frozen=True)
class Row:
    """One figure.

    `more_is_better` tells throughput from times and sizes; `target` is the limit to hold (below it,
    or at least it where more is better), None where there is none.
    """

    name: str
    text: str
    unit: str
    target: float | None = None
    more_is_better: bool = False


ROWS = (
    Row("plain_p50", "plain answer over REST, p50", "ms", 10),
    Row("plain_p95", "plain answer over REST, p95", "ms"),
    Row("action_p50", "custom action over REST (a procedure question), p50", "ms", 12),
    Row("action_p95", "custom action over REST (a procedure question), p95", "ms"),
    Row("news_p50", "custom action with a database query (outage news), p50", "ms", 12),
    Row("news_p95", "custom action with a database query (outage news), p95", "ms"),
    Row("rate_plain", "16 people at once, plain answers", "msg/s", 100, more_is_better=True),
    Row("rate_action", "16 people at once, custom actions", "msg/s", 100, more_is_better=True),
    Row("long_plain", "turns 480-500 against 1-20 of one conversation, plain", "x", 1.5),
    Row("long_action", "turns 480-500 against 1-20 of one conversation, action", "x", 1.5),
    Row("rss_rasa", "memory of the Rasa server after the load", "MB", 800),
    Row("rss_actions", "memory of the action server after the load", "MB", 280),
    Row("start", "from the start to the first answer", "s", 8),
    Row("training", "training", "s", 60),
    Row("grade", "100,000 gradings in process", "s", 5),
    Row("grade_cli", "100,000 lines through `wuchang grade`", "s"),
    Row("parse_p50", "understanding in process, p50", "ms", 4),
    Row("parse_p95", "understanding in process, p95", "ms", 8),
    Row("telegram_p50", "a channel's own work for one message (Telegram), p50", "ms"),
    Row("telegram_p95", "a channel's own work for one message (Telegram), p95", "ms", 3),
    Row("channel_p50", "a channel's own work for one message (WeChat), p50", "ms"),
    Row("channel_p95", "a channel's own work for one message (WeChat), p95", "ms", 3),
    Row("ask_p50", "answer to a procedure question in process, p50", "ms", 5),
    *(
        row
        for size, many in (("10k", "10,000"), ("100k", "100,000"), ("1m", "1,000,000"))
        for suffix, where in (("", "SQLite"), ("_pg", "PostgreSQL"))
        for row in (
            Row(
                f"join_{size}{suffix}_p50", f"a report filed and joined, {many} stored, {where}, p50", "ms", 5
            ),
            Row(f"join_{size}{suffix}_p95", f"a report filed and joined, {many} stored, {where}, p95", "ms"),
            Row(
                f"list_{size}{suffix}_p95", f"the desk's list, {many} reports stored, {where}, p95", "ms", 50
            ),
        )
    ),
)


def wanted(names: Sequence[str]) -> tuple[Row, ...]:
    """Rows whose name is one of `names` or begins with it; all where `names` is empty.

    Raises:
        ValueError: a name fits no row.
    """
    for name in names:
        if not any(row.name.startswith(name) for row in ROWS):
            raise ValueError(f"no row begins with {name!r}; there are {', '.join(row.name for row in ROWS)}")
    return tuple(row for row in ROWS if not names or row.name.startswith(tuple(names)))


def holds(row: Row, figure: float) -> bool | None:
    """True where the target is reached; None where there is none."""
    if row.target is None:
        return None
    return figure >= row.target if row.more_is_better else figure <= row.target


def times_better(row: Row, ours: float, stock: float) -> float | None:
    """How many times better ours is than stock's; None where that cannot be said."""
    low, high = (stock, ours) if row.more_is_better else (ours, stock)
    return high / low if low > 0 else None


def number(value: float | None) -> str:
    """Three digits that count, "-" for None."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def as_data(
    rows: Sequence[Row], ours: Mapping[str, float], stock: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Every row that was measured as plain data for latest.json."""
    lines = []
    for row in rows:
        if row.name not in ours:
            continue
        mine, theirs = ours[row.name], stock.get(row.name)
        ratio = times_better(row, mine, theirs) if theirs is not None else None
        lines.append(
            {
                "name": row.name,
                "what": row.text,
                "unit": row.unit,
                "ours": round(mine, 3),
                "stock": None if theirs is None else round(theirs, 3),
                "times_better": None if ratio is None else round(ratio, 2),
                "target": row.target,
                "more_is_better": row.more_is_better,
                "holds": holds(row, mine),
            }
        )
    return lines


def render(lines: Sequence[Mapping[str, Any]]) -> str:
    """The lines of `as_data` as a Markdown table, which reads well in a terminal too."""
    cells = [HEADER, *(_cells(line) for line in lines)]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(HEADER))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(row, widths) for row in (cells[0], rule, *cells[1:]))


def _cells(line: Mapping[str, Any]) -> tuple[str, ...]:
    unit, target = line["unit"], line["target"]
    limit = "" if target is None else f"{'>=' if line['more_is_better'] else '<='} {target:g} {unit}"
    verdict = {True: "ok", False: "MISSED", None: ""}[line["holds"]]
    stock = "-" if line["stock"] is None else f"{number(line['stock'])} {unit}"
    ours, ratio = f"{number(line['ours'])} {unit}", number(line["times_better"])
    return (line["name"], line["what"], ours, stock, ratio, limit, verdict)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
