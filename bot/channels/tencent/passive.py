"""The deliveries of one message and its one answer.

Tencent asks, waits 5 seconds, and where no answer came it drops the connection and asks again, three times in all
(documented). So of several deliveries only the newest is still listened to: it alone gets the answer, the others get
"nothing now". A delivery that comes when the answer was given already gets it again for a while: the platform asks
once more only where the answer did not reach it. The work itself is done once, whoever waits for it.

An account that can push says "nothing now" after 4.5 seconds and leaves the answer to the courier. One that cannot
lets the delivery time out, so that the platform asks again; at the third it tells the person to send “更多” later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from bot import clock
from bot.channels.conversation import log_failure
from bot.channels.ledger import GIVEN_AGAIN_FOR, Way, Windows, once
from bot.channels.model import BadMessage, Received
from bot.channels.reception import Reception, Turn
from bot.channels.tasks import tried_again
from bot.channels.tencent.parts import MAX_PARTS
from bot.storage import replies
from bot.storage.database import session_scope
from bot.storage.inbound import Claim

DELIVERIES = 3
LOOK_SECONDS = 0.25
STOP_SECONDS = 8.0
PAUSES = (0.5, 2.0, 10.0)  # before stored work that failed is tried again

logger = logging.getLogger(__name__)


class Busy(Exception):
    """The message could not be stored or worked on; the platform may send it again."""


@dataclass(frozen=True)
class Patience:
    """How long a delivery waits, in seconds from its arrival: for the answer, and until it is dropped."""

    ready: float = 4.5
    dropped: float = 6.0


PATIENCE = Patience()


@dataclass
class Exchange:
    """One message: its work, how many deliveries came, how many of them wait now, and what became of its answer.

    Attributes:
        given: the text that is noted in the outbox as given to a delivery; None where there is none (any more).
    """

    turn: Turn
    work: asyncio.Task[None] | None = None
    deliveries: int = 0
    listening: int = 0
    left_to_courier: bool = False
    failed: bool = False
    held: timedelta = timedelta()
    given: str | None = None

    @property
    def is_done(self) -> bool:
        """The work has ended, well or not."""
        return self.work is not None and self.work.done()


class Exchanges:
    """The messages of one channel that are being answered or were lately.

    Args:
        can_push: whether answers can be sent outside the platform's requests.
        windows: see `bot.channels.ledger.Windows`.
        wake: tells the courier to look.
    """

    def __init__(
        self,
        reception: Reception,
        *,
        can_push: Callable[[], bool],
        windows: Callable[[Received], Windows],
        wake: Callable[[], None],
        patience: Patience = PATIENCE,
        kept: timedelta = timedelta(hours=1),
    ) -> None:
        self._reception = reception
        self._can_push = can_push
        self._windows = windows
        self._wake = wake
        self._patience = patience
        self._kept = kept
        self._exchanges: dict[str, Exchange] = {}
        self._at_work: set[asyncio.Task[None]] = set()

    async def deliver(self, received: Received, body: str, late: Callable[[], str]) -> str | None:
        """The text to answer this delivery with, or None for "nothing now".

        `late`, called in a thread, gives the text that asks for patience.

        Raises:
            Busy: nothing was stored.
        """
        begun = asyncio.get_running_loop().time()
        exchange = self._exchanges.get(received.key) or self._begin(received, body)
        exchange.deliveries += 1
        exchange.listening += 1
        try:
            return await self._delivered(exchange, begun, late)
        finally:
            exchange.listening -= 1
            if (
                exchange.given is not None and not exchange.listening
            ):  # the newest delivery ended before it took it
                self._keep_at(asyncio.create_task(self._left(exchange)))

    async def _delivered(self, exchange: Exchange, begun: float, late: Callable[[], str]) -> str | None:
        now = asyncio.get_running_loop().time
        mine = exchange.deliveries
        await _wait(exchange, begun + self._patience.ready - now())
        if exchange.deliveries > mine:
            return None
        if exchange.failed:
            raise Busy
        if exchange.is_done:
            return await self._answer(exchange)
        if self._can_push():
            exchange.left_to_courier = True
            return None
        if mine >= DELIVERIES:
            return await asyncio.to_thread(late)
        await _wait(exchange, begun + self._patience.dropped - now())
        if exchange.deliveries == mine and not exchange.failed and exchange.is_done:
            # Ready at the last moment: an empty answer would end it, for the platform then asks no more.
            return await self._answer(exchange)
        return None

    async def _answer(self, exchange: Exchange) -> str | None:
        text, exchange.given = exchange.given, None
        if text is None:
            text = await asyncio.to_thread(_taken, self._reception.channel, exchange.turn.received.key)
        return text

    async def resume(self, parse: Callable[[str], Received | None]) -> None:
        """Go on with what was taken in, is not done, and nobody works on. What cannot be read any more is left."""
        for incoming in await self._reception.unfinished():
            try:
                received = parse(incoming.body)
            except BadMessage:
                continue
            if received and received.key not in self._exchanges:
                exchange = self._made(received, again=incoming.tries > 0)
                exchange.left_to_courier = True
                self._start(exchange, self._do(exchange))

    async def stop(self) -> None:
        """Let the work that has begun end; what does not is taken up after the next start."""
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=STOP_SECONDS)

    def _begin(self, received: Received, body: str) -> Exchange:
        # Without a pause between looking and noting, so that parallel deliveries find it.
        exchange = self._made(received)
        self._start(exchange, self._first(exchange, body))
        return exchange

    def _made(self, received: Received, *, again: bool = False) -> Exchange:
        turn = self._reception.arrive(
            received, windows=self._windows(received), way=lambda: self._way(exchange), again=again
        )
        exchange = self._exchanges[received.key] = Exchange(turn)
        return exchange

    def _start(self, exchange: Exchange, work: Coroutine[Any, Any, None]) -> None:
        exchange.work = asyncio.create_task(self._guarded(exchange, work))
        self._keep_at(exchange.work)

    def _keep_at(self, work: asyncio.Task[None]) -> None:
        self._at_work.add(work)
        work.add_done_callback(self._at_work.discard)

    async def _guarded(self, exchange: Exchange, work: Awaitable[None]) -> None:
        try:
            with exchange.turn:
                await work
        except Exception as error:
            logger.error(
                "%s: a message could not be worked on: %s", self._reception.channel, type(error).__name__
            )
            exchange.failed = True
            self._forget(exchange)  # the next delivery tries again, or `resume` does
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(GIVEN_AGAIN_FOR.total_seconds(), self._forget, exchange)

    async def _first(self, exchange: Exchange, body: str) -> None:
        if await exchange.turn.take_in(body) or await self._is_ours(exchange):
            await self._do(exchange)

    async def _do(self, exchange: Exchange) -> None:
        channel = self._reception.channel
        # The database was away, say: the platform will not ask once more.
        done = await tried_again(exchange.turn.work, PAUSES, partial(log_failure, channel, "-"))
        if done is None:  # another process was faster; the next delivery waits for it (`_is_ours`)
            self._forget(exchange)
            return
        exchange.given = done.given
        if not exchange.listening:
            await self._left(exchange)

    def _forget(self, exchange: Exchange) -> None:
        """It is no longer kept; a later one of the same message is."""
        key = exchange.turn.received.key
        if self._exchanges.get(key) is exchange:
            del self._exchanges[key]

    async def _left(self, exchange: Exchange) -> None:
        """The delivery that was to get the answer, or for which it was held, ended while it was being stored."""
        channel, key = self._reception.channel, exchange.turn.received.key
        pushed = exchange.left_to_courier and self._can_push()
        if exchange.given is not None:
            exchange.given = None
            held = timedelta() if pushed else self._hold(exchange)
            await asyncio.to_thread(_give_back, channel, key, held)
        elif pushed and exchange.held:
            await asyncio.to_thread(_release, channel, key)
        self._wake()

    def _way(self, exchange: Exchange) -> Way:
        if exchange.listening:
            return Way(given=True)
        exchange.held = self._hold(exchange)
        return Way(held=exchange.held)

    def _hold(self, exchange: Exchange) -> timedelta:
        if not self._can_push():
            return self._kept
        return timedelta() if exchange.left_to_courier else timedelta(seconds=self._patience.dropped + 2)

    async def _is_ours(self, exchange: Exchange) -> bool:
        """Whether a message that was here before is to be worked on; False once another process has done it."""
        for _ in range(int(DELIVERIES * self._patience.dropped / LOOK_SECONDS)):
            found = await exchange.turn.claim()
            if found is not Claim.BUSY:
                return found is Claim.MINE
            await asyncio.sleep(LOOK_SECONDS)
        raise Busy


async def _wait(exchange: Exchange, seconds: float) -> None:
    if exchange.work:
        # Not wait_for: a delivery that is dropped must not take the work with it.
        await asyncio.wait({exchange.work}, timeout=max(seconds, 0))


def _names(channel: str, key: str) -> list[str]:
    return [once(channel, key, number) for number in range(MAX_PARTS)]


def _taken(channel: str, key: str) -> str | None:
    with session_scope() as session:
        return replies.take_reply(session, _names(channel, key), now=clock.now(), again_for=GIVEN_AGAIN_FOR)


def _release(channel: str, key: str) -> None:
    with session_scope() as session:
        replies.release(session, _names(channel, key))


def _give_back(channel: str, key: str, held: timedelta) -> None:
    with session_scope() as session:
        now = clock.now()
        replies.give_back(session, _names(channel, key), held_until=now + held if held else None)
