"""The official texts: import, the versions, the clauses of one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import base

if TYPE_CHECKING:
    from bot.documents.official.store import DocumentReport, ImportReport

_STATES = {"added": "新导入", "replaced": "换成新版本，旧版本留着", "unchanged": "和库里的一样，没有改动"}
_SHOWN = 3


def add(commands: Any) -> None:
    """Add the commands of this module."""
    documents = base.group(commands, "documents", "official texts of the documents", of="import|list|show")
    command = base.add(
        documents,
        "import",
        _import,
        "import a published text (.txt, .docx, .pdf); a file with a fault changes nothing",
    )
    command.add_argument("file", type=Path)
    command.add_argument(
        "--older", action="store_true", help="take a version in whose date is before that of the current one"
    )
    base.add(documents, "list", _list, "list every version of every official text")
    show = base.add(
        documents, "show", _show, "the current text of a document piece by piece, or of one clause"
    )
    show.add_argument("id", help="contract, or contract/14 for one clause")


def _import(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.documents.official.store import import_document
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        report = import_document(session, arguments.file, now=clock.now(), older=arguments.older)
    print("\n".join(_told(report)), file=sys.stderr)
    return 0


def _list(_arguments: argparse.Namespace) -> int:
    from bot.documents.official.listings import version_lines

    return base.listing(version_lines, public=True)


def _show(arguments: argparse.Namespace) -> int:
    from bot.documents.official.listings import piece_lines

    return base.listing(lambda session: piece_lines(session, arguments.id), public=True)


def _told(report: ImportReport) -> Iterator[str]:
    yield f"{report.source}：{len(report.documents)}份文件"
    for document in report.documents:
        yield from _told_document(document)
    if report.left_out:
        shown = "；".join(" ".join(line.split()) for line in report.left_out[:_SHOWN])
        more = "；……" if len(report.left_out) > _SHOWN else ""
        yield f"当作页眉页脚、没有算进正文的有{len(report.left_out)}行：{shown}{more}"


def _told_document(document: DocumentReport) -> Iterator[str]:
    extent = (
        f"{document.clauses}条，从{document.first}到{document.last}" if document.clauses else "没有认出条款"
    )
    yield f"《{document.title}》（{document.id}）：{extent}，{_STATES[document.state]}"
    for warning in document.warnings:
        yield f"  请核对：{warning}"
