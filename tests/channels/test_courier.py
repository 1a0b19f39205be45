"""Delivering from the outbox, to a platform that a test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import clock
from bot.channels.courier import Courier, TryLater, Undeliverable
from bot.channels.model import Reply
from bot.storage import accounts, outbox
from bot.storage.accounts import Account
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing
from tests.conftest import NOW
from tests.until import until

pytestmark = pytest.mark.usefixtures("database_url", "now")
Act = Callable[[str], Awaitable[None]]


class Platform:
    """Keeps what arrived as (address, text); `act` may raise or take its time."""

    def __init__(self, act: Act | None = None) -> None:
        self.arrived: list[tuple[str, str]] = []
        self.act = act

    async def send(self, account: Account, reply: Reply, _message: Outgoing) -> None:
        if self.act:
            await self.act(reply.text)
        self.arrived.append((account.address, reply.text))


def put(*texts: str, address: str = "1", known: bool = True, **other: Any) -> str:
    sender = accounts.sender_of("telegram", address)
    with session_scope() as session:
        if known:
            accounts.note(session, channel="telegram", address=address, now=NOW)
        for text in texts:
            given = {"kind": outbox.REPLY, "reference": "r", "now": NOW, **other}
            outbox.notify(session, channel="telegram", sender=sender, text=text, **given)
    return sender


def lines(**given: Any) -> list[dict[str, Any]]:
    with session_scope() as session:
        return list(outbox.outgoing_lines(session, **given))


@asynccontextmanager
async def delivering(platform: Platform, **options: Any) -> AsyncIterator[Courier]:
    courier = Courier("telegram", platform.send, look_seconds=0.02, **options)
    courier.start()
    try:
        yield courier
    finally:
        await courier.stop()


async def test_what_waits_arrives_in_order_and_is_noted() -> None:
    put("一", "二", "三")
    platform = Platform()
    async with delivering(platform):
        await until(lambda: len(platform.arrived) == 3)
        await until(lambda: all(line["sent_at"] for line in lines()))
    assert platform.arrived == [("1", "一"), ("1", "二"), ("1", "三")]


async def test_one_slow_person_holds_up_nobody_else() -> None:
    stuck = asyncio.Event()

    async def act(text: str) -> None:
        if text == "慢":
            await stuck.wait()

    put("慢", "之后", address="1")
    put("快", address="2")
    platform = Platform(act)
    async with delivering(platform):
        await until(lambda: platform.arrived == [("2", "快")])
        await asyncio.sleep(0.1)
        assert platform.arrived == [("2", "快")]
        stuck.set()
        await until(lambda: len(platform.arrived) == 3)
    assert platform.arrived[1:] == [("1", "慢"), ("1", "之后")]


async def test_what_surely_was_not_sent_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    moment: list[datetime] = [NOW]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    tried: list[str] = []

    async def act(text: str) -> None:
        tried.append(text)
        if len(tried) == 1:
            raise TryLater("too many at once", 30)

    put("一")
    platform = Platform(act)
    async with delivering(platform):
        await until(lambda: any(line["tries"] for line in lines()))
        await asyncio.sleep(0.1)
        assert tried == ["一"]
        moment[0] = NOW + timedelta(seconds=31)
        await until(lambda: platform.arrived == [("1", "一")])


async def test_who_blocked_the_assistant_is_not_written_to_again() -> None:
    async def act(_text: str) -> None:
        raise Undeliverable("blocked by the person", unreachable=True)

    sender = put("一", "二")
    platform = Platform(act)
    async with delivering(platform):
        await until(lambda: len(lines(failed=True)) == 2)
    with session_scope() as session:
        account = accounts.find(session, channel="telegram", sender=sender)
    assert account is not None
    assert not account.reachable
    assert lines(failed=True)[0]["error"] == "blocked by the person"


async def test_an_error_that_nobody_foresaw_is_listed_as_unsure_and_not_sent_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def act(_text: str) -> None:
        raise ValueError("13812345678")

    put("一")
    platform = Platform(act)
    async with delivering(platform):
        await until(lambda: bool(lines(failed=True)))
    assert lines(failed=True)[0]["error"] == "unsure: ValueError"
    assert "13812345678" not in caplog.text


async def test_nobody_is_known_under_the_sender() -> None:
    put("一", known=False)
    platform = Platform()
    async with delivering(platform):
        await until(lambda: bool(lines(failed=True)))
    assert platform.arrived == []


async def test_what_is_not_due_waits() -> None:
    put("明天", due_at=NOW + timedelta(days=1))
    platform = Platform()
    async with delivering(platform):
        await asyncio.sleep(0.15)
    assert platform.arrived == []


async def test_stopping_lets_what_is_on_its_way_arrive() -> None:
    begun = asyncio.Event()

    async def act(_text: str) -> None:
        begun.set()
        await asyncio.sleep(0.2)

    put("一", "二")
    platform = Platform(act)
    async with delivering(platform):
        await begun.wait()
    assert platform.arrived == [("1", "一")]
    assert [line["sent_at"] is not None for line in sorted(lines(), key=lambda line: line["id"])] == [
        True,
        False,
    ]


async def test_many_people_are_served_a_few_at_a_time() -> None:
    at_once: list[int] = [0]
    most: list[int] = [0]

    async def act(_text: str) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        await asyncio.sleep(0.02)
        at_once[0] -= 1

    for i in range(12):
        put("x", address=str(i))
    platform = Platform(act)
    async with delivering(platform, at_once=4):
        await until(lambda: len(platform.arrived) == 12)
    assert 1 < most[0] <= 4
    assert len({address for address, _ in platform.arrived}) == 12


async def test_a_database_that_is_away_for_a_moment_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    put("一")
    claim, calls = outbox.claim, []

    def flaky(*args: Any, **given: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("away")
        return claim(*args, **given)

    monkeypatch.setattr(outbox, "claim", flaky)
    platform = Platform()
    async with delivering(platform):
        await until(lambda: platform.arrived == [("1", "一")])


async def test_a_database_that_fails_after_sending_leaves_the_message_claimed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_args: Any, **_given: Any) -> None:
        raise OSError("13812345678")

    put("一")
    monkeypatch.setattr(outbox, "confirm", fails)
    platform = Platform()
    async with delivering(platform):
        await until(lambda: "could not be written" in caplog.text)
        await asyncio.sleep(0.1)
    assert platform.arrived == [("1", "一")]
    assert "13812345678" not in caplog.text
