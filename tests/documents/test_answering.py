"""A question with figures that asks for the grade is graded; all others go to the search."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot import answering
from bot.asked_grade import asked_grade
from bot.asked_level import of_named_grade
from bot.documents import answers
from bot.documents.answers import Answer
from bot.errors import BadInput
from bot.grade_words import ASKS_GRADE, named_grade

CASES = yaml.safe_load((Path(__file__).parent / "asked_grade.yml").read_text(encoding="utf8"))


@pytest.mark.parametrize("case", [*CASES["graded"], *CASES["besides"]], ids=lambda case: case["question"])
def test_figures_are_graded(case: dict[str, Any]) -> None:
    found = asked_grade(case["question"])
    assert found
    assert list(found.clauses) == case["clauses"]
    assert [words for words in case["says"] if words not in found.said] == []


@pytest.mark.parametrize("case", [*CASES["graded"], *CASES["besides"]], ids=lambda case: case["question"])
def test_the_same_is_said_in_english(case: dict[str, Any]) -> None:
    """Same grades, clauses and figures; nothing Chinese but what has no English name."""
    found = asked_grade(case["question"])
    assert found
    assert set(re.findall(r"\d\.\d(?:\.\d)?\(\d\)", found.said_en)) >= set(
        re.findall(r"依据(\d[\d.()]+)", found.said)
    )
    assert re.findall(r"（(I+V?|IV)级）", found.said.split("。")[0]) == re.findall(
        r"\(grade (I+V?|IV)\)", found.said_en.split(". ")[0]
    )
    assert not re.search(r"[一-鿿]{13,}", found.said_en)


@pytest.mark.parametrize("question", CASES["searched"])
def test_what_gives_no_figure_or_asks_for_something_else_is_searched(question: str) -> None:
    assert asked_grade(question) is None
    found, searched = answering.answer(question), answers.answer(question)
    assert (found.answered, found.both, found.text) == (searched.answered, searched.both, searched.text)
    assert found.entries[:1] == searched.entries[:1]  # what hangs on the grade may be cited beside it


def test_a_grade_is_cited_with_its_clause_first_and_the_rule_of_the_grades() -> None:
    line = answering.answer_line({"question": "三千户停水一天半是几级"})
    assert line["answered"] is True
    assert [cited["id"] for cited in line["citations"]] == ["water/3.2.2/5", "water/3.2"]
    assert "重大（II级）" in line["answer"]


def test_who_approves_is_cited_before_what_makes_the_grade_and_both_are_needed() -> None:
    found = answering.answer("6000户停水两天归谁批准")
    assert [entry.id for entry in found.entries] == ["water/5.1.4", "water/3.2.1/7", "water/3.2"]
    assert found.both == 2


@pytest.mark.parametrize("case", CASES["corrected"], ids=lambda case: case["question"])
def test_the_search_never_chooses_among_the_grades_by_figures(case: dict[str, str]) -> None:
    searched = answers.answer(case["question"])
    assert searched.answered
    assert searched.entries[0].id.startswith("water/3.2.")
    assert searched.entries[0].id != case["clause"]
    assert answering.answer(case["question"]).entries[0].id == case["clause"]


def test_a_grade_is_not_told_where_only_other_documents_are_asked() -> None:
    found = answering.answer("三千户停水一天半是几级", documents=("eldercare",))
    assert not found.said
    assert all(entry.document.id == "eldercare" for entry in found.entries)


def test_a_line_without_question_is_an_error() -> None:
    with pytest.raises(BadInput, match="question"):
        answering.answer_line({"question": " "})


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("二级响应是县长批准吗", "water/5.1.3"),
        ("停水多少户算重大", "water/3.2.2/5"),
        ("一般事故善后是县政府牵头吗", "water/6.1.1"),
        ("特别重大事故由谁启动", "water/5.1.4"),
        ("上一级应急指挥机构怎么请求", "water/5.1.5"),
        ("县长批准的是几级响应", "water/5.1.4"),
        (
            "who approves the response to a larger accident",
            "water/5.1.2",
        ),  # the search took grade II for both
        ("is a larger response approved by a county leader", "water/5.1.2"),
        ("who approves a level one response", "water/5.1.4"),
    ],
)
def test_a_grade_that_is_named_is_the_grade_of_the_clause(question: str, clause: str) -> None:
    assert answering.answer(question).entries[0].id == clause


@pytest.mark.parametrize(
    ("question", "grade"),
    [
        ("特别重大事故谁批准", "I"), ("重大事故谁批准", "II"), ("一级和二级有什么区别", None), ("三级响应", "III"),
        ("一般多久报", None), ("一般供水突发事故谁处置", "IV"), ("重大行政决策事项", None), ("县级预案", None),
        ("较大以上的污染", None), ("请求上一级", None), ("水厂爆炸是哪一级", None), ("这一级由谁批准", None),
        ("who approves a Grade II response", "II"), ("is a level 1 response approved by the county head", "I"),
        ("who starts a class three response", "III"), ("Level IV: what must be done first", "IV"),
        ("first-level response approved by whom", "I"), ("an extremely major accident: who approves", "I"),
        ("who approves a major incident", "II"), ("the aftermath of a larger incident", "III"),
        ("who handles a general water supply accident", "IV"), ("major administrative decision", None),
        ("which grade I have to report", None), ("grade II or above", None), ("grade II and grade III", None),
        ("upgraded to grade I", None), ("what grade is it", None), ("in general, who approves", None),
    ],
)  # fmt: skip
def test_the_grade_that_a_question_names(question: str, grade: str | None) -> None:
    assert named_grade(question) == grade


@pytest.mark.parametrize("question", ["停水三天算什么级别", "停水一天半算几级", "没水50个钟头是几级"])
def test_the_time_alone_makes_no_grade(question: str) -> None:
    assert answering.answer(question).text.startswith("光看停水多久定不了级")


@pytest.mark.parametrize(
    "question", ["整个县城停水一天算几级", "湘江严重污染，水厂处理不了，停水30小时算几级", "停水三天赔多少"]
)
def test_more_than_the_time_is_no_time_alone(question: str) -> None:
    assert not answering.answer(question).text.startswith("光看停水多久定不了级")


@given(st.text(max_size=40))
def test_a_grade_never_makes_an_answer_of_a_refusal(question: str) -> None:
    refused = Answer(False, answers.answer("三级响应谁启动").entries)
    assert of_named_grade(question, refused) is refused


@pytest.mark.parametrize(
    ("question", "clause", "says"),
    [
        ("村委会签的合同归这个办法管吗", "contract/2", "村（居）委会"),
        ("合同五万块以下免审吗", "contract/5", "没有按金额划线"),
        ("合同管理办法的文号是几号", "contract/24", "清政发[2021]3号"),
        ("供水预案是谁发的", "water/9.2", "清政办发[2021]23号"),
        ("水厂爆炸了先报谁", "water/4.2.1", "立即报告"),
        ("我们镇自己的小水厂出事，套得上这份文件吗", "water/1.4", "没有写进去"),
    ],
)
def test_what_clerks_asked_and_no_clause_said(question: str, clause: str, says: str) -> None:
    found = answering.answer(question)
    assert found.entries[0].id == clause
    assert says in found.text


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("五千户停水两天是几级", True), ("属于哪种事故", True), ("怎么定级", True), ("定个级", True), ("多大的事故", True),
        ("够不够得上重大", True), ("算不算三级", True), ("算不算事故", True), ("算不算最高级", True), ("which class is it", True), ("how serious is it", True),
        ("5000 homes, 36 hours - grade", True),
        ("五千户停水谁批准", False), ("刚好五千户算不算在以上里头", False), ("够不够上报", False), ("停水三天赔多少", False),
        ("who approves grade ii", False),
    ],
)  # fmt: skip
def test_whether_a_grade_is_asked_for(text: str, asks: bool) -> None:
    assert bool(ASKS_GRADE.search(text)) is asks


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("停水三天属于重大吗", "光看停水多久定不了级"),  # by figures it was known already, by time alone not
        ("氯气漏得凶，定个级，谁批启动", "5.1"),
    ],
)
def test_all_that_weighs_a_grade_asked_for_reads_it_alike(question: str, says: str) -> None:
    assert says in answering.answer(question).text
