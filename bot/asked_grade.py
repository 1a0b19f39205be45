"""Questions that give figures of 3.2 (三千户停水一天半是几级, 一万户停水两天归谁批准): graded, not searched.

The figures are read by the rules of the NLU and graded by `bot.water.plan.grading`; the words of a clause
look alike at 1000, 3000 and 5000 households, so that a search cannot tell them apart. What is asked besides
the grade (`bot.asked_who`) is told of the level that was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot import clock
from bot.asked_who import Matter, asked_for, clause_id, words
from bot.documents.digest import digest
from bot.documents.outside import is_outside
from bot.grade_words import ASKS_GRADE
from bot.nlu.normalise import Normalised, normalise
from bot.nlu.numerals import NUMBER, find_quantities, parse
from bot.nlu.spans import Span
from bot.nlu.times import find_times
from bot.water.plan.clauses import grading_law
from bot.water.plan.grading import Grading, grade

_GRADES = {
    "zh": {"I": "特别重大（I级）", "II": "重大（II级）", "III": "较大（III级）", "IV": "一般（IV级）"},
    "en": {"I": "extremely major (grade I)", "II": "major (grade II)", "III": "larger (grade III)",
           "IV": "general (grade IV)"},
}  # fmt: skip
_SAID = {
    "zh": {
        "outcome": "是{grade}，依据{clauses}", "none": "按数字哪一级都不到", "and": "、",
        "graded": "{figures}：{outcome}。{words}", "ungraded": "{figures}：按数字哪一级都不到。",
        "no_hours": "{figures}：光看户数定不了级，户数的条款都要连续停水满36小时才算。",
        "not_yet": "{figures}：现在按数字哪一级都不到，户数的条款都要连续停水满36小时才算。",
        "later": "停水到{hours:g}小时，就是{grade}，见{clause}。",
        "higher": "这只看数字；原因和影响范围够得上更高一级条款的，按更高的定。",
        "loose": "数字说得不准，定不死：最少算，{low}；最多算，{high}。请按核实的数字定。", "coming": "到了{grade}，{words}",
    },
    "en": {
        "outcome": "{grade}, under {clauses}", "none": "no grade by the figures", "and": ", ",
        "graded": "{figures}: {outcome}. {words} ", "ungraded": "{figures}: no grade by the figures. ",
        "no_hours": "{figures}: households alone make no grade; the clauses on households need 36 hours without water. ",
        "not_yet": "{figures}: no grade by the figures yet; the clauses on households need 36 hours without water. ",
        "later": "At {hours:g} hours it becomes {grade}, see {clause}. ",
        "higher": "This looks at the figures only; where cause or extent meet a clause of a higher grade, that counts.",
        "loose": "The figures are rough: at the least {low}; at the most {high}. Grade by figures that were checked.",
        "coming": "Once it is {grade}: {words}",
    },
}  # fmt: skip
# What is asked besides the grade, or instead of it, and is none of `bot.asked_who`: the search answers that.
_ASKS_MORE = re.compile(
    r"谁|哪[个位家些]?(?:单位|部门|局|领导)|多久|多少|好[多久]|几[户家人分小个天]|赔|补|为什么|怎么|如何"
    r"|\b(?:who|whom|when|why|where|how (?:long|much|many|soon))\b"
)
_ASKS_ANYTHING = re.compile(
    r"[?什啥哪谁么吗呢]|多[少久大长]|几|怎|如何|[要是能有会该](?:不|没)[要是能有会该]|为何"
    r"|\b(?:who|whom|what|which|when|why|where|how|is|are|does|do|must|should|can)\b"
)
# A grade that was given before and may no longer be right (初判是三级，刚又死了四个人): 5.2.2(3), found by the search.
_CHANGED = re.compile(r"初判|初步判|升级|升[为到]|原来|本来|原先")
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
    rf"(?:死(?:亡|了|掉|人|者|的)?|遇难|丧生|身亡)(?:人数|者)?(?:的|了|有|是|为|达到?|共|[::])*(?P<n>{NUMBER})"
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

Range = tuple[float, float]
_UNITS = {
    "zh": {"households": "停水{}户", "deaths": "死亡{}人", "poisoned_or_seriously_injured": "中毒（重伤）{}人",
           "people_to_relocate": "转移{}人", "interruption_hours": "连续停水{}小时"},
    "en": {"households": "{} households without water", "deaths": "{} dead",
           "poisoned_or_seriously_injured": "{} poisoned or badly hurt", "people_to_relocate": "{} people to be moved",
           "interruption_hours": "{} hours without water"},
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What is answered: plain words, in English too, and the ids of the clauses that hold or come next; `needed` of them
    for the answer.
    """

    said: str
    said_en: str
    clauses: tuple[str, ...]
    needed: int = 1


def asked_grade(question: str) -> Asked | None:
    """The grade that the figures of `question` make, with the clause on what else is asked.

    None where it gives no figures, or asks for what does not hang on the grade: then see `by_figures`.
    """
    text = normalise(question).text
    if _CHANGED.search(text):
        return None
    matter = asked_for(text)
    return _answer(question, matter) if matter or _asks_grade_alone(text) else None


def _asks_grade_alone(text: str) -> bool:
    """Whether the grade is asked and nothing else; figures without any question (一万户停水两天) ask for it too."""
    asks_more = _ASKS_MORE.search(ASKS_GRADE.sub("", text))
    return not asks_more and bool(ASKS_GRADE.search(text) or not _ASKS_ANYTHING.search(text))


def by_figures(question: str, found: str) -> Asked | None:
    """What the figures of `question` make, where the search `found` a clause of 3.2 that is not of theirs.

    None where `found` is the id of another clause, or of one that the figures lead to.
    """
    if not found.startswith("water/3.2."):
        return None
    asked = _answer(question, None)
    return asked if asked and found not in asked.clauses else None


def _answer(question: str, matter: Matter | None) -> Asked | None:
    """The figures graded, with the clause on `matter`; None where there are none that count."""
    source = normalise(question)
    text = source.text
    if _INEXACT.search(text) or is_outside(question) or (_ELSEWHERE.search(text) and "水" not in text):
        return None
    figures = _figures(source)
    if not figures or (_PRESSURE.search(text) and not _NO_WATER.search(text)):
        return None
    least, most = ({name: ends[i] for name, ends in figures.items()} for i in (0, 1))
    low, high = grade(least), grade(most)
    if (low.grade, low.escalations) == (high.grade, high.escalations):
        alone = _told(low, figures, whole=matter is None)
        return _with(alone, matter, low) if matter else alone
    zh, en = (
        _SAID[tongue]["loose"].format(low=_outcome(low, tongue), high=_outcome(high, tongue))
        for tongue in _SAID
    )
    loose = Asked(zh, en, _ids((*_named(low), *_named(high))))
    return _join(loose, matter.whole, None) if matter else loose


def _with(alone: Asked, matter: Matter, found: Grading) -> Asked:
    """A grade with the clause on what else is asked: that of the grade, else that of the grade to come."""
    rule = matter.rule(found.grade)
    if rule:
        return _join(alone, rule, found.grade)
    if not found.escalations:
        return _join(alone, matter.whole, None)
    coming = found.escalations[0].grade
    return _join(alone, matter.rule(coming) or matter.whole, coming, to_come=True)


def _join(alone: Asked, rule: str, of_grade: str | None, *, to_come: bool = False) -> Asked:
    """What is asked for is cited first, the clause that made the grade beside it."""

    def said(tongue: str) -> str:
        told = words(rule, of_grade, tongue)
        if to_come:
            told = _SAID[tongue]["coming"].format(grade=_GRADES[tongue][str(of_grade)], words=told)
        return told

    clauses = (clause_id(rule), *alone.clauses)
    return Asked(f"{alone.said}\n{said('zh')}", f"{alone.said_en}\n{said('en')}", clauses, needed=2)


def _figures(source: Normalised) -> dict[str, Range]:
    """The facts of 3.2 given as figures, each as (least, most); {} where one is given twice or none counts."""
    found: dict[str, set[Range]] = {}
    for span in find_quantities(source):
        if _counts(span, source.text) and (name := _fact(str(span.data["role"]), source.text)):
            found.setdefault(name, set()).add((span.data["low"], span.data["high"]))
    found.pop("deaths" if _NOT_DEAD.search(source.text) else "", None)
    for name, pattern in (
        ("deaths", _DEAD), ("deaths", _DEAD_BEHIND), ("deaths", _DEAD_EN), ("poisoned_or_seriously_injured", _POISONED),
        ("poisoned_or_seriously_injured", _POISONED_EN),
    ):  # fmt: skip
        for match in () if name in found else pattern.finditer(source.text):
            if match["n"] != "几" and (number := parse(match["n"])) and number.low >= 1:
                found.setdefault(name, set()).add((number.low, number.high))
    if not found:
        return {}
    for span in find_times(source, clock.now()):
        if span.entity == "duration":
            found.setdefault("interruption_hours", set()).add((span.data["hours"], span.data["hours"]))
    if any(len(ranges) > 1 for ranges in found.values()):
        return {}
    return {name: _whole(name, ranges.pop()) for name, ranges in found.items()}


def _counts(span: Span, text: str) -> bool:
    """Whether a number is a figure and no question (几户, 要几万户, 报哪三家)."""
    return (
        span.entity == "number" and not re.match("几[^十百千万]", text[span.start :])
        and not re.search("[哪这那好要得]$" if text[span.start] == "几" else "[哪这那]$", text[: span.start])
    )  # fmt: skip


def _whole(name: str, ends: Range) -> Range:
    """Counts are whole numbers, hours need not be."""
    return ends if name == "interruption_hours" else (int(ends[0]), int(ends[1]))


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


def _told(found: Grading, figures: Mapping[str, Range], *, whole: bool) -> Asked:
    """One grading in plain words; with the words of its clauses if the `whole` is wanted."""
    if found.grade:
        head = "graded"
    elif found.escalations:
        head = "not_yet" if "interruption_hours" in figures else "no_hours"
    else:
        head = "ungraded"

    def said(tongue: str) -> str:
        phrases = _SAID[tongue]
        first = phrases[head].format(
            figures=_spoken(figures, tongue), outcome=_outcome(found, tongue),
            words=_words(found, tongue) if whole else "",
        )  # fmt: skip
        later = "".join(
            phrases["later"].format(hours=e.at_hours, grade=_GRADES[tongue][e.grade], clause=e.clause)
            for e in found.escalations
        )
        return " ".join((first + later + ("" if found.grade == "I" else phrases["higher"])).split())

    return Asked(said("zh"), said("en"), _ids(_named(found)))


def _outcome(found: Grading, tongue: str) -> str:
    phrases = _SAID[tongue]
    if not found.grade:
        return phrases["none"]
    return phrases["outcome"].format(
        grade=_GRADES[tongue][found.grade], clauses=phrases["and"].join(found.clauses)
    )


def _words(found: Grading, tongue: str) -> str:
    """The clauses that hold, as the digest words them (以上 and 以下 spelt out)."""
    entries = [entry for clause in _ids(found.clauses) if (entry := digest().get(clause))]
    if tongue == "en":
        return " ".join(entry.answer_en or entry.answer for entry in entries)
    return "".join(entry.answer for entry in entries)


def _named(found: Grading) -> tuple[str, ...]:
    """The clauses that hold, then those that come with time; the lowest of all where there is neither."""
    named = (*found.clauses, *(e.clause for e in found.escalations))
    return named or (grading_law().clauses[-1].printed,)


def _ids(printed: tuple[str, ...]) -> tuple[str, ...]:
    ids = {clause.printed: clause.id for clause in grading_law().clauses}
    return tuple(dict.fromkeys(ids[name] for name in printed))


def _spoken(figures: Mapping[str, Range], tongue: str) -> str:
    """停水3000户，连续停水36小时."""
    units = _UNITS[tongue]
    said = (units[name].format(_figure(ends, tongue)) for name, ends in figures.items())
    return ("，" if tongue == "zh" else ", ").join(said)


def _figure(ends: Range, tongue: str) -> str:
    to = "到" if tongue == "zh" else " to "
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:.0f}{to}{ends[1]:.0f}"
