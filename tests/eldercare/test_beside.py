"""A wish for care told beside an outage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eldercare.beside import care_beside
from bot.nlu.normalise import normalise


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("三塘镇老街昨晚八点停水，还有我娘瘫在床上，有人能来照顾吗", "我娘瘫在床上，有人能来照顾吗"),
        ("三塘停水了，想请人给我爸洗澡", "想请人给我爸洗澡"),
        ("停水了，另外想找个人给我妈送饭", "想找个人给我妈送饭"),
    ],
)
def test_a_wish_beside_an_outage_is_found(text: str, wish: str) -> None:
    assert care_beside(normalise(text).text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "没水做饭洗澡了，能来修吗",
        "老人小孩冇水喝，有没有送水的",
        "停水了请人来修，我爸八十了",
        "停水三天没法做饭，有没有人管",
        "停水，我妈没水做饭，有没有人来",
        "三塘镇老街停水了",
        "",
    ],
)
def test_what_only_tells_of_the_outage_is_none(text: str) -> None:
    assert care_beside(normalise(text).text) is None


@given(st.text(max_size=60))
def test_any_words_are_read(text: str) -> None:
    found = care_beside(text)
    assert found is None or found.strip()
