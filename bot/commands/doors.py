"""Batch doors: JSON Lines in, JSON Lines out (INTERFACES)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.commands import base
from bot.commands.base import Table, add_all, door


def add(commands: Any) -> None:
    """Add the commands of this module."""
    add_all(commands, _TABLE)


def _parse(_arguments: argparse.Namespace) -> int:
    from bot.runtime.parser import load_parser

    return door(load_parser())


def _grade(_arguments: argparse.Namespace) -> int:
    from bot.water.plan.grading import grade

    return door(lambda facts: grade(facts).as_dict())


def _ask(_arguments: argparse.Namespace) -> int:
    from bot.answering import answer_line
    from bot.documents.answers import citation
    from bot.documents.approved import in_force
    from bot.documents.digest import digest
    from bot.documents.quoting import excerpt, read
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        by_staff, official = in_force(session), read(session)
    entries = {(entry.id, entry.title): entry for entry in digest().entries}

    def answer(line: Mapping[str, Any]) -> Mapping[str, Any]:
        found = answer_line(line, by_staff=by_staff)
        for cited in found["citations"]:
            entry, clause = entries[cited["id"], cited["title"]], official.words.get(cited["id"])
            if clause:
                cited["official"] = excerpt(clause, entry, _QUOTED) if entry.part else clause.text
            if newer := official.newer.get(entry.document.id):
                cited["newer_version"] = newer.number or str(newer.issued_on)
        near = None if found["answered"] else official.nearest(str(line["question"]))
        if near:
            found["citations"].insert(0, citation(near))
        return found

    return door(answer)


def _nearest(_arguments: argparse.Namespace) -> int:
    from bot.eldercare.nearest import nearest_line
    from bot.runtime.prepare import prepare_points
    from bot.storage.database import session_scope

    prepare_points()
    with session_scope() as session:
        return door(lambda line: nearest_line(session, line))


def _checklist(_arguments: argparse.Namespace) -> int:
    from bot.contracts.calendars import stored_calendar
    from bot.contracts.checklist import checklist
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        calendar = stored_calendar(session)

    def answer(case: Mapping[str, Any]) -> Mapping[str, Any]:
        result = checklist(case, calendar=calendar).as_dict()
        _keep("checklist", str(case["contract_type"]), case, result)
        return result

    return door(answer)


def _review(_arguments: argparse.Namespace) -> int:
    from bot.contracts.review import review_line
    from bot.storage.database import migrate
    from bot.textfiles import sha256_of

    migrate()

    def answer(line: Mapping[str, Any]) -> Mapping[str, Any]:
        result = review_line(line)
        path = Path(line["path"])
        _keep("review", path.name, {"path": line["path"], "sha256": sha256_of(path)}, result)
        return result

    return door(answer)


def _keep(kind: str, subject: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Keep what a command gave, in the name of the machine's user."""
    from bot import clock
    from bot.contracts.records import keep
    from bot.storage.database import session_scope

    with session_scope() as session:
        keep(
            session, kind=kind, subject=subject, request=request, result=result,
            channel="command", sender=base.user(), now=clock.now(),
        )  # fmt: skip


_QUOTED = 600  # characters of official words that one part of a long section is quoted with
_TABLE: Table = {
    "parse": (_parse, 'understand: {"text"} a line'),
    "grade": (_grade, "grade an incident: facts a line"),
    "ask": (_ask, 'answer from the documents: {"question"} a line'),
    "nearest": (_nearest, 'nearest service points: {"lat", "lon", "datum", ...} or {"place", ...} a line'),
    "checklist": (_checklist, 'contract checklist: {"signing_party", "contract_type", ...} a line'),
    "review": (_review, 'review a draft: {"path"} a line'),
}
