"""Each message of a person has its place from the moment it comes."""

from __future__ import annotations

import asyncio

from bot.channels.lines import Lines


async def test_each_waits_for_all_before_it_and_nobody_for_others() -> None:
    lines = Lines()
    reached: list[int] = []
    places = [lines.join("a") for _ in range(3)]
    other = lines.join("b")
    assert [place.ahead for place in (*places, other)] == [0, 1, 2, 0]

    async def come() -> None:
        await places[2].reached()
        reached.append(2)

    waiting = asyncio.create_task(come())
    await other.reached()
    places[1].leave()  # before its turn: the last one still waits for the first
    await asyncio.sleep(0.01)
    assert reached == []
    places[0].leave()
    await asyncio.wait_for(waiting, 5)
    assert reached == [2]
    for place in (*places, other, other):
        place.leave()
    assert len(lines) == 0
