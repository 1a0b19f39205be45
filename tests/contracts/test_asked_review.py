"""Wishes to have a draft looked over, and what is another matter."""

from __future__ import annotations

import pytest

from bot.contracts.asked_review import asks_for_review


@pytest.mark.parametrize("text", [
    "帮我看看这份合同", "帮我看看合同", "请帮我审一下这个合同有没有问题", "帮我看下这份采购合同有没有漏洞", "能帮我检查一下协议吗",
    "这份合同帮我看看", "这份合同帮我看看有没有问题", "帮忙看看这份合同草稿", "我有份合同,帮我看看", "合同能帮我把把关吗", "怎么发合同文件",
    "review my contract", "can you check this contract?",
])  # fmt: skip
def test_asks(text: str) -> None:
    assert asks_for_review(text)


@pytest.mark.parametrize("text", [
    "帮我看看这个合同要不要送司法局", "帮我看看这份工作合同有没有坑", "购房合同帮我看看", "合同审查", "审查合同要几天", "合同怎么审查",
    "没审合同就签了", "我要列合同清单", "帮我看看哪里停水", "就差盖章了 你帮我看看还缺哪样 是垃圾清运服务合同", "看看租赁合同送审要哪些材料",
])  # fmt: skip
def test_does_not(text: str) -> None:
    assert not asks_for_review(text)
