"""How long something takes of a processor, whatever else runs on the machine."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(run: Callable[[], object], tries: int = 3) -> float:
    """The least processor time of this thread over several tries.

    A clock on the wall also counts what others do meanwhile, and a first try what is read and made but once.
    """

    def once() -> float:
        start = time.thread_time()
        run()
        return time.thread_time() - start

    return min(once() for _ in range(tries))
