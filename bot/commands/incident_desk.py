"""The incident desk: serving it, its users, and the audit of what was done from it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bot.commands import base
from bot.commands.base import listing


def add(commands: Any) -> None:
    """Add the commands of this module."""
    desk = base.group(commands, "desk", "the incident desk: serve it, let people in", of="DESK")
    base.add(desk, "serve", _serve, "serve the incident desk alone (wuchang serve does it too)")
    admin = base.add(desk, "admin", _admin, "print a one-time link that sets an admin's password")
    admin.add_argument("name", help="the admin's name; a new one is made")
    admin.add_argument(
        "--drop-totp", action="store_true", help="they lost the phone with their one-time codes"
    )
    base.add(desk, "users", _users, "list who may log in to the incident desk")
    audit = base.group(commands, "audit", "what was done from the incident desk", of="AUDIT")
    base.add(audit, "list", _audit_list, "list every change made from the desk, the latest first")
    verify = base.add(audit, "verify", _audit_verify, "look whether that list was changed afterwards")
    verify.add_argument(
        "--head", default="", help="a head that was printed earlier: is it still in the list?"
    )


def _serve(_arguments: argparse.Namespace) -> int:
    from bot.desk.__main__ import main
    from bot.storage.database import migrate

    migrate()
    return main()


def _admin(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.desk import links
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        link = links.for_admin(
            session,
            name=arguments.name,
            by=base.who(),
            drop_totp=arguments.drop_totp,
            now=clock.now(),
        )
    print(link)
    return 0


def _users(_arguments: argparse.Namespace) -> int:
    from bot.desk.users import user_lines

    return listing(user_lines)


def _audit_list(_arguments: argparse.Namespace) -> int:
    from bot.desk.audit import audit_lines

    return listing(audit_lines)


def _audit_verify(arguments: argparse.Namespace) -> int:
    from bot.desk.audit import verify
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        found = verify(session, head=arguments.head)
    told = {"holds": found.holds, "lines": found.lines, "head": found.head, "fault": found.fault}
    print(json.dumps(told, ensure_ascii=False))
    return 0 if found.holds else 1
