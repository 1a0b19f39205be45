"""What tells one household from the next, and what neighbours share."""

from __future__ import annotations

from typing import Any

import pytest

from bot.water.reporting.households import household_of
from bot.water.talk.areas import is_one_house

SOMEBODY: dict[str, Any] = {
    "phone": None, "township": "三塘镇", "detail": "金盘小区", "channel": "web", "sender": "a",
}  # fmt: skip


@pytest.mark.parametrize(
    ("detail", "one"),
    [
        ("老街28号", True),
        ("老街， 28号", True),
        ("金盘小区3栋2单元501室", True),
        ("金盘小区5栋302", True),
        ("金盘小区3-2-501", True),
        ("双桥村3组12号", True),
        ("金盘小区5栋", False),
        ("金盘小区5号楼", False),
        ("双桥村3组", False),
        ("28号", False),
        ("老街", False),
        ("", False),
    ],
)
def test_the_address_of_one_household(detail: str, one: bool) -> None:
    assert is_one_house(detail) is one


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return household_of(**{**SOMEBODY, **first}) == household_of(**{**SOMEBODY, **second})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"phone": "0734-8550009"}, {"phone": "07348550009", "sender": "b", "channel": "wechat"}),
        ({"detail": "老街28号"}, {"detail": "老街 28号", "sender": "b"}),
        ({"detail": "老街"}, {"detail": "老街5组"}),
    ],
)
def test_one_household(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"sender": "b"}),
        ({}, {"channel": "wechat"}),
        ({"phone": "13912340001"}, {"phone": "13912340002"}),
        ({"detail": "老街28号"}, {"detail": "老街29号"}),
        ({"detail": "老街28号"}, {"detail": "老街28号", "township": "泉溪镇"}),
        ({"detail": "金盘小区5栋"}, {"detail": "金盘小区5栋", "sender": "b"}),
    ],
)
def test_two_households(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert not same(first, second)


def test_no_phone_can_be_read_from_it() -> None:
    assert "13912340001" not in household_of(**{**SOMEBODY, "phone": "13912340001"})
