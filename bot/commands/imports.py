"""Imports of tables; nothing is changed where a file has a fault."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bot.commands import base


def add(commands: Any) -> None:
    """Add the commands of this module."""
    for name, run, text in (
        ("points", _import_points, "service points (CSV)"),
        ("places", _import_places, "townships and villages (CSV)"),
        ("holidays", _import_holidays, "days off and make-up days of a year (CSV, JSON or YAML)"),
    ):
        imports = base.group(commands, name, f"import {text}", of="import")
        command = base.add(
            imports, "import", run, f"import {text}; nothing is changed where the file has a fault"
        )
        command.add_argument("file", type=Path)
        if name == "points":
            command.add_argument(
                "--replace", action="store_true", help="remove points that the file does not hold"
            )
    zones = base.group(commands, "zones", "supply zones with their households", of="import|list")
    command = base.add(
        zones,
        "import",
        _import_zones,
        "import supply zones (CSV) in the place of those before; nothing is changed where the file has a fault",
    )
    command.add_argument("file", type=Path)
    base.add(zones, "list", _zones, "list every supply zone")


def _import_points(arguments: argparse.Namespace) -> int:
    from bot.eldercare.points import import_points, read_points
    from bot.storage.database import migrate, session_scope

    rows = read_points(arguments.file)
    migrate()
    with session_scope() as session:
        print(import_points(session, rows, replace=arguments.replace), file=sys.stderr)
    return 0


def _import_places(arguments: argparse.Namespace) -> int:
    from bot.places.importer import import_places, read_places
    from bot.storage.database import migrate, session_scope

    rows = read_places(arguments.file)
    migrate()
    with session_scope() as session:
        print(import_places(session, rows), file=sys.stderr)
    return 0


def _import_holidays(arguments: argparse.Namespace) -> int:
    from bot.contracts.calendars import store_years
    from bot.contracts.holiday_table import load_holidays
    from bot.storage.database import migrate, session_scope

    years = load_holidays(arguments.file)
    migrate()
    with session_scope() as session:
        store_years(session, years)
    print(f"loaded {', '.join(str(year) for year in sorted(years))}", file=sys.stderr)
    return 0


def _import_zones(arguments: argparse.Namespace) -> int:
    from bot import clock
    from bot.storage.database import migrate, session_scope
    from bot.water.reporting.zones import import_zones

    migrate()
    with session_scope() as session:
        print(import_zones(session, arguments.file, clock.now()), file=sys.stderr)
    return 0


def _zones(_arguments: argparse.Namespace) -> int:
    from bot.water.reporting.zones import zone_lines

    return base.listing(zone_lines)
