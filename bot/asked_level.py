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
from bot.grade_words import ASKS_GRADE, GRADES, named_grade
from bot.nlu.durations import find_durations
from bot.nlu.normalise import normalise

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
_TIME_ALONE = "water/3.2 | 只有停水时间"  # a matter of the digest
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
    if not (ASKS_GRADE.search(text) and _NO_WATER.search(text)) or _TOLD_BESIDES.search(text):
        return False
    return any(span.entity == "duration" for span in find_durations(source, clock.now()))


def _of_grade(clause: str, grade: str, question: str) -> str | None:
    row = next((row for row in _ROWS if clause in row), None)
    if row is None or (row == _OF_NUMBERS and _FIGURE.search(normalise(question).text)):
        return None
    return row[GRADES.index(grade)]
