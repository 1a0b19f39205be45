"""What staff do about questions: see what was not answered, approve answers, take them back."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from bot.commands import base
from bot.commands.base import listing


def add(commands: Any) -> None:
    """Add the commands of this module."""
    questions = base.add(
        commands, "questions", _questions, "list questions not answered, and answers of no use"
    )
    only = questions.add_mutually_exclusive_group()
    only.add_argument("--unanswered", action="store_true", help="only those that still have no answer")
    only.add_argument("--votes", action="store_true", help="only votes, useful ones too")
    answers = base.group(commands, "answers", "answers that staff approved", of="add|list|withdraw")
    adding = base.add(answers, "add", _add, "approve an answer: it wins from now on, without a training")
    adding.add_argument(
        "--question", action="append", required=True, help="the question; again for other wordings of it"
    )
    adding.add_argument("--answer", required=True, help="what is said, at most 2,000 characters")
    adding.add_argument(
        "--clause", action="append", default=[], help="id of a clause it rests on: contract/19"
    )
    adding.add_argument("--by", required=True, help="who approves it")
    base.add(answers, "list", _list, "list every approved answer, withdrawn ones too")
    withdrawing = base.add(answers, "withdraw", _withdraw, "an approved answer holds no longer")
    withdrawing.add_argument("id", type=int, choices=range(1, 2**31), metavar="ID")


def _questions(arguments: argparse.Namespace) -> int:
    from bot.documents.votes import question_lines

    return listing(partial(question_lines, unanswered=arguments.unanswered, votes=arguments.votes))


def _add(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.documents.approved import approve
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        print(
            approve(
                session, questions=arguments.question, answer=arguments.answer, clauses=arguments.clause,
                by=arguments.by, now=clock.now(),
            )
        )  # fmt: skip
    return 0


def _list(_arguments: argparse.Namespace) -> int:
    from bot.documents.approved import approved_lines

    return listing(approved_lines, public=True)


def _withdraw(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.documents.approved import withdraw
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        withdraw(session, arguments.id, now=clock.now())
    return 0
