"""An official account end to end: wechatpy's own crypto is the platform, its web service is on loopback."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock
from bot.channels.tencent.service import Service
from bot.storage import accounts, database, inbound, outbox
from bot.storage.tables import ChannelAccount, IncomingMessage, OutgoingMessage
from tests.channels.tencent.fakes import OPENID
from tests.channels.tencent.lines import QUICK, ROOMY, Line, restarted
from tests.test_photos import with_gps
from tests.until import until

LATE = "您的话收到了，我还在查。请过一会儿回复“更多”，我就把结果告诉您。急事请打110或120。"
MORE = "（后面还有，回复“更多”接着看）"


def open_session(url: str) -> Session:
    return Session(database.engine_for(url), future=True)


def waiting(url: str) -> list[str]:
    with open_session(url) as session:
        query = select(OutgoingMessage).where(OutgoingMessage.sent_at.is_(None))
        return [row.text for row in session.scalars(query)]


async def test_an_answer_that_is_ready_comes_back_in_the_request(verified: Line, database_url: str) -> None:
    assert await verified.say("老街停水了") == "收到：老街停水了"
    await asyncio.sleep(1.3)  # the courier looked
    assert verified.tencent.texts == []
    assert waiting(database_url) == []
    (asked,) = verified.assistant.asked
    assert (asked.text, asked.input_channel, asked.output_channel.name()) == (
        "老街停水了",
        "wechat",
        "wechat",
    )
    assert OPENID not in asked.sender_id


async def test_a_slow_answer_is_pushed_and_not_repeated(verified: Line, database_url: str) -> None:
    xml, told = await verified.thinking("哪里停水", 1)
    assert told == [None]
    verified.assistant.go()
    assert await verified.pushed(1) == ["收到：哪里停水"]
    assert verified.tencent.calls[0].body["touser"] == OPENID
    await until(lambda: not waiting(database_url))  # it is noted as sent behind the sending
    assert await verified.deliver(xml) is None
    assert verified.tencent.texts == ["收到：哪里停水"]
    assert verified.assistant.texts == ["哪里停水"]
    assert waiting(database_url) == []


async def test_of_three_parallel_deliveries_one_gets_the_answer(verified: Line) -> None:
    xml = verified.peer.text("停水")
    answers = await asyncio.gather(*(verified.deliver(xml) for _ in range(3)))
    assert sorted(answers, key=str) == [None, None, "收到：停水"]
    assert answers[2] is not None  # the newest: the platform has dropped the others
    assert verified.assistant.texts == ["停水"]
    await asyncio.sleep(1.2)
    assert verified.tencent.texts == []


async def test_three_parallel_deliveries_of_a_slow_answer_are_one_push(verified: Line) -> None:
    verified.assistant.hold()
    xml = verified.peer.text("停水")
    assert await asyncio.gather(*(verified.deliver(xml) for _ in range(3))) == [None, None, None]
    verified.assistant.go()
    assert await verified.pushed(1) == ["收到：停水"]
    await asyncio.sleep(1.2)
    assert verified.tencent.texts == ["收到：停水"]
    assert verified.assistant.texts == ["停水"]


async def test_a_delivery_after_the_answer_gets_it_again_for_it_did_not_arrive(verified: Line) -> None:
    xml = verified.peer.text("停水")
    assert await verified.deliver(xml) == await verified.deliver(xml) == "收到：停水"
    assert verified.assistant.texts == ["停水"]


async def test_a_delivery_that_was_dropped_leaves_the_answer_to_the_next(verified: Line) -> None:
    verified.assistant.hold()
    xml = verified.peer.text("停水")
    dropped = asyncio.create_task(verified.deliver(xml))
    await until(lambda: verified.assistant.texts)
    dropped.cancel()
    verified.assistant.go()
    assert await verified.deliver(xml) == "收到：停水"
    assert verified.assistant.texts == ["停水"]


async def test_an_answer_that_nobody_waits_for_any_more_is_pushed(verified: Line) -> None:
    verified.hurried = True  # it is held for as long as the platform might ask again
    verified.assistant.hold()
    dropped = asyncio.create_task(verified.say("停水"))
    await until(lambda: verified.assistant.texts)
    dropped.cancel()
    await asyncio.gather(dropped, return_exceptions=True)
    verified.assistant.go()
    assert await verified.pushed(1) == ["收到：停水"]


async def test_an_unverified_account_answers_at_the_second_delivery(unverified: Line) -> None:
    xml, told = await unverified.thinking("停水", 1)
    assert told == [None]
    unverified.assistant.go()
    assert await unverified.deliver(xml) == "收到：停水"
    assert unverified.assistant.texts == ["停水"]


async def test_at_the_third_delivery_it_asks_for_patience_and_keeps_the_answer(
    unverified: Line, database_url: str
) -> None:
    begun = asyncio.get_running_loop().time()
    _xml, told = await unverified.thinking("停水")
    assert told == [None, None, LATE]
    # The first two were left to time out, or the platform would not have asked again.
    assert asyncio.get_running_loop().time() - begun >= 2 * QUICK.dropped + QUICK.ready - 0.05
    unverified.assistant.go()
    await unverified.settled()
    assert await unverified.say("更多") == "收到：停水"
    assert unverified.assistant.texts == ["停水"]
    assert await unverified.say("更多") == "没有更多了。您还想问什么，直接说就行。"
    assert waiting(database_url) == []


async def test_more_waits_for_an_answer_that_is_not_ready(unverified: Line) -> None:
    _xml, told = await unverified.thinking("停水")
    assert told[-1] == LATE
    asked = unverified.peer.text("回复“更多”")
    assert await unverified.deliver(asked) is None
    unverified.assistant.go()
    assert await unverified.deliver(asked) == "收到：停水"


async def test_a_long_answer_is_three_parts_and_the_rest_on_more(verified: Line) -> None:
    text = "".join(f"第{i}条：水来之前请先储水，来水以后先放几分钟。" for i in range(200))
    verified.assistant.says["长"] = ({"text": text},)
    first = await verified.say("长")
    pushed = await verified.pushed(2)
    shown = [first or "", *pushed]
    assert len(pushed) == 2
    assert all(len(part.encode()) <= 2048 for part in shown)
    assert shown[2].endswith(MORE)
    rest = []
    for _ in range(9):
        got = await verified.say("更多")
        assert got
        if got.startswith("没有更多"):
            break
        rest += [got, *(await verified.pushed(len(verified.tencent.texts)))[len(pushed) :]]
        await asyncio.sleep(1.3)
        rest = [part for part in rest if part not in verified.tencent.texts[len(pushed) :]]
        rest += verified.tencent.texts[len(pushed) :]
        pushed = list(verified.tencent.texts)
    told = "".join([*shown, *rest]).replace(MORE, "").replace("\n", "")
    assert told == text
    assert verified.assistant.texts == ["长"]


async def test_an_unverified_account_gives_one_part_at_a_time(unverified: Line) -> None:
    text = "".join(f"第{i}条：水来之前请先储水。" for i in range(100))
    unverified.assistant.says["长"] = ({"text": text},)
    told = await unverified.answer("长")
    assert told.endswith(MORE)
    while told.endswith(MORE):
        more = await unverified.answer("更多")
        assert len(more.encode()) <= 2048
        told = told.removesuffix(MORE).rstrip("\n") + more
    assert told == text


async def test_choices_are_numbers_that_map_back(verified: Line) -> None:
    buttons = [{"title": "是的", "payload": "/affirm"}, {"title": "不是", "payload": "/deny"}]
    verified.assistant.says["报停水"] = ({"text": "是老街吗？", "buttons": buttons},)
    assert await verified.say("报停水") == "是老街吗？\n\n回复1 是的\n回复2 不是"
    await verified.say("２")
    await verified.say("3")
    assert verified.assistant.texts == ["报停水", "/deny", "3"]


@pytest.mark.parametrize(
    "said",
    ["1", "１", "一", "1.", "1、", "回复1", "回复 1", "选一", "选1", "第1个", "第一个", "1。", "Reply 1", "reply 1",
     "(1)", "（1）", "【1】", "[1]", "①"],
)  # fmt: skip
async def test_each_way_to_say_the_first(verified: Line, said: str) -> None:
    verified.assistant.says["好"] = ({"text": "对吗？", "buttons": [{"title": "对", "payload": "/affirm"}]},)
    await verified.say("好")
    await verified.say(said)
    assert verified.assistant.texts[-1] == "/affirm"


async def test_a_number_that_answers_a_later_question_is_no_choice(verified: Line) -> None:
    verified.assistant.says["好"] = (
        {"text": "哪样？", "buttons": [{"title": "报停水", "payload": "/report_outage"}]},
    )
    verified.assistant.says["/report_outage"] = ({"text": "有几户没水？"},)
    for said in ("好", "1", "1"):
        await verified.say(said)
    assert verified.assistant.texts == ["好", "/report_outage", "1"]


@pytest.mark.parametrize("said", ["1", "1户", "Reply 1", "第一个"])
async def test_where_no_choices_are_on_offer_a_number_stays_words(verified: Line, said: str) -> None:
    verified.assistant.says["好"] = ({"text": "有几户没水？"},)
    for text in ("好", said):
        await verified.say(text)
    assert verified.assistant.texts == ["好", said]


async def test_a_count_is_no_choice_though_choices_are_on_offer(verified: Line) -> None:
    verified.assistant.says["好"] = ({"text": "对吗？", "buttons": [{"title": "对", "payload": "/affirm"}]},)
    for text in ("好", "1户"):
        await verified.say(text)
    assert verified.assistant.texts == ["好", "1户"]


async def test_a_notice_leaves_the_choices_as_they_are(verified: Line) -> None:
    verified.assistant.says["好"] = ({"text": "对吗？", "buttons": [{"title": "对", "payload": "/affirm"}]},)
    await verified.say("好")
    told = await verified.deliver(
        verified.peer.message("voice", "<MediaId>m</MediaId><Recognition></Recognition>")
    )
    assert "听不了语音" in str(told)
    await verified.say("1")
    assert verified.assistant.texts == ["好", "/affirm"]


async def test_a_choice_is_kept_for_an_hour_and_for_that_person(
    verified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified.assistant.says["好"] = ({"text": "对吗？", "buttons": [{"title": "对", "payload": "/affirm"}]},)
    await verified.say("好")
    await verified.deliver(verified.peer.text("1", sender="oAnotherPersonAltogether0001"))
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    await verified.say("1")
    assert verified.assistant.texts == ["好", "1", "1"]


async def test_a_slash_runs_no_intent(verified: Line) -> None:
    await verified.say("/restart")
    await verified.say("／report_outage")
    assert verified.assistant.texts == ["restart", "report_outage"]


async def test_who_subscribes_is_greeted_and_who_leaves_is_let_go(verified: Line, database_url: str) -> None:
    verified.assistant.says["/greet"] = ({"text": "您好"},)
    assert await verified.deliver(verified.peer.event("subscribe")) == "您好"
    assert await verified.deliver(verified.peer.event("unsubscribe")) is None
    with open_session(database_url) as session:
        row = session.scalars(select(ChannelAccount)).one()
        assert row.unreachable_at is not None
        assert row.address == OPENID
    assert verified.assistant.texts == ["/greet"]


async def test_an_entry_of_the_menu_is_its_intent(verified: Line) -> None:
    await verified.deliver(verified.peer.event("CLICK", "report_outage"))
    told = await verified.deliver(verified.peer.event("CLICK", "restart"))
    assert verified.assistant.texts == ["/report_outage"]
    assert "按钮过期" in str(told)


async def test_a_pin_comes_in_wgs84(verified: Line) -> None:
    inner = "<Location_X>26.891000</Location_X><Location_Y>112.677000</Location_Y><Scale>16</Scale><Label>x</Label>"
    await verified.deliver(verified.peer.message("location", inner))
    place = verified.assistant.asked[0].metadata["location"]
    assert place["datum"] == "wgs84"
    assert abs(place["lat"] - 26.891) > 0.001  # GCJ-02 lies 400 m off


# When the platform lets us write


async def seen(line: Line, **changes: Any) -> str:
    """Somebody wrote once; their account as `changes` say; their sender id."""
    await line.say("你好")
    await line.settled()
    with database.session_scope() as session:
        row = session.scalars(select(ChannelAccount)).one()
        for name, value in changes.items():
            setattr(row, name, value)
        return str(row.sender_id)


def remind(sender: str, text: str = "合同该报备了") -> None:
    with database.session_scope() as session:
        outbox.notify(
            session,
            channel="wechat",
            sender=sender,
            text=text,
            kind="filing",
            reference="HT1",
            now=clock.now(),
        )


def account() -> ChannelAccount:
    with database.session_scope() as session:
        row = session.scalars(select(ChannelAccount)).one()
        session.expunge(row)
        return row


def reminder(url: str) -> OutgoingMessage:
    with open_session(url) as session:
        return session.scalars(select(OutgoingMessage).where(OutgoingMessage.kind == "filing")).one()


async def test_a_reminder_is_pushed_within_48_hours_and_counted(verified: Line) -> None:
    sender = await seen(verified)
    assert account().pushes_left == 5
    assert account().pushes_until - account().last_message_at == timedelta(hours=48)
    remind(sender)
    assert await verified.pushed(1) == ["合同该报备了"]
    await until(lambda: account().pushes_left == 4)


@pytest.mark.parametrize("shut", [{"pushes_left": 0}, {"pushes_until": datetime(2026, 1, 1)}])
async def test_out_of_the_window_it_waits_until_the_person_writes(
    verified: Line, shut: dict[str, Any], database_url: str
) -> None:
    sender = await seen(verified, **shut)
    remind(sender)
    await asyncio.sleep(1.3)
    assert verified.tencent.texts == []
    assert waiting(database_url) == ["合同该报备了"]
    await verified.say("我来了")
    assert await verified.pushed(1) == ["合同该报备了"]


@pytest.mark.parametrize("code", [45015, 45047])
async def test_where_the_platform_says_so_it_waits_too(verified: Line, code: int, database_url: str) -> None:
    sender = await seen(verified)
    verified.tencent.replies = [{"errcode": code}]
    remind(sender)
    await until(lambda: account().pushes_left == 0)
    assert verified.tencent.texts == []
    assert waiting(database_url) == ["合同该报备了"]
    await verified.say("我来了")
    assert await verified.pushed(1) == ["合同该报备了"]


async def test_a_click_opens_a_minute_and_does_not_shorten_48_hours(verified: Line) -> None:
    await verified.deliver(verified.peer.event("CLICK", "report_outage"))
    await verified.settled()
    assert account().pushes_until - account().last_message_at == timedelta(minutes=1)
    assert account().pushes_left == 3
    await verified.say("停水")
    await verified.deliver(verified.peer.event("CLICK", "report_outage"))
    await verified.settled()
    assert account().pushes_until - account().last_message_at > timedelta(hours=47)
    assert account().pushes_left == 5


async def test_a_refused_token_is_fetched_anew_once(verified: Line) -> None:
    sender = await seen(verified)
    remind(sender, "一")
    await verified.pushed(1)
    assert len(verified.tencent.tokens) == 1
    verified.tencent.token = "token-of-another-program"
    remind(sender, "二")
    assert await verified.pushed(2) == ["一", "二"]
    assert [asked["force_refresh"] for asked in verified.tencent.tokens] == [False, False]
    verified.tencent.replies = [{"errcode": 42001}]
    remind(sender, "三")
    assert await verified.pushed(3) == ["一", "二", "三"]
    assert [asked["force_refresh"] for asked in verified.tencent.tokens][2:] == [False, True]


async def test_a_token_that_is_refused_for_ever_ends(verified: Line, database_url: str) -> None:
    sender = await seen(verified)
    verified.tencent.replies = [{"errcode": 40001}] * 50
    remind(sender)
    await until(lambda: reminder(database_url).error == "errcode 40001")
    assert len(verified.tencent.replies) == 48


async def test_trouble_of_the_platform_is_tried_again(
    verified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_PAUSE", timedelta(0))
    sender = await seen(verified)
    verified.tencent.replies = [503]
    remind(sender)
    assert await verified.pushed(1) == ["合同该报备了"]


async def test_what_may_have_arrived_is_not_sent_again(verified: Line, database_url: str) -> None:
    sender = await seen(verified)
    verified.tencent.replies = [500]
    remind(sender)
    await until(lambda: reminder(database_url).failed_at)
    assert verified.tencent.texts == []
    assert reminder(database_url).error == "unsure: HTTP 500"


async def test_who_is_gone_is_not_written_to_again(verified: Line) -> None:
    sender = await seen(verified)
    verified.tencent.replies = [{"errcode": 43004}]
    remind(sender)
    await until(lambda: account().unreachable_at is not None)


async def test_an_account_that_turns_out_not_to_be_verified_answers_in_requests(verified: Line) -> None:
    sender = await seen(verified)
    verified.tencent.replies = [{"errcode": 48001}]
    remind(sender)
    await until(lambda: not verified.platform.can_push)
    xml, told = await verified.thinking("停水", 1)
    assert told == [None]
    verified.assistant.go()
    assert await verified.deliver(xml) == "收到：停水"


# After a fall


async def test_what_was_taken_in_before_a_fall_is_answered_after_it(
    unverified: Line, database_url: str
) -> None:
    xml = unverified.peer.text("停水")
    with database.session_scope() as session:
        key = xml.split("<MsgId>")[1].split("<")[0]
        begun = clock.now() - inbound.LEASE
        assert inbound.take_in(session, channel="wechat", key=key, body=xml, now=begun, owner="gone")
    await restarted(unverified)
    assert await unverified.deliver(xml) == "收到：停水"
    assert unverified.assistant.texts == ["停水"]


async def test_what_another_worker_took_in_is_left_to_it(unverified: Line) -> None:
    fresh = unverified.peer.text("停水")
    service = Service(unverified.platform, unverified.assistant.handle, QUICK)
    with database.session_scope() as session:
        key = fresh.split("<MsgId>")[1].split("<")[0]
        assert inbound.take_in(session, channel="wechat", key=key, body=fresh, now=clock.now(), owner="other")
    await service.start()
    await asyncio.sleep(0.3)
    assert unverified.assistant.texts == []
    await service.stop()


async def test_an_answer_that_a_fall_kept_from_the_platform_is_given_to_the_next_delivery(
    verified: Line,
) -> None:
    xml = verified.peer.text("停水")
    assert await verified.deliver(xml) == "收到：停水"
    await restarted(verified)
    assert await verified.deliver(xml) == "收到：停水"
    assert verified.assistant.texts == ["停水"]


async def test_what_was_pushed_before_a_fall_is_not_said_again(verified: Line, database_url: str) -> None:
    xml, _told = await verified.thinking("停水", 1)
    verified.assistant.go()
    await verified.pushed(1)
    await until(lambda: not waiting(database_url))
    await restarted(verified)
    assert await verified.deliver(xml) is None
    assert verified.tencent.texts == ["收到：停水"]


async def test_another_process_works_on_it_and_this_one_waits_for_the_answer(verified: Line) -> None:
    other = Service(verified.platform, verified.assistant.handle, ROOMY)
    xml = verified.peer.text("停水")
    first = asyncio.create_task(verified.deliver(xml))
    await until(lambda: verified.assistant.texts)
    second = await other.receive(*verified.peer.sealed(xml))
    told = [await first, None if second == "success" else verified.peer.opened(second)["Content"]]
    assert "收到：停水" in told
    assert verified.assistant.texts == ["停水"]


async def test_where_nothing_can_be_stored_the_platform_is_told_to_come_again(
    verified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.channels.tencent.passive import Busy

    xml = verified.peer.text("停水")
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "take_in", lambda *_, **__: 1 / 0)
        with pytest.raises(Busy):
            await verified.deliver(xml)
    assert await verified.deliver(xml) == "收到：停水"


async def test_a_done_message_leaves_its_key_alone(verified: Line, database_url: str) -> None:
    await verified.say("我的电话是13800000000")
    with open_session(database_url) as session:
        row = session.scalars(select(IncomingMessage)).one()
        assert row.body is None
        assert row.done_at is not None
    assert accounts.sender_of("wechat", OPENID) == account().sender_id


async def test_what_failed_four_times_is_taken_up_later_and_nothing_is_piled_up(
    verified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.channels.tencent import passive

    monkeypatch.setattr(passive, "PAUSES", (0.01, 0.01, 0.01))
    exchanges = verified.service._exchanges
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "finish", lambda *_, **__: 1 / 0)
        with pytest.raises(passive.Busy):
            await verified.say("停水")
    assert exchanges._exchanges == {}
    assert exchanges._at_work == set()
    await exchanges.resume(verified.service._parsed)
    assert exchanges._exchanges == {}  # its claim still holds
    later = clock.now() + inbound.LEASE
    monkeypatch.setattr(clock, "now", lambda: later)
    await exchanges.resume(verified.service._parsed)
    assert await verified.pushed(1) == ["收到：停水"]


async def test_a_stop_waits_for_a_photo_that_is_being_fetched(verified: Line, database_url: str) -> None:
    verified.tencent.media = with_gps()
    verified.tencent.gate.clear()
    work = asyncio.create_task(
        verified.deliver(verified.peer.message("image", "<PicUrl></PicUrl><MediaId>m</MediaId>"))
    )
    await until(lambda: verified.tencent.asked)
    assert verified.assistant.texts == []
    stopping = asyncio.create_task(verified.service.stop())
    verified.tencent.gate.set()
    await stopping
    assert verified.assistant.texts == [
        "/send_photo"
    ]  # the photo was fetched and kept before the line was cut
    assert await work in (
        "收到：/send_photo",
        None,
    )  # on a busy machine it takes longer than a delivery waits


async def test_an_answer_whose_delivery_ended_while_it_was_stored_is_pushed(
    verified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = inbound.finish

    def slowly(*args: Any, **named: Any) -> None:
        time.sleep(1.2)
        finish(*args, **named)

    monkeypatch.setattr(inbound, "finish", slowly)
    verified.hurried = True
    assert await verified.say("停水") is None
    assert await verified.pushed(1) == ["收到：停水"]


async def test_an_answer_whose_newest_delivery_was_dropped_is_pushed(verified: Line) -> None:
    verified.hurried = True  # it is held for as long as the platform might ask again
    verified.assistant.hold()
    xml = verified.peer.text("停水")
    exchanges = verified.service._exchanges._exchanges
    first = asyncio.create_task(verified.deliver(xml))
    await until(lambda: verified.assistant.texts)
    second = asyncio.create_task(verified.deliver(xml))
    await until(lambda: [exchange.deliveries for exchange in exchanges.values()] == [2])
    second.cancel()
    assert await first is None
    verified.assistant.go()
    assert await verified.pushed(1) == ["收到：停水"]


async def test_an_answer_whose_delivery_was_dropped_while_it_was_stored_is_pushed(
    verified: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, begun, go_on = inbound.finish, threading.Event(), threading.Event()

    def slowly(*args: Any, **named: Any) -> None:
        begun.set()
        go_on.wait(30)
        finish(*args, **named)

    monkeypatch.setattr(inbound, "finish", slowly)
    dropped = asyncio.create_task(verified.say("停水"))
    await until(begun.is_set)
    dropped.cancel()
    await asyncio.gather(dropped, return_exceptions=True)
    go_on.set()
    assert await verified.pushed(1) == ["收到：停水"]
