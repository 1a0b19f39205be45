"""初报, 续报, the report in writing (4.2.2, 4.2.3) and the summary report (6.2.2) of an incident as Word documents.

They say what is known and from whom. What nobody told is marked to be filled in, and nothing is made up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.docxpaper import BODY_FONT, HEAD_FONT, font, new_paper, to_bytes
from bot.errors import BadInput
from bot.storage.tables import Incident, OutageReport
from bot.texts import one_line
from bot.water.duty.duty_lines import DECISIONS, duty_board, grades_of
from bot.water.incidents.assessing import assess
from bot.water.incidents.decisions import facts_with_sources, next_rise
from bot.water.incidents.history import events_of
from bot.water.incidents.moments import alert_of, began, find_incident
from bot.water.incidents.response import response_of
from bot.water.papers.paper_parts import Known, lines_for, mark, moment, papers
from bot.water.talk.problems import PROBLEMS
from bot.water.words import grade_words, words

KINDS = ("first", "follow_up", "written", "summary")
_MARKED = re.compile(r"(〔[^〕]*〕)")
_WIDTHS = (3.6, 12.4)  # cm


def paper(session: Session, *, number: str, kind: str, by: str | None, now: datetime) -> tuple[str, bytes]:
    """(name of the file, the .docx) of the paper `kind` (one of `KINDS`) about an incident, as it stands now.

    Raises:
        NotFound: there is no such incident.
        BadInput: there is no such kind of paper.
    """
    incident = find_incident(session, number)
    if kind not in KINDS:
        raise BadInput(f"没有“{kind}”这种报告，有 {'、'.join(KINDS)}。")
    known = _known(session, incident, now)
    form = papers()["papers"][kind]
    drill = str(words()["drill"]) if incident.drill else ""
    document = new_paper(f"{drill}{form['title']}")
    if drill:
        _paragraph(document, papers()["drill_foot"], bold=True)
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for label, lines in (*_head(session, known, form, by), *_parts(known, form), *_signing()):
        _row(table, label, lines)
    _paragraph(document, papers()["foot"].format(clause=form["clause"]))
    for section in document.sections:
        head = section.header.paragraphs[0]
        font(head.add_run(f"{drill}{incident.number} {form['name']}"), BODY_FONT, 10)
    name = f"{drill.strip('【】')}{'-' if drill else ''}{incident.number}-{form['name']}-{now:%m%d-%H%M}.docx"
    return name, to_bytes(document)


def _known(session: Session, incident: Incident, now: datetime) -> Known:
    start, exact = began(session, incident)
    lines = facts_with_sources(session, incident, now)
    return Known(
        incident=incident, assessed=assess(incident, now), facts={line.name: line for line in lines},
        alert=alert_of(session, incident), began=start, exact=exact, problems=_problems(session, incident),
        board=duty_board(session, incident, now), response=response_of(session, incident),
        events=events_of(session, incident.id), rise=next_rise(incident, now), now=now,
    )  # fmt: skip


def _problems(session: Session, incident: Incident) -> Mapping[str, int]:
    """How many reports tell of each problem; one that was taken back does not count."""
    query = select(OutageReport.problem, OutageReport.also_problems).where(
        OutageReport.incident_id == incident.id, OutageReport.status != "withdrawn"
    )
    told = Counter(problem for main, also in session.execute(query) for problem in {main, *(also or ())})
    return {problem: told[problem] for problem in PROBLEMS if told[problem]}


def _head(
    session: Session, known: Known, form: Mapping[str, Any], by: str | None
) -> Iterator[tuple[str, list[str]]]:
    heads = papers()["heads"]
    yield heads["number"], [str(known.incident.number)]
    yield heads["to"], [form["to"] or mark(form["hint"])]
    if "copy_to" in form:
        yield heads["copy_to"], [form["copy_to"]]
    yield heads["grade"], _grade_lines(session, known)
    yield heads["at"], [moment(known.now)]
    yield heads["by"], [by or mark(heads["by"])]


def _grade_lines(session: Session, known: Known) -> list[str]:
    form, incident = papers()["words"], known.incident
    clauses = words()["comma"].join(incident.clauses or ())
    grades = grades_of(incident)
    if not grades.decided:
        if incident.grade is None:
            return [form["not_graded"]]
        return [form["unconfirmed"].format(grade=grade_words(incident.grade), clauses=clauses)]
    event = next(event for event in reversed(known.events) if event.kind in DECISIONS)
    said = form[event.kind].format(
        grade=grade_words(grades.firm), at=moment(event.at), by=event.by or form["desk"],
        reason=event.detail.get("reason", ""), worked_out=grade_words(event.detail.get("worked_out")),
    )  # fmt: skip
    if grades.pending is None:
        return [said]
    return [said, form["waiting"].format(grade=grade_words(grades.pending), clauses=clauses)]


def _parts(known: Known, form: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for part in form["parts"]:
        yield part["label"], list(lines_for(known, part))


def _signing() -> Iterator[tuple[str, list[str]]]:
    heads = papers()["heads"]
    for name in ("office", "contact", "signed"):
        yield heads[name], [mark(heads[name])]


def _row(table: Any, label: str, lines: list[str]) -> None:
    from docx.shared import Cm

    cells = table.add_row().cells
    for cell, width in zip(cells, _WIDTHS, strict=True):
        cell.width = Cm(width)
    font(cells[0].paragraphs[0].add_run(label), HEAD_FONT, 12)
    for index, line in enumerate(lines):
        paragraph = cells[1].paragraphs[0] if index == 0 else cells[1].add_paragraph()
        for piece in filter(None, _MARKED.split(one_line(line))):
            run = paragraph.add_run(piece)
            font(run, BODY_FONT, 12)
            run.bold = bool(_MARKED.fullmatch(piece))


def _paragraph(document: Any, text: str, *, bold: bool = False) -> None:
    run = document.add_paragraph().add_run(one_line(text))
    font(run, HEAD_FONT if bold else BODY_FONT, 12)
