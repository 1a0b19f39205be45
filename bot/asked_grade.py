"""Questions that give figures of 3.2 (三千户停水一天半是几级, 一万户停水两天归谁批准): graded, not searched.

The figures are read by the rules of the NLU and graded by `bot.water.plan.grading`; the words of a clause
look alike at 1000, 3000 and 5000 households, so that a search cannot tell them apart. What is asked besides
the grade (`bot.asked_who`) is told of the level that was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.asked_figures import Figures, figures_of, spoken
from bot.asked_who import Matter, asked_for, clause_id, words
from bot.documents.digest import digest
from bot.grade_words import ASKS_GRADE
from bot.nlu.normalise import normalise
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
        "at_bound": "{figures}：约数正好压在分级的线上，定不死。不到这个数，{low}；够这个数，{high}。请按核实的数字定。",
        "some_dead": "{figures}：没说死了几个人，按最少1人算，{low}；死的人再多，最高{high}。死了几个人？请按核实的人数定。",
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
        "at_bound": "{figures}: the estimate lies just at a bound between two grades. Below it: {low}; from it on: {high}. "
                    "Grade by a figure that was checked.",
        "some_dead": "{figures}: how many is not said; with one, {low}; with more, up to {high}. How many people died? Grade by "
                     "the number that was checked.",
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
    figures = figures_of(question)
    if not figures:
        return None
    low = grade({name: figure.least for name, figure in figures.items()})
    high = grade({name: figure.most for name, figure in figures.items()})
    if (low.grade, low.escalations) == (high.grade, high.escalations):
        alone = _told(low, figures, whole=matter is None)
        return _with(alone, matter, low) if matter else alone
    zh, en = (
        _SAID[tongue][_why_open(figures)].format(
            figures=spoken(figures, tongue), low=_outlook(low, tongue), high=_outlook(high, tongue)
        )
        for tongue in _SAID
    )
    loose = Asked(zh, en, _ids((*_named(low), *_named(high))))
    return _join(loose, matter.whole, None) if matter else loose


def _why_open(figures: Figures) -> str:
    """Why the grade is open, as a key of `_SAID`: an estimate at a bound, the dead without a number, or rough figures."""
    if any(figure.high is not None and figure.low != figure.high for figure in figures.values()):
        return "loose"
    estimated = any(figure.about for figure in figures.values())
    uncounted = any(figure.high is None for figure in figures.values())
    return "loose" if estimated and uncounted else "some_dead" if uncounted else "at_bound"


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


def _told(found: Grading, figures: Figures, *, whole: bool) -> Asked:
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
            figures=spoken(figures, tongue), outcome=_outcome(found, tongue),
            words=_words(found, tongue) if whole else "",
        )  # fmt: skip
        later = _later(found, tongue)
        return " ".join((first + later + ("" if found.grade == "I" else phrases["higher"])).split())

    return Asked(said("zh"), said("en"), _ids(_named(found)))


def _later(found: Grading, tongue: str) -> str:
    """What the time brings, a sentence each; "" where it brings nothing."""
    return "".join(
        _SAID[tongue]["later"].format(hours=e.at_hours, grade=_GRADES[tongue][e.grade], clause=e.clause)
        for e in found.escalations
    )


def _outlook(found: Grading, tongue: str) -> str:
    """The grade, and what comes with time, within a sentence."""
    later = _later(found, tongue).rstrip("。. ")
    if not later:
        return _outcome(found, tongue)
    if not found.grade:
        return later[0].lower() + later[1:]
    return f"{_outcome(found, tongue)}{'，' if tongue == 'zh' else '; '}{later[0].lower()}{later[1:]}"


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
