"""What the modules of commands share."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot import batch

Command = Callable[[argparse.Namespace], int]
Table = Mapping[str, tuple[Command, str]]


def add(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    """Add the command `name`; `text` is its help."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def add_all(commands: Any, table: Table) -> None:
    """Add commands without arguments: their name, what runs them, their help."""
    for name, (run, text) in table.items():
        add(commands, name, run, text)


def group(commands: Any, name: str, text: str, *, of: str) -> Any:
    """A command with commands of its own (`of` names them), as `wuchang places import`; several modules may add to one."""
    known = commands.choices.get(name)
    if known is not None:
        return next(one for one in known._actions if isinstance(one, argparse._SubParsersAction))
    return commands.add_parser(name, help=text).add_subparsers(required=True, metavar=of)


def door(handler: batch.Handler) -> int:
    """JSON Lines from standard input through `handler` to standard output; the exit status."""
    return batch.run(handler, sys.stdin.buffer, sys.stdout.buffer)


def listing(produce: Callable[[Any], Iterable[Mapping[str, Any]]], *, public: bool = False) -> int:
    """What `produce` lists of the database, one line each; the exit status.

    Phones are masked, but in what is `public`: published texts and approved answers.
    """
    from bot.masked import masked
    from bot.storage.database import migrate, session_scope
    from bot.storage.sealed import going_on

    migrate()
    with session_scope() as session, going_on():
        lines = produce(session)
        return batch.write_all(lines if public else map(masked, lines), sys.stdout.buffer)


def user() -> str:
    """The user of the machine, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def who() -> str:
    """The same, as the audit names who typed a command."""
    return f"{user()} (wuchang)"
