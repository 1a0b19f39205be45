"""Questions that no clause can answer are told by rule; those beside them are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents import answers
from bot.documents.digest import digest
from bot.documents.outside import is_outside, read_rules
from bot.errors import BadInput


@pytest.mark.parametrize(
    "question",
    ["县长是谁", "局长姓什么", "谁是镇长？", "2024年政府工作报告说什么", "2025年的工作报告讲了啥", "去年的政府工作报告",
     "省政府工作报告", "2026年GDP", "祁东县停水找谁", "停水两天赔我多少钱", "签合同",
     "衡阳市本级签的合同送哪里备案", "合同法第52条讲什么", "民法典第14条讲什么", "《城市供水条例》第三十条", "政府采购法第五条怎么说", "民法典怎么规定违约金",
     "老办法里面备案是多少天", "2012年的规定里审查要几天", "原来那个办法里归档怎么讲",
        "口头协议可以吗", "先开工后补合同行不行", "已经进场了再签个协议可以不", "电子合同能不能用"],
)  # fmt: skip
def test_outside(question: str) -> None:
    assert is_outside(question)
    assert not answers.answer(question).answered


@pytest.mark.parametrize(
    "question",
    ["指挥长是谁", "联席会议召集人是谁", "2021年的工作报告说什么", "报告里2025年的目标是什么", "养老网络2023年底建成吗",
     "水车被征用，停水时弄坏了赔不赔", "南岳机场有几条航线", "签合同要先审查吗",
     "合同管理办法第14条讲什么", "这办法跟民法典有冇得关系", "县里这个跟衡阳市政府合同管理办法啥关系",
     "以前2012年那个规定还管用吗", "老办法废止了没有",
        "科室对外签约，领导口头同意了的", "抢险先干活后补合同行吗", "先施工再签合同要不要审查"],
)  # fmt: skip
def test_not_outside(question: str) -> None:
    assert not is_outside(question)


def test_no_question_of_the_bank_is_outside() -> None:
    assert [q for entry in digest().entries for q in entry.questions if is_outside(q)] == []


def test_a_rule_without_pattern_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "outside.yml"
    path.write_text("- why: none\n", encoding="utf8")
    with pytest.raises(BadInput, match="asks"):
        read_rules(path)
