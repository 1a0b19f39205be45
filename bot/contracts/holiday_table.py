"""Read a table of days off and make-up days from a file: a pure parser, nothing is stored here.

JSON or YAML, where a string of two dates with a slash is a span, both ends inclusive::

    2027:
      holidays: [2027-01-01, 2027-02-05/2027-02-11]
      workdays: [2027-02-20]

CSV with a header, one day or span a line; kind is ``holiday``/放假 or ``workday``/上班::

    date,kind
    2027-01-01,放假
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from bot.contracts.workdays import YearTable
from bot.errors import BadInput

_KINDS = {
    "holiday": "holidays",
    "放假": "holidays",
    "workday": "workdays",
    "上班": "workdays",
    "补班": "workdays",
}
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1))  # statutory in every year: a table without them is not whole
_LONGEST_SPAN = 31  # days; no holiday is longer, so a longer span is a slip of the pen

Entry = tuple[int, str, dt.date]
"""Line (from 1), ``holidays`` or ``workdays``, day."""


class BadHolidayTable(BadInput):
    """The table cannot be used; ``problems`` are (line, what and what to do), line 0 for the whole."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        lines = "；".join(f"第{line}行：{text}" if line else text for line, text in problems)
        super().__init__(f"放假安排表没有采用。{lines}。请改好后重新导入整张表。")


def load_holidays(path: Path) -> dict[int, YearTable]:
    """Read a .json, .yml, .yaml or .csv file, see the module. Raises :class:`BadInput` by line."""
    suffix = path.suffix.lower()
    if suffix not in {".json", ".yml", ".yaml", ".csv"}:
        raise BadInput(f"放假安排表“{path.name}”的格式不认识。请用 .json、.yml 或 .csv 文件。")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(f"找不到放假安排表“{path}”。请核对文件名和所在文件夹。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"放假安排表“{path.name}”读不出来：不是 UTF-8 文本，或者没有权限。请另存为 UTF-8 再试。"
        ) from error
    return parse_holidays(text, "csv" if suffix == ".csv" else "yaml")


def parse_holidays(text: str, form: str) -> dict[int, YearTable]:
    """The tables in ``text`` by year; ``form`` is ``csv`` or ``yaml`` (JSON is read as YAML)."""
    problems: list[tuple[int, str]] = []
    read = _read_csv if form == "csv" else _read_yaml
    entries = list(read(text, problems))
    if not entries and not problems:
        problems.append((0, "表里一个日期也没有"))
    problems += _contradictions(entries) + _gaps(entries)
    if problems:
        raise BadHolidayTable(sorted(problems))
    days: dict[int, dict[str, set[dt.date]]] = defaultdict(lambda: {"holidays": set(), "workdays": set()})
    for _, kind, day in entries:
        days[day.year][kind].add(day)
    return {y: YearTable(frozenset(d["holidays"]), frozenset(d["workdays"])) for y, d in sorted(days.items())}


def _read_csv(text: str, problems: list[tuple[int, str]]) -> Iterator[Entry]:
    rows = csv.DictReader(io.StringIO(text))
    if not {"date", "kind"} <= set(rows.fieldnames or ()):
        problems.append((1, "表头要有 date 和 kind 两列"))
        return
    for row in rows:
        line, kind = rows.line_num, _KINDS.get((row["kind"] or "").strip().lower())
        if kind is None:
            problems.append((line, f"kind“{row['kind']}”不认识，只能写 holiday（放假）或 workday（上班）"))
            continue
        yield from _entries(line, kind, row["date"] or "", problems)


def _read_yaml(text: str, problems: list[tuple[int, str]]) -> Iterator[Entry]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.append((line, "写法不合 YAML/JSON 的规矩，检查括号、冒号和缩进"))
        return
    for year, table in _pairs(root, "最外层要写成 年份: {holidays, workdays}", problems):
        if not (year.value.isdigit() and len(year.value) == 4):
            problems.append((_line(year), f"“{year.value}”不是年份，要写四位数字"))
            continue
        for key, dates in _pairs(table, "年份下面要写 holidays 和 workdays", problems):
            if key.value not in {"holidays", "workdays"} or not isinstance(dates, yaml.SequenceNode):
                problems.append(
                    (_line(key), f"“{key.value}”不认识或不是清单，只能写 holidays: [...] 和 workdays: [...]")
                )
                continue
            for node in dates.value:
                yield from _of_year(
                    int(year.value), _entries(_line(node), key.value, str(node.value), problems), problems
                )


def _pairs(
    node: yaml.Node | None, rule: str, problems: list[tuple[int, str]]
) -> Iterable[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode) and all(isinstance(k, yaml.ScalarNode) for k, _ in node.value):
        return list(node.value)
    problems.append((_line(node) if node else 0, rule))
    return []


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _of_year(year: int, entries: Iterable[Entry], problems: list[tuple[int, str]]) -> Iterator[Entry]:
    for line, kind, day in entries:
        if day.year == year:
            yield line, kind, day
        else:
            problems.append((line, f"{day} 不在{year}年里，移到它自己的年份下"))


def _entries(line: int, kind: str, written: str, problems: list[tuple[int, str]]) -> Iterator[Entry]:
    """The days of ``2027-02-05`` or of the span ``2027-02-05/2027-02-11``."""
    first, _, last = (part.strip() for part in written.partition("/"))
    try:
        start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError:
        problems.append(
            (line, f"日期“{written}”不存在或写法不对，要写成 2027-02-05 或 2027-02-05/2027-02-11")
        )
        return
    span = (end - start).days + 1
    if not 1 <= span <= _LONGEST_SPAN:
        problems.append((line, f"“{written}”的起止不对，后一天不能早于前一天，也不能超过{_LONGEST_SPAN}天"))
        return
    yield from ((line, kind, start + dt.timedelta(days=i)) for i in range(span))


def _contradictions(entries: list[Entry]) -> list[tuple[int, str]]:
    problems: list[tuple[int, str]] = []
    seen: dict[dt.date, str] = {}
    for line, kind, day in entries:
        if seen.setdefault(day, kind) != kind:
            problems.append((line, f"{day} 既写了放假又写了上班，只能留一个"))
        elif kind == "workdays" and day.weekday() < 5:
            problems.append((line, f"{day} 不是周末，平日本来就上班，调休上班只写周六周日"))
    return problems


def _gaps(entries: list[Entry]) -> list[tuple[int, str]]:
    """Half a table would be reckoned with as if it were whole, so the fixed holidays must be there."""
    off = {day for _, kind, day in entries if kind == "holidays"}
    missing = [
        dt.date(year, month, number)
        for year in sorted({day.year for _, _, day in entries})
        for month, number in _ALWAYS_OFF
        if dt.date(year, month, number) not in off
    ]
    return [(0, f"{day.year}年的表不全，缺{day}这个法定节日") for day in missing]
