"""What texts are compared by."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents.features import SYNONYMS, features, meanings, plain, read_synonyms
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Ⅱ级响应", "二级响应"),
        ("IV级", "四级"),
        ("特别重大的", "特重的"),
        ("一共5条？", "一共五条"),
        ("24小时", "24小时"),
        ("请问合同", "合同"),
    ],
)
def test_one_way_of_writing(said: str, meant: str) -> None:
    assert plain(said) == meant


def test_what_is_said_and_what_is_written_meet_in_a_meaning() -> None:
    assert "#多久" in meanings(plain("要好久")) & meanings(plain("几个工作日"))
    assert "#重大" not in meanings(plain("特别重大事故"))


def test_latin_words_stay_whole_and_meanings_count_once() -> None:
    assert features("PPP")[0] == "ppp"
    assert features("几天几天").count("#多久") == 1
    assert features("") == features("？！") == []


def test_no_shipped_word_is_empty_once_made_plain() -> None:
    assert "" not in read_synonyms(SYNONYMS)


def test_a_number_without_quotes_in_the_synonyms_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.yml"
    path.write_text("目标: [2025]", encoding="utf8")
    with pytest.raises(BadInput, match="目标"):
        read_synonyms(path)
