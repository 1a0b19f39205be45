"""How often a name may be tried at the log-in. Pure functions.

Strangers share the name's counter: a thousand addresses have no more guesses together than one. A browser that logged
in with the name before has a counter of its own, or whoever knows a name could keep its owner out by guessing wrong
(OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 5
LOCKED = timedelta(minutes=15)


@dataclass(frozen=True)
class Count:
    """Wrong tries since the last right one, or since the last lock was over."""

    failures: int = 0
    locked_until: datetime | None = None


def counted(count: Count, now: datetime) -> Count | None:
    """The count after one more try, which is taken for wrong until it was found right; None where none is left."""
    if count.locked_until is not None and count.locked_until > now:
        return None
    failures = 1 if count.locked_until is not None else count.failures + 1
    return Count(failures, now + LOCKED if failures >= MOST else None)


def take(strangers: Count, own: Count | None, now: datetime) -> tuple[bool, Count, Count | None]:
    """Whether a try is left, and both counters after it. `own` is that of a browser which is known, and is drawn on
    instead of the strangers': neither locks the other."""
    if own is None:
        after = counted(strangers, now)
        return after is not None, after or strangers, None
    after = counted(own, now)
    return after is not None, strangers, after or own
