"""No process serves anybody with a data key that is not the database's."""

from __future__ import annotations

import sys

from bot.errors import WuchangError
from bot.storage.keycheck import check_here


def require_key() -> None:
    """End this process with status 2, and the reason in words, where the key is lost or another one."""
    try:
        check_here()
    except WuchangError as error:
        print(f"wuchang: {error}", file=sys.stderr)
        sys.exit(2)
