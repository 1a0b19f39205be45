"""A case's checklist as a document: Markdown, or .docx with the fonts of official papers. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx.shared import Cm

from bot.contracts.dossier import Dossier, Task
from bot.docxpaper import BODY_FONT, HEAD_FONT, font, new_paper, to_bytes
from bot.texts import one_line

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MARKDOWN = "text/markdown; charset=utf-8"
_DONE, _OPEN, _NOTE = "☑", "☐", "·"
_HEADINGS = ("序号", "办好", "要办的事", "依据", "期限")
_WIDTHS = (Cm(1.3), Cm(1.3), Cm(8.6), Cm(2.6), Cm(2.6))
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s.]+')

Cite = Callable[[str], str]
"""From a clause's id (contract/12/1) to how it is cited (第十二条（一）)."""


@dataclass(frozen=True)
class _Row:
    number: str
    mark: str
    title: str
    text: str
    clause: str
    day: str


def file_name(dossier: Dossier, ending: str) -> str:
    """A name for the file, safe on every system: HT261126-001-采购合同-清单.docx."""
    kind = _NOT_IN_NAMES.sub("", one_line(dossier.contract_type))
    return f"{dossier.number}-{kind}-清单.{ending}"


def to_markdown(dossier: Dossier, *, cite: Cite, now: datetime) -> str:
    """The list as Markdown with boxes that are ticked where a thing is done."""
    lines = [f"# {_title(dossier)}", "", *(f"- {line}" for line in _heads(dossier)), ""]
    for warning in dossier.found.warnings:
        lines += [f"> 注意：{one_line(warning.text)}（{cite(warning.clause)}）", ""]
    for stage in dossier.stages:
        lines += [f"## {stage}", ""]
        for row in _rows(dossier.of_stage(stage), cite):
            box = {_DONE: "- [x] ", _OPEN: "- [ ] "}.get(row.mark, "- ")
            number = f"{row.number}. " if row.number else ""
            day = f" {row.day}" if row.day else ""
            lines.append(f"{box}{number}**{row.title}**：{row.text}（{row.clause}）{day}")
        lines.append("")
    return "\n".join([*lines, _foot(now), ""])


def to_docx(dossier: Dossier, *, cite: Cite, now: datetime) -> bytes:
    """The list as a .docx: title, reviewer and dates, warnings, and a table with a box for each thing to do."""
    paper = new_paper(_title(dossier))
    for line in _heads(dossier):
        paper.add_paragraph(line)
    for warning in dossier.found.warnings:
        font(
            paper.add_paragraph().add_run(f"注意：{one_line(warning.text)}（{cite(warning.clause)}）"),
            HEAD_FONT,
            12,
        )
    table = paper.add_table(rows=1, cols=len(_HEADINGS))
    table.style = "Table Grid"
    for cell, heading in zip(table.rows[0].cells, _HEADINGS, strict=True):
        font(cell.paragraphs[0].add_run(heading), HEAD_FONT, 11)
    for stage in dossier.stages:
        cells = table.add_row().cells
        font(cells[0].merge(cells[-1]).paragraphs[0].add_run(stage), HEAD_FONT, 12)
        for row in _rows(dossier.of_stage(stage), cite):
            _fill(table.add_row().cells, row)
    for line in table.rows:
        for cell, width in zip(line.cells, _WIDTHS, strict=True):
            cell.width = width
    paper.add_paragraph(_foot(now))
    return to_bytes(paper)


def _fill(cells: Any, row: _Row) -> None:
    for cell, text in zip(
        cells, (row.number, row.mark, f"{row.title}：{row.text}", row.clause, row.day), strict=True
    ):
        font(cell.paragraphs[0].add_run(text), BODY_FONT, 11)


def _title(dossier: Dossier) -> str:
    kind = one_line(dossier.contract_type)
    return f"{kind}清单" if kind.endswith(("合同", "协议")) else f"{kind}合同清单"


def _heads(dossier: Dossier) -> Iterator[str]:
    found, facts = dossier.found, dossier.facts
    done, all_of_it = len(dossier.done), len(dossier.to_do)
    yield f"编号：{dossier.number}"
    yield f"审查：{found.reviewer or '不适用政府合同管理办法'}"
    dates = (
        ("送审", facts.get("submitted_on")),
        ("最早可以签", found.earliest_signing_date),
        ("打算签", facts.get("signing_planned_on")),
        ("签订", facts.get("signed_on")),
        ("备案截止", found.filing_due),
    )
    yield from (f"{name}：{day}" for name, day in dates if day)
    yield f"办好：{done} / {all_of_it} 件"


def _rows(tasks: tuple[Task, ...], cite: Cite) -> Iterator[_Row]:
    for task in tasks:
        item = task.item
        mark = _NOTE if task.number is None else _DONE if task.done else _OPEN
        day = f"最晚{item.due}" if item.due else f"最早{item.not_before}" if item.not_before else ""
        number = "" if task.number is None else str(task.number)
        yield _Row(number, mark, one_line(task.name), one_line(item.text), cite(item.clause), day)


def _foot(now: datetime) -> str:
    return f"屋场助手 {now:%Y-%m-%d %H:%M} 按《衡南县政府合同管理办法》整理，供核对用；以正式文件为准。"
