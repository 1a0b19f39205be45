"""The contract desk for staff: cases, one case as a document, and what people are going to be told."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.commands import base
from bot.commands.base import Table, add_all, listing
from bot.errors import BadInput, NotFound


def add(commands: Any) -> None:
    """Add the commands of this module."""
    add_all(commands, _TABLE)
    outgoing = base.add(
        commands, "outgoing", _outgoing, "list messages that wait to be said to people, and those that were"
    )
    outgoing.add_argument("--failed", action="store_true", help="only those that could not be delivered")
    resend = base.add(commands, "resend", _resend, "have a message that could not be delivered tried again")
    resend.add_argument("id", type=int, help="its id in wuchang outgoing --failed")
    case = base.add(
        commands,
        "case",
        _case,
        "print the checklist of a contract case as Markdown, or write it as a document",
    )
    case.add_argument("number", help="HT261126-001")
    case.add_argument("--docx", type=Path, metavar="FILE", help="write a Word document instead")
    case.add_argument("--reopen", action="store_true", help="open a closed case again first")
    case.add_argument("--md", type=Path, metavar="FILE", help="write Markdown to a file instead")


def _cases(_arguments: argparse.Namespace) -> int:
    from bot.contracts.desk import case_lines

    return listing(case_lines)


def _outgoing(arguments: argparse.Namespace) -> int:
    from bot.storage.outbox import outgoing_lines

    return listing(lambda session: outgoing_lines(session, failed=arguments.failed))


def _resend(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage import outbox
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        if not outbox.retry(session, arguments.id, now=clock.now()):
            raise NotFound(
                f"没有编号 {arguments.id} 的、没送到的消息。用 wuchang outgoing --failed 看有哪些。"
            )
    return 0


def _case(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.answering import cite
    from bot.contracts.desk import find_case, reopen_case
    from bot.contracts.export import to_docx, to_markdown
    from bot.reminding import keep_reminders
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        if arguments.reopen:
            case = reopen_case(session, number=arguments.number, now=clock.now())
            keep_reminders(session, case, language="zh", now=clock.now())
        else:
            case = find_case(session, number=arguments.number)
    markdown = to_markdown(case, cite=cite, now=clock.now())
    if arguments.docx:
        _write(arguments.docx, to_docx(case, cite=cite, now=clock.now()))
    if arguments.md:
        _write(arguments.md, markdown.encode())
    if not arguments.docx and not arguments.md:
        sys.stdout.write(markdown)
    return 0


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"写不进 {path}：{error.strerror}。请换一个有写入权限、已经存在的文件夹。") from error


_TABLE: Table = {
    "cases": (_cases, "list every contract case with what is still open on its checklist"),
}
