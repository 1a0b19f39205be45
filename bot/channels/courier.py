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

from bot import clock
from bot.channels.model import Reply
from bot.storage import accounts, outbox
from bot.storage.accounts import Account
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing

AT_ONCE = 20
LOOK_SECONDS = 1.0
SWEEP_EVERY = timedelta(hours=1)
SEND_SECONDS = 60.0  # well below the lease of a claim (bot.storage.outbox.LEASE)

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
            logger.error("%s: the outbox could not be written: %s", self._channel, type(error).__name__)
        self.wake()  # the person's next message may follow

    async def _deliver(self, message: Outgoing) -> None:
        try:
            account = await asyncio.to_thread(_account, self._channel, message.sender)
            if account is None or not account.reachable:
                raise Undeliverable("nobody is known under this sender, or they do not want messages")
            reply = Reply.of(message.text, message.content)
            await asyncio.wait_for(self._send(account, reply, message), SEND_SECONDS)
        except TryLater as later:
            after = None if later.seconds is None else timedelta(seconds=later.seconds)
            reason, counts = str(later), later.counts
            await asyncio.to_thread(_put_off, message, reason, after, counts)
        except WindowClosed as closed:
            told = str(closed)
            await asyncio.to_thread(_leave, self._channel, message, told)
        except Undeliverable as refused:
            reason, gone = str(refused), refused.unreachable
            await asyncio.to_thread(_give_up, self._channel, message, reason, gone)
        except Exception as error:
            logger.error("%s: sending to %s failed: %s", self._channel, message.sender, type(error).__name__)
            name = type(error).__name__
            await asyncio.to_thread(_give_up, self._channel, message, f"unsure: {name}", False)
        else:
            await asyncio.to_thread(_confirm, message)


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


def _put_off(message: Outgoing, reason: str, after: timedelta | None, counts: bool) -> None:
    with session_scope() as session:
        outbox.put_off(session, message, now=clock.now(), error=reason, after=after, counts=counts)


def _leave(channel: str, message: Outgoing, reason: str) -> None:
    with session_scope() as session:
        accounts.close_window(session, channel=channel, sender=message.sender)
        outbox.leave(session, message, error=reason)


def _give_up(channel: str, message: Outgoing, reason: str, gone: bool) -> None:
    with session_scope() as session:
        outbox.give_up(session, message, now=clock.now(), error=reason)
        if gone:
            accounts.lost(session, channel=channel, sender=message.sender, now=clock.now())
