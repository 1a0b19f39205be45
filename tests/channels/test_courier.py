"""Delivering from the outbox, to a platform that a test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot import clock
from bot.channels import courier
from bot.channels.courier import Courier, TryLater, Undeliverable, WindowClosed
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
    made = Courier("telegram", platform.send, look_seconds=0.02, **options)
    made.start()
    try:
        yield made
    finally:
        await made.stop()


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
    several = asyncio.Event()

    async def act(_text: str) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        await asyncio.wait_for(several.wait(), 30) if most[0] < 2 else several.set()
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
    monkeypatch.setattr(courier, "PAUSES", ())
    monkeypatch.setattr(outbox, "confirm", fails)
    platform = Platform()
    async with delivering(platform):
        await until(lambda: "could not be written" in caplog.text)
        await asyncio.sleep(0.1)
    assert platform.arrived == [("1", "一")]
    assert "13812345678" not in caplog.text


def away_once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[int]:
    """The database is away at the first call of `module.name`; how often it was called."""
    real, calls = getattr(module, name), list[int]()

    def flaky(*args: Any, **given: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("13812345678", {}, Exception())
        return real(*args, **given)

    monkeypatch.setattr(module, name, flaky)
    return calls


async def test_a_message_is_not_lost_where_the_database_is_away_just_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier, "AWAY", timedelta(0))
    monkeypatch.setattr(outbox, "FIRST_PAUSE", timedelta(0))
    calls = away_once(monkeypatch, accounts, "find")
    put("一")
    platform = Platform()
    async with delivering(platform):
        await until(lambda: platform.arrived == [("1", "一")])
        await until(lambda: all(line["sent_at"] for line in lines()))
    assert len(calls) == 2
    assert [line["failed_at"] for line in lines()] == [None]


async def test_so_it_is_where_the_channel_asks_the_database_before_it_sends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    async def act(text: str) -> None:
        tried.append(text)
        if len(tried) == 1:
            raise OperationalError("13812345678", {}, Exception())

    monkeypatch.setattr(courier, "AWAY", timedelta(0))
    monkeypatch.setattr(outbox, "FIRST_PAUSE", timedelta(0))
    put("一")
    platform = Platform(act)
    async with delivering(platform):
        await until(lambda: platform.arrived == [("1", "一")])
    assert tried == ["一", "一"]


async def test_what_was_sent_is_noted_though_the_database_was_away_just_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier, "PAUSES", (0.0,))
    calls = away_once(monkeypatch, outbox, "confirm")
    put("一", "二")
    platform = Platform()
    async with delivering(platform):
        await until(lambda: len(lines()) == 2 and all(line["sent_at"] for line in lines()))
    assert platform.arrived == [("1", "一"), ("1", "二")]
    assert len(calls) == 3


async def test_who_comes_back_while_an_earlier_message_is_refused_gets_the_answer() -> None:
    refused, answered = asyncio.Event(), asyncio.Event()

    async def act(text: str) -> None:
        if text == "旧":
            answered.set()
            await refused.wait()
            raise Undeliverable("blocked by the person", unreachable=True)

    put("旧")
    platform = Platform(act)
    async with delivering(platform):
        await answered.wait()
        with session_scope() as session:  # they let the assistant in again, and write
            accounts.note(session, channel="telegram", address="1", now=NOW + timedelta(seconds=1))
        put("新", known=False)
        refused.set()
        await until(lambda: platform.arrived == [("1", "新")])
    assert [line["text"] for line in lines(failed=True)] == ["旧"]


async def test_a_window_that_opens_while_an_earlier_message_is_refused_stays_open() -> None:
    refused, answered = asyncio.Event(), asyncio.Event()
    tried: list[str] = []

    async def act(text: str) -> None:
        tried.append(text)
        if len(tried) == 1:
            answered.set()
            await refused.wait()
            raise WindowClosed("errcode 45015")

    sender = put("旧")
    opened = {"pushes_until": NOW + timedelta(hours=48), "pushes_left": 5}
    platform = Platform(act)
    async with delivering(platform):
        await answered.wait()
        with session_scope() as session:
            accounts.note(session, channel="telegram", address="1", now=NOW + timedelta(seconds=1), **opened)
        refused.set()
        await until(lambda: platform.arrived == [("1", "旧")])
    with session_scope() as session:
        account = accounts.find(session, channel="telegram", sender=sender)
    assert account is not None
    assert account.pushes_left == 5
