"""A question that names one grade (二级响应是县长批准吗) gets the clause of that grade, not the like one of another.

One that gives nothing but how long the water is gone (停水三天算几级) gets none: the time alone makes no grade.

Parts 3.2, 5.1, 5.2 and 6.1 of the plan say the same of each grade in nearly the same words, so that a search may take one for
another. Which clause it is of a row of such clauses, is left to the search; which grade, the question says.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot import clock
from bot.documents.answers import Answer
from bot.documents.digest import digest
from bot.documents.premise import wrong_figure
from bot.nlu.durations import find_durations
from bot.nlu.normalise import normalise

_GRADES = ("I", "II", "III", "IV")
# Clauses that say one thing, of grade I, II, III and IV.
_ROWS = (
    ("3.2.1", "3.2.2", "3.2.3", "3.2.4"),
    ("3.2.1/7", "3.2.2/5", "3.2.3/3", "3.2.4/4"),
    ("5.1.4", "5.1.3", "5.1.2", "5.1.1"),
    ("5.2.4", "5.2.3", "5.2.2", "5.2.2"),
    ("5.2.4/1", "5.2.3/1", "5.2.2/1", "5.2.2/1"),
    ("5.2.4/2", "5.2.3/2", "5.2.2/2", "5.2.2/2"),
    ("6.1.3", "6.1.2", "6.1.1", "6.1.1"),
)
_OF_NUMBERS = _ROWS[1]  # figures of a question are weighed by `bot.asked_grade`; a grade in it is a guess
# 哪一级 and 这一级 name none.
_LEVEL = r"(?<![上下高低同每升降县市省乡村镇第哪这那某另任何])(?:{})级(?!政府|医院|学校|网络|组织)"
_NAMED = {
    "I": re.compile(rf"特别重大|特大(?!旱)|特重大|{_LEVEL.format('一|1|i')}"),
    "II": re.compile(rf"(?<!特)(?<!特别)重大(?!行政|决策)|{_LEVEL.format('二|两|2|ii')}"),
    "III": re.compile(rf"较大|{_LEVEL.format('三|3|iii')}"),
    "IV": re.compile(rf"一般性?的?(?:供水|突发|停水)*(?:事故|事件|响应|级)|{_LEVEL.format('四|4|iv')}"),
}
_OTHERS_TOO = re.compile(r"以上|及以上|以下|区别|不同|升级|升[为到成]|变成|转成|原来|本来|初判|初步")
_TIME_ALONE = "water/3.2 | 只有停水时间"  # a matter of the digest
_ASKS_GRADE = re.compile(r"几级|[什哪][么个一]?[种类]?(?:等级|级别|级)|怎么定级|多大的事故")
_NO_WATER = re.compile(r"停水|断水|没水|水.{0,2}停|停了")
_TOLD_BESIDES = re.compile(
    r"[户人死伤毒]|转移|污染|停电|断电|故障|爆|洪|地震|滑坡|泥石流|灾|火|战争|恐怖|旱|氯|县城|全城|区域|范围|水厂|泵|加压|压|塌"
)
_FIGURE = re.compile(r"[\d一二两三四五六七八九十百千万]+个?(?:户|人|小时|天)")


def of_named_grade(question: str, found: Answer) -> Answer:
    """`found` with the clause of the grade that `question` names in the first place, where the search took another grade's."""
    grade = named_grade(question)
    if grade is None or not found.answered or found.said or found.both > 1:
        return found
    clause = _of_grade(found.entries[0].id.removeprefix("water/"), grade, question)
    entry = digest().get(f"water/{clause}") if clause else None
    if entry is None or entry.id == found.entries[0].id:
        return found
    others = tuple(one for one in found.entries if one.id != entry.id)
    cited = (entry, *others)[: len(found.entries)]
    return replace(found, entries=cited, wrong=wrong_figure(question, entry.answer))


def of_time_alone(question: str, found: Answer) -> Answer:
    """`found` with the matter that the time alone makes no grade first, where nothing but the time is told of a grade asked for."""
    if (
        not found.answered
        or not found.entries[0].id.startswith("water/3.2")
        or not _tells_time_alone(question)
    ):
        return found
    entry = next(one for one in digest().entries if one.key == _TIME_ALONE)
    others = tuple(one for one in found.entries if one.id != entry.id)
    return (
        found
        if found.entries[0].key == entry.key
        else replace(found, entries=(entry, *others)[:3], wrong=None)
    )


def _tells_time_alone(question: str) -> bool:
    source = normalise(question)
    text = source.text
    if not (_ASKS_GRADE.search(text) and _NO_WATER.search(text)) or _TOLD_BESIDES.search(text):
        return False
    return any(span.entity == "duration" for span in find_durations(source, clock.now()))


def named_grade(question: str) -> str | None:
    """The one grade (I to IV) that a question names; None where it names none, several, or one with those beside it."""
    text = normalise(question).text
    named = [grade for grade in _GRADES if _NAMED[grade].search(text)]
    return named[0] if len(named) == 1 and not _OTHERS_TOO.search(text) else None


def _of_grade(clause: str, grade: str, question: str) -> str | None:
    row = next((row for row in _ROWS if clause in row), None)
    if row is None or (row == _OF_NUMBERS and _FIGURE.search(normalise(question).text)):
        return None
    return row[_GRADES.index(grade)]
