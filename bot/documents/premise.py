"""A wrong figure that a question takes for given: 是不是5个工作日就审完 is told that it is not five.

A figure of an answer is a bound where it says so (不少于7个工作日, 30日内): eight days are not wrong then, and the
twentieth is none either. Only where the question asks for nothing but a yes (停了5天是几级 takes nothing for given).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.nlu.normalise import normalise
from bot.nlu.numerals import NUMBER, parse

# Kinds of figures that can be compared, with the units that people use for them and their size.
_UNITS = {
    "days": (("个?工作日|个?自然日|日历天|天|日(?!常)", 1.0),),
    "time": (("个?(?:小时|钟头)", 60.0), ("分钟", 1.0)),
    "months": (("个月", 1.0),),
    "years": (("年(?:底|初|末)|年(?!度)", 1.0),),
    "households": (("户", 1.0),),
    "people": (("(?:个|名)?人", 1.0),),
    "kinds": (("种|类|条|项|样|个组|组|个(?:单位|部门|成员)?(?=$|[^\u4e00-\u9fff]|[对吧吗])", 1.0),),
    "share": (("%", 1.0),),
    "money": (("亿元?(?!人)", 1e8), ("万元", 1e4), ("元", 1.0)),
    "length": (("公里", 1.0),),
    "weight": (("万吨", 1e4), ("吨", 1.0)),
}
_FIGURE = {
    kind: tuple((re.compile(rf"(?P<n>{NUMBER})\s*(?:{unit})"), size) for unit, size in units)
    for kind, units in _UNITS.items()
}
_AT_LEAST = re.compile(r"(?:不少于|至少|不低于|不得少于|超过|满)\s*$")
_AT_LEAST_BEHIND = re.compile(r"^(?:以上|及以上|或以上)")
_AT_MOST = re.compile(r"(?:不超过|最多|最迟|不得超过|至多)\s*$")
_AT_MOST_BEHIND = re.compile(r"^(?:以内|之内|内|以下|前)")
_TAKES_FOR_GIVEN = re.compile(
    r"是不是|不是.{1,16}吗|吧|对不对|对吗|是吗|记得|听说|听讲|难道|就行|就够|就可以|只要"
    r"|是[\d一二两三四五六七八九十百]+[^,，。;；?？]{1,8}吗"
)
_SUFFICES = re.compile(r"就(?:行|够|可以|好|能)|只要|够了")
# Before a figure: the question states the rule itself (是1小时内对吧), and a stricter one is not it.
_STATES = re.compile(r"(?:是不?是?|规定|必须|要求)(?:在)?$")
_ASKS_ELSE = re.compile(r"几[级天个人年]|多少|好多|多久|好久|什么|么子|哪|谁|怎么|何式|为何")
_ROUGH = re.compile(r"[多余来]|左右|大概|约|差不多|第")


@dataclass(frozen=True)
class _Figure:
    """A figure of a text: its value in the smallest unit, what it bounds ("", "least", "most"), where it stands.

    `days`: "working", "natural" or "calendar" (天, 日: of a question either) where it counts days.
    `stated`: it is said to be the very rule (是1小时内).
    """

    kind: str
    value: float
    bounds: str
    start: int
    end: int
    days: str = ""
    stated: bool = False

    def allows(self, value: float) -> bool:
        """Whether a value keeps to this figure of an answer."""
        if self.bounds == "least":
            return value >= self.value
        return value <= self.value if self.bounds == "most" else value == self.value

    def within(self, told: _Figure) -> bool:
        """Whether a bound of a question can be that of an answer: a last day is no shortest time."""
        if self.bounds and told.bounds and self.bounds != told.bounds:
            return self.bounds == "least"
        return not (self.stated and self.bounds and told.bounds) or self.value == told.value

    def agrees(self, told: _Figure) -> bool:
        """Whether a figure of a question means the days that an answer's does: 30个工作日 are not 30日."""
        if told.days == "working":
            return self.days != "natural"
        return self.days != "working" or told.days != "calendar"


def wrong_figure(question: str, answer: str) -> str | None:
    """The figure, as it was said, that `question` takes for given and no figure of `answer` allows; None where none is."""
    text = normalise(question).text
    if not _TAKES_FOR_GIVEN.search(text) or _ASKS_ELSE.search(text.replace("是不是", "")):
        return None
    told = list(_figures(normalise(answer).text))
    for said in _figures(text):
        same_kind = [figure for figure in told if figure.kind == said.kind]
        rough = _ROUGH.search(text[max(0, said.start - 2) : said.end + 2])
        fits = [figure for figure in same_kind if figure.allows(said.value) and said.agrees(figure)]
        if same_kind and not rough and not any(said.within(figure) for figure in fits):
            words = question if len(question) == len(text) else text
            # Of 15个工作日内 only the bound is wrong where the answer says no fewer than seven.
            return words[said.start : said.end + (_bound_behind(text[said.end :]) if fits else 0)]
    return None


def _bound_behind(text: str) -> int:
    """The length of 内, 以内 or 之内 directly behind a figure."""
    found = re.match(r"[以之]?内", text)
    return found.end() if found else 0


def _figures(text: str) -> Iterator[_Figure]:
    for kind, patterns in _FIGURE.items():
        for pattern, size in patterns:
            for match in pattern.finditer(text):
                number = parse(match["n"])
                ordinal = text[match.start() - 1 : match.start()] == "第"  # the fifth of six
                if number is not None and number.low == number.high and not ordinal:
                    yield _Figure(
                        kind,
                        number.value * size,
                        _bounds(text, *match.span()),
                        *match.span(),
                        _days(match[0]),
                        bool(_STATES.search(text[: match.start()]) and not _SUFFICES.search(text)),
                    )


def _days(said: str) -> str:
    if "工作日" in said:
        return "working"
    return "natural" if re.search("自然日|日历天", said) else "calendar" if said[-1] in "天日" else ""


def _bounds(text: str, start: int, end: int) -> str:
    before, behind = text[max(0, start - 6) : start], text[end : end + 3]
    if _AT_LEAST.search(before) or _AT_LEAST_BEHIND.match(behind):
        return "least"
    return "most" if _AT_MOST.search(before) or _AT_MOST_BEHIND.match(behind) else ""
