"""Words of somebody who wants to die: no service of ours, and never answered with a menu."""

from __future__ import annotations

import re

_DYING = re.compile(
    r"(我|俺).{0,6}(想死|不想活|活不下去|去死算|死了算)|不想活了|活着没意思|自杀|轻生|kill myself|want to die|suicide"
)


def speaks_of_dying(text: str) -> bool:
    """True where normalised `text` tells of wanting to die."""
    return bool(_DYING.search(text))
