"""Places, names and phones as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.crisis import is_missing, life_in_danger, speaks_of_dying
from bot.dialogue.details import (
    asks_on,
    cancels,
    combine_places,
    does_not_know,
    find_name,
    is_question,
    looks_like_a_spot,
    mask_phone,
    means_only_mine,
    says_more_than_no,
    strip_filler,
)
from bot.nlu.spans import cut
from bot.places.gazetteer import gazetteer
from tests.sayings import understood

PLACES = gazetteer([("樟树村", "咸塘镇")])


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("三塘镇老街", "三塘镇老街"),
        ("我住在三塘镇老街那边", "三塘镇老街"),
        ("在泉溪镇", "泉溪镇"),
        ("就是牛婆凼咯", "牛婆凼"),
        ("喂，你好，我在云集这边", "云集"),
        ("地址：茶市镇中学。", "茶市镇中学"),
        ("我屋里在近尾洲呢", "近尾洲"),
        ("在", "在"),
        ("", ""),
    ],
)
def test_words_around_a_place_are_left_out(said: str, place: str) -> None:
    assert strip_filler(said) == place


@given(st.text(max_size=40))
def test_what_is_left_was_said_and_is_not_empty_where_anything_was(text: str) -> None:
    left = strip_filler(text)
    assert left in text
    assert bool(left) or not text.strip(" ，,。.!！?？、~～")


@pytest.mark.parametrize(
    ("said", "bare", "name"),
    [
        ("我叫王建国", False, "王建国"),
        ("我是周芳，电话13912340001", False, "周芳"),
        ("老人叫陈桂香。", False, "陈桂香"),
        ("联系人：李四 13912340001", False, "李四"),
        ("刘建国 13912340021", True, "刘建国"),
        ("13912340021 老周", True, "老周"),
        ("刘建国 13912340021", False, None),
        ("我姓刘，会理发", False, "刘"),
        ("我姓什么不要紧", False, None),
        ("我是三塘镇的", False, None),
        ("我是没水", False, None),
        ("不留", True, None),
        ("可以", True, None),
        ("打我电话 13912340021", True, None),
        ("13912340021", True, None),
        ("今天下午", True, None),
        ("", True, None),
    ],
)
def test_name(said: str, bare: bool, name: str | None) -> None:
    assert find_name(understood(said), bare=bare) == name


@pytest.mark.parametrize(
    ("spans", "text", "township"),
    [
        (["三塘镇老街"], "三塘镇老街", "三塘镇"),
        (["栗江镇", "牛婆凼"], "栗江镇牛婆凼", "栗江镇"),
        (["牛婆凼", "栗江镇"], "栗江镇牛婆凼", "栗江镇"),
        (["三塘", "泉溪镇"], "泉溪镇", "泉溪镇"),
        (["东莞", "花桥镇高坪组"], "花桥镇高坪组", "花桥镇"),
        (["樟树村"], "樟树村", "咸塘镇"),
        (["牛婆凼"], "牛婆凼", None),
    ],
)
def test_places_of_a_message_are_put_together(spans: list[str], text: str, township: str | None) -> None:
    joined = "，".join(spans)
    starts = [joined.index(span) for span in spans]
    found = combine_places(
        PLACES, tuple(cut(joined, "place", start, start + len(s)) for s, start in zip(spans, starts))
    )
    assert found is not None
    assert (found.text, found.township) == (text, township)


@pytest.mark.parametrize("spans", [[], ["东莞"], ["广东那边", "长沙"]])
def test_no_place_of_the_county(spans: list[str]) -> None:
    assert combine_places(PLACES, tuple(cut(s, "place", 0, len(s)) for s in spans)) is None


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13912341024", "139****1024"),
        ("0734-8551234", "073****1234"),
        ("8551234", "****234"),
        ("110", "****110"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_phone_is_shown_masked(phone: str | None, shown: str) -> None:
    assert mask_phone(phone) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_masked_mobile_hides_four_digits(phone: str) -> None:
    shown = mask_phone(phone)
    assert (shown[:3], shown[3:7], shown[7:]) == (phone[:3], "****", phone[7:])


@pytest.mark.parametrize(
    ("text", "dying"),
    [
        ("我不想活了", True),
        ("我真的活不下去", True),
        ("活着没意思", True),
        ("我想自杀", True),
        ("i want to die", True),
        ("烦死人了", False),
        ("热死我了", False),
        ("鱼都死了", False),
        ("没水我怎么活", False),
        ("水管死了", False),
    ],
)
def test_wanting_to_die_is_heard(text: str, dying: bool) -> None:
    assert speaks_of_dying(text) is dying


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("会打针", False),
        ("做饭洗衣", False),
        ("要什么证", True),
        ("可以吗", True),
        ("what do I need", True),
        ("", False),
    ],
)
def test_is_question(text: str, asks: bool) -> None:
    assert is_question(text) is asks


@pytest.mark.parametrize(
    ("text", "asked", "stops"),
    [
        ("算了不报了", "outage_time", True), ("取消", "outage_phone", True), ("莫搞哒", "care_place", True),
        ("cancel it", "outage_place", True), ("suan le", "outage_place", True), ("不用了", "outage_confirm", True),
        ("刚刚", "outage_time", False), ("刚刚停的", "outage_time", False), ("刚才", "outage_time", False),
        ("算了不留", "outage_phone", False), ("不要紧", "outage_casualties", False), ("三塘", "outage_place", False),
    ],
)  # fmt: skip
def test_only_plain_words_stop_a_job(text: str, asked: str, stops: bool) -> None:
    assert cancels(text, asked) is stops


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("有人中毒了，救命", True), ("吃饭有人中毒了", True), ("我奶奶中毒了", True), ("救命啊", True), ("救救我", True),
        ("我闻到煤气味", True), ("我娘走丢了", True), ("两个人倒了", True),
        ("给我奶奶洗被子 她提不动了", False), ("中毒的预案里定几级", False), ("我煤气费怎么交", False), ("电脑中毒怎么办", False),
        ("煤气味好大", True),
        ("天然气的味道重得很", True),
        ("煤气费怎么交", False),
    ],
)  # fmt: skip
def test_a_life_in_danger_is_heard(text: str, danger: bool) -> None:
    assert life_in_danger(text) is danger


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("我奶奶走丢了", True),
        ("小孩不见了", True),
        ("小孩掉井里不见了", False),
        ("老人摔倒起不来", False),
    ],
)
def test_who_is_gone_is_searched_for_by_the_police(text: str, gone: bool) -> None:
    assert life_in_danger(text)
    assert is_missing(text) is gone


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("没人不舒服", True), ("不留电话", True), ("没有人受伤", True), ("不用了谢谢", False), ("没有了，麻烦你了", False),
        ("", False), ("no thanks", False),
    ],
)  # fmt: skip
def test_a_no_that_tells_something(text: str, more: bool) -> None:
    assert says_more_than_no(understood(text, intent="deny")) is more


@pytest.mark.parametrize(
    ("text", "spot", "unknown"),
    [
        ("学校后面", True, False), ("街上", True, False), ("near the middle school", True, False),
        ("卫生院旁边", True, False), ("三组", True, False), ("说不清", False, True), ("不晓得咯", False, True),
        ("don't know", False, True), ("今天天气不错", False, False), ("我想问一下合同的事要准备什么材料给哪个看才行呢那边", False, False),
    ],
)  # fmt: skip
def test_words_that_answer_where_by_their_shape_or_cannot_tell(text: str, spot: bool, unknown: bool) -> None:
    assert (looks_like_a_spot(text), does_not_know(text)) == (spot, unknown)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("三塘呢", True),
        ("那泉溪镇", True),
        ("what about Santang", True),
        ("三塘镇老街", False),
        ("三塘?", True),
    ],
)
def test_the_last_question_is_asked_of_something_else(text: str, asks: bool) -> None:
    assert asks_on(text) is asks


@pytest.mark.parametrize(
    ("text", "mine"),
    [
        ("我家", True),
        ("就我屋里", True),
        ("我自己", True),
        ("just me", True),
        ("我家和隔壁", False),
        ("我们村", False),
        ("", False),
    ],
)
def test_one_s_own_home_alone(text: str, mine: bool) -> None:
    assert means_only_mine(text) is mine
