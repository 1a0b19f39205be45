"""A question of several parts, as people write it: 三百户停两天是几级 谁来管; 县里的合同谁签字，签好存哪里."""

from __future__ import annotations

import re

from bot.nlu.normalise import normalise

# Where a part may end. A space counts between Chinese words alone.
_ENDS = re.compile(
    r"[,，;；。?？!！、]|(?<=[^ -~]) +(?=[^ -~])|还有|以及|另外|再就是|再一个|顺便(?:问[一下]*)?|同时|和"
    r"|\band (?=who|whom|what|when|how|where|which|is|are|does|do|must|can)"
)
_ASKS = re.compile(
    r"谁|哪|什么|么子|几|多少|多久|怎么|吗|呢|是否|何|咋|啥|有没有|(?P<one>.)[不没](?P=one)"
    r"|\b(?:who|whom|whose|what|when|how|where|which|is|are|does|do|must|can)\b"
)
# 行不行, 是吗: of what was said before, not a question by itself.
_SHORTEST = 2
_SHORTEST_PART = 3


def parts_of(question: str) -> tuple[str, ...]:
    """The parts of `question` that ask something, each with what was told before it; () where it is one question.

    拿股室名义签了合同 行不行 出事怎么处理: 拿股室名义签了合同 行不行, and 出事怎么处理.
    """
    parts: list[str] = []
    told = ""
    for piece in filter(None, (piece.strip() for piece in _ENDS.split(question) if piece)):
        text = normalise(piece).text
        if not _ASKS.search(text):
            told = f"{told} {piece}".strip()
        elif len(re.sub(r"\W", "", _ASKS.sub("", text))) < _SHORTEST and not told and parts:
            parts[-1] += f" {piece}"
        else:
            parts.append(f"{told} {piece}".strip())
            told = ""
    if told and parts:
        parts[-1] += f" {told}"
    whole = tuple(part for part in parts if len(part) >= _SHORTEST_PART)
    return whole if len(whole) > 1 else ()
