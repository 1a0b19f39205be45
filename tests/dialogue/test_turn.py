"""A message as understood: what is taken back does not count."""

from __future__ import annotations

import pytest

from bot.dialogue.turn import Say, Step, Understood
from tests.sayings import understood


@pytest.mark.parametrize(
    ("said", "places", "kept"),
    [
        ("不是三塘，是泉溪", ["三塘", "泉溪"], ["泉溪"]),
        ("不在三塘，在泉溪", ["三塘", "泉溪"], ["泉溪"]),
        ("是泉溪，不是三塘", ["泉溪", "三塘"], ["泉溪"]),
        ("别写三塘", ["三塘"], []),
        ("不系三塘", ["三塘"], []),
        ("三塘和泉溪都停水", ["三塘", "泉溪"], ["三塘", "泉溪"]),
        ("是不是三塘停水了", ["三塘"], ["三塘"]),
        ("not Santang, Quanxi", ["Santang", "Quanxi"], ["Quanxi"]),
        ("not in Santang but in Quanxi", ["Santang", "Quanxi"], ["Quanxi"]),
        ("我不知道三塘在哪", ["三塘"], ["三塘"]),
    ],
)
def test_what_is_taken_back_does_not_count(said: str, places: list[str], kept: list[str]) -> None:
    message = understood(said, place=places)
    assert [span.value for span in message.all("place")] == kept
    assert (message.first("place") or None) == (message.all("place")[0] if kept else None)
    assert (message.last("place") or None) == (message.all("place")[-1] if kept else None)


def test_numbers_and_phones_are_taken_back_too() -> None:
    assert [s.data["low"] for s in understood("不是十户，是三十户").all("number")] == [30]
    phone = understood("不是13912340001，是13912340002").last("phone")
    assert phone is not None
    assert phone.value == "13912340002"


def test_nothing_of_a_kind() -> None:
    message = understood("停水了")
    assert (message.all("phone"), message.first("phone"), message.last("phone")) == ((), None, None)
    assert Understood("").plain == ""


@pytest.mark.parametrize("said", ["屋里冇得水哒", "東莞，停水！", "ＡＢＣ１２３", "三塘镇 老街", "😀停水"])
def test_the_plain_form_is_as_long_as_the_text(said: str) -> None:
    message = understood(said)
    assert len(message.plain) == len(message.text)


def test_dialect_and_traditional_characters_are_mended() -> None:
    assert understood("屋裡冇水").plain == "屋里没水"


def test_plain_data() -> None:
    assert Say("utter_x") == Say("utter_x", {})
    assert Step({"a": 1}) == Step({"a": 1}, (), None, False)
