"""What tells one household from the next, and what neighbours share."""

from __future__ import annotations

from typing import Any

import pytest

from bot.places.gazetteer import Resolved
from bot.water.reporting.households import household_of
from bot.water.talk.areas import is_at, is_one_house

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


@pytest.mark.parametrize(
    ("township", "detail", "place", "there"),
    [
        ("三塘镇", "老街", "三塘镇老街28号", True),
        ("三塘镇", "老街5号", "三塘镇老街28号", True),  # neighbours share the street
        (None, "老街", "三塘镇老街28号", True),
        ("三塘镇", "", "三塘镇老街28号", True),
        ("泉溪镇", "老街", "三塘镇老街28号", False),
        ("三塘镇", "新街", "三塘镇老街28号", False),
        ("三塘镇", "老街", "", False),
    ],
)
def test_a_place_that_is_named_may_be_that_of_the_report(
    township: str | None, detail: str, place: str, there: bool
) -> None:
    assert is_at(Resolved(f"{township or ''}{detail}", township, detail), place) is there
