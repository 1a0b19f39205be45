"""The figures of 3.2 that a question gives: households, hours, dead, poisoned, people to be moved, each as it was said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot import clock
from bot.documents.outside import is_outside
from bot.grade_words import ASKS_GRADE
from bot.nlu.normalise import Normalised, normalise
from bot.nlu.numerals import NUMBER, find_quantities, parse
from bot.nlu.spans import Span
from bot.nlu.times import find_times

# Figures that are not what they say: below 3000 is not 3000; low pressure is no interruption.
_INEXACT = re.compile(
    rf"(?:不到|不足|少于|没到|未到|没有|将近|接近|快要?)(?:{NUMBER})[个多来]*(?:户|人|名|个?小时|天)"
    rf"|(?:{NUMBER})[个多来]*(?:户|人|名|个?小时|天)(?:以下|之下|以内|不到)"
    r"|\b(?:under|below|(?:less|fewer) than|nearly|almost|up to) \d"
)
_PRESSURE = re.compile(r"水压|减压|压力")
_NO_WATER = re.compile(
    r"停水|断水|没水|停了|停供|水停|供水中断|没有水|户停"
    r"|without (?:any )?(?:water|supply)|no water|\b(?:dry|outage|cut off)\b"
)
# Deaths and poisonings that are no matter of this plan, where no word of the question speaks of water.
_ELSEWHERE = re.compile(r"交通事故|车祸|火灾|煤?矿|食物|食堂|房子|工地")
_MOVED = re.compile(r"转移|搬|撤离|撤走|疏散|evacuat|relocat|\bmoved?\b")
_SERIOUS = re.compile(r"重伤|中毒")
_NOT_DEAD = re.compile(r"[烦急累忙冷热气吓愁饿渴痛恨多笑]死")  # 麻烦死了
_DEAD = re.compile(
    rf"(?:死(?:亡|了|掉|人|者|的)?|遇难|丧生|身亡)(?:人数|者)?(?:的|了|有|是|为|达到?|共|大概|大约|约莫?|差不多|估计|可能|[::])*(?P<n>{NUMBER})"
    r"(?:个|名|位|人|(?=[,，。？?]|$))(?!都?没)"
)
_DEAD_BEHIND = re.compile(
    rf"(?P<n>{NUMBER})(?:(?:个|名|位)?人?(?:不幸|当场|已经?)*(?:丧生|身亡|丧命|没救过来|不治)|死(?={NUMBER}[重轻]?伤))"
)
_DEAD_EN = re.compile(
    r"\b(?P<n>\d+)(?: people| persons)?(?: were| are| have| had)? (?:dead|died|killed|deaths?|fatalit(?:y|ies))\b"
)
_POISONED = re.compile(
    rf"(?:中毒|重伤)(?:的|了|有|人数)*(?P<n>{NUMBER})(?:来|多)?(?:个|名|位|人|(?=[,，。？?]|$))"
)
_POISONED_EN = re.compile(
    r"\b(?P<n>\d+)(?: people| persons)?(?: were| are| got)? (?:poisoned|(?:badly|seriously) (?:hurt|injured))\b"
)
# The same without a number: 死了人, 出了人命. Whether anybody died may be just what is asked, or feared.
_SOME_DEAD = re.compile(
    r"死了?(?:一些|不少|好些|好几)?个?(?:人|村民|居民|群众|职工|工人|老人|小孩|孩子|娃)|(?:出|闹出)了?人命"
    r"|有人(?:已经?|当场|不幸)*(?:死|遇难|丧生|身亡|丧命|没救过来|不治)|(?:有|出现|造成|发生)了?(?:人员|人)?死亡"
    r"|(?:不知道|不晓得|不清楚|没说|没数清)死了(?:几|多少)个?人"
    r"|\b(?:people|persons|someone|somebody|residents?|workers?|men|women|a (?:man|woman|child|person))"
    r"(?: (?:have|has|had|were|was|are|is|just|already))* (?:died|dead|killed)\b"
    r"|\b(?:there (?:are|were|was|is|have been|has been)|with|some|several|a) (?:some |several )?(?:deaths?|fatalit(?:y|ies))\b"
)
_MAYBE_DEAD = re.compile(
    r"(?:没(?!说|数清)|无|未|不(?!知道|晓得|清楚|确定)|别|会|怕|担心|差点|险些|免得|防止|避免).{0,4}(?:死|人命|遇难|丧生|身亡)"
    r"|死没死|死了?人(?:吗|么|不|.{0,4}没)"
    r"|\b(?:no ?(?:body|one)|no (?:people|persons?|deaths?|fatalit)|without (?:any )?(?:deaths?|fatal)|how many (?:people|persons|died|dead|deaths)"
    r"|not? (?:died|dead|killed))"
)
# Said by estimate: the figure itself, and what may be just below it.
_ABOUT_BEFORE = re.compile(
    r"(?:大约|大概|大致|约莫?|差不多|估计|估摸着?|可能)(?:有|是|停了?)?$|\b(?:about|around|roughly|approximately|approx\.?|circa|estimated|some) $"
)
_ABOUT_BEHIND = re.compile(r"^(?:左右|上下|的样子|光景|(?: people| persons)? or so\b)")

_NO_END = 100_000  # above each bound of 3.2
_UNITS = {
    "zh": {"households": "停水{}户", "deaths": "死亡{}人", "poisoned_or_seriously_injured": "中毒（重伤）{}人",
           "people_to_relocate": "转移{}人", "interruption_hours": "连续停水{}小时"},
    "en": {"households": "{} households without water", "deaths": "{} dead",
           "poisoned_or_seriously_injured": "{} poisoned or badly hurt", "people_to_relocate": "{} people to be moved",
           "interruption_hours": "{} hours without water"},
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure as it was said.

    Attributes:
        low, high: between which it lies; `high` None: at least `low`.
        about: said by estimate (五千户左右), so that it may be less by a little, too.
    """

    low: float
    high: float | None
    about: bool = False

    @property
    def least(self) -> float:
        """What it is at the least: of an estimate just below the figure that was said."""
        return max(self.low - self.about, 0)

    @property
    def most(self) -> float:
        """What it is at the most."""
        return _NO_END if self.high is None else self.high

    def spoken(self, tongue: str) -> str:
        """3000, 约3000, 2900到3500, 至少1."""
        about, to, at_least = {"zh": ("约", "到", "至少"), "en": ("about ", " to ", "at least ")}[tongue]
        if self.high is None:
            return f"{at_least}{self.low:g}"
        if self.low == self.high:
            return f"{about if self.about else ''}{self.low:g}"
        return f"{self.low:.0f}{to}{self.high:.0f}"


Figures = Mapping[str, Figure]  # by the fact of data/law/water/facts.yml


def figures_of(question: str) -> Figures:
    """The facts of 3.2 that `question` gives as figures; {} where one is given twice or none counts."""
    source = normalise(question)
    text = source.text
    if _INEXACT.search(text) or is_outside(question) or (_ELSEWHERE.search(text) and "水" not in text):
        return {}
    return {} if _PRESSURE.search(text) and not _NO_WATER.search(text) else _figures(source)


def spoken(figures: Figures, tongue: str) -> str:
    """停水3000户，连续停水36小时."""
    said = (_UNITS[tongue][name].format(figure.spoken(tongue)) for name, figure in figures.items())
    return ("，" if tongue == "zh" else ", ").join(said)


def _figures(source: Normalised) -> Figures:
    text, found = source.text, dict[str, set[Figure]]()
    for span in find_quantities(source):
        if _counts(span, text) and (name := _fact(str(span.data["role"]), text)):
            found.setdefault(name, set()).add(
                _read(text, (span.start, span.end), span.data["low"], span.data["high"])
            )
    found.pop("deaths" if _NOT_DEAD.search(text) else "", None)
    for name, pattern in (
        ("deaths", _DEAD), ("deaths", _DEAD_BEHIND), ("deaths", _DEAD_EN), ("poisoned_or_seriously_injured", _POISONED),
        ("poisoned_or_seriously_injured", _POISONED_EN),
    ):  # fmt: skip
        for match in () if name in found else pattern.finditer(text):
            if match["n"] != "几" and (number := parse(match["n"])) and number.low >= 1:
                found.setdefault(name, set()).add(_read(text, match.span("n"), number.low, number.high))
    if "deaths" not in found and _some_died(text):
        found["deaths"] = {Figure(1, None)}
    if not found:
        return {}
    for span in find_times(source, clock.now()):
        if span.entity == "duration":
            hours = span.data["hours"]
            found.setdefault("interruption_hours", set()).add(
                _read(text, (span.start, span.end), hours, hours)
            )
    if any(len(figures) > 1 for figures in found.values()):
        return {}
    return {name: _whole(name, figures.pop()) for name, figures in found.items()}


def _read(text: str, at: tuple[int, int], low: float, high: float) -> Figure:
    """The figure that stands `at` this place; what is a range already (三千来户) is no looser for a 大约."""
    about = bool(_ABOUT_BEFORE.search(text[: at[0]]) or _ABOUT_BEHIND.search(text[at[1] :]))
    return Figure(low, high, about and low == high)


def _some_died(text: str) -> bool:
    """Whether people died, how many is not said; where neither the grade nor water is spoken of it is no matter of 3.2."""
    died = _SOME_DEAD.search(text) and not (_MAYBE_DEAD.search(text) or _NOT_DEAD.search(text))
    return bool(died and (ASKS_GRADE.search(text) or "水" in text or "water" in text))


def _counts(span: Span, text: str) -> bool:
    """Whether a number is a figure and no question (几户, 要几万户, 报哪三家)."""
    return (
        span.entity == "number" and not re.match("几[^十百千万]", text[span.start :])
        and not re.search("[哪这那好要得]$" if text[span.start] == "几" else "[哪这那]$", text[: span.start])
    )  # fmt: skip


def _whole(name: str, figure: Figure) -> Figure:
    """Counts are whole numbers, hours need not be."""
    if name == "interruption_hours":
        return figure
    return replace(figure, low=int(figure.low), high=None if figure.high is None else int(figure.high))


def _fact(role: str, text: str) -> str | None:
    """The fact that a count of this role states; None for people of whom nothing counts, and households that have water."""
    if role == "households" and not (_NO_WATER.search(text) or ASKS_GRADE.search(text)):
        return None
    if role == "people":
        return "people_to_relocate" if _MOVED.search(text) else None
    if role == "injured":  # slight injuries count nowhere in 3.2
        return "poisoned_or_seriously_injured" if _SERIOUS.search(text) else None
    return {"households": "households", "dead": "deaths", "poisoned": "poisoned_or_seriously_injured"}.get(
        role
    )
