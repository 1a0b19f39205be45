"""The command `wuchang`: batch doors, listings for staff, imports, training and serving."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from bot.commands import (
    answers,
    channels,
    desk,
    documents,
    doors,
    imports,
    incident_desk,
    keys,
    listings,
    operation,
    people,
    telegram,
)
from bot.errors import WuchangError

_MODULES = (
    operation, doors, listings, people, answers, desk, incident_desk, keys, imports, documents, channels, telegram,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status (2 for a fault that concerns the whole run)."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except WuchangError as error:
        print(f"wuchang: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wuchang", description="屋场助手: commands for staff and operators")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _MODULES:
        module.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
