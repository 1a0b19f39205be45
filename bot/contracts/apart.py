"""The review of a file that a stranger sent, in a process of its own: see `bot/apart.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.apart import SECONDS, read_apart, serve
from bot.contracts.review import review


def review_apart(path: Path, name: str, seconds: float = SECONDS) -> dict[str, Any]:
    """What `wuchang review` would answer for a file called `name`; blocks until it is there.

    Raises:
        BadInput: it cannot be read, is no contract, or takes too long.
    """
    return read_apart("bot.contracts.apart", path, name, seconds)


if __name__ == "__main__":
    serve(lambda path, name: review(str(path), name).as_dict())
