"""Which messages put a filed report right, and what they leave alone."""

from __future__ import annotations

import pytest

from bot.dialogue.turn import Understood
from bot.nlu.normalise import normalise
from bot.nlu.reading import read
from bot.nlu.spans import Span
from bot.places.gazetteer import gazetteer
from bot.water.talk.corrections import (
    correct,
    corrects,
    field_at_fault,
    means_the_filed_one,
    only_says_wrong,
)
from bot.water.talk.draft import Draft
from tests.conftest import NOW

FILED = Draft(
    replaces="HN261123-001", problems=("no_water",), township="三塘镇", place="三塘镇老街", detail="老街",
    started_at="2026-11-22T20:00:00", started_text="昨晚八点", started_grain="hour", scope="street",
)  # fmt: skip


def said(text: str, *places: str) -> Understood:
    spans = [Span("place", text.index(p), text.index(p) + len(p), p) for p in places]
    return Understood(text, "inform", 0.9, (*spans, *read(text, NOW).spans))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("说错了，是泉溪镇", ["泉溪镇"]),
        ("错了，应该是昨晚九点", []),
        ("不是老街，是新街", ["老街", "新街"]),
        ("不是三十户，是三百户", []),
        ("说错了，不是停水，是水浑了", []),
        ("改成前天晚上", []),
        ("sorry wrong, it is Quanxi", ["Quanxi"]),
    ],
)
def test_a_contrast_corrects(text: str, places: list[str]) -> None:
    assert corrects(said(text, *places))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("是不是泉溪镇也停水了", ["泉溪镇"]),
        ("我娘家泉溪镇双桥村也停水了，不是我家", ["泉溪镇双桥村"]),
        ("泉溪镇新街也没水了，水管接错了", ["泉溪镇新街"]),
        ("今天不错，有一点点水了，还是小", []),
        ("I do not have water in the kitchen, 2 days now", []),
        ("报错了，撤销", []),
        ("泉溪镇呢", ["泉溪镇"]),
        ("", []),
    ],
)
def test_other_matters_do_not(text: str, places: list[str]) -> None:
    assert not corrects(said(text, *places))


@pytest.mark.parametrize(
    ("text", "bare"), [("错了错了", True), ("说错了", True), ("不错", False), ("接错了", False)]
)
def test_a_bare_wrong_asks_what(text: str, bare: bool) -> None:
    assert only_says_wrong(said(text)) is bare


@pytest.mark.parametrize(
    ("text", "places", "changed"),
    [
        ("说错了，是泉溪镇", ["泉溪镇"], {"township": "泉溪镇", "place": "泉溪镇老街"}),
        ("不是老街，是新街", ["老街", "新街"], {"place": "三塘镇新街"}),
        ("错了，是九点半", [], {"started_at": "2026-11-22T21:30:00"}),
        ("说错了，不是停水，是水浑了", [], {"problems": ("bad_water",)}),
    ],
)
def test_what_is_corrected(text: str, places: list[str], changed: dict[str, object]) -> None:
    assert normalise(text).text
    after = correct(FILED, said(text, *places), places=gazetteer(), now=NOW)
    assert {name: getattr(after, name) for name in changed} == changed
    assert after.replaces == FILED.replaces


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("时间", "outage_time"),
        ("时间不对", "outage_time"),
        ("地址写错了", "outage_place"),
        ("就是电话错了", "outage_phone"),
        ("the place is wrong", "outage_place"),
        ("电话不对，是13711113333", None),
        ("时间银行", None),
        ("不对", None),
        ("", None),
    ],
)
def test_the_line_that_is_said_to_be_wrong(text: str, question: str | None) -> None:
    assert field_at_fault(text) == question


@pytest.mark.parametrize(
    ("text", "filed"),
    [("撤了吧", True), ("不报了", True), ("withdraw it", True), ("算了", False), ("取消", False)],
)
def test_whether_a_filed_report_is_taken_back(text: str, filed: bool) -> None:
    assert means_the_filed_one(text) is filed
