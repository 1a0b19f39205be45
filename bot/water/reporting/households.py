"""What tells one household from the next: the same for all its reports, and unreadable without the data key."""

from __future__ import annotations

import re

from bot.storage.sealed import fingerprint
from bot.water.talk.areas import is_one_house, without_blanks


def household_of(
    *, phone: str | None, township: str | None, detail: str, channel: str, sender: str
) -> str:  # fmt: skip
    """What is the same for all reports of one household: of its phone, else its house, else the person who writes.

    A keyed fingerprint: without the data key nobody can tell from it which phone or house it was.
    """
    if phone:
        own = f"phone {re.sub(r'[^0-9]', '', phone)}"
    elif is_one_house(detail):
        own = f"house {township or ''} {without_blanks(detail)}"
    else:
        own = f"person {channel} {sender}"
    return fingerprint("household", own)
