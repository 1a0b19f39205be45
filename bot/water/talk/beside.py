"""An outage that is told in the same breath as something else: kept, so that it is not lost."""

from __future__ import annotations

import re

from bot.water.talk.problems import find_problems

_BESIDES = re.compile(r"还|另外|顺便|再就是")


def outage_beside(text: str) -> int | None:
    """Where an outage that normalised `text` tells before it wishes for care ends; None where it tells of none.

    停水了，还想请人给我爸送饭 ends it before 还.
    """
    besides = _BESIDES.search(text)
    return besides.start() if besides and find_problems(text[: besides.start()]) else None
