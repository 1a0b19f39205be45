"""Listings for staff, one JSON line a row, and closing what is over."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.commands import base
from bot.commands.base import Table, add_all, listing
from bot.errors import BadInput

INCIDENTS = "SJ"  # what the number of an incident begins with


def add(commands: Any) -> None:
    """Add the commands of this module."""
    add_all(commands, _TABLE)
    close = base.add(
        commands, "close", _close, "close an incident with its reports, or one report: the water is back"
    )
    close.add_argument("number", help="SJ261123-001 or HN261123-001")
    close.add_argument("--reason", default="", help="why it is closed before its response was ended")
    duties = base.add(
        commands,
        "duties",
        _duties,
        "list the duties of open incidents, or of one, with due times and what is done",
    )
    duties.add_argument("number", nargs="?", help="SJ261123-001")
    photos = base.add(commands, "photos", _photos, "write the photos and files of a report into a folder")
    photos.add_argument("number", help="HN261123-001")
    photos.add_argument("--out", type=Path, default=Path("."), help="the folder; default: the current one")
    phone = base.add(commands, "phone", _phone, "print the whole phone number of somebody to call back")
    phone.add_argument("number", nargs="?", help="HN261123-001, YL..., ZY..., or the id of a handover")
    phone.add_argument("--log", action="store_true", help="list who had which phone shown")


def _reports(_arguments: argparse.Namespace) -> int:
    from bot.water.telling.standing import report_lines

    return listing(report_lines)


def _incidents(_arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.water.incidents.incidents import incident_lines

    return listing(lambda session: incident_lines(session, clock.now()))


def _duties(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.water.duty.duty_lines import duty_lines

    return listing(lambda session: duty_lines(session, clock.now(), number=arguments.number))


def _care(_arguments: argparse.Namespace) -> int:
    from bot.eldercare.wishes import care_lines

    return listing(care_lines)


def _volunteers(_arguments: argparse.Namespace) -> int:
    from bot.eldercare.wishes import volunteer_lines

    return listing(volunteer_lines)


def _subscriptions(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import subscription_lines

    return listing(subscription_lines)


def _handovers(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import handover_lines

    return listing(handover_lines)


def _feedback(_arguments: argparse.Namespace) -> int:
    from bot.storage.inbox import feedback_lines

    return listing(feedback_lines)


def _records(_arguments: argparse.Namespace) -> int:
    from bot.contracts.records import record_lines

    return listing(record_lines)


def _close(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage.database import migrate, session_scope
    from bot.water.incidents.closing import close_incident, close_report

    migrate()
    given = {"number": arguments.number, "by": base.user(), "now": clock.now(), "reason": arguments.reason}
    with session_scope() as session:
        if arguments.number.strip().upper().startswith(INCIDENTS):
            done = close_incident(session, **given)
            print("\n".join((done.number, *done.reports)))
        else:
            print("\n".join(close_report(session, **given)))
    return 0


def _photos(arguments: argparse.Namespace) -> int:
    from bot.storage.database import migrate, session_scope
    from bot.water.reporting.photos import photos_of

    migrate()
    number = arguments.number.strip().upper()
    with session_scope() as session:
        found = photos_of(session, number)
    if not found:
        print(f"{number} has no photos", file=sys.stderr)
        return 0
    arguments.out.mkdir(parents=True, exist_ok=True)
    for i, kept in enumerate(found, 1):
        # The name that a person gave never becomes a path.
        path = arguments.out / f"{number}-{i}{Path(kept.name).suffix}"
        path.write_bytes(kept.body)
        print(path)
    return 0


def _phone(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage.database import migrate, session_scope
    from bot.storage.phones import look_up, lookup_lines

    if arguments.log:
        return listing(lookup_lines)
    if not arguments.number:
        raise BadInput("要哪个的电话？写编号（HN261126-001），或者 wuchang handovers 里的 id。")
    migrate()
    with session_scope() as session:
        found = look_up(session, number=arguments.number, by=base.user(), now=clock.now())
    for phone in found.phones:  # once the look-up is noted
        print("\t".join(part for part in (phone, found.name) if part))
    return 0


_TABLE: Table = {
    "reports": (_reports, "list every outage report"),
    "incidents": (_incidents, "list every incident with its grade"),
    "care": (_care, "list every care request"),
    "volunteers": (_volunteers, "list every volunteer"),
    "subscriptions": (_subscriptions, "list who wants to be told of outages where"),
    "handovers": (_handovers, "list conversations that wait for a person, urgent ones first"),
    "feedback": (_feedback, "list suggestions for the village meeting"),
    "records": (_records, "list every contract checklist and draft review that was given"),
}
