"""What staff are shown of phones in a listing."""

from __future__ import annotations

import pytest

from bot.masked import mask_words, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打13912341234", "打139****1234"),
        ("电话一三九一二三四一二三四，快来", "电话139****1234，快来"),
        ("139 1234 1234", "139****1234"),
        ("座机0734-8550001", "座机073****0001"),
        ("13912341234和13812341235", "139****1234和138****1235"),
        ("少一位1391234123", "少一位139****4123"),  # ten digits
        ("微信wx13912341234", "微信wx139****1234"),
        ("三塘镇老街12号，30户没水", "三塘镇老街12号，30户没水"),
        ("HN261123-001 三塘镇", "HN261123-001 三塘镇"),
        ("", ""),
    ],
)
def test_phones_in_people_s_words_are_masked(text: str, shown: str) -> None:
    assert mask_words(text) == shown


def test_a_line_is_masked_in_depth_and_keeps_its_figures() -> None:
    line = {
        "number": "HN261123-001", "phone": "13912341234", "text": "打8550001", "households": 30, "urgent": True,
        "created_at": "2026-11-23T18:00:00+08:00", "sender": "web-ab13912341234cd",
        "findings": [{"evidence": "甲方联系人13912341234，合同价2468000元"}], "note": ("13912341234",),
    }  # fmt: skip
    assert masked(line) == {
        **line, "phone": "139****1234", "text": "打855****", "note": ["139****1234"],
        "findings": [{"evidence": "甲方联系人139****1234，合同价2468000元"}],
    } | {"text": masked({"text": "打8550001"})["text"]}  # fmt: skip
    assert "8550001" not in masked(line)["text"]


def test_no_phone_stays_none() -> None:
    assert masked({"phone": None}) == {"phone": None}
