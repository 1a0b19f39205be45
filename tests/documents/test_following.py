"""Questions that go on from the one before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.following import Followed, Topic, followed, tells

FILING = Topic("县政府签的合同几天内要备案", "contract/19")
MATERIALS = Topic("送审要交哪些材料", "contract/12")
GRADE = Topic("停水3000户40小时是几级", "water/3.2.2/5")


@pytest.mark.parametrize(
    ("topic", "said", "question"),
    [
        (FILING, "那乡镇的呢？", "乡镇签的合同几天内要备案"),
        (FILING, "村里呢", "村里签的合同几天内要备案，村的合同算不算政府合同"),
        (FILING, "报给谁", "县政府签的合同几天内要备案 报给谁"),
        (FILING, "这个呢，要多久", "县政府签的合同几天内要备案 这个呢,要多久"),
        (FILING, "那超过的呢", "县政府签的合同几天内要备案 超过"),
        (Topic("能不能用指挥部的名义签合同", "contract/6/1"), "那科室呢", "能不能用科室的名义签合同"),
        (Topic("镇上签合同谁来审查", "contract/5"), "那县政府签的呢", "县政府签合同谁来审查"),
        (MATERIALS, "第三个是什么", "《衡南县政府合同管理办法》第十二条（三）"),
        (MATERIALS, "第九个是什么", "送审要交哪些材料 第九个是什么"),
        (MATERIALS, "少了怎么办", "送审要交哪些材料 少了怎么办"),
        (GRADE, "那超过5000户的呢", "停水超过5000户40小时是几级"),
        (GRADE, "谁批准", "停水3000户40小时是几级 谁批准"),
        (GRADE, "这个呢", "停水3000户40小时是几级"),
    ],
)
def test_a_question_is_made_whole(topic: Topic, said: str, question: str) -> None:
    found = followed(topic, said)
    assert found is not None
    assert found.question == question


@pytest.mark.parametrize(
    "said",
    [
        "你吃饭了呢",
        "我妈呢",
        "",
        "呢",
        "合同送审一般审几天",
        "三塘镇老街停水了",
        "谢谢",
        "违约金写多少合适",
        "第三项办好了",
        "谁批准一级响应",
    ],
)
def test_what_stands_by_itself_goes_on_from_nothing(said: str) -> None:
    assert followed(FILING, said) is None


def test_what_is_only_added_leaves_the_topic() -> None:
    assert followed(MATERIALS, "第三个是什么") == Followed(
        "《衡南县政府合同管理办法》第十二条（三）", MATERIALS
    )
    changed = followed(FILING, "那乡镇的呢")
    assert changed is not None
    assert changed.topic is None  # the next question goes on from the townships


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text(before: str, said: str) -> None:
    found = followed(Topic(before, None), said)
    assert found is None or isinstance(found.question, str)


def test_how_long_is_answered_by_no_clause_without_a_time() -> None:
    assert not tells("要多久", "交县司法局进行合法性审查。")
    assert tells("要多久", "一般不少于7个工作日。")
    assert tells("谁批准", "县长批准。")
