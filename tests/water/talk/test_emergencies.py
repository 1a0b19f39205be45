"""What stays of an emergency when its teller is forgotten, and areas without anybody's name."""

from __future__ import annotations

import pytest

from bot.places.gazetteer import gazetteer
from bot.water.talk.areas import area_of
from bot.water.talk.emergencies import gist


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("花桥镇老街水厂漏氯气了，好多人晕倒，我是何国安，电话13912340301", "花桥镇老街水厂 氯气"),
        ("泉溪镇水厂漏氯气了，有人晕倒", "泉溪镇水厂 氯气"),
        ("泉溪镇何国安家水有毒，喝了都吐", "泉溪镇 中毒"),
        ("我不想活了", ""),
    ],
)  # fmt: skip
def test_where_and_what_stay_and_nobody(text: str, stays: str) -> None:
    assert gist(text, gazetteer()) == stays


@pytest.mark.parametrize(
    ("detail", "area"),
    [
        ("何国安家", ""), ("老街何国安家", "老街"), ("陈桂香屋里", ""), ("老街王明家里", "老街"), ("何国安家隔壁", ""),
        ("金盘人家", "金盘人家"), ("金盘小区5栋", "金盘小区"), ("李家村", "李家村"), ("万家", "万家"), ("老街", "老街"),
        ("老街何国安户", "老街"), ("陈桂香屋里面", ""), ("陈桂香屋里头", ""), ("何国安家里头", ""), ("老街住户", "老街住户"),
        ("我家", ""), ("老街我屋里", "老街"), ("何家老屋", "何家老屋"),
    ],
)  # fmt: skip
def test_an_area_is_nobodys_name(detail: str, area: str) -> None:
    assert area_of(detail) == area
