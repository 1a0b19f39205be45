"""How often one address may try: counted in memory, for one process."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

MOST_ADDRESSES = 10_000


class Throttle:
    """At most `most` tries of one address within `seconds`.

    Of more than `MOST_ADDRESSES` addresses the longest unseen are forgotten, so that the memory has a bound.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        """Count a try; whether it is not one too many."""
        now = self._clock()
        with self._lock:
            tries = self._tries.setdefault(address, deque(maxlen=self._most))
            self._tries.move_to_end(address)
            while len(self._tries) > MOST_ADDRESSES:
                self._tries.popitem(last=False)
            while tries and tries[0] <= now - self._seconds:
                tries.popleft()
            if len(tries) >= self._most:
                return False
            tries.append(now)
            return True
