"""Times and durations against cases that say the sentence, the span and what it means."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.durations import hours_of
from bot.nlu.times import find_times, just_now, started_at

TABLE = yaml.safe_load(Path(__file__).with_name("times.yml").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(TABLE["now"])
CASES = [(name, case) for name, cases in TABLE["groups"].items() for case in cases]
WORDS = (
    "昨晚 前天 一点 三点 半 水 停 两天 几 个 小时 前 后 礼拜 三 月 号 12 : 8 2026 - 年 到 的 每"
    " last night ago two zuo tian"
)
PIECES = st.sampled_from(WORDS.split(" "))


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['say']}" for name, case in CASES])
def test_time_is_read_as_said(name: str, case: dict[str, Any]) -> None:
    found = []
    for span in find_times(case["say"], NOW):
        meaning = [
            span.data[k] for k in (("hours",) if span.entity == "duration" else ("iso", "grain", "kind"))
        ]
        found.append([span.entity, span.value, *meaning])
    assert found == case["found"]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("昨晚八点停的", "2026-11-22T20:00"),
        ("停了三个小时", "2026-11-23T16:57"),
        ("今天停了三个小时", "2026-11-23T16:57"),
        ("昨天停的，停了两天", "2026-11-22T00:00"),
        ("从今早六点停到现在", "2026-11-23T06:00"),
        ("二十几分钟前的事", "2026-11-23T19:32"),
        ("昨天下午三点停的，昨天就报过", "2026-11-22T15:00"),
        ("明天停水吗", None),
        ("周末总停水，这几天也停", "2026-11-21T00:00"),
        ("没水", None),
    ],
)
def test_start_of_an_outage(text: str, start: str | None) -> None:
    found = started_at(find_times(text, NOW), NOW)
    assert (found.isoformat(timespec="minutes") if found else None) == start


@pytest.mark.parametrize(
    ("text", "just"), [("刚才停的", True), ("刚停水", True), ("just now", True), ("刚出院", False)]
)
def test_just_now_is_no_span(text: str, just: bool) -> None:
    assert just_now(text) is just
    assert not find_times(text, NOW)


def test_a_part_of_the_day_that_has_begun_is_never_ahead() -> None:
    morning = datetime(2026, 11, 23, 6, 10)
    (span,) = find_times("早上停的", morning)
    assert span.data["iso"] == "2026-11-23T06:10"
    (span,) = find_times("晚上停的", morning)
    assert span.data["iso"] == "2026-11-22T20:00"


def test_a_date_is_last_springs_or_due_soon() -> None:
    isos = [find_times(text, NOW)[0].data["iso"] for text in ("3月5号", "12月3号")]
    assert isos == ["2026-03-05T00:00", "2026-12-03T00:00"]


def test_days_with_nights_are_half_days() -> None:
    assert [hours_of(t) for t in ("一天一夜", "两天一夜", "三天三夜", "两天", "水")] == [24, 36, 72, 48, None]


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=20).map("".join)), st.datetimes())
def test_any_text_at_any_time_is_survived(text: str, now: datetime) -> None:
    end = 0
    for span in find_times(text, now):
        assert span.start >= end
        assert span.value == text[span.start : span.end] != ""
        json.dumps(dict(span.data))
        end = span.end
    started_at(find_times(text, now), now)
