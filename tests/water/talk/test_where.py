"""How a place that comes in two messages is put together."""

from __future__ import annotations

from bot.places.gazetteer import Resolved
from bot.water.talk.draft import Draft
from bot.water.talk.where import merge_place


def test_a_street_in_english_stands_behind_a_blank_after_the_township_told_before() -> None:
    before = Draft(place="三塘镇", township="三塘镇")
    assert merge_place(before, Resolved("Old Street", None, "Old Street")).text == "三塘镇 Old Street"
    assert merge_place(before, Resolved("老街", None, "老街")).text == "三塘镇老街"


def test_a_township_told_after_a_street_in_english_stands_before_a_blank() -> None:
    before = Draft(place="Old Street", detail="Old Street")
    assert merge_place(before, Resolved("三塘镇", "三塘镇", "")).text == "三塘镇 Old Street"
