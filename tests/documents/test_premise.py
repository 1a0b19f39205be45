"""Figures that a question takes for given, held against those of the answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.premise import wrong_figure

DAYS = "审查一般不少于7个工作日，情况复杂的可以延长。"


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("是不是5个工作日就审完", "5个工作日"),
        ("五天就审得完吧", "五天"),
        ("是不是7个工作日", None),
        ("合同审了8个工作日，够了吧", None),  # not less than seven
        ("送审留10个工作日就行吧", None),
        ("我第20天送去备案就行吧", None),
        ("是不是大概五天", None),
        ("审查要几天", None),  # takes nothing for given
        ("停了5天是几级吧", None),  # asks for something else
        ("已经送审5天了怎么还没好吧", None),
        ("是不是5个人签字", None),  # the answer has no people
        ("", None),
    ],
)
def test_wrong_figure(question: str, wrong: str | None) -> None:
    assert wrong_figure(question, DAYS) == wrong


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text(question: str, answer: str) -> None:
    found = wrong_figure(question, answer)
    assert found is None or found


@given(st.integers(1, 60))
def test_the_figure_of_the_answer_is_never_wrong(days: int) -> None:
    assert wrong_figure(f"是不是{days}天就行", f"要{days}天。") is None
    assert wrong_figure(f"是不是{days + 1}天就行", f"要{days}天。") == f"{days + 1}天"


def test_a_last_day_allows_every_day_before_it() -> None:
    answer = "签订后30日内备案。"
    assert wrong_figure("县政府合同20天内备案就行吧", answer) is None
    assert wrong_figure("40天内备案就行吧", answer) == "40天"


def test_hours_are_held_against_minutes() -> None:
    answer = "应在30分钟内报告。"
    assert wrong_figure("1个小时内报就可以吧", answer) == "1个小时"
    assert wrong_figure("20分钟内报就可以吧", answer) is None


@pytest.mark.parametrize(
    ("question", "answer", "wrong"),
    [
        ("签了30个工作日内备案对吧", "签订后30日内备案。", "30个工作日"),
        ("签了30天内备案对吧", "签订后30日内备案。", None),
        ("审7个自然日就行吧", "一般不少于7个工作日。", "7个自然日"),
        ("审7天就行吧", "一般不少于7个工作日。", None),
        ("三公经费下降了46%对吧", "比2016年下降64.68%。", "46%"),
        ("三公经费下降了64.68%对吧", "比2016年下降64.68%。", None),
        ("医保参保率96%，对吧", "参保率在95%以上。", None),
        ("债务化解了20亿元，对吧", "化解隐性债务有15.78亿元，偿还利息有6.92亿元。", "20亿元"),
        ("修了1000公里农村公路吧", "农村公路提质改造做了1450公里。", "1000公里"),
        ("送审材料是五样吧", "应当提供六样。", "五样"),
        ("送审材料是五样吧", "这是六样送审材料里的第五样。", "五样"),
        ("成员有20个对吧", "成员有19个，是这些单位主要负责人。", "20个"),
        ("成员是17个单位吧", "列出名字的成员单位有17个：县网信办。", None),
        ("2025年底建成对吧", "目标定在2023年底。", "2025年底"),
        ("2023年底建成对吧", "目标定在2023年底。", None),
        ("粮食65万吨以上吧", "产量每年稳定在65万吨以上。", None),
        # a last day is no shortest time, and the rule itself is no stricter one
        ("是不是15个工作日内必须审完", "一般不少于7个工作日。", "15个工作日内"),
        ("审查7个工作日内完成对吧", "一般不少于7个工作日。", "7个工作日内"),
        ("备案是30个工作日吗", "签订后30日内备案。", "30个工作日"),
        ("备案是三十天吗", "签订后30日内备案。", None),
        ("书面报告是1小时内对吧", "2小时内书面报告详细情况。", "1小时内"),
        ("书面报告是2小时内对吧", "2小时内书面报告详细情况。", None),
        ("书面报告1小时内交就行吧", "2小时内书面报告详细情况。", None),
        ("审查是10个工作日以上才行吗", "一般不少于7个工作日。", "10个工作日"),
    ],
)
def test_working_days_shares_and_sums(question: str, answer: str, wrong: str | None) -> None:
    assert wrong_figure(question, answer) == wrong
