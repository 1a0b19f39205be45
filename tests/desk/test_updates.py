"""Live updates: one look a second for all pages, and none while nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.desk import updates
from bot.desk.listing import Wanted, list_incidents

from .cases import asked, burst, in_database


class Counting:
    def __init__(self) -> None:
        self.looks, self.value = 0, 0

    def __call__(self) -> int:
        self.looks += 1
        return self.value


async def heard(hub: updates.Hub, seconds: float = 0.5) -> list[str]:
    return [piece async for piece in hub.listen(seconds)]


async def test_every_page_is_told_once_and_nobody_looks_afterwards() -> None:
    look = Counting()
    hub = updates.Hub(look, seconds=0.02)
    both = asyncio.gather(heard(hub), heard(hub))
    await asyncio.sleep(0.2)
    look.value = 1
    for pieces in await both:
        assert [piece for piece in pieces if "event: change" in piece] == ["event: change\ndata: 1\n\n"]
        assert pieces[0].startswith("retry:")
    await asyncio.sleep(0.1)
    seen = look.looks
    await asyncio.sleep(0.1)
    assert look.looks == seen
    assert seen < 60, "two pages cost no more looks than one"


async def test_a_database_that_is_away_ends_no_stream() -> None:
    def fail() -> int:
        raise RuntimeError

    assert len(await heard(updates.Hub(fail, seconds=0.02), 0.2)) >= 1


def test_each_change_is_another_state(people: dict[str, int], now: datetime) -> None:
    states = [updates.state()]
    changes: list[Callable[..., object]] = [lambda s: burst(s, now), lambda s: asked(s, now)]
    for change in changes:
        in_database(change)
        states.append(updates.state())
    assert len(set(states)) == 3


def test_the_list_is_read_on_both_databases(each_database_url: str, now: datetime) -> None:
    number = in_database(lambda s: burst(s, now))
    for wanted in (
        Wanted(),
        Wanted(order="grade"),
        Wanted(order="overdue"),
        Wanted(order="time", words="三塘镇老"),
    ):
        (line,) = in_database(lambda s, wanted=wanted: list_incidents(s, wanted, now=now)).lines
        assert (line.number, line.grade, line.awaits, line.reports) == (number, "III", True, 3)
        assert line.overdue > 0
