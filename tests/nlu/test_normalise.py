"""Cleaning and normalising: nothing raises, lengths hold, offsets lead back."""

from __future__ import annotations

from pathlib import Path

import pypinyin
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import MAX_CHARS, TABLE, clean, normalise

CASES = yaml.safe_load(Path(__file__).with_name("normal.yml").read_text(encoding="utf-8"))
ROWS = [(name, text, form) for name, rows in CASES.items() for text, form in rows.items()]
RULES = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
ANY = st.text(st.characters(), max_size=200)  # with lone surrogates and control characters
WATER = st.text("停婷水睡税谁没冇冒得哒噶咯么子自来管官爆用屋里时候\u200b\ud800\n听", max_size=30)


@pytest.mark.parametrize(("name", "text", "form"), ROWS, ids=[f"{name}: {text}" for name, text, _ in ROWS])
def test_normalised_form(name: str, text: str, form: str) -> None:
    assert normalise(text).text == form


@given(st.one_of(ANY, WATER))
def test_normalising_keeps_the_length(text: str) -> None:
    found = normalise(text)
    assert len(found.text) == len(text)
    assert found.original == text


@given(st.one_of(ANY, WATER))
def test_cleaning_leads_back_to_the_original(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.offsets) == len(cleaned.text) + 1
    for i, char in enumerate(cleaned.text):
        start, end = cleaned.original_span(i, i + 1)
        assert text[start:end] == char or (char == " " and text[start:end].isspace())
    assert clean(cleaned.text).text == cleaned.text
    cleaned.text.encode("utf-8")


def test_long_and_hidden_characters_are_dropped() -> None:
    assert len(clean("水" * 10_000).text) == MAX_CHARS
    assert clean("停\u200b水\ud800\ufeff\x00了\n吧").text == "停水了 吧"
    assert clean("停\u200b水了").original_span(0, 2) == (0, 3)


def test_sounds_are_what_they_say() -> None:
    for sound, chars in RULES["sounds"].items():
        for char in chars:
            assert sound in pypinyin.pinyin(char, style=pypinyin.NORMAL, heteronym=True)[0], char


def test_characters_map_to_characters() -> None:
    assert all(len(a) == len(b) == 1 for a, b in RULES["chars"].items())
