"""What is asked about a point that was just found."""

from __future__ import annotations

from datetime import date

import pytest

from bot.eldercare.followup import (
    asks_how_it_stands,
    followup,
    names_no_place,
    speaks_of_care,
    takes_care_back,
    wants_registered,
    wants_to_send_location,
)
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
        ("多少钱一餐", "price"),
        ("要钱吗", "price"),
        ("how much is it", "price"),
        ("还有别的吗", "more"),
        ("有没有其他的", "more"),
        ("还有没有", "more"),
        ("any other ones", "more"),
        ("太远了", "farther"),
        ("有没有近一点的", "farther"),
        ("that is too far", "farther"),
        ("要预约不", "booking"),
        ("可以直接去吗，直接去行不行", "booking"),
        ("do I have to book", "booking"),
        ("能上门吗", "visit"),
        ("他们到我屋里来不", "visit"),
        ("第二个在哪里", "line"),
        ("the second one", "line"),
        ("有没有送饭的", "service"),
        ("理发的呢", "service"),
    ],
)
def test_what_is_asked(text: str, what: str) -> None:
    found = followup(text, NOW)
    assert found is not None
    assert found.what == what


@pytest.mark.parametrize(
    ("text", "what", "index"),
    [
        ("第二个电话多少", "phone", 2),
        ("第三家开门吗", "hours", 3),
        ("第两个多远", "walk", 2),
        ("最后一个要钱吗", "price", 0),
        ("第1个", "line", 1),
        ("the third one", "line", 3),
        ("电话多少", "phone", None),
    ],
)
def test_which_point_is_meant(text: str, what: str, index: int | None) -> None:
    found = followup(text, NOW)
    assert found is not None
    assert (found.what, found.index) == (what, index)


@pytest.mark.parametrize(
    "text",
    [
        "", "停水了", "谢谢", "对", "我叫王建国", "三塘镇", "no water at home", "时间银行是怎么回事",
        "失能老人补贴多少钱", "水务公司电话多少", "还有别的事", "我问别的问题", "第二条", "助餐是怎么规定的",
        "哪些老人可以优先", "合同还有多久到期",
    ],
)  # fmt: skip
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


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("不知道", True),
        ("没有", True),
        ("我也不晓得", True),
        ("i don't know", True),
        ("三塘镇老街", False),
        ("没有塘村", False),
    ],
)
def test_an_answer_that_names_no_place(text: str, nothing: bool) -> None:
    assert names_no_place(text) is nothing


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("我不要送餐了", True),
        ("取消我的送餐申请", True),
        ("不想要人照顾了", True),
        ("please cancel the meals", True),
        ("给我妈送餐", False),
        ("送餐不要太辣了", False),
        ("不用送餐了，想要人陪聊", False),
        ("取消", False),
        ("不要报停水了", False),
    ],
)
def test_a_request_is_taken_back(text: str, back: bool) -> None:
    assert takes_care_back(text) is back


@pytest.mark.parametrize(
    ("text", "care"), [("送餐取消", True), ("养老那个申请", True), ("停水那个不报了", False)]
)
def test_what_a_cancellation_is_about(text: str, care: bool) -> None:
    assert speaks_of_care(text) is care


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("帮我登记", True), ("给我妈报个名", True), ("我要申请", True), ("登记一下", True), ("sign me up", True),
        ("怎么登记", False), ("可以帮我登记吗", False), ("帮我登记停水", False), ("我要申请什么材料", False), ("谢谢", False),
    ],
)  # fmt: skip
def test_who_wants_to_be_registered_where_points_were_found(text: str, wants: bool) -> None:
    assert wants_registered(text) is wants


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("我爸的送餐什么时候开始", True), ("申请的送餐怎么样了", True), ("送饭的安排好了没", True), ("any news of the meals", True),
        ("我想要送餐", False), ("送餐多少钱", False),
    ],
)  # fmt: skip
def test_who_asks_how_a_request_stands(text: str, asks: bool) -> None:
    assert asks_how_it_stands(text) is asks
