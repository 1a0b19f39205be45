"""The language of a message, short ones above all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.language import identify, is_pinyin


@pytest.mark.parametrize(
    ("text", "language"),
    [
        # short Chinese, which langdetect alone takes for Korean and others
        ("停水", "zh"),
        ("好", "zh"),
        ("没水", "zh"),
        ("是的", "zh"),
        ("三塘", "zh"),
        ("冇水", "zh"),
        ("對", "zh"),
        ("屋裡停水了", "zh"),
        ("請問哪裡有養老驛站", "zh"),
        ("我家wifi断了", "zh"),
        ("WC没水了", "zh"),
        ("停水了😭", "zh"),
        # pinyin
        ("ting shui le", "zh"),
        ("santang zhen ting shui le", "zh"),
        ("ni hao", "zh"),
        ("nihao", "zh"),
        ("Mei shui le", "zh"),
        ("mei shui", "zh"),
        ("san tang you yang lao dian mei", "zh"),
        ("yanglao fuwu yao qian ma", "zh"),
        # English
        ("hi", "en"),
        ("no water", "en"),
        ("hello there", "en"),
        ("thanks", "en"),
        ("yes", "en"),
        ("WATER", "en"),
        ("report 007", "en"),
        ("status of HN261124001 please", "en"),
        ("ok thanks", "en"),
        ("are you there", "en"),
        ("Santang town", "en"),
        ("what can you do", "en"),
        ("There has been no water since this morning.", "en"),
        ("Is there an outage in Santang?", "en"),
        ("THE WATER IS BROWN", "en"),
        # others
        ("水が出ません", "ja"),
        ("물이 안 나와요", "ko"),
        ("Bonjour, il n'y a plus d'eau depuis hier soir", "fr"),
        # nothing to tell by
        ("", None),
        ("   ", None),
        ("13912340001", None),
        ("？？？", None),
        ("😀😀", None),
        ("26.73,112.66", None),
        # scraps that any talk may hold
        ("HN261124001", None),
        ("SJ261124-001", None),
        ("hn 261124 001", None),
        ("ok", None),
        ("GDP", None),
        ("https://maps.example.com/place?name=abc&at=26,112", None),
        ("zhang@example.com", None),
        ("/restart", None),
        ("<b>", None),
        ("13912340001 ok", None),
        ("26°47'N 112°30'E", None),
        # short English is English, with or without a township
        ("no water again in Santang", "en"),
        ("please fix the pipe, it leaks", "en"),
        ("il n'y a plus d'eau depuis hier matin chez nous", "fr"),
        # a name or a place says nothing
        ("Huaqiao", None),
        ("Huaqiao cun", None),
        ("santang zhen laojie", None),
        ("Chen Guixiang", None),
        ("Chen Gui Xiang", None),
        ("chen guixiang", None),
        ("Li Ming, Santang", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert identify(text) == language


@pytest.mark.parametrize("text", ["shui", "wo jia mei shui", "nihao", "zhuang", "shui you wei dao"])
def test_pinyin(text: str) -> None:
    assert is_pinyin(text)


@pytest.mark.parametrize(
    "text", ["", "water", "street", "thanks", "no shui", "停水", "xyz", "you", "are you sure of it"]
)
def test_no_pinyin(text: str) -> None:
    assert not is_pinyin(text)


@given(st.text(max_size=60))
def test_never_raises_and_is_the_same_each_time(text: str) -> None:
    assert identify(text) == identify(text)
    assert identify(text + "水") in ("zh", "ja")
