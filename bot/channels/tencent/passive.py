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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bot import clock
from bot.channels.conversation import log_failure
from bot.channels.courier import in_thread
from bot.channels.model import BadMessage, Received
from bot.channels.reception import Reception, Windows, once
from bot.channels.tasks import tried_again
from bot.channels.tencent.parts import MAX_PARTS
from bot.storage import inbound, outbox
from bot.storage.database import session_scope

DELIVERIES = 3
AGAIN_FOR = timedelta(seconds=30)  # three deliveries of 5 seconds, and room
LOOK_SECONDS = 0.25
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
    """One message: its work, how many deliveries came, whether its answer is left to the courier, what was given."""

    work: asyncio.Task[None] | None = None
    deliveries: int = 0
    left_to_courier: bool = False
    failed: bool = False
    held: timedelta = field(default_factory=timedelta)
    given: str | None = None

    @property
    def is_done(self) -> bool:
        """The work has ended, well or not."""
        return self.work is not None and self.work.done()


class Exchanges:
    """The messages of one channel that are being answered or were lately.

    Args:
        can_push: whether answers can be sent outside the platform's requests.
        windows: see `bot.channels.reception.Windows`.
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
        self._to_repeat: set[str] = set()

    async def deliver(self, received: Received, body: str, late: Callable[[], str]) -> str | None:
        """The text to answer this delivery with, or None for "nothing now".

        `late`, called in a thread, gives the text that asks for patience.

        Raises:
            Busy: nothing was stored.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        exchange = self._exchanges.get(received.key) or self._begin(received, body)
        exchange.deliveries += 1
        mine = exchange.deliveries
        await _wait(exchange, begun + self._patience.ready - loop.time())
        if exchange.deliveries > mine:
            return None
        if exchange.failed:
            raise Busy
        if exchange.is_done:
            return await self._answer(exchange, received.key)
        if self._can_push():
            exchange.left_to_courier = True
            return None
        if mine >= DELIVERIES:
            return await in_thread(late)
        await _wait(exchange, begun + self._patience.dropped - loop.time())
        if exchange.deliveries == mine and not exchange.failed and exchange.is_done:
            # Ready at the last moment: an empty answer would end it, for the platform then asks no more.
            return await self._answer(exchange, received.key)
        return None

    async def _answer(self, exchange: Exchange, key: str) -> str | None:
        text = await in_thread(lambda: _taken(self._reception.channel, key))
        # The last word to somebody who is forgotten goes from the database with them: it is given again from here.
        exchange.given = exchange.given if text is None else text
        return exchange.given

    async def resume(self, parse: Callable[[str], Received | None], before: datetime | None = None) -> None:
        """Go on with what was taken in and not done when a process ended; `before`: only what came earlier.

        What cannot be read any more is left.
        """
        for incoming in await self._reception.unfinished(before):
            try:
                received = parse(incoming.body)
            except BadMessage:
                continue
            if received and received.key in self._exchanges:
                self._to_repeat.add(received.key)  # a new delivery was faster, and waits (`_until_done`)
            elif received:
                exchange = self._exchanges[received.key] = Exchange(left_to_courier=True)
                again = incoming.tries > 0
                exchange.work = asyncio.create_task(
                    self._guarded(exchange, received, self._do(exchange, received, again))
                )

    def _begin(self, received: Received, body: str) -> Exchange:
        # Without a pause between looking and noting, so that parallel deliveries find it.
        exchange = self._exchanges[received.key] = Exchange()
        exchange.work = asyncio.create_task(
            self._guarded(exchange, received, self._first(exchange, received, body))
        )
        return exchange

    async def _guarded(self, exchange: Exchange, received: Received, work: Awaitable[None]) -> None:
        loop = asyncio.get_running_loop()
        try:
            await work
        except Exception as error:
            logger.error(
                "%s: a message could not be worked on: %s", self._reception.channel, type(error).__name__
            )
            exchange.failed = True
            self._to_repeat.add(received.key)
            self._exchanges.pop(received.key, None)
        else:
            self._to_repeat.discard(received.key)
            loop.call_later(AGAIN_FOR.total_seconds(), self._exchanges.pop, received.key, None)

    async def _first(self, exchange: Exchange, received: Received, body: str) -> None:
        if await self._reception.take_in(received.key, body):
            await self._do(exchange, received, again=False)
        elif received.key in self._to_repeat:
            await self._do(exchange, received, again=True)
        elif not await self._until_done(received.key):
            # Known from before the last start, and nobody works on it.
            await self._do(exchange, received, again=True)

    async def _do(self, exchange: Exchange, received: Received, again: bool) -> None:
        def held() -> timedelta:
            exchange.held = self._hold(exchange)
            return exchange.held

        async def work(repeated: bool) -> None:
            windows = self._windows(received)
            await self._reception.work(received, windows=windows, again=again or repeated, held=held)

        # The database was away, say: the platform will not ask once more.
        await tried_again(work, PAUSES, partial(log_failure, self._reception.channel, "-"))
        if exchange.left_to_courier and exchange.held and self._can_push():
            # Its delivery ended while the answer was being stored.
            await in_thread(lambda: _release(self._reception.channel, received.key))
            self._wake()

    def _hold(self, exchange: Exchange) -> timedelta:
        if not self._can_push():
            return self._kept
        return timedelta() if exchange.left_to_courier else timedelta(seconds=self._patience.dropped + 2)

    async def _until_done(self, key: str) -> bool:
        """Wait for who works on it; False where it is found that nobody does."""
        for _ in range(int(DELIVERIES * self._patience.dropped / LOOK_SECONDS)):
            if await in_thread(lambda: _is_done(self._reception.channel, key)):
                return True
            if key in self._to_repeat:
                return False
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
        return outbox.take_reply(session, _names(channel, key), now=clock.now(), again_for=AGAIN_FOR)


def _release(channel: str, key: str) -> None:
    with session_scope() as session:
        outbox.release(session, _names(channel, key))


def _is_done(channel: str, key: str) -> bool:
    with session_scope() as session:
        return inbound.is_done(session, channel=channel, key=key)
