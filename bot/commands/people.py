"""People: members of staff and their accounts, and deleting what is about somebody."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bot.commands import base
from bot.commands.base import listing
from bot.errors import BadInput, NotFound


def add(commands: Any) -> None:
    """Add the commands of this module."""
    staff = base.group(commands, "staff", "members of staff and their accounts", of="STAFF")
    added = base.add(staff, "add", _staff_add, "note a member of staff")
    added.add_argument("name")
    added.add_argument("--role", help="what they do: water company, village doctor ...")
    base.add(
        staff, "code", _staff_code, "print a one-time code; who sends it in the chat is known as this person"
    ).add_argument("name")
    base.add(staff, "list", _staff_list, "list members of staff with their accounts")
    base.add(staff, "unbind", _staff_unbind, "unbind all accounts of a member of staff").add_argument("name")
    base.add(staff, "remove", _staff_remove, "somebody is no member of staff any more").add_argument("name")
    forget = base.add(commands, "forget", _forget, "delete what is about a person, the conversation too")
    forget.add_argument("channel", nargs="?", help="web, rest ...: as wuchang handovers and others print it")
    forget.add_argument("sender", nargs="?", help="the sender, as printed beside it")
    forget.add_argument("--number", help="instead: whose report, care request or volunteer's number it is")


def _staff_add(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage import staff
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        staff.add(session, name=arguments.name, role=arguments.role, now=clock.now())
    return 0


def _staff_code(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage import staff
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        code = staff.new_code(session, name=arguments.name, now=clock.now())
    print(code)
    return 0


def _staff_list(_arguments: argparse.Namespace) -> int:
    from bot.storage.staff import staff_lines

    return listing(staff_lines)


def _staff_unbind(arguments: argparse.Namespace) -> int:
    from bot.storage import staff
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        print(staff.unbind(session, name=arguments.name))
    return 0


def _staff_remove(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage import staff
    from bot.storage.database import migrate, session_scope

    migrate()
    with session_scope() as session:
        staff.remove(session, name=arguments.name, now=clock.now())
    return 0


def _forget(arguments: argparse.Namespace) -> int:
    from functools import partial

    from bot import clock
    from bot.places.current import current_places
    from bot.settings import settings
    from bot.storage.database import address, migrate, session_scope
    from bot.storage.forget import forget, forget_conversation
    from bot.water.talk.areas import area_of
    from bot.water.talk.emergencies import gist

    migrate()
    with session_scope() as session:
        channel, sender = _whom(session, arguments)
        done = forget(
                session, channel=channel, sender=sender, now=clock.now(),
                gist=partial(gist, places=current_places(clock.now())), area=area_of,
            )  # fmt: skip
    events = forget_conversation(settings().tracker_url or address(), sender)
    deleted = {**done.deleted, "events": events}
    told = {
        "deleted": {name: count for name, count in deleted.items() if count},
        "anonymous": {name: count for name, count in done.anonymous.items() if count},
    }
    print(json.dumps(told))
    return 0


def _whom(session: Any, arguments: argparse.Namespace) -> tuple[str, str]:
    from bot.storage.forget import sender_of_number

    if arguments.number:
        found = sender_of_number(session, arguments.number)
        if found is None:
            raise NotFound(f"没有编号 {arguments.number} 的报修、养老申请或志愿者。")
        return found
    if not arguments.channel or not arguments.sender:
        raise BadInput(
            "要删谁的？写通道和 sender（wuchang handovers 等清单里有），或者 --number HN261126-001。"
        )
    return arguments.channel, arguments.sender
