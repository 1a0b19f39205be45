"""How people speak of the four grades of 3.2: whether a question asks for one, and which one it names."""

from __future__ import annotations

import re

from bot.nlu.normalise import normalise

GRADES = ("I", "II", "III", "IV")
# Looked for in normalised text.
ASKS_GRADE = re.compile(
    r"几级|[什啥哪](?:么|个|一|种|类)*(?:等|级别|级|档|事故|条)|多大|等级|定个?级|级别|算不?算?事故|怎么(?:定|划|算)"
    r"|(?:算不算|够不够|够得上|是不是|够|算|属于?|定|报|是).{0,6}(?:[一二三四1-4]级|i+v?级|iv级|重大|较大|特大|一般|最高)"
    r"|\b(?:what|which)(?: \w+)? (?:level|grade|class)\b|\bhow (?:serious|grave|bad)\b"
    r"|\bgrade\b(?![ -](?:i|ii|iii|iv|[1-4])\b)|\b(?:level|class)\W*$"
)
# 哪一级 and 这一级 name none.
_LEVEL = r"(?<![上下高低同每升降县市省乡村镇第哪这那某另任何])(?:{})级(?!政府|医院|学校|网络|组织)"
# "a grade I have to report" names none.
_LEVEL_EN = r"\b(?:grade|level|class)[ -]?(?:{})\b(?! (?:have|need|must|should|am|do|can|was|saw|got)\b)|\b(?:{})[ -](?:grade|level|class)\b"
_WHAT_EN = r"(?: water)?(?: supply)? (?:accident|incident|outage|event|emergency|response)s?\b"
_NAMED = {
    "I": re.compile(
        rf"特别重大|特大(?!旱)|特重大|{_LEVEL.format('一|1|i')}|{_LEVEL_EN.format('1|i|one', 'first')}"
        r"|\b(?:extremely|especially|particularly) (?:major|serious|grave)\b"
    ),
    "II": re.compile(
        rf"(?<!特)(?<!特别)重大(?!行政|决策)|{_LEVEL.format('二|两|2|ii')}|{_LEVEL_EN.format('2|ii|two', 'second')}"
        rf"|(?<!extremely )(?<!especially )(?<!particularly )\bmajor{_WHAT_EN}"
    ),
    "III": re.compile(
        rf"较大|{_LEVEL.format('三|3|iii')}|{_LEVEL_EN.format('3|iii|three', 'third')}|\blarger{_WHAT_EN}"
    ),
    "IV": re.compile(
        rf"一般性?的?(?:供水|突发|停水)*(?:事故|事件|响应|级)|{_LEVEL.format('四|4|iv')}"
        rf"|{_LEVEL_EN.format('4|iv|four', 'fourth')}|\b(?:general|ordinary){_WHAT_EN}"
    ),
}
_OTHERS_TOO = re.compile(
    r"以上|及以上|以下|区别|不同|升级|升[为到成]|变成|转成|原来|本来|初判|初步"
    r"|\b(?:(?:or|and) (?:above|higher|below|lower|worse|more)|upgrad\w+|raised?|differ\w*|between|at first|initially|originally)\b"
)


def named_grade(question: str) -> str | None:
    """The one grade (I to IV) that a question names; None where it names none, several, or one with those beside it."""
    text = normalise(question).text
    named = [grade for grade in GRADES if _NAMED[grade].search(text)]
    return named[0] if len(named) == 1 and not _OTHERS_TOO.search(text) else None
