"""How a text sounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.syllables import all_syllables, cut, sounds, syllables


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("停水了", "ting shui le"),
        ("婷睡了", "ting shui le"),
        ("tingshuile", "ting shui le"),
        ("ting shui le", "ting shui le"),
        ("yanglaoyizhan", "yang lao yi zhan"),
        ("no water", "no water"),
        ("12户没水", "# hu mei shui"),
        ("hello，水", "hello ， shui"),
        ("绿", "lv"),
        ("", ""),
    ],
)
def test_sounds(text: str, heard: str) -> None:
    assert syllables(text) == heard.split()


@pytest.mark.parametrize("word", ["water", "hello", "xyz", "santangzhenn"])
def test_what_is_no_pinyin_is_not_cut(word: str) -> None:
    assert cut(word) is None


def test_the_fewest_syllables_win() -> None:
    assert cut("xian") == ("xian",)  # not xi an
    assert len(cut("zhuangshuiguan") or ()) == 3


def test_there_are_about_four_hundred_syllables() -> None:
    assert 390 < len(all_syllables()) < 430
    assert {"shui", "ting", "lv", "zhuang", "er"} <= all_syllables()
    assert not {"", "n", "hm", "ng", "zh"} & all_syllables()


@given(st.text(max_size=60))
def test_any_text_has_sounds_inside_it_in_order(text: str) -> None:
    last = 0
    for sound in sounds(text):
        assert last <= sound.start < sound.end <= len(text)
        last = sound.end
