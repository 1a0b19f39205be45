"""From a platform's message to the answers in the outbox, with an assistant whose answers a test decides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels import ledger
from bot.channels import reception as module
from bot.channels.conversation import Conversation, replies
from bot.channels.ledger import Windows, once
from bot.channels.model import (
    BadMessage,
    Button,
    File,
    Message,
    Other,
    Photo,
    Place,
    Press,
    Received,
    Reply,
    Sent,
    Venue,
    Voice,
    Words,
    words,
)
from bot.channels.reception import Reception
from bot.places.positions import GCJ02, WGS84
from bot.storage import accounts, choices, inbound, outbox
from bot.storage import uploads as stored
from bot.storage.choices import Choice
from bot.storage.database import session_scope
from bot.storage.message_tables import IncomingMessage, OutgoingMessage
from tests.conftest import NOW
from tests.until import until

Answer = Callable[[UserMessage], Awaitable[None]]
ADDRESS = "4711"
SENDER = accounts.sender_of("telegram", ADDRESS)
BUTTONS = [{"title": "对", "payload": "/affirm"}, {"title": "不对", "payload": "/deny"}]


class FakeAssistant:
    """Says the words back, or does what `answer` does; keeps what it was asked."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.asked: list[UserMessage] = []
        self.answer = answer

    async def __call__(self, message: UserMessage) -> None:
        self.asked.append(message)
        if self.answer:
            await self.answer(message)
        else:
            await message.output_channel.send_text_message(message.sender_id, f"收到：{message.text}")


class Tracker:
    """As much of a stored conversation as is looked at."""

    def __init__(self, *events: Any) -> None:
        self.events = events


def plain(_session: Session, reply: Reply, _sender: str, _now: datetime) -> list[Reply]:
    return [reply]


async def no_file(_sent: Photo | File) -> bytes:
    raise AssertionError("nothing is to be fetched")


def talk(assistant: FakeAssistant, seconds: float = 60.0, tracker: Tracker | None = None) -> Conversation:
    async def tracker_of(_sender: str) -> Tracker | None:
        return tracker

    return Conversation("telegram", assistant, tracker_of, seconds)


def desk(
    assistant: FakeAssistant, seconds: float = 60.0, tracker: Tracker | None = None, **other: Any
) -> Reception:
    return Reception(talk(assistant, seconds, tracker), **{"fetch": no_file, "render": plain, **other})


def came(sent: Sent, key: str = "1") -> Received:
    return Received(key, ADDRESS, sent)


async def handed_in(reception: Reception, sent: Sent, key: str = "1", **other: Any) -> list[str]:
    with reception.arrive(came(sent, key), **other) as turn:
        assert await turn.take_in("{}")
        done = await turn.work()
    assert done
    return [reply.text for reply in done.answers]


async def worked_on(reception: Reception, received: Received) -> tuple[Reply, ...]:
    with reception.arrive(received) as turn:
        assert await turn.take_in("{}")
        done = await turn.work()
    assert done
    return done.answers


async def taken_up(reception: Reception, sent: Sent, key: str = "1") -> list[Reply]:
    """The answers to a message that another process took in."""
    with reception.arrive(came(sent, key), again=True) as turn:
        done = await turn.work()
    assert done
    return list(done.answers)


def left_behind(key: str = "1", *, begun: bool = True) -> None:
    """A message in the hands of a process that fell."""
    with session_scope() as session:
        inbound.take_in(
            session,
            channel="telegram",
            key=key,
            body="{}",
            now=NOW - inbound.LEASE,
            owner="gone",
            begun=begun,
        )


def outgoing() -> list[OutgoingMessage]:
    with session_scope() as session:
        rows = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)).all()
        session.expunge_all()
        return list(rows)


def open_keys() -> list[str]:
    with session_scope() as session:
        return list(session.scalars(select(IncomingMessage.key).where(IncomingMessage.done_at.is_(None))))


pytestmark = pytest.mark.usefixtures("database_url", "now")


async def test_words_are_answered_through_the_outbox_and_the_message_is_done() -> None:
    woken: list[int] = []
    assistant = FakeAssistant()
    reception = desk(assistant, ready=lambda: woken.append(1))
    assert await handed_in(reception, Words("停水了")) == ["收到：停水了"]
    (row,) = outgoing()
    assert (row.channel, row.sender_id, row.text, row.kind) == (
        "telegram",
        SENDER,
        "收到：停水了",
        outbox.REPLY,
    )
    assert [m.sender_id for m in assistant.asked] == [SENDER]
    assert woken == [1]
    assert open_keys() == []
    with reception.arrive(came(Words("停水了"))) as again:
        assert not await again.take_in("{}")


async def test_buttons_and_places_of_an_answer_are_kept_beside_its_text() -> None:
    async def answer(message: UserMessage) -> None:
        out = message.output_channel
        await out.send_text_with_buttons(message.sender_id, "对吗？", BUTTONS)
        await out.send_custom_json(
            message.sender_id, {"venues": [{"name": "驿站", "lat": 26.9, "lon": 112.3}]}
        )

    await handed_in(desk(FakeAssistant(answer)), Words("停水了"))
    question, point = (Reply.of(row.text, row.content) for row in outgoing())
    assert question == Reply("对吗？", (Button("对", "/affirm"), Button("不对", "/deny")))
    assert point.venues == (Venue("驿站", "", 26.9, 112.3),)


async def test_a_place_is_converted_once() -> None:
    assistant = FakeAssistant()
    reception = desk(assistant)
    await handed_in(reception, Place(26.968, 112.371, GCJ02), "1")
    await handed_in(reception, Place(26.968, 112.371), "2")
    there, here = (message.metadata["location"] for message in assistant.asked)
    assert here == {"lat": 26.968, "lon": 112.371, "datum": WGS84}
    assert there["datum"] == WGS84
    assert 0.001 < abs(there["lat"] - here["lat"]) + abs(there["lon"] - here["lon"]) < 0.02


async def test_a_button_is_what_was_offered_else_the_words_on_it() -> None:
    assistant = FakeAssistant()
    with session_scope() as session:
        (token,) = choices.offer(
            session, [Choice("/affirm", "对")], channel="telegram", sender=SENDER, now=NOW, kept=outbox.LEASE
        )
    reception = desk(assistant)
    await handed_in(reception, Press(token), "1")
    await handed_in(reception, Press("/restart", "重来"), "2")
    told = await handed_in(reception, Press("/restart"), "3")
    assert [message.text for message in assistant.asked] == ["/affirm", "重来"]
    assert "过期" in told[0]


@pytest.mark.parametrize(("sent", "said"), [(Voice(), "语音"), (Other("sticker"), "打字")])
async def test_what_cannot_be_used_is_answered_kindly(sent: Sent, said: str) -> None:
    assistant = FakeAssistant()
    (text,) = await handed_in(desk(assistant), sent)
    assert said in text
    assert assistant.asked == []


async def test_who_writes_english_gets_notices_in_english() -> None:
    reception = desk(FakeAssistant())
    await handed_in(reception, Words("there is no water at my home since yesterday"), "1")
    (text,) = await handed_in(reception, Voice(), "2")
    assert "voice messages" in text


@pytest.mark.parametrize(
    ("sent", "told"),
    [(Other("video", Words("老街爆管了")), "视频和录音我看不了"), (Voice("v", Words("老街爆管了")), "语音")],
)
async def test_words_under_what_is_not_kept_are_understood(sent: Sent, told: str) -> None:
    assistant = FakeAssistant()
    first, answer = await handed_in(desk(assistant), sent)
    assert told in first
    assert answer == "收到：老街爆管了"
    assert [(message.text, message.metadata) for message in assistant.asked] == [("老街爆管了", None)]


@pytest.mark.parametrize(
    ("sent", "content", "told"),
    [
        (File("f", "水.exe", 2, Words("老街爆管了")), b"MZ", "exe"),
        (Photo("p", Words("老街爆管了")), b"no photo", "照片"),
        (
            File("f", "大.pdf", 9, Words("老街爆管了")),
            BadMessage("no_media", "too big for a bot"),
            "没有收到",
        ),
    ],
)
async def test_words_under_a_file_that_is_refused_are_understood(
    sent: Photo | File, content: bytes | BadMessage, told: str
) -> None:
    async def fetch(_sent: Photo | File) -> bytes:
        if isinstance(content, BadMessage):
            raise content
        return content

    assistant = FakeAssistant()
    first, answer = await handed_in(desk(assistant, fetch=fetch), sent)
    assert told in first
    assert answer == "收到：老街爆管了"
    assert [message.metadata for message in assistant.asked] == [None]


async def test_english_under_a_video_is_answered_in_english() -> None:
    said = Words("the water main burst in our street")
    first, _answer = await handed_in(desk(FakeAssistant()), Other("video", said))
    assert "Films" in first


async def test_a_long_text_is_answered_with_a_word_about_the_cut() -> None:
    told = await handed_in(desk(FakeAssistant()), Words("水" * 1000, cut=True))
    assert "1000" in told[0]
    assert told[1].startswith("收到")


async def test_an_assistant_that_fails_or_is_late_is_told_to_the_person(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails(message: UserMessage) -> None:
        raise RuntimeError(message.text)

    async def sleeps(_message: UserMessage) -> None:
        await asyncio.sleep(5)

    (failed,) = await handed_in(desk(FakeAssistant(fails)), Words("电话" + "1381234" + "5678"), "1")
    (late,) = await handed_in(desk(FakeAssistant(sleeps), seconds=0.05), Words("停水了"), "2")
    assert "没有存下来" in failed
    assert failed == late
    assert "13812345678" not in caplog.text
    assert open_keys() == []


async def test_a_file_is_for_the_assistant_and_then_thrown_away() -> None:
    seen: list[Any] = []

    async def reads(message: UserMessage) -> None:
        seen.append(
            (
                message.metadata["draft"]["name"],
                stored.path_of(message.metadata["draft"]["token"]).read_bytes(),
            )
        )
        seen.append(message.metadata["draft"]["token"])

    async def fetch(_sent: Photo | File) -> bytes:
        return "采购合同".encode()

    await handed_in(desk(FakeAssistant(reads), fetch=fetch), File("f", "合同.txt", 12))
    assert seen[0] == ("合同.txt", "采购合同".encode())
    assert not (stored.FOLDER / seen[1]).exists()


async def test_a_file_that_cannot_be_read_says_why() -> None:
    async def fetch(_sent: Photo | File) -> bytes:
        return b"MZ"

    assistant = FakeAssistant()
    (told,) = await handed_in(desk(assistant, fetch=fetch), File("f", "virus.exe", 2))
    assert "exe" in told
    assert assistant.asked == []


async def test_a_platform_that_hands_out_no_bytes_is_told_to_the_person() -> None:
    async def fetch(_sent: Photo | File) -> bytes:
        raise OSError("no connection")

    (told,) = await handed_in(desk(FakeAssistant(), fetch=fetch), File("f", "合同.txt", 12))
    assert "再发一次" in told


async def test_messages_of_one_person_are_answered_in_their_order_and_others_do_not_wait() -> None:
    said: list[str] = []
    heard = asyncio.Event()

    async def slow_first(message: UserMessage) -> None:
        if message.text == "一":
            await asyncio.wait_for(heard.wait(), 30)
        said.append(message.text)
        if message.text == "别人":
            heard.set()

    reception = desk(FakeAssistant(slow_first))
    await asyncio.gather(
        handed_in(reception, Words("一"), "1"),
        handed_in(reception, Words("二"), "2"),
        worked_on(reception, Received("3", "other", Words("别人"))),
    )
    assert said.index("一") < said.index("二")
    assert said[0] == "别人"
    assert len(reception.lines) == 0


async def test_who_sends_too_fast_is_told_and_not_worked_on() -> None:
    go_on = asyncio.Event()

    async def slow(_message: UserMessage) -> None:
        await go_on.wait()

    assistant = FakeAssistant(slow)
    reception = desk(assistant)
    keys = [str(i) for i in range(module.MAX_WAITING + 2)]
    works = [asyncio.create_task(worked_on(reception, came(Words("水"), key))) for key in keys]
    await asyncio.wait(works[-2:])  # they are told though nobody was answered yet
    go_on.set()
    answers = await asyncio.gather(*works)
    assert sum(bool(a) and "太快" in a[0].text for a in answers) == 2
    assert len(assistant.asked) == module.MAX_WAITING
    assert open_keys() == []


# after a fall


async def test_a_message_that_comes_once_more_as_its_process_fell_is_not_asked_again() -> None:
    first = FakeAssistant()
    left_behind()
    await talk(first).ask(Message("停水了", "停水了"), SENDER, "1")
    assistant = FakeAssistant()
    reception = desk(assistant, tracker=Tracker(heard(first), BotUttered("报好了")))
    with reception.arrive(came(Words("停水了"))) as turn:
        assert not await turn.take_in("{}")
        done = await turn.work()
        assert turn.is_stored  # so that its claim is renewed, as that of any other
    assert done
    assert [reply.text for reply in done.answers] == ["报好了"]
    assert assistant.asked == []


async def test_who_blocked_the_assistant_and_came_back_is_not_taken_for_gone_when_that_is_told_again() -> (
    None
):
    reception = desk(FakeAssistant())

    def reachable() -> bool:
        with session_scope() as session:
            account = accounts.find(session, channel="telegram", sender=SENDER)
        return account is not None and account.reachable

    await handed_in(reception, Words("停水了"), "1")
    await reception.lost("2", ADDRESS)
    assert not reachable()
    await handed_in(reception, Words("我回来了"), "3")
    await reception.lost("2", ADDRESS)
    assert reachable()
    assert open_keys() == []


def heard(assistant: FakeAssistant) -> UserUttered:
    return UserUttered("停水了", message_id=assistant.asked[0].message_id)


async def test_a_message_that_was_answered_before_the_fall_counts_once() -> None:
    first = FakeAssistant()
    left_behind()
    await talk(first).ask(Message("停水了", "停水了"), SENDER, "1")
    tracker = Tracker(
        UserUttered("之前"), BotUttered("旧的"), heard(first), SlotSet("a", 1),
        BotUttered("对吗？", {"buttons": BUTTONS, "attachment": None}), BotUttered("第二句"),
    )  # fmt: skip
    second = FakeAssistant()
    answers = await taken_up(desk(second, tracker=tracker), Words("停水了"))
    assert second.asked == []
    assert [a.text for a in answers] == ["对吗？", "第二句"]
    assert [b.payload for b in answers[0].buttons] == ["/affirm", "/deny"]
    assert [row.text for row in outgoing()] == ["对吗？", "第二句"]


async def test_answers_end_where_the_person_spoke_again() -> None:
    first = FakeAssistant()
    await talk(first).ask(Message("停水了", "停水了"), SENDER, "1")
    tracker = Tracker(heard(first), BotUttered("一"), UserUttered("后来"), BotUttered("二"))
    left_behind()
    answers = await taken_up(desk(FakeAssistant(), tracker=tracker), Words("停水了"))
    assert [a.text for a in answers] == ["一"]


@pytest.mark.parametrize("tracker", [None, Tracker(UserUttered("之前"), BotUttered("旧的"))])
async def test_a_message_that_was_not_answered_before_the_fall_is_worked_on(tracker: Tracker | None) -> None:
    assistant = FakeAssistant()
    reception = desk(assistant, tracker=tracker)
    left_behind()
    (unfinished,) = await reception.unfinished()
    assert (unfinished.key, unfinished.tries) == ("1", 1)
    await taken_up(reception, Words("停水了"))
    assert [m.text for m in assistant.asked] == ["停水了"]
    assert await reception.unfinished() == ()


async def test_the_same_answers_are_put_into_the_outbox_once() -> None:
    left_behind()
    with session_scope() as session:
        outbox.notify(
            session, channel="telegram", sender=SENDER, text="收到：停水了", kind=outbox.REPLY, reference="1", now=NOW,
            once=once("telegram", "1", 0),
        )  # fmt: skip
    await taken_up(desk(FakeAssistant()), Words("停水了"))
    assert len(outgoing()) == 1


async def test_a_platforms_limits_are_kept_with_the_account() -> None:
    await handed_in(desk(FakeAssistant()), Words("停水了"), windows=Windows(NOW, 5))
    with session_scope() as session:
        account = accounts.find(session, channel="telegram", sender=SENDER)
    assert account is not None
    assert (account.pushes_until, account.pushes_left) == (NOW, 5)


# what Rasa collects


def test_what_has_nothing_to_show_is_left_out() -> None:
    collected = [
        {"text": " 您好 "}, {"text": None}, {"custom": {"forget": True}}, {"image": "https://x/y.png"},
        {"text": "选", "buttons": [{"title": "只是字"}, {"payload": "/affirm"}]}, {"attachment": "file?token=x"},
    ]  # fmt: skip
    assert replies(collected) == (
        Reply("您好"),
        Reply(image="https://x/y.png"),
        Reply("选", (Button("/affirm", "/affirm"),)),
        Reply(attachment="file?token=x"),
    )


def test_a_reply_goes_through_the_outbox_unchanged() -> None:
    full = Reply("选", (Button("对", "/affirm"),), "i", "a", (Venue("驿站", "街", 1.0, 2.0),))
    assert Reply.of(full.text, full.content()) == full
    assert Reply("x").content() == {}


def test_a_refusal_names_itself() -> None:
    with pytest.raises(BadMessage, match="readable"):
        words("\u200b \x00")


# claims and order


async def test_what_takes_long_is_held_on_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.05)
    released = asyncio.Event()

    async def slow(_message: UserMessage) -> None:
        await released.wait()

    first, other = desk(FakeAssistant(slow)), desk(FakeAssistant())
    work = asyncio.create_task(worked_on(first, came(Words("停水了"))))
    await until(lambda: first.asking._conversation._on_new_message.asked)  # type: ignore[attr-defined]
    later = NOW + inbound.LEASE
    monkeypatch.setattr(ledger.clock, "now", lambda: later)

    def held_until() -> datetime:
        with session_scope() as session:
            return session.scalars(select(IncomingMessage.claimed_until)).one()

    await until(lambda: held_until() > later)
    assert await other.unfinished() == ()
    assert await first.unfinished() == ()
    released.set()
    await work
    assert open_keys() == []


async def test_what_waits_for_another_try_is_gone_with_its_person() -> None:
    """Stored, begun, and never done: the assistant was away, say."""
    reception = desk(FakeAssistant())
    with reception.arrive(came(Words("没水"))) as turn:
        assert await turn.take_in("{}")
    later = NOW + inbound.LEASE
    with session_scope() as session:
        assert inbound.drop(session, channel="telegram", sender=SENDER, now=later) == 1
        assert inbound.unfinished(session, channel="telegram", now=later) == ()


async def test_the_order_is_that_of_arrival_where_the_first_waits_for_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in = inbound.take_in

    def locked(*args: Any, key: str, **named: Any) -> bool:
        time.sleep(0.3 if key == "1" else 0)
        return take_in(*args, key=key, **named)

    monkeypatch.setattr(inbound, "take_in", locked)
    assistant = FakeAssistant()
    reception = desk(assistant)
    await asyncio.gather(
        *(
            worked_on(reception, came(Words(text), key))
            for key, text in (("1", "一"), ("2", "二"), ("3", "三"))
        )
    )
    assert [message.text for message in assistant.asked] == ["一", "二", "三"]


async def test_an_answer_that_could_not_be_stored_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assistant = FakeAssistant()
    with desk(assistant).arrive(came(Words("停水了"))) as turn:
        await turn.take_in("{}")
        with monkeypatch.context() as broken:
            broken.setattr(inbound, "finish", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                await turn.work()
        assert await turn.work()
    assert len(assistant.asked) == len(outgoing()) == 1


async def test_what_the_channel_answers_by_itself_is_taken_and_stored_in_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rest of a long answer, say: where the process falls before it is stored, it still waits."""

    def rest(session: Session, _sent: Sent, sender: str, now: datetime) -> tuple[Reply, ...]:
        choices.forget(session, "more", channel="telegram", sender=sender)
        return (Reply("其余"),)

    more = Choice("其余", "more")
    with session_scope() as session:
        choices.keep(session, "more", more, channel="telegram", sender=SENDER, now=NOW, kept=outbox.LEASE)
    reception = desk(FakeAssistant(), interpret=rest)
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "finish", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await worked_on(reception, came(Words("更多")))
    with session_scope() as session:
        assert choices.chosen(session, "more", channel="telegram", sender=SENDER, now=NOW) == more
    assert await handed_in(reception, Words("更多")) == ["其余"]


async def test_old_messages_that_were_never_answered_are_told_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left_behind()
    monkeypatch.setattr(ledger.clock, "now", lambda: NOW + inbound.KNOWN_FOR + timedelta(days=1))
    assert await desk(FakeAssistant()).unfinished() == ()
    assert "1 messages" in caplog.text


async def test_a_photo_that_was_told_of_before_the_fall_is_not_fetched_and_kept_again() -> None:
    first = FakeAssistant()
    await talk(first).ask(Message("/send_photo", "[照片]"), SENDER, "1")
    tracker = Tracker(heard(first), BotUttered("收到照片"))
    left_behind()
    answers = await taken_up(desk(FakeAssistant(), tracker=tracker), Photo("p"))  # `no_file` fetches nothing
    assert [answer.text for answer in answers] == ["收到照片"]
