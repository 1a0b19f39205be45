"""Which process holds something that is noted in the database, and whether that process is gone.

A note of a process that fell need not be waited for where it can be seen that it fell: on the same machine, in the
same container. Of a process elsewhere nothing is known, so its note holds until its time is over.
"""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import count
from pathlib import Path

_PROC = Path("/proc")
_numbers = count(1)


def new_owner() -> str:
    """A name for somebody in this process, at most 96 characters: where it runs, which process, its start, a number."""
    pid = os.getpid()
    return f"{_where()} {pid} {_started(pid)} {next(_numbers)}"


def is_gone(owner: str) -> bool:
    """Whether the process of `owner` surely runs no more; False where it runs, or nothing is known of it."""
    where, _, rest = owner.partition(" ")
    process = rest.split()
    if where != _where() or len(process) != 3 or not process[0].isdecimal():
        return False
    return _started(int(process[0])) != process[1]


@lru_cache(maxsize=1)
def _where() -> str:
    """The boot of the machine and the space in which numbers of processes are unique."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:  # no Linux: nothing is known of any other process
        return f"unknown-{os.urandom(8).hex()}"


def _started(pid: int) -> str:
    """When a process began, in ticks since the boot; "-" where there is none."""
    try:
        # The name, in brackets, may hold anything; the start is the 22nd field, the 20th behind it.
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "-"
