"""Whether the water is back, in the words of somebody who was asked: yes, no, or something else."""

from __future__ import annotations

import re

_LONGEST = 24  # what is longer tells more, and belongs to where such things are understood
_NO = re.compile(
    r"没(有)?来|没(有)?(水|好|恢复|正常|通)|还没|冇来|冇得?水|不(正常|行|来|好|清)|又(停|没|断)|来了又|停(着|了)|没得水|浑|发黄|黄的|臭"
    r"|not yet|no water|still (no|not|out)|isn'?t|not (back|normal)"
)
_BARE_NO = re.compile(r"(没|没有|不|还没|冇|没得|no|nope)[的呢啊哦呀了，,。.!！~ ]*")
_YES = re.compile(
    r"来(水)?(了|哒|咯|啦)|有水|通水|恢复了|正常了?|(都|已经)?好(了|哒|咯)|来着水|水来|(it is|it'?s|water is) (back|normal|fine)|normal|\bback\b"
)
_BARE_YES = re.compile(r"(来|有|是|是的|嗯|嗯嗯|对|对的|yes|yeah|yep)[的呢啊哦呀了，,。.!！~ ]*")
# Others, another time, a question, or thanks alone: no answer for one's own home.
_ELSE = re.compile(
    r"[?？吗]|什么时候|几点|多久|好久|怎么|为什么|谁来|人来|来人|师傅来|什么|隔壁|邻居|别人|别个|昨|前天|when|how long"
)


def water_is_back(text: str) -> bool | None:
    """What normalised `text` answers to 水来了吗: True, False, or None where it is no answer.

    A no wins where both are in it (来了又停了, 隔壁来了我家没来).
    """
    said = text.strip()
    if not said or len(said) > _LONGEST:
        return None
    if _BARE_NO.fullmatch(said):
        return False
    if _BARE_YES.fullmatch(said):
        return True
    mine = re.sub(r"(隔壁|邻居|别人|别个)[^，,。]*?(来|有水|好)[了哒]?[，,。 ]?", "", said)
    if _NO.search(mine) and not re.search(r"[?？吗]|什么时候|几点|多久|好久|为什么|怎么|when|how long", mine):
        return False
    return True if _YES.search(said) and not _ELSE.search(said) else None
