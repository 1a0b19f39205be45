"""The routes on a real server: what passes, what is refused, and that neither hangs nor stores anything."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import asdict
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.channels.tencent.envelope import Query
from bot.storage import database
from bot.storage.tables import ChannelAccount, IncomingMessage, OutgoingMessage
from tests.channels.conftest import Chat
from tests.channels.tencent import fuzz
from tests.channels.tencent.fakes import sign, wechat_peer, wecom_peer
from tests.channels.wechat.test_messages import PAYLOADS

PEERS = {"wechat": wechat_peer(), "wecom": wecom_peer()}
NOTHING = {"wechat": "success", "wecom": ""}
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


@pytest.fixture(params=["wechat", "wecom"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def address(chat: Chat, name: str, query: Query) -> str:
    given = {key: value for key, value in asdict(query).items() if value}
    return f"http://127.0.0.1:{chat.port}/webhooks/{name}/webhook?{urlencode(given)}"


async def post(chat: Chat, name: str, query: Query, body: bytes) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await client.post(address(chat, name, query), content=body)


def stored(url: str) -> list[int]:
    kinds = (IncomingMessage, OutgoingMessage, ChannelAccount)
    with Session(database.engine_for(url), future=True) as session:
        return [session.execute(select(func.count(kind.id))).scalar_one() for kind in kinds]


async def test_a_message_is_answered(chat: Chat, name: str, database_url: str) -> None:
    peer = PEERS[name]
    got = await post(chat, name, *peer.sealed(peer.text("停水了")))
    assert got.status_code == 200, got.text
    assert peer.opened(got.text)["Content"] == "收到：停水了"
    assert [message.input_channel for message in chat.agent.asked] == [name]


async def test_the_address_is_checked(chat: Chat, name: str) -> None:
    now = str(int(time.time()))
    if name == "wechat":
        query = Query(now, "n", sign(now, "n"), echostr="5837")
        wanted = "5837"
    else:
        sealed, body = PEERS[name].sealed("5838")
        encrypted = body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        query, wanted = (
            Query(sealed.timestamp, sealed.nonce, "", sealed.msg_signature, echostr=encrypted),
            "5838",
        )
    async with httpx.AsyncClient(trust_env=False) as client:
        right = await client.get(address(chat, name, query))
        wrong = await client.get(address(chat, name, query).replace("nonce=", "nonce=x"))
        none = await client.get(f"http://127.0.0.1:{chat.port}/webhooks/{name}/webhook")
    assert (right.status_code, right.text) == (200, wanted)
    assert right.headers["content-type"].startswith("text/plain")
    assert (wrong.status_code, none.status_code) == (403, 400)


async def test_the_same_signed_body_again_runs_nothing_again(
    chat: Chat, name: str, database_url: str
) -> None:
    peer = PEERS[name]
    query, body = peer.sealed(peer.text("停水了"))
    first, second = await post(chat, name, query, body), await post(chat, name, query, body)
    assert (first.status_code, second.status_code) == (200, 200)
    assert len(chat.agent.asked) == 1


async def test_what_is_wrong_is_a_4xx_and_stored_nowhere(chat: Chat, name: str, database_url: str) -> None:
    peer = PEERS[name]
    query, body = peer.sealed(peer.text("停水了"))
    cases = {
        "no signature": (Query(query.timestamp, query.nonce, "", "", query.encrypt_type), body),
        "another signature": (
            Query(query.timestamp, query.nonce, "0" * 40, "0" * 40, query.encrypt_type),
            body,
        ),
        "old": peer.sealed(peer.text("停水了"), at=time.time() - 700),
        "from the future": peer.sealed(peer.text("停水了"), at=time.time() + 700),
        "too large": (query, body + b" " * 64 * 1024),
        "empty": (query, b""),
        "no XML": (query, b"\xff\xfe\x00"),
        "an entity outside": (query, XXE.encode() + body),
        "an entity inside": peer.sealed(XXE + peer.text("]]>&e;<![CDATA[")),
        "doubled": peer.sealed(peer.text("停水了").replace("<MsgId>", "<Content>x</Content><MsgId>")),
        "deep": peer.sealed("<xml>" + "<a>" * 9000 + "</a>" * 9000 + "</xml>"),
        "plain": (query, peer.text("停水了").encode()),
    }
    for case, (asked, sent) in cases.items():
        got = await post(chat, name, asked, sent)
        assert 400 <= got.status_code < 500, case
        assert "停水" not in got.text
    assert stored(database_url) == [0, 0, 0]
    assert chat.agent.asked == []


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: -5"],
        ["Content-Length: five"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ],
)
def test_a_length_that_is_not_clear_is_refused_and_the_server_goes_on(
    chat: Chat, name: str, lines: list[str]
) -> None:
    query, _ = PEERS[name].sealed("<xml/>")
    path = address(chat, name, query).split(str(chat.port))[1]
    head = "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", chat.port), timeout=5) as wire:
        wire.sendall(head.encode())
        assert wire.recv(200).split(b" ")[1][:1] == b"4"
    assert httpx.get(f"{chat.url}health", trust_env=False, timeout=30).status_code == 200


async def test_a_slow_sender_is_refused_and_keeps_nobody_waiting(
    chat: Chat, name: str, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    from bot.channels.tencent import service

    monkeypatch.setattr(service, "BODY_SECONDS", 0.5)
    query, _ = PEERS[name].sealed("<xml/>")
    path = address(chat, name, query).split(str(chat.port))[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n<xml>".encode())
    await writer.drain()
    peer = PEERS[name]
    meanwhile = await post(chat, name, *peer.sealed(peer.text("停水了")))
    assert meanwhile.status_code == 200
    answer = await asyncio.wait_for(reader.read(200), 5)
    assert b" 408 " in answer
    writer.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_refused(chat: Chat, name: str, method: str) -> None:
    got = httpx.request(method, f"http://127.0.0.1:{chat.port}/webhooks/{name}/webhook", trust_env=False)
    assert got.status_code == 405


async def test_a_thousand_bent_requests_are_answered_and_store_nothing_that_was_refused(
    chat: Chat, name: str, database_url: str
) -> None:
    messages = [path.read_text(encoding="utf8") for path in sorted(PAYLOADS.glob("*.xml"))]
    source = fuzz.deliveries(PEERS[name], messages, seed=3)
    taken = 0
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for _ in range(1000):
            given, body = next(source)
            pairs = [(key, value) for key, values in given.items() for value in values]
            query = urlencode(pairs, errors="replace")
            got = await client.post(
                f"http://127.0.0.1:{chat.port}/webhooks/{name}/webhook?{query}", content=body
            )
            assert got.status_code == 200 or 400 <= got.status_code < 500
            taken += got.status_code == 200
    incoming, _, _ = stored(database_url)
    assert incoming <= taken


def test_where_nothing_is_configured_there_is_no_route(caplog: pytest.LogCaptureFixture) -> None:
    from bot.channels.wechat.channel import WeChatChannel
    from bot.channels.wecom.channel import WeComChannel

    for kind in (WeChatChannel, WeComChannel):
        channel = kind.from_credentials(None)

        async def handler(_message: object) -> None:
            raise AssertionError

        assert channel.blueprint(handler)._future_routes == set()
    assert caplog.records == []
