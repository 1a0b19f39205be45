"""What a question with figures asks besides the grade: who starts, what is done, who is told, who cleans up, who ends.

Each has a clause for every grade (parts 4.2, 5 and 6 of the plan); which one, the rules of `bot.water.plan.duties` say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.documents.digest import digest
from bot.water.plan.duties import duties_for, response_for

_WHO = r"(?:谁|哪[个位家些]?(?:单位|部门|领导)?|归|由)"


@dataclass(frozen=True)
class Matter:
    """One thing that is asked.

    Attributes:
        asks: what asks for it, on normalised text.
        whole: the clause that tells it for all grades.
        rule: the clause for a grade as printed; for None what holds before any grading, or None.
    """

    asks: re.Pattern[str]
    whole: str
    rule: Callable[[str | None], str | None]


def asked_for(text: str) -> Matter | None:
    """The matter that a normalised question asks for besides the grade; None where there is none of these."""
    return next(iter(matters_of(text)), None)


def matters_of(text: str) -> Iterator[Matter]:
    """All that a normalised question asks for, what it says most plainly first."""
    return (matter for matter in _MATTERS if matter.asks.search(text))


def clause_id(printed: str) -> str:
    """The id of a clause of the plan: water/5.2.4/2 of 5.2.4(2)."""
    return "water/" + printed.replace("(", "/").replace(")", "")


def words(printed: str, grade: str | None, language: str = "zh") -> str:
    """The clause in plain words with its number; 5.5 leaves open who it is at a `grade`, so that is told before."""
    entry = digest().get(clause_id(printed))
    response = response_for(grade)
    ends = response.ended_by if response and printed == _end(grade) else ""
    if language == "en":
        said = f"{entry.clause}: {entry.answer_en or entry.answer}" if entry else ""
        return f"The end is declared by {ends}. {said}" if ends else said
    said = f"{entry.clause}：{entry.answer}" if entry else ""
    return f"由{ends}宣布应急结束。{said}" if ends else said


def _step(name: str) -> Callable[[str | None], str | None]:
    def rule(grade: str | None) -> str | None:
        response = response_for(grade)
        return dict(response.clauses)[name] if response else None

    return rule


def _start(grade: str | None) -> str | None:
    response = response_for(grade)
    return response.clause if response else None


def _handle(grade: str | None) -> str | None:
    """The section of 5.2 on this grade: the last one that binds at it (5.2.1 binds at every)."""
    return max(d.clause.partition("(")[0] for d in duties_for(grade) if d.clause.startswith("5.2."))


def _tell(grade: str | None) -> str | None:
    """Who tells whom: 4.2.2 where that grade has a report of its own, else 4.2.1."""
    return "4.2.2" if any(duty.clause == "4.2.2" for duty in duties_for(grade)) else "4.2.1"


def _tell_city(grade: str | None) -> str | None:
    """The report beyond the county, where the grade has one."""
    told = next((duty.clause for duty in duties_for(grade) if duty.to and "市政府" in duty.to), None)
    return told or _tell(grade)


def _propose(grade: str | None) -> str | None:
    """The clause with the time for proposing; where the grade has no such time, who proposes."""
    response = response_for(grade)
    return dict(response.clauses).get("proposed_within_minutes", response.clause) if response else None


def _water(grade: str | None) -> str | None:
    """The group that brings water, at whatever grade."""
    return _WATER


_WATER = "2.2/后勤送水保障组"
_end = _step("ended_by")

_GRADE = r"(?:[一二三四1-4]|i+v?|iv)级"
_APPROVES = r"批准|审批|批示|要.{0,2}批|拍板|点头|说了算|(?:谁|哪个).{0,3}批|长批|\bapprov"
_TELLS = (
    rf"上报|[要得该往向给]报(?![警修装名销]|.{{0,2}}{_GRADE})|报(?:给|告|上|到|送|[谁哪县政住])"
    r"|告诉|通知|通报|汇报|\b(?:(?:be|is|are|gets?) told|(?:must|do|should|to) (?:tell|report|inform)|informed|reported)\b"
)
_STARTS = rf"启动|牵头|{_WHO}.{{0,4}}(?:批|管|负责|处置|处理|指挥|定夺|响应)|\bwho (?:\w+ )?(?:starts?|leads?|handles?|is in charge)\b"
# 气象局要做什么 asks for the part of an office, which is the same at every grade.
_DOES = (
    r"怎[么样]{0,2}(?:办|走程序|处置|处理|应对|搞|弄|响应)|如何(?:处置|处理|应对|响应)|处置"
    r"|(?<![局司队院组办])(?<![局司队院组办][要该])(?:做|干)(?:什么|么子|哪些)"
    r"|\bwhat (?:must|should|has to|to) (?:\w+ )?do(?:ne)?\b|\bwhat (?:must|should|has to) be done\b"
)
# The first that matches: 要报县长批准吗 asks for the approval, 谁来宣布应急结束 for the end.
_MATTERS = tuple(
    Matter(re.compile(asks), whole, rule)
    for asks, whole, rule in (
        (r"送水|供水车|应急水|打水|water trucks?|bring(?:s|ing)? water", _WATER, _water),
        (r"善后|后期|事后|过后|收尾|aftercare|aftermath", "6.1", _step("aftercare_lead")),
        (
            r"(?:宣布|应急|响应).{0,4}(?:结束|终止|解除)|结束.{0,4}(?:谁|哪)|\b(?:ends?|call off)\b|\bover(?=\W*$|[?.,;!]| and\b)",
            "5.5",
            _end,
        ),
        (r"(?:多久|[几多少]+分钟|多长时间|限时|时限).{0,8}(?:启动|建议)", "5.2", _propose),
        (_APPROVES, "5.1", _start),
        (r"(?:报|告|汇报).{0,4}(?:市里|市政府|市住建|衡阳市|市一级)", "4.2", _tell_city),
        (_TELLS, "4.2", _tell),
        (_STARTS, "5.1", _start),
        (_DOES, "5.2", _handle),
    )
)
