"""Messages that ask two things: taken apart, each part with its clause, and the clause of the grade at hand."""

from __future__ import annotations

import pytest

from bot import answering
from bot.documents.two_parts import parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("合同要审几天", ()),
        ("我想问一下，合同审查要多久", ()),
        ("三百户停两天是几级 谁来管", ("三百户停两天是几级", "谁来管")),
        ("拿股室名义签了合同 行不行 出事怎么处理", ("拿股室名义签了合同 行不行", "出事怎么处理")),
        ("水厂漏氯气了，定几级，还有谁批启动", ("水厂漏氯气了 定几级", "谁批启动")),
        ("谁批启动 我等着填表", ()),
        ("who approves grade II and who ends it", ("who approves grade II", "who ends it")),
        ("what level is that", ()),
        ("几级？谁批？", ()),  # each says too little to be asked by itself
        ("", ()),
        ("，，， 。", ()),
    ],
)
def test_parts(question: str, parts: tuple[str, ...]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    ("question", "grade", "besides"),
    [
        ("水厂液氯漏得厉害，旁边全是住户，是几级，谁批准启动", "water/3.2.1/5", "water/5.1.4"),
        ("水厂液氯漏得厉害，旁边全是住户，算几级，过后谁牵头收尾", "water/3.2.1/5", "water/6.1.3"),
        ("恐怖分子下毒 出厂水中度中毒 水厂停产 部分地区断水 几级 哪个批启动", "water/3.2.2/4", "water/5.1.3"),
    ],
)
def test_what_hangs_on_the_grade_is_told_with_it(question: str, grade: str, besides: str) -> None:
    found = answering.answer(question)
    assert [entry.id for entry in found.entries[:2]] == [grade, besides]
    assert found.both == 2
    assert found.entries[1].answer in found.said
    assert found.entries[1].answer_en in found.said_en


def test_of_a_grade_that_is_named_the_second_matter_is_cited_beside() -> None:
    found = answering.answer("重大事故谁批启动 完了以后善后哪个牵头")
    assert {"water/5.1.3", "water/6.1.2"} <= {entry.id for entry in found.entries}


def test_a_question_of_one_matter_stays_as_it_is() -> None:
    found = answering.answer("特别重大事故谁批准启动")
    assert found.entries[0].id == "water/5.1.4"
    assert found.both == 1
