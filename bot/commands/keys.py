"""Keys of programs that use Open311 or the API of the desk."""

from __future__ import annotations

import argparse
from typing import Any

from bot.commands import base
from bot.commands.base import listing


def add(commands: Any) -> None:
    """Add the commands of this module."""
    desk = base.group(commands, "desk", "the incident desk", of="DESK")
    keys = base.group(desk, "key", "keys of programs that report and read through the API", of="KEY")
    adding = base.add(keys, "add", _add, "make a key for a program and print it, once")
    adding.add_argument("name")
    adding.add_argument(
        "--scope",
        action="append",
        choices=("open311", "desk"),
        help="what it opens: reporting through Open311 (the default), reading the desk's API; give both for both",
    )
    base.add(keys, "list", _list, "list the keys by name")
    base.add(keys, "revoke", _revoke, "a program's key counts no more").add_argument("name")


def _add(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.desk import apikeys
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        key = apikeys.add(
            session,
            name=arguments.name,
            by=base.who(),
            scopes=arguments.scope or [apikeys.OPEN311],
            now=clock.now(),
        )
    print(key)
    return 0


def _list(_arguments: argparse.Namespace) -> int:
    from bot.desk.apikeys import key_lines

    return listing(key_lines)


def _revoke(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.desk import apikeys
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        apikeys.revoke(session, name=arguments.name, by=base.who(), now=clock.now())
    return 0
