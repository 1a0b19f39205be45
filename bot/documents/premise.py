"""A wrong figure that a question takes for given: 是不是5个工作日就审完 is told that it is not five.

Only where the question asks for nothing but a yes (停了5天是几级 takes nothing for given), and where the answer has
figures of the same kind, none of which is the one that was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.nlu.normalise import normalise
from bot.nlu.numerals import NUMBER, parse

# Units that can be told apart from each other, with those that people use for the same.
_UNITS = {
    "days": "个?工作日|天|日(?!常)", "hours": "个?(?:小时|钟头)", "minutes": "分钟", "months": "个月", "years": "年(?![度底初])",
    "households": "户", "people": "(?:个|名)?人", "money": "万?元|块钱?", "share": "%|％", "kinds": "种|类|条|项|级|个组|组",
}  # fmt: skip
_FIGURE = {kind: re.compile(rf"(?P<n>{NUMBER})\s*(?:{unit})") for kind, unit in _UNITS.items()}
_TAKES_FOR_GIVEN = re.compile(
    r"是不是|不是.{1,16}吗|吧|对不对|对吗|是吗|记得|听说|听讲|难道|就行|就够|就可以|只要"
)
_ASKS_ELSE = re.compile(r"几[级天个人年]|多少|好多|多久|好久|什么|么子|哪|谁|怎么|何式|为何")


def wrong_figure(question: str, answer: str) -> str | None:
    """The figure, as it was said, that `question` takes for given and `answer` contradicts; None where there is none."""
    text = normalise(question).text
    if not _TAKES_FOR_GIVEN.search(text) or _ASKS_ELSE.search(text.replace("是不是", "")):
        return None
    for kind, (value, start, end) in _figures(text):
        told = {other for other_kind, (other, _, _) in _figures(normalise(answer).text) if other_kind == kind}
        if told and value not in told:
            return question[start:end] if len(question) == len(text) else text[start:end]
    return None


def _figures(text: str) -> Iterator[tuple[str, tuple[float, int, int]]]:
    for kind, pattern in _FIGURE.items():
        for match in pattern.finditer(text):
            number = parse(match["n"])
            if number is not None and number.low == number.high:
                yield kind, (number.value, *match.span())
