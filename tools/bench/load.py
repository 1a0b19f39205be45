"""People who write to an assistant over REST, one after the other or at once."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

TIMEOUT_SECONDS = 60
_numbers = itertools.count()


class NoAnswer(RuntimeError):
    """The assistant gave no message back: a figure would mean nothing."""


def new_person() -> str:
    """A sender id that nobody had before in this run."""
    return f"bench-{next(_numbers)}"


@asynccontextmanager
async def _client(connections: int) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as client:
        yield client


async def _say(client: aiohttp.ClientSession, url: str, sender: str, text: str) -> tuple[float, str]:
    """Seconds until the answer was read, and the answer's first words.

    Raises:
        NoAnswer: no message came back.
    """
    begun = time.perf_counter()
    try:
        async with client.post(url, json={"sender": sender, "message": text}) as response:
            messages = await response.json()
    except (aiohttp.ClientError, asyncio.TimeoutError) as error:
        raise NoAnswer(f"{url} does not answer ({error!r}); see the logs in var/bench") from error
    seconds = time.perf_counter() - begun
    if response.status != 200 or not messages:
        raise NoAnswer(
            f"{url} gave {response.status} and {messages!r} to {text!r}; see the logs in var/bench"
        )
    return seconds, str(messages[0].get("text", ""))[:60]


def first_answer(url: str, text: str) -> str:
    """What the assistant says to `text`."""

    async def run() -> str:
        async with _client(1) as client:
            return (await _say(client, url, new_person(), text))[1]

    return asyncio.run(run())


def conversation(url: str, text: str, turns: int) -> list[float]:
    """Seconds of each turn of one new person who says `text` again and again."""

    async def run() -> list[float]:
        sender = new_person()
        async with _client(1) as client:
            return [(await _say(client, url, sender, text))[0] for _ in range(turns)]

    return asyncio.run(run())


def people(url: str, text: str, persons: int, turns: int) -> list[float]:
    """Seconds of each turn of `persons` new people, one after the other, without their greeting turn.

    A person's first turn opens the session, which is not what is compared here.
    """
    return [seconds for _ in range(persons) for seconds in conversation(url, text, turns + 1)[1:]]


def together(url: str, text: str, persons: int, turns: int) -> float:
    """Messages a second where `persons` people each say `text` `turns` times at once.

    Each has opened the session before and writes again as soon as the answer is there.
    """

    async def run() -> float:
        senders = [new_person() for _ in range(persons)]
        async with _client(persons) as client:

            async def talk(sender: str, count: int) -> None:
                for _ in range(count):
                    await _say(client, url, sender, text)

            await asyncio.gather(*(talk(sender, 1) for sender in senders))
            begun = time.perf_counter()
            await asyncio.gather(*(talk(sender, turns) for sender in senders))
            return persons * turns / (time.perf_counter() - begun)

    return asyncio.run(run())
