"""Questions whether the water may be used: never answered with yes."""

from __future__ import annotations

import re

from bot.water.talk.problems import find_problems

_SAFE = re.compile(
    r"(水|自来水|这水).{0,8}(能不能|可不可以|还能|可以|能|敢不敢|(?<!不)敢).{0,4}(喝|用|吃|煮|洗)"
    r"|(能不能|可不可以|还能|可以|敢不敢|能).{0,4}(喝|用|洗).{0,6}水|水.{0,4}(安全|有没有毒|有毒)"
    r"|(safe|ok|okay).{0,12}(drink|water|use)|can (we|i) (drink|use)"
)

_COST = re.compile(r"要(不要)?(收)?钱|收费|多少钱|要花钱|费用|免费|(is it|for) free|how much|cost")


def asks_for_the_cost(text: str) -> bool:
    """True where normalised `text` asks whether reporting or repairing costs anything."""
    return bool(_COST.search(text)) and len(text) <= 30


_BACK = re.compile(
    r"(水|已经|现在|刚刚?)来(水|了)|来水了|有水了|通水了|(?:水|管).{0,4}(恢复|修好)|^(?!.*[电灯路网门车话]).*(恢复了|修好了)|water is back"
)
_WITHDRAW = re.compile(r"取消|撤(销|掉|回)|报错|不用(来|修|派)|不(要|用)(来|修|派)|弄错|cancel|withdraw")


def says_water_is_back(text: str) -> bool:
    """True where normalised `text` states, and does not ask, that the water is back."""
    return bool(_BACK.search(text)) and not re.search(
        r"没来|不来|还没|没得|没见|吗|没$|没有|不|么|什么|几|[?？]|多久|哪|when", text
    )


_TELLS_MORE = re.compile(r"又|但|还|不过|隔壁|邻居|别人|别个|昨|前天|电话|后来|点")


def says_only_that_water_is_back(text: str) -> bool:
    """True where normalised `text` says so of here and now, and nothing beside it (水来了又走了, 隔壁来水了)."""
    return says_water_is_back(text) and not _TELLS_MORE.search(text) and not find_problems(text)


def takes_report_back(text: str) -> bool:
    """True where normalised `text` wants a report withdrawn."""
    return bool(_WITHDRAW.search(text))


def asks_whether_water_is_safe(text: str) -> bool:
    """True where normalised `text` asks whether the water may be drunk or used."""
    return bool(_SAFE.search(text)) and bool(re.search(r"吗|不|么|[?？]|没|safe|can", text))
