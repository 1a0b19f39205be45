"""From an update to the answer at the Bot API, polled: in order, each once, whatever falls in between."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update
from telegram import Bot

from bot import clock
from bot.channels.conversation import Conversation
from bot.channels.courier import Courier
from bot.channels.ledger import Ledger
from bot.channels.model import BadMessage, File, Photo
from bot.channels.reception import Reception
from bot.channels.telegram import api as client
from bot.channels.telegram import polling, updates
from bot.channels.telegram.render import render
from bot.channels.telegram.sender import Sender
from bot.channels.telegram.updates import Updates
from bot.settings import Settings
from bot.storage import accounts, inbound, outbox
from bot.storage.database import session_scope
from bot.storage.message_tables import ChannelAccount, IncomingMessage, OutgoingMessage
from tests.channels.telegram.assistant import EchoAssistant
from tests.channels.telegram.fakeapi import TOKEN, FakeApi


def the_process_is_gone() -> None:
    """Whoever holds claims fell: of this test's own process nobody would believe it."""
    with session_scope() as session:
        session.execute(update(IncomingMessage).values(claimed_until=clock.now() - inbound.LEASE))


def left_behind(one: dict[str, Any]) -> None:
    """An update in the hands of a process that fell before it began its work."""
    with session_scope() as session:
        assert inbound.take_in(
            session, channel="telegram", key=f"u{one['update_id']}", body=json.dumps(one), owner="gone",
            now=clock.now() - inbound.LEASE,
        )  # fmt: skip


class Running:
    """The channel without a server: everything that `TelegramChannel` starts."""

    def __init__(self, bot: Bot, assistant: EchoAssistant) -> None:
        self.bot, self.assistant = bot, assistant
        self.courier = Courier("telegram", Sender(bot), look_seconds=0.05)
        conversation = Conversation("telegram", assistant.handle_message, assistant.retrieve, seconds=60)
        self.reception = Reception(
            conversation,
            fetch=lambda wanted: client.download(bot, wanted),
            render=render,
            ready=self.courier.wake,
            most_waiting=None,
        )
        self.updates = Updates(bot, self.reception)
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self.courier.start()
        self.tasks.append(asyncio.get_running_loop().create_task(polling.poll(self.bot, self.updates, 1)))

    async def fall(self) -> None:
        """As a kill does: nothing is finished."""
        self.courier._stopping = True
        for task in [*self.tasks, *self.updates._running, *self.courier._running]:
            task.cancel()
        await asyncio.sleep(0.1)
        self.tasks.clear()
        the_process_is_gone()

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.updates.stop()
        await self.courier.stop()


@pytest.fixture
async def running(bot: Bot, database_url: str) -> AsyncIterator[Running]:
    made = Running(bot, EchoAssistant())
    yield made
    await made.stop()


async def until(api: FakeApi, done: Any, seconds: float = 30.0) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, lambda: api.wait(done, seconds))


def rows(table: Any) -> list[Any]:
    with session_scope() as session:
        found = list(session.scalars(select(table).order_by(table.id)))
        session.expunge_all()
    return found


async def test_a_message_is_answered_and_then_confirmed(api: FakeApi, running: Running) -> None:
    number = api.receives("停水了")
    running.start()
    await until(api, lambda: api.texts() == ["收到：停水了"])
    await until(api, lambda: any(call.params.get("offset") == number + 1 for call in api.of("getUpdates")))
    (stored,) = rows(IncomingMessage)
    assert (stored.key, stored.body) == (f"u{number}", None)  # nothing of the words stays
    assert stored.done_at is not None
    await until(api, lambda: [row.sent_at is not None for row in rows(OutgoingMessage)] == [True])
    (account,) = rows(ChannelAccount)
    assert account.address == "42"
    assert account.sender_id == accounts.sender_of("telegram", "42")


async def test_one_chat_is_answered_in_order_and_a_slow_one_holds_up_nobody(
    api: FakeApi, running: Running
) -> None:
    api.receives("等", person=1)
    for i in range(
        12
    ):  # more than may wait at once: what piled up while the office was away is not "too fast"
        api.receives(f"话{i}", person=2)
    running.start()
    await until(api, lambda: api.texts(2)[:2] == ["收到：话0", "收到：话1"])
    assert api.texts(1) == []
    await until(api, lambda: len(api.texts(2)) == 12, 60)
    assert api.texts(2) == [f"收到：话{i}" for i in range(12)]
    await until(api, lambda: api.of("sendChatAction"))
    running.assistant.go_on.set()
    await until(api, lambda: api.texts(1) == ["收到：等"])
    assert {call.params["chat_id"] for call in api.of("sendChatAction")} == {1}


async def test_a_stuck_chat_does_not_stop_the_polling(
    api: FakeApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "WORK_SECONDS", 0.3)
    api.receives("等", person=1)
    running.start()
    await until(api, lambda: running.assistant.asked)
    api.receives("你好", person=2)
    await until(api, lambda: api.texts(2))
    assert api.texts(1) == []
    running.assistant.go_on.set()
    await until(api, lambda: api.texts(1))


async def test_an_update_that_comes_again_is_answered_once(api: FakeApi, running: Running) -> None:
    api.receives("你好")
    same = json.loads(json.dumps(api.updates[0]))
    running.courier.start()
    tasks = await asyncio.gather(*(running.updates.take(same) for _ in range(5)))
    assert sum(task is not None for task in tasks) == 1
    await until(api, lambda: api.texts())
    assert await running.updates.take(same) is None
    await asyncio.sleep(0.3)
    assert api.texts() == ["收到：你好"]
    assert len(running.assistant.asked) == 1


async def test_after_a_fall_before_the_work_it_is_done(api: FakeApi, bot: Bot, running: Running) -> None:
    api.receives("你好")
    left_behind(api.updates[0])
    await running.updates.resume()
    running.courier.start()
    await until(api, lambda: api.texts() == ["收到：你好"])


async def test_after_a_fall_in_the_middle_of_the_work_nothing_is_lost_or_doubled(
    api: FakeApi, bot: Bot, running: Running
) -> None:
    api.receives("等")
    running.start()
    await until(api, lambda: running.assistant.asked)
    await running.fall()
    assert api.texts() == []
    running.assistant.go_on.set()
    after = Running(bot, running.assistant)
    await after.updates.resume()
    after.start()
    await until(api, lambda: api.texts() == ["收到：等"])
    await asyncio.sleep(1.3)  # a poll later, for the first one may not have been confirmed
    assert api.texts() == ["收到：等"]
    await after.stop()


async def test_after_a_fall_between_the_answer_and_the_outbox_the_assistant_is_not_asked_again(
    api: FakeApi, bot: Bot, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "finish", falls)
        api.receives("你好")
        task = await running.updates.take(api.updates[0])
        assert task
        await asyncio.wait({task})
    assert len(running.assistant.asked) == 1
    the_process_is_gone()
    await running.updates.resume()
    running.courier.start()
    await until(api, lambda: api.texts() == ["收到：你好"])
    assert len(running.assistant.asked) == 1


async def test_the_database_away_for_a_moment_costs_nothing(
    api: FakeApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "PAUSES", (0.05, 0.05, 0.05))
    finish, failures = inbound.finish, [OSError("away"), OSError("away")]

    def away(*args: Any, **named: Any) -> None:
        if failures:
            raise failures.pop()
        finish(*args, **named)

    monkeypatch.setattr(inbound, "finish", away)
    api.receives("你好")
    running.start()
    await until(api, lambda: api.texts() == ["收到：你好"])
    assert len(running.assistant.asked) == 1


async def test_a_button_runs_its_intent_once_and_then_goes(api: FakeApi, running: Running) -> None:
    running.start()
    api.receives("问")
    await until(api, lambda: api.texts() == ["对吗？"])
    number = api.of("sendMessage")[0].params["message_id"]
    api.presses("对")
    api.presses("对")  # twice, as old hands do
    await until(api, lambda: api.texts() == ["对吗？", "收到：/affirm"])
    await until(api, lambda: len(api.of("answerCallbackQuery")) == 2)
    edits = await until(api, lambda: api.of("editMessageReplyMarkup"))
    assert {call.params["message_id"] for call in edits} == {number}
    assert all("reply_markup" not in call.params for call in edits)
    await asyncio.sleep(0.3)
    assert len(api.texts()) == 2


async def test_a_button_under_what_nobody_asked_for_is_a_token_too(api: FakeApi, running: Running) -> None:
    running.start()
    api.receives("好")
    await until(api, lambda: len(api.texts()) == 1)
    payload = '/water_back{"incident": "SJ261123-001"}'
    with session_scope() as session:
        outbox.notify(
            session, channel="telegram", sender=running.assistant.asked[0].sender_id, text="您家水来了吗？",
            kind="told_restored", reference="SJ261123-001", now=clock.now(),
            content={"buttons": [{"title": "来了", "payload": payload}]},
        )  # fmt: skip
    await until(api, lambda: len(api.texts()) == 2)
    markup = api.of("sendMessage")[1].params["reply_markup"]["inline_keyboard"]
    assert "water_back" not in str(markup)
    api.presses("来了")
    await until(api, lambda: len(api.texts()) == 3)
    assert running.assistant.asked[-1].text == payload


async def test_an_answer_counts_for_the_newest_question_alone(api: FakeApi, running: Running) -> None:
    running.start()
    api.receives("问")
    await until(api, lambda: len(api.texts()) == 1)
    api.receives("问")  # this one may ask something else altogether: 要删吗？
    await until(api, lambda: len(api.texts()) == 2)
    old, new = (call.params for call in api.of("sendMessage"))

    def pressed(shown: dict[str, Any], place: int) -> None:
        chat = {"id": 42, "type": "private"}
        button = shown["reply_markup"]["inline_keyboard"][0][place]
        message = {
            "message_id": shown["message_id"],
            "chat": chat,
            "date": 0,
            "reply_markup": shown["reply_markup"],
        }
        query = {"id": "1", "from": {"id": 42}, "data": button["callback_data"], "message": message}
        api.gets_update({"callback_query": query})

    pressed(old, 0)
    await until(api, lambda: len(api.texts()) == 3)
    assert "按钮过期了" in api.texts()[2]
    pressed(new, 0)
    await until(api, lambda: len(api.texts()) == 4)
    assert [message.text for message in running.assistant.asked] == ["问", "问", "/affirm"]


async def test_what_is_behind_a_button_cannot_be_made_up(api: FakeApi, running: Running) -> None:
    running.start()
    api.receives("问")
    await until(api, lambda: api.texts())
    token = api.of("sendMessage")[0].params["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    for data, person in (("/affirm", 42), (token, 43)):
        chat = {"id": person, "type": "private"}
        query = {
            "id": "1",
            "from": {"id": person},
            "data": data,
            "message": {"message_id": 1, "chat": chat, "date": 0},
        }
        api.gets_update({"callback_query": query})
    old = "这个按钮过期了。请直接打字告诉我您要办什么。"
    await until(api, lambda: api.texts()[1:] == [old] and api.texts(43) == [old])
    assert [message.text for message in running.assistant.asked] == ["问"]


async def test_in_a_group_only_who_was_asked_takes_the_buttons_away(api: FakeApi, running: Running) -> None:
    group = {"id": -1001, "type": "supergroup"}
    running.start()
    api.gets({"text": "@wuchang_bot 问"}, 42, group)
    asked = (await until(api, lambda: api.of("sendMessage")))[0].params
    assert "reply_parameters" in asked
    token = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    def pressed_by(person: int) -> None:
        message = {"message_id": asked["message_id"], "chat": group, "date": 0}
        api.gets_update(
            {"callback_query": {"id": str(person), "from": {"id": person}, "data": token, "message": message}}
        )

    pressed_by(99)
    await until(api, lambda: len(api.of("sendMessage")) == 2)
    assert "过期" in api.texts(-1001)[1]
    assert api.of("editMessageReplyMarkup") == []
    pressed_by(42)
    await until(api, lambda: api.texts(-1001)[2:] == ["收到：/affirm"])
    await until(api, lambda: api.of("editMessageReplyMarkup"))


async def test_start_greets_and_shows_the_keyboard_once(api: FakeApi, running: Running) -> None:
    running.start()
    api.receives("/start")
    await until(api, lambda: len(api.texts()) == 2)
    greeting, keyboard = api.of("sendMessage")
    assert greeting.params["text"] == "收到：/greet"
    assert keyboard.params["reply_markup"]["keyboard"][0][0]["request_location"] is True


async def test_a_place_comes_with_its_datum_and_points_go_out_on_a_map(
    api: FakeApi, running: Running
) -> None:
    running.start()
    api.gets({"location": {"latitude": 26.97, "longitude": 112.37}})
    await until(api, lambda: api.texts())
    assert running.assistant.asked[0].metadata == {
        "location": {"lat": 26.97, "lon": 112.37, "datum": "wgs84"}
    }
    api.receives("点")
    (venue,) = await until(api, lambda: api.of("sendVenue"))
    assert venue.params["title"] == "三塘驿站"
    assert api.texts()[1] == "最近的点："


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"voice": {"file_id": "v"}}, "听不了语音"),
        ({"sticker": {"file_id": "s"}}, "看不懂"),
        ({"text": "\u3164"}, "看不懂"),
        ({"text": "坏"}, "出了点问题"),
        ({"text": "水" * 1500}, "太长了"),
        ({"document": {"file_id": "d", "file_name": "a.docx", "file_size": 30_000_000}}, "超过 20 MB"),
        ({"document": {"file_id": "d", "file_name": "a.exe", "file_size": 3}}, "a.exe"),
    ],
    ids=["voice", "sticker", "nothing", "a fault", "too long", "too big", "a kind nobody reads"],
)
async def test_whatever_comes_the_person_hears_something(
    api: FakeApi, running: Running, content: dict[str, Any], words: str
) -> None:
    api.files["d"] = b"MZ."
    running.start()
    api.gets(content)
    await until(api, lambda: words in "".join(api.texts()))


async def test_who_blocks_the_bot_is_noted_until_they_write_again(api: FakeApi, running: Running) -> None:
    running.start()
    api.receives("你好")
    await until(api, lambda: api.texts())
    chat = {"id": 42, "type": "private"}
    api.gets_update(
        {
            "my_chat_member": {
                "chat": chat,
                "from": {"id": 42},
                "date": 0,
                "new_chat_member": {"status": "kicked"},
            }
        }
    )
    await until(api, lambda: rows(ChannelAccount)[0].unreachable_at is not None)
    api.receives("又来了")
    await until(api, lambda: len(api.texts()) == 2)
    assert rows(ChannelAccount)[0].unreachable_at is None


async def test_a_refused_answer_marks_the_account(api: FakeApi, running: Running) -> None:
    api.fail("sendMessage", (403, "Forbidden: bot was blocked by the user"))
    running.start()
    api.receives("你好")
    await until(api, lambda: rows(OutgoingMessage) and rows(OutgoingMessage)[0].failed_at)
    assert rows(ChannelAccount)[0].unreachable_at is not None


async def test_polling_goes_on_after_every_kind_of_error(
    api: FakeApi, running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE", 0.02)
    api.fail(
        "getUpdates", (409, "Conflict: terminated by other getUpdates request"), (502, "Bad Gateway"), "drop",
        (401, "Unauthorized"), (429, "Too Many Requests", {"retry_after": 1}),
    )  # fmt: skip
    running.start()
    api.receives("你好")
    await until(api, lambda: api.texts())
    said = caplog.text
    assert "wuchang telegram poll" in said
    assert "WUCHANG_TELEGRAM_TOKEN" in said
    assert TOKEN not in said
    assert "你好" not in said


async def test_one_odd_update_does_not_cost_the_others(api: FakeApi, running: Running) -> None:
    api.gets_update({"message": {"chat": "odd"}})
    api.receives("你好")
    running.start()
    await until(api, lambda: api.texts() == ["收到：你好"])


async def test_what_failed_to_be_stored_is_not_confirmed(
    api: FakeApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)
    take_in, failures = inbound.take_in, [OSError("away")]

    def away(*args: Any, **named: Any) -> bool:
        if failures:
            raise failures.pop()
        return take_in(*args, **named)

    monkeypatch.setattr(inbound, "take_in", away)
    api.receives("你好")
    running.start()
    await until(api, lambda: api.texts() == ["收到：你好"])


async def test_what_another_process_works_on_is_left_to_it(api: FakeApi, running: Running) -> None:
    api.receives("你好")
    left_behind(api.updates[0])
    with session_scope() as session:
        session.execute(update(IncomingMessage).values(claimed_until=clock.now() + inbound.LEASE))
    assert await running.reception.unfinished() == ()
    the_process_is_gone()
    assert len(await running.reception.unfinished()) == 1


async def test_nothing_of_people_or_the_token_is_logged(
    api: FakeApi, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    caplog.set_level(logging.INFO, "telegram")
    running.start()
    api.receives("坏13900000000", person=4711)
    await until(api, lambda: api.texts(4711))
    for secret in ("13900000000", "4711", TOKEN):
        assert secret not in caplog.text
    assert accounts.sender_of("telegram", "4711") in caplog.text


# files


@pytest.mark.parametrize(("size", "most"), [(20 * 2**20, True), (20 * 2**20 + 1, False)])
async def test_a_file_too_big_is_not_fetched(api: FakeApi, bot: Bot, size: int, most: bool) -> None:
    api.files["d"] = b"content"
    if most:
        assert await client.download(bot, File("d", "a.docx", size)) == b"content"
    else:
        with pytest.raises(BadMessage, match="20 MB"):
            await client.download(bot, File("d", "a.docx", size))
        assert api.of("getFile") == []


async def test_a_photo_has_ten_megabytes_at_most(api: FakeApi, bot: Bot) -> None:
    api.files["p"], api.files["q"] = b"x" * (10 * 2**20), b"x" * (10 * 2**20 + 1)
    assert len(await client.download(bot, Photo("p"))) == 10 * 2**20
    with pytest.raises(BadMessage, match="10 MB"):
        await client.download(bot, Photo("q"))


async def test_what_telegram_itself_finds_too_big(api: FakeApi, bot: Bot) -> None:
    api.fail("getFile", (400, "Bad Request: file is too big"))
    with pytest.raises(BadMessage, match="20 MB"):
        await client.download(bot, File("d", "a.docx"))


async def test_every_call_goes_through_the_proxy(api: FakeApi) -> None:
    conf = Settings(
        telegram_token=TOKEN, telegram_api="http://telegram.invalid", telegram_proxy=api.url
    )  # no such host: what does not go through the proxy fails
    async with client.make_bot(conf) as made:
        await client.get_updates(made, None, 0)
        await made.send_message(42, "停水了")
    assert api.texts() == ["停水了"]
    assert [call.method for call in api.calls] == ["getMe", "getUpdates", "sendMessage"]
    assert set(api.hosts) == {"telegram.invalid"}


def test_the_secret_is_made_where_none_is_configured() -> None:
    made = client.secret(Settings(telegram_token=TOKEN))
    assert made == client.secret(Settings(telegram_token=TOKEN))
    assert made != client.secret(Settings(telegram_token="another"))
    assert made.isalnum()
    assert len(made) == 32
    assert client.secret(Settings(telegram_token=TOKEN, telegram_secret="own")) == "own"
