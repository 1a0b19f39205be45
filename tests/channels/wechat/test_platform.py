"""An account's settings, photos and menu."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot import cli
from bot.channels.model import BadMessage, Photo
from bot.channels.tencent import api as tencent_api
from bot.channels.tencent.envelope import Query
from bot.channels.wechat import api as wechat_api
from bot.channels.wechat import platform
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.platform import WeChat, configured
from bot.errors import BadInput
from bot.settings import Settings
from tests.channels.tencent.fakes import AES_KEY, APP_ID, JPEG, TOKEN, FakeTencent, sign

RIGHT = {"wechat_token": TOKEN, "wechat_app_id": APP_ID, "wechat_aes_key": AES_KEY}


def test_settings_that_are_missing_or_wrong_are_told(caplog: pytest.LogCaptureFixture) -> None:
    assert configured(Settings()) is None
    account = configured(Settings(**RIGHT))
    assert account
    assert not account.can_push
    assert caplog.records == []
    assert configured(Settings(**RIGHT, wechat_mode="plain"))
    assert "plain mode" in caplog.text
    for wrong in (
        {"wechat_token": ""},
        {"wechat_app_id": ""},
        {"wechat_aes_key": "x"},
        {"wechat_mode": "off"},
    ):
        with pytest.raises(BadInput):
            configured(Settings(**{**RIGHT, **wrong}))


def account(fake: FakeTencent | None) -> WeChat:
    api = WeChatApi(fake.url, APP_ID, "secret") if fake else None
    return WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=api)


async def test_a_photo_comes_from_the_accounts_store(tencent: FakeTencent) -> None:
    assert await account(tencent).fetch(Photo("m-1 http://mmbiz.qpic.cn/x")) == JPEG
    assert tencent.calls[0].query == {"access_token": "token-1", "media_id": "m-1"}


async def test_a_photo_that_is_too_large_is_refused(
    tencent: FakeTencent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tencent_api, "MAX_MEDIA", 1000)
    tencent.media = b"x" * 1001
    with pytest.raises(BadMessage):
        await account(tencent).fetch(Photo("m-1"))


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/x", "http://qpic.cn.evil.example/x", "file:///etc/passwd", "http://mmbiz.qpic.cn:22/x", "",
     "http://evil.example/.qpic.cn", "http://mmbiz.qpic.cn@evil.example/", "gopher://mmbiz.qpic.cn/", "http://[::1]/",
     "http://mmbiz.qpic.cn:x/"],
)  # fmt: skip
async def test_no_other_host_is_asked_for_a_photo(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(platform, "download", lambda *_: asked.append(1))
    with pytest.raises(BadMessage):
        await account(None).fetch(Photo(f"m-1 {address}"))
    assert asked == []


def test_a_test_account_has_no_aes_key() -> None:
    conf = {"wechat_token": TOKEN, "wechat_app_id": APP_ID}
    trial = configured(Settings(**conf, wechat_mode="plain"))
    assert trial
    signed = Query("1795430400", "n", sign("1795430400", "n"))
    assert trial.open(b"<xml/>", signed) == "<xml/>"
    with pytest.raises(BadMessage, match="signature"):
        trial.open(b"<xml/>", replace(signed, nonce="m"))
    with pytest.raises(BadInput):
        configured(Settings(**conf))


def test_the_command_creates_the_menu_and_prints_it(
    tencent: FakeTencent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import bot.settings

    conf = Settings(wechat_app_id=APP_ID, wechat_app_secret="secret", wechat_api_url=tencent.url)
    monkeypatch.setattr(bot.settings, "settings", lambda: conf)
    assert cli.main(["wechat", "menu", "--show"]) == 0
    assert tencent.calls == []
    assert cli.main(["wechat", "menu"]) == 0
    assert [call.path for call in tencent.calls] == ["/cgi-bin/menu/create"]
    assert tencent.calls[0].body["button"][0] == {"type": "click", "name": "报停水", "key": "report_outage"}
    assert capsys.readouterr().out.count("报停水") == 2


def test_the_command_says_what_is_missing(
    tencent: FakeTencent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import bot.settings

    monkeypatch.setattr(bot.settings, "settings", lambda: Settings())
    assert cli.main(["wechat", "menu"]) == 2
    assert "WUCHANG_WECHAT_APP_SECRET" in capsys.readouterr().err
    tencent.replies = [{"errcode": 48001}]
    with pytest.raises(BadInput, match="48001"):
        asyncio.run(wechat_api.create_menu(WeChatApi(tencent.url, APP_ID, "s"), {}))
