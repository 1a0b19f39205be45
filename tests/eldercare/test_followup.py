"""What is asked about a point that was just found."""

from __future__ import annotations

from datetime import date

import pytest

from bot.eldercare.followup import followup, wants_to_send_location
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("走路过去要多久", "walk"),
        ("有好远", "walk"),
        ("离我多远", "walk"),
        ("走过去几分钟", "walk"),
        ("how far is it", "walk"),
        ("开门吗", "hours"),
        ("几点关门", "hours"),
        ("营业到什么时候", "hours"),
        ("is it open", "hours"),
        ("电话多少", "phone"),
        ("怎么联系他们", "phone"),
        ("what is the phone number", "phone"),
    ],
)
def test_what_is_asked(text: str, what: str) -> None:
    found = followup(text, NOW)
    assert found is not None
    assert found.what == what


@pytest.mark.parametrize("text", ["", "停水了", "谢谢", "对", "我叫王建国", "三塘镇", "no water at home"])
def test_nothing_of_the_kind(text: str) -> None:
    assert followup(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天开门吗", date(2026, 11, 23)),
        ("明天开不开", date(2026, 11, 24)),
        ("后天开门吗", date(2026, 11, 25)),
        ("周一开门吗", date(2026, 11, 23)),
        ("周日开门吗", date(2026, 11, 29)),
        ("星期天休息吗", date(2026, 11, 29)),
        ("礼拜六营业不", date(2026, 11, 28)),
        ("open on sunday", date(2026, 11, 29)),
        ("is it open tomorrow", date(2026, 11, 24)),
        ("几点开门", None),
    ],
)
def test_the_day_that_opening_is_asked_for(text: str, day: date | None) -> None:
    found = followup(text, NOW)
    assert found is not None
    assert (found.day.date() if found.day else None) == day


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("我发个定位给你", True),
        ("我不知道这是哪里", True),
        ("发位置行不行", True),
        ("i will send my location", True),
        ("三塘镇老街", False),
        ("不要了", False),
    ],
)
def test_a_location_will_be_sent(text: str, sends: bool) -> None:
    assert wants_to_send_location(text) is sends
