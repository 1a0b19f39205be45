"""In whose name a clerk says that it is signed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.signing_names import authorised_by, forbidden_name


@pytest.mark.parametrize(
    ("said", "authorised"),
    [
        ("县政府授权我们局签一个ppp合同", True),
        ("县人民政府书面委托城投公司对外签", True),
        ("受县政府委托,我们局签", True),
        ("县政府签委托代建合同", False),  # a kind of contract
        ("县政府委托运营合同要签", False),
        ("县政府没有授权我们签", False),
        ("没有受县政府委托", False),
        ("我们局要签物业合同", False),
    ],
)
def test_authorised(said: str, authorised: bool) -> None:
    assert (authorised_by(said) == "county") is authorised


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("创文指挥部要签一个广告服务合同,列一下清单", "创文指挥部"),
        ("用拆迁指挥部的名义签个协议", "拆迁指挥部"),
        ("我们党政办要跟打印店签个合同", "党政办"),
        ("列清单,领导小组办公室的名义签", "领导小组办公室"),
        ("我们局要签物业合同", None),
        ("街道办事处签", None),
        ("县政府办公室签物业合同", None),
        ("县政府签,办公室经办", None),
        ("我们镇要跟创文指挥部签合同", None),  # the other side
        ("创文指挥部跟广告公司谈价钱", None),
    ],
)
def test_forbidden_name(said: str, name: str | None) -> None:
    assert forbidden_name(said) == name


@given(st.text(max_size=80))
def test_any_text(said: str) -> None:
    forbidden_name(said)
    authorised_by(said)
