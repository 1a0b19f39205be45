"""Signature, freshness, encryption: what gets in, and what is refused before anything is read."""

from __future__ import annotations

import time

import pytest

from bot.channels.model import BadMessage
from bot.channels.tencent.envelope import Query, fields, plain_text, read_query
from bot.channels.wechat.platform import WeChat
from bot.channels.wecom.platform import WeCom
from tests.channels.tencent.fakes import (
    AES_KEY,
    AGENT_ID,
    APP_ID,
    CORP_ID,
    TOKEN,
    Peer,
    sign,
    wechat_peer,
    wecom_peer,
)

WECHAT = WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=None)
WECOM = WeCom(token=TOKEN, corp_id=CORP_ID, aes_key=AES_KEY, agent_id=AGENT_ID, api=None)
BOTH = [(WECHAT, wechat_peer()), (WECOM, wecom_peer())]


def refused(take: object) -> str:
    with pytest.raises(BadMessage) as error:
        take()  # type: ignore[operator]
    return error.value.code


@pytest.mark.parametrize(("platform", "peer"), BOTH)
def test_what_the_library_seals_is_opened_and_the_other_way_round(platform: WeChat, peer: Peer) -> None:
    xml = peer.text("停水了 ]] &amp; <b>")
    query, body = peer.sealed(xml)
    given = fields(platform.open(body, query))
    assert given["Content"] == "停水了 ]] &amp; <b>"
    answer = "<b>&amp; ]]> ]]]]>\n一\x0b"
    assert peer.opened(platform.reply(answer, given=given))["Content"] == "<b>&amp; ]]> ]]]]>\n一"
    assert peer.opened(platform.reply("x", given=given))["ToUserName"] == peer.sender


@pytest.mark.parametrize(("platform", "peer"), BOTH)
def test_a_bent_signature_time_nonce_or_body_is_refused(platform: WeChat, peer: Peer) -> None:
    query, body = peer.sealed(peer.text("停水"))
    for change in (
        {"msg_signature": query.msg_signature[:-1] + ("0" if query.msg_signature[-1] != "0" else "1")},
        {"msg_signature": ""},
        {"msg_signature": "\ud800"},
        {"nonce": "other"},
        {"timestamp": str(int(query.timestamp) + 1)},
    ):
        assert (
            refused(lambda change=change: platform.open(body, Query(**{**vars(query), **change})))
            == "bad_signature"
        )
    assert refused(
        lambda: platform.open(body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A"), query)
    ) == ("bad_signature")


def test_another_accounts_message_under_the_same_key_is_refused() -> None:
    from wechatpy.crypto import WeChatCrypto

    other = Peer(WeChatCrypto(TOKEN, AES_KEY, "wx-of-somebody"), "gh_x", "o1", encrypt_type="aes")
    query, body = other.sealed(other.text("停水"))
    assert refused(lambda: WECHAT.open(body, query)) == "not_decrypted"


@pytest.mark.parametrize("encrypted", ["", "A", "AAAA", "=" * 40, "A" * 44, "停水", "QUJD" * 8])
def test_signed_nonsense_is_refused(encrypted: str) -> None:
    now = str(int(time.time()))
    query = Query(now, "n", sign(now, "n"), sign(now, "n", encrypted), "aes")
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    assert refused(lambda: WECHAT.open(body, query)) in ("not_decrypted", "not_encrypted")


def test_a_message_that_is_not_encrypted_is_refused_whatever_its_signature() -> None:
    peer = wechat_peer()
    query, _ = peer.sealed(peer.text("停水"))
    plain = Query(query.timestamp, query.nonce, query.signature)
    assert refused(lambda: WECHAT.open(peer.text("停水").encode(), plain)) == "not_encrypted"
    assert refused(lambda: WECHAT.open(peer.text("停水").encode(), query)) == "not_encrypted"


def test_plain_mode_is_plain_both_ways() -> None:
    plain = WeChat(token=TOKEN, app_id=APP_ID, aes_key=AES_KEY, api=None, plain=True)
    peer = wechat_peer()
    query, _ = peer.sealed("<xml/>")
    given = fields(plain.open(peer.text("停水").encode(), query))
    assert "收到 ]]> 了" in fields(plain.reply("收到 ]]> 了", given=given))["Content"]
    assert refused(lambda: plain.open(b"", Query(query.timestamp, query.nonce, "0" * 40))) == "bad_signature"


@pytest.mark.parametrize(
    ("off", "fresh"), [(0, True), (599, True), (-599, True), (601, False), (-601, False)]
)
def test_ten_minutes_off_are_too_many(off: int, fresh: bool) -> None:
    now = 1_795_430_400
    given = {"timestamp": [str(now + off)], "nonce": ["n"]}
    if fresh:
        assert read_query(given, now=now).nonce == "n"
    else:
        assert refused(lambda: read_query(given, now=now)) == "stale"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"timestamp": ["1795430400"]},
        {"timestamp": ["now"], "nonce": ["n"]},
        {"timestamp": ["-5"], "nonce": ["n"]},
        {"timestamp": ["１７９５４３０４００"], "nonce": ["n"]},
        {"timestamp": ["9" * 40], "nonce": ["n"]},
        {"timestamp": ["1795430400"] * 2, "nonce": ["n"]},
        {"timestamp": ["1795430400"], "nonce": ["n"], "msg_signature": ["a", "b"]},
        {"timestamp": ["1795430400"], "nonce": ["n" * 5000]},
    ],
)
def test_a_bent_query_is_refused(given: dict[str, list[str]]) -> None:
    assert refused(lambda: read_query(given, now=1_795_430_400)) in ("bad_query", "stale")


def test_the_check_of_the_address() -> None:
    now = str(int(time.time()))
    assert WECHAT.echo(Query(now, "n", sign(now, "n"), echostr="5837")) == "5837"
    assert refused(lambda: WECHAT.echo(Query(now, "n", sign(now, "m"), echostr="5837"))) == "bad_signature"
    peer = wecom_peer()
    query, body = peer.sealed("1616140317555161061")
    encrypted = fields(body)["Encrypt"]
    assert WECOM.echo(Query(query.timestamp, query.nonce, "", query.msg_signature, echostr=encrypted)) == (
        "1616140317555161061"
    )
    assert refused(
        lambda: WECOM.echo(Query(query.timestamp, query.nonce, "", "0" * 40, echostr=encrypted))
    ) == ("bad_signature")


def test_a_text_for_a_cdata_section_ends_it_nowhere() -> None:
    for text in ("]]>", "]]]]>>", "]" * 9 + ">" * 3, "a]]>b]]>c"):
        assert fields(f"<xml><Content><![CDATA[{plain_text(text)}]]></Content></xml>")["Content"] == text
