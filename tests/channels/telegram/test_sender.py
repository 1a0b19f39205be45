"""One message of the outbox as one call of the Bot API, and what each error means for it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session
from telegram import Bot

from bot.channels.courier import TryLater, Undeliverable
from bot.channels.model import Button, Reply, Venue
from bot.channels.telegram import api as client
from bot.channels.telegram import sender as module
from bot.channels.telegram.limits import Flood
from bot.channels.telegram.sender import Sender
from bot.settings import Settings
from bot.storage import files
from bot.storage.accounts import Account
from bot.storage.outbox import Outgoing
from tests.channels.telegram.fakeapi import DROP, HANG, TOKEN, FakeApi
from tests.conftest import NOW


def account(address: str = "42", language: str = "zh") -> Account:
    return Account("telegram", "telegram-x", address, language, None, None, True, NOW)


def message(
    content: Mapping[str, Any] | None = None, *, kind: str = "reply", reference: str = "u1"
) -> Outgoing:
    return Outgoing(1, "telegram-x", "好", NOW, kind, reference, content or {})


async def send(bot: Bot, reply: Reply, to: Account | None = None, as_: Outgoing | None = None) -> None:
    await Sender(bot)(to or account(), reply, as_ or message())


async def test_a_text_with_buttons(api: FakeApi, bot: Bot) -> None:
    await send(bot, Reply("对吗？", (Button("对", "tok1"), Button("不对", "tok2"))))
    (call,) = api.of("sendMessage")
    assert (call.params["chat_id"], call.params["text"]) == (42, "对吗？")
    assert call.params["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "对", "callback_data": "tok1"}, {"text": "不对", "callback_data": "tok2"}]
        ]
    }
    assert "parse_mode" not in call.params
    assert call.params["link_preview_options"] == {"is_disabled": True}
    assert "reply_parameters" not in call.params


async def test_in_a_group_it_answers_the_message_it_belongs_to(api: FakeApi, bot: Bot) -> None:
    await send(bot, Reply("好"), account("-1001:43"), message(reference="31"))
    await send(bot, Reply("提醒"), account("-1001:43"), message(kind="filing", reference="31"))
    await send(bot, Reply("好"), account("-1001:43"), message(reference="u7"))
    answer, reminder, unknown = api.of("sendMessage")
    assert answer.params["chat_id"] == -1001
    assert answer.params["reply_parameters"] == {"message_id": 31, "allow_sending_without_reply": True}
    assert "reply_parameters" not in reminder.params
    assert "reply_parameters" not in unknown.params


@pytest.mark.parametrize(("language", "title"), [("zh", "📍发送我的位置"), ("en", "📍 Send my location")])
async def test_the_keyboard_that_stays(api: FakeApi, bot: Bot, language: str, title: str) -> None:
    await send(bot, Reply("位置"), account(language=language), message({"keyboard": True}))
    (call,) = api.of("sendMessage")
    assert call.params["reply_markup"]["keyboard"] == [[{"text": title, "request_location": True}]]
    assert call.params["reply_markup"]["is_persistent"] is True


async def test_groups_get_no_keyboard_for_places(api: FakeApi, bot: Bot) -> None:
    await send(bot, Reply("位置"), account("-1001:43"), message({"keyboard": True}))
    assert "reply_markup" not in api.of("sendMessage")[0].params


async def test_a_venue_on_the_map(api: FakeApi, bot: Bot) -> None:
    await send(bot, Reply(venues=(Venue("三塘驿站", "", 26.97, 112.37),)))
    (call,) = api.of("sendVenue")
    shown = {name: call.params[name] for name in ("latitude", "longitude", "title", "address")}
    assert shown == {"latitude": 26.97, "longitude": 112.37, "title": "三塘驿站", "address": "三塘驿站"}


@pytest.mark.parametrize("prefix", ["", "https://chat.example/webhooks/web/"], ids=["relative", "absolute"])
async def test_a_file_of_ours_is_sent_itself(
    api: FakeApi, bot: Bot, session: Session, now: datetime, prefix: str
) -> None:
    file = files.File("清单.docx", "application/x", b"PK-docx")
    token = files.share(session, file, channel="telegram", sender="telegram-x", now=now)
    session.commit()
    await send(bot, Reply(attachment=f"{prefix}file?token={token}"))
    (call,) = api.of("sendDocument")
    assert call.files["document"] == ("清单.docx", b"PK-docx")


async def test_a_file_that_is_gone_is_its_link(api: FakeApi, bot: Bot, database_url: str) -> None:
    link = "https://chat.example/webhooks/web/file?token=" + "a" * 43
    await send(bot, Reply(attachment=link))
    assert api.texts() == [link]


async def test_a_picture_by_its_address(api: FakeApi, bot: Bot) -> None:
    await send(bot, Reply(image="https://x.example/y.png"))
    assert api.of("sendPhoto")[0].params["photo"] == "https://x.example/y.png"


# errors


async def refusal(bot: Bot, to: Account | None = None) -> TryLater | Undeliverable:
    with pytest.raises((TryLater, Undeliverable)) as raised:
        await send(bot, Reply("好"), to)
    assert isinstance(raised.value, (TryLater, Undeliverable))
    return raised.value


async def test_too_many_is_tried_when_telegram_says_and_holds_that_chat_alone(api: FakeApi, bot: Bot) -> None:
    api.fail("sendMessage", (429, "Too Many Requests: retry after 7", {"retry_after": 7}))
    flood = Flood()
    sender = Sender(bot, flood)
    with pytest.raises(TryLater) as later:
        await sender(account(), Reply("好"), message())
    assert (later.value.seconds, later.value.counts) == (7, False)
    assert 6 < flood.seconds(42, group=False, message=9) <= 8
    await sender(account("43"), Reply("好"), message())
    assert api.texts(43) == ["好"]


@pytest.mark.parametrize(
    ("status", "words", "gone"),
    [
        (403, "Forbidden: bot was blocked by the user", True),
        (403, "Forbidden: user is deactivated", True),
        (403, "Forbidden: bot was kicked from the supergroup chat", True),
        (400, "Bad Request: chat not found", True),
        (400, "Bad Request: message text is empty", False),
        (400, "Bad Request: BUTTON_DATA_INVALID", False),
    ],
)
async def test_what_cannot_be_sent(api: FakeApi, bot: Bot, status: int, words: str, gone: bool) -> None:
    api.fail("sendMessage", (status, words))
    refused = await refusal(bot)
    assert isinstance(refused, Undeliverable)
    assert refused.unreachable is gone
    assert "unsure" not in str(refused)


@pytest.mark.parametrize(
    "how", [(500, "Internal Server Error"), (502, "Bad Gateway"), DROP], ids=["500", "502", "cut off"]
)
async def test_what_may_have_been_sent_is_not_sent_again(api: FakeApi, bot: Bot, how: Any) -> None:
    api.fail("sendMessage", how)
    refused = await refusal(bot)
    assert isinstance(refused, Undeliverable)
    assert str(refused).startswith("unsure")
    assert not refused.unreachable


async def test_no_answer_in_time_is_not_sent_again(
    api: FakeApi, conf: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = client.HTTPXRequest

    def impatient(connections: int, **options: Any) -> Any:
        return made(connections, **{**options, "read_timeout": 0.3})

    monkeypatch.setattr(client, "HTTPXRequest", impatient)
    async with client.make_bot(conf) as bot:
        api.fail("sendMessage", HANG)
        refused = await refusal(bot)
    assert isinstance(refused, Undeliverable)
    assert str(refused).startswith("unsure")


async def test_no_connection_is_tried_again_without_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bot = client.make_bot(Settings(telegram_token=TOKEN, telegram_api=f"http://127.0.0.1:{port}"))
    refused = await refusal(bot)
    assert isinstance(refused, TryLater)
    assert not refused.counts
    assert TOKEN not in str(refused)


async def test_a_token_that_is_not_known_is_for_staff_to_mend(api: FakeApi, bot: Bot) -> None:
    api.token = "another"
    refused = await refusal(bot)
    assert isinstance(refused, TryLater)
    assert "WUCHANG_TELEGRAM_TOKEN" in str(refused)
    assert TOKEN not in str(refused)


async def test_a_group_that_moved_gets_it_under_its_new_number(api: FakeApi, bot: Bot) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    api.fail("sendMessage", (400, words, {"migrate_to_chat_id": -1009}))
    await send(bot, Reply("好"), account("-5:43"), message(reference="31"))
    assert [call.params["chat_id"] for call in api.of("sendMessage")] == [-1009]


async def test_a_chat_that_must_wait_long_gives_its_place_away(api: FakeApi, bot: Bot) -> None:
    flood = Flood()
    flood.hold(42, 50)
    with pytest.raises(TryLater) as later:
        await Sender(bot, flood)(account(), Reply("好"), message())
    assert later.value.seconds == pytest.approx(50, abs=1)
    assert not later.value.counts
    assert api.of("sendMessage") == []


async def test_a_short_wait_is_waited(api: FakeApi, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITED", 5)
    flood = Flood()
    flood.hold(42, 0.2)
    await Sender(bot, flood)(account(), Reply("好"), message())
    assert api.texts() == ["好"]
