"""Who cannot wait for water, in people's own words."""

from __future__ import annotations

import pytest

from bot.water.talk.vulnerable import find_vulnerable, groups, kept, named
from bot.water.words import words


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("我娘瘫在床上，一天没水了", ("bedridden",)),
        ("屋里有个瘫痪的老人家，没水洗不得", ("bedridden",)),
        ("老倌子长期卧床，停水了", ("bedridden",)),
        ("我爸中风了下不了床，一滴水都冒得", ("bedridden", "disabled")),
        ("我妈八十五岁了，动不得", ("bedridden", "aged")),
        ("我要做腹透，停水怎么办", ("dialysis",)),
        ("老婆是孕妇，没水做饭", ("pregnant",)),
        ("媳妇刚生毛毛，坐月子，没水", ("pregnant", "infant")),
        ("屋里三个月的毛毛要冲奶粉", ("infant",)),
        ("对门是个独居老人，几天没水了", ("alone",)),
        ("奶奶一个人住，屋里没水", ("alone",)),
        ("楼上老人坐轮椅，提不得水", ("disabled",)),
        ("没水，屋里有孕妇", ("pregnant",)),
        ("停水了孕妇洗不了澡", ("pregnant",)),
        ("my mother is bedridden and there is no water", ("bedridden",)),
        ("no water and I have a newborn baby", ("infant",)),
    ],
)
def test_who_is_told_of(said: str, found: tuple[str, ...]) -> None:
    assert find_vulnerable(said) == found


@pytest.mark.parametrize(
    "said",
    [
        "三塘镇老街停水了，从昨天晚上八点起",
        "没得孕妇，就是没水",
        "屋里没有婴儿",
        "停水搞得交通瘫痪了",
        "整个供水都瘫痪了",
        "下毛毛雨，水管爆了",
        "我一个人在家，没水",
        "八十户没水，停了三个月",
        "水管插管道的地方漏水",
        "毛毛虫爬出来了",
        "no baby here, just no water",
        "8岁的崽在屋里",
        "水费交了八十多块",
    ],
)
def test_nobody_is_told_of(said: str) -> None:
    assert find_vulnerable(said) == ()


def test_what_is_kept_is_read_by_staff_in_their_words() -> None:
    assert kept("停水了") is None
    assert kept("我娘瘫在床上，媳妇怀孕") == "bedridden,pregnant"
    assert named("bedridden,pregnant") == "卧床不起、孕妇、产妇"
    assert named(None) == ""
    assert set(words()["vulnerable"]) == set(groups())
