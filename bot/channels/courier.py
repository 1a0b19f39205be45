"""Delivering what waits in the outbox on a channel that can push: answers, reminders, news of an incident.

A platform's channel gives `send`, which sends one message to one address and says by raising how it went. The
courier claims what is due, several persons at a time and each person's messages in their order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.channels.model import Reply
from bot.channels.tasks import tried_again
from bot.storage import accounts, outbox
from bot.storage.accounts import Account
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing

AT_ONCE = 20
LOOK_SECONDS = 1.0
SWEEP_EVERY = timedelta(hours=1)
# Together well below the lease of a claim (bot.storage.outbox.LEASE): sending, and how often noting it is tried.
SEND_SECONDS = 60.0
PAUSES = (1.0, 5.0, 20.0)
AWAY = timedelta(seconds=20)  # while the database is away nothing is sent

logger = logging.getLogger(__name__)
Send = Callable[[Account, Reply, Outgoing], Awaitable[None]]


class TryLater(Exception):
    """The message was surely not sent, and may be sent later: no connection, too many at once.

    Args:
        reason: for the list of staff; no text of people, no address.
        seconds: when to try again, where the platform says so.
        counts: False where it says nothing about the message (the platform is away, everybody has to wait).
    """

    def __init__(self, reason: str, seconds: float | None = None, *, counts: bool = True) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.counts = counts


class Undeliverable(Exception):
    """The message cannot be sent, or nobody knows whether it was; trying again would not help, or double it.

    Args:
        reason: for the list of staff.
        unreachable: the person blocked the assistant or is gone.
    """

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.unreachable = unreachable


class WindowClosed(Exception):
    """The platform takes no message to this person until they write again; the message waits for that.

    Args:
        reason: for the list of staff.
    """


class Courier:
    """Delivers what is due on one channel until it is stopped.

    Args:
        channel: the channel's name.
        send: sends one message; returns when the platform has it, raises `TryLater`, `Undeliverable` or `WindowClosed`.
            An error of the database that leaves it means that nothing was sent.
    """

    def __init__(
        self, channel: str, send: Send, *, at_once: int = AT_ONCE, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._channel = channel
        self._send = send
        self._at_once = at_once
        self._look_seconds = look_seconds
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to deliver, in the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Let what is on its way arrive, and take no more."""
        # By a flag: a cancellation can get lost in `wait_for` (Python 3.10).
        self._stopping = True
        self.wake()
        if self._task:
            await self._task
        if self._running:
            await asyncio.wait(self._running, timeout=SEND_SECONDS)

    def wake(self) -> None:
        """Something was put into the outbox: look now."""
        self._woken.set()

    async def _run(self) -> None:
        swept = clock.now() - SWEEP_EVERY
        while not self._stopping:
            self._woken.clear()
            try:
                if clock.now() - swept >= SWEEP_EVERY:
                    swept = clock.now()
                    await asyncio.to_thread(_sweep)
                await self._deliver_what_is_due()
            except Exception as error:  # the database is away for a moment, say
                logger.error("%s: the outbox could not be read: %s", self._channel, type(error).__name__)
            if self._stopping:
                return
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._look_seconds)

    async def _deliver_what_is_due(self) -> None:
        free = 0 if self._stopping else self._at_once - len(self._running)
        if free <= 0:
            return
        for message in await asyncio.to_thread(_claimed, self._channel, free):
            task = asyncio.get_running_loop().create_task(self._deliver(message))
            self._running.add(task)
            task.add_done_callback(self._delivered)

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # How it went could not be written down: the claim runs out, and the message is listed as unsure.
            self._unwritten(error)
        self.wake()  # the person's next message may follow

    def _unwritten(self, error: BaseException) -> None:
        logger.error("%s: the outbox could not be written: %s", self._channel, type(error).__name__)

    async def _deliver(self, message: Outgoing) -> None:
        note = await self._tried(message)
        await tried_again(lambda: asyncio.to_thread(note), PAUSES, self._unwritten)

    async def _tried(self, message: Outgoing) -> Callable[[], None]:
        """Send a message; what writes down how it went."""
        account: Account | None = None
        try:
            account = await asyncio.to_thread(_account, self._channel, message.sender)
            if account is None or not account.reachable:
                raise Undeliverable("nobody is known under this sender, or they do not want messages")
            reply = Reply.of(message.text, message.content)
            await asyncio.wait_for(self._send(account, reply, message), SEND_SECONDS)
        except TryLater as later:
            after = None if later.seconds is None else timedelta(seconds=later.seconds)
            return partial(_put_off, message, account, str(later), after, counts=later.counts)
        except SQLAlchemyError as error:
            reason = f"the database was away: {type(error).__name__}"
            return partial(_put_off, message, account, reason, AWAY, counts=False)
        except WindowClosed as closed:
            return partial(_leave, message, account, str(closed))
        except Undeliverable as refused:
            return partial(_give_up, message, str(refused), account if refused.unreachable else None)
        except Exception as error:
            logger.error("%s: sending to %s failed: %s", self._channel, message.sender, type(error).__name__)
            return partial(_give_up, message, f"unsure: {type(error).__name__}", None)
        return partial(_confirm, message)


def _sweep() -> None:
    with session_scope() as session:
        outbox.sweep(session, now=clock.now())


def _claimed(channel: str, most: int) -> tuple[Outgoing, ...]:
    with session_scope() as session:
        return outbox.claim(session, channel=channel, now=clock.now(), most=most)


def _account(channel: str, sender: str) -> Account | None:
    with session_scope() as session:
        return accounts.find(session, channel=channel, sender=sender)


def _confirm(message: Outgoing) -> None:
    with session_scope() as session:
        outbox.confirm(session, message, now=clock.now())


def _put_off(
    message: Outgoing, account: Account | None, reason: str, after: timedelta | None, *, counts: bool
) -> None:
    # What waited for its person to write could not be sent before they did.
    since = account.last_message_at if account and account.pushes_until else None
    with session_scope() as session:
        outbox.put_off(
            session, message, now=clock.now(), error=reason, after=after, counts=counts, since=since
        )


def _leave(message: Outgoing, account: Account | None, reason: str) -> None:
    with session_scope() as session:
        if account:
            its = {"channel": account.channel, "sender": account.sender}
            accounts.close_window(session, seen=account.last_message_at, **its)
        outbox.leave(session, message, error=reason)


def _give_up(message: Outgoing, reason: str, gone: Account | None) -> None:
    now = clock.now()
    with session_scope() as session:
        outbox.give_up(session, message, now=now, error=reason)
        if gone:
            its = {"channel": gone.channel, "sender": gone.sender}
            accounts.lost(session, now=now, seen=gone.last_message_at, **its)
