"""What a platform hands in, from the stored message to the answers in the outbox: the same for every platform.

A message is stored before the platform is told that it arrived, worked on once, and its answers are put into the
outbox in the same transaction that notes it as done. Where the process falls in between, `unfinished` tells what is
left; of several processes one takes it up, for whoever works on a message holds a claim (`bot.storage.inbound`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from bot import clock
from bot.channels.asking import Asking, Fetch, notice
from bot.channels.conversation import Conversation
from bot.channels.ledger import Done, Interpret, Join, Ledger, Opened, Render, Way, Windows
from bot.channels.lines import Lines
from bot.channels.model import Received, Reply
from bot.processes import new_owner
from bot.storage.inbound import Claim, Incoming

MAX_WAITING = 8  # messages of one person that wait for an answer
RENEW_SECONDS = 4.0  # well below the lease of a claim (bot.storage.inbound.LEASE)
SWEEP_EVERY = timedelta(hours=1)

logger = logging.getLogger(__name__)


class Reception:
    """The way of a message through one channel.

    Args:
        conversation: the assistant.
        fetch: the bytes of a photo or file, from the platform.
        render: one answer as the platform's messages, in the open session: split, its buttons offered.
        ready: called once answers were put into the outbox (`Courier.wake`).
        join: the replies of one answer as the platform has them, before each is rendered; by default as they are.
        interpret: what something that was sent stands for, in the open session: a number for a choice, say, or
            replies where the channel answers by itself; by default itself.
        most_waiting: how many messages of a person may wait before they are told that it is too fast; None: any.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        fetch: Fetch,
        render: Render,
        ready: Callable[[], None] = lambda: None,
        join: Join = tuple,
        interpret: Interpret | None = None,
        most_waiting: int | None = MAX_WAITING,
    ) -> None:
        self.channel = conversation.channel
        self.asking = Asking(conversation, fetch)
        self.ready = ready
        self.most_waiting = most_waiting
        self.lines = Lines()
        self.ledger = Ledger(self.channel, new_owner(), render=render, join=join, interpret=interpret)
        self._turns: set[Turn] = set()
        self._sweep_at = clock.now()
        self._renewing: asyncio.TimerHandle | None = None

    def arrive(
        self, received: Received, *, windows: Windows | None = None, way: Callable[[], Way] = Way, again: bool = False
    ) -> Turn:  # fmt: skip
        """The turn of a message, in the place that it has from now on in the line of its person.

        Args:
            way: how the answer leaves, asked once it is there.
            again: the message's work may have been begun before.
        """
        turn = Turn(self, received, windows or Windows(), way, again)
        self._turns.add(turn)
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().call_later(RENEW_SECONDS, self._renew)
        return turn

    async def unfinished(self) -> tuple[Incoming, ...]:
        """What was taken in, is not done, and nobody works on; the channel parses it and has it `arrive` again."""
        if clock.now() >= self._sweep_at:
            self._sweep_at = clock.now() + SWEEP_EVERY
            await asyncio.to_thread(self.ledger.sweep)
        at_hand = {turn.received.key for turn in self._turns}
        found = await asyncio.to_thread(self.ledger.unfinished)
        at_hand |= {turn.received.key for turn in self._turns}
        return tuple(message for message in found if message.key not in at_hand)

    async def lost(self, key: str, address: str) -> None:
        """Note that the person blocked the assistant or no longer follows it; `key` is that of what told it."""
        await asyncio.to_thread(self.ledger.lost, key, address)

    def left(self, turn: Turn) -> None:
        """A message is no longer at hand."""
        self._turns.discard(turn)

    def _renew(self) -> None:
        """Hold on to what is at work for long; nothing is written for what ends at once."""
        self._renewing = None
        if not self._turns:
            return
        loop = asyncio.get_running_loop()
        self._renewing = loop.call_later(RENEW_SECONDS, self._renew)
        keys = [turn.received.key for turn in self._turns if turn.is_stored]
        if keys:
            loop.run_in_executor(None, self.ledger.renew, keys).add_done_callback(self._renewed)

    def _renewed(self, done: asyncio.Future[None]) -> None:
        if not done.cancelled() and (
            error := done.exception()
        ):  # the database is away: renewed the next time
            logger.warning("%s: a claim could not be renewed: %s", self.channel, type(error).__name__)


class Turn:
    """One message on its way: stored, worked on once it is first in the line of its person, done.

    Whoever has it leaves at the end (``with turn:``), or the person's later messages would wait for ever.
    """

    def __init__(
        self, reception: Reception, received: Received, windows: Windows, way: Callable[[], Way], again: bool
    ) -> None:
        self.received = received
        self._reception = reception
        self._windows = windows
        self._way = way
        self._again = again
        self._place = reception.lines.join(received.address)
        self._too_many = reception.most_waiting is not None and self._place.ahead >= reception.most_waiting
        self._opened: Opened | None = None
        self._answers: tuple[Reply, ...] | None = None
        self.is_stored = again  # so that its claim is renewed

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """The next message of the person may be worked on."""
        self._place.leave()
        self._reception.left(self)

    async def take_in(self, body: str) -> bool:
        """Store the message as it came; False where it was here before. Its work begins with it where nothing is ahead."""
        ledger, begin = self._reception.ledger, self._place.is_first
        way = self._way()
        self.is_stored, self._opened = await asyncio.to_thread(
            lambda: ledger.take_in(self.received, body, self._windows, way, begin=begin)
        )
        # A process that fell may have had it answered: asking once more would count it twice.
        self._again = self._again or not self.is_stored
        return self.is_stored

    async def claim(self) -> Claim:
        """Wait for the person's earlier messages, and begin the work unless another process is at it."""
        if not self._too_many:
            await self._place.reached()
        if self._opened is not None:
            return Claim.MINE
        ledger, way = self._reception.ledger, self._way()
        found, self._opened = await asyncio.to_thread(
            lambda: ledger.claim(self.received, self._windows, way, interpret=not self._too_many)
        )
        self.is_stored = self.is_stored or found is Claim.MINE
        return found

    async def work(self) -> Done | None:
        """Answer the message, put the answers into the outbox, and note it as done; None where another process does.

        What of it succeeded is not done again where it is called again after an error.
        """
        if await self.claim() is not Claim.MINE or self._opened is None:
            return None
        opened, ledger = self._opened, self._reception.ledger
        done = opened.done
        if done is None:
            answers = await self._answered(opened)
            way = self._way()
            done = await asyncio.to_thread(ledger.finish, self.received, opened.sender, answers, way)
        self._reception.ready()
        return done

    async def _answered(self, opened: Opened) -> tuple[Reply, ...]:
        if self._answers is None:
            if self._too_many:
                self._answers = notice("too_fast", opened.language)
            else:
                self._answers = await self._reception.asking.answers(
                    opened, self.received.key, again=self._again
                )
        return self._answers
