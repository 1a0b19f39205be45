"""Several processes on one database, SQLite and PostgreSQL: each message is worked on by one of them."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.model import Words
from bot.channels.reception import Reception
from tests.channels.test_reception import FakeAssistant, came, desk, left_behind, outgoing


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """On both kinds of database."""
    return each_database_url


pytestmark = pytest.mark.usefixtures("database_url", "now")


async def test_of_several_processes_one_takes_up_what_was_left() -> None:
    left_behind()
    assistant = FakeAssistant()
    processes = [desk(assistant) for _ in range(4)]
    found = await asyncio.gather(*(process.unfinished() for process in processes))
    assert [len(messages) for messages in found] == [1] * 4  # all see it

    async def take_up(process: Reception) -> bool:
        with process.arrive(came(Words("停水了")), again=True) as turn:
            return await turn.work() is not None

    assert sorted(await asyncio.gather(*map(take_up, processes))) == [False, False, False, True]
    assert [message.text for message in assistant.asked] == ["停水了"]
    assert len(outgoing()) == 1


async def test_a_message_handed_to_all_at_once_is_stored_and_worked_on_by_one() -> None:
    assistant = FakeAssistant()

    async def take(process: Reception) -> bool:
        with process.arrive(came(Words("停水了"))) as turn:
            return await turn.take_in("{}") and await turn.work() is not None

    taken = await asyncio.gather(*(take(desk(assistant)) for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]
    assert len(assistant.asked) == len(outgoing()) == 1
