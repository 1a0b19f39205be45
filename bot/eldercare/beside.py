"""A wish for care that is told in the same breath as something else: kept, so that it is not lost."""

from __future__ import annotations

import re

from bot.eldercare.services import find_services

_CARE = re.compile(r"照顾|照看|照料|护理|服侍|陪护")
_WISH = re.compile(
    r"有人(能|来|可以)|(能|可)不(能|可以?)|有没有人?|(想|要|得)(请|找|个|人)|请(个|人)|找(个|人)|上门|帮忙|登记|申请"
)
_OF_WHOM = re.compile(
    r"爸|妈|爹|娘|爷|奶|公|婆|嗲|娭毑|父|母|老人|老伴|老头|瘫|\d+岁|[七八九]十[^户家]{0,2}岁?"
)
_OF_WATER = re.compile(r"水|管|龙头|修")
_ENDS = re.compile(r"[，,。；;！!？? ]+")


def care_beside(text: str) -> str | None:
    """The part of normalised `text` that asks for somebody's care beside an outage; None where there is none.

    三塘镇老街停水，还有我娘瘫在床上，有人能来照顾吗 gives 我娘瘫在床上，有人能来照顾吗; 没水做饭了，能来修吗 gives None.
    """
    parts = [part for part in _ENDS.split(text) if part]
    asks = next(
        (
            n
            for n, part in enumerate(parts)
            if (_CARE.search(part) or find_services(part))
            and _WISH.search(part)
            and not _OF_WATER.search(part)
        ),
        None,
    )
    if asks is None:
        return None
    before = parts[asks - 1] if asks else ""
    whom = before if _OF_WHOM.search(before) and not _OF_WATER.search(before) else ""
    if not whom and not _OF_WHOM.search(parts[asks]):
        return None
    return re.sub(r"^(还有|另外|顺便|再就是)", "", "，".join(part for part in (whom, parts[asks]) if part))
