"""Questions whether the water may be used: never answered with yes."""

from __future__ import annotations

import re

_SAFE = re.compile(
    r"(水|自来水|这水).{0,8}(能不能|可不可以|还能|可以|能|敢).{0,4}(喝|用|吃|煮|洗)"
    r"|(能不能|可不可以|还能|可以|敢不敢).{0,4}(喝|用|洗).{0,6}水|水.{0,4}(安全|有没有毒|有毒)"
    r"|(safe|ok|okay).{0,12}(drink|water|use)|can (we|i) (drink|use)"
)


def asks_whether_water_is_safe(text: str) -> bool:
    """True where normalised `text` asks whether the water may be drunk or used."""
    return bool(_SAFE.search(text)) and bool(re.search(r"吗|不|么|[?？]|没|safe|can", text))
