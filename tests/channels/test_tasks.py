"""Work that is tried again, and work that goes on for ever."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from bot.channels import tasks


async def test_what_fails_pauses_longer_and_longer_and_goes_on_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes = [True, False, False, False, True, False]
    pauses: list[float] = []
    failures: list[str] = []

    async def work() -> None:
        if not outcomes:
            raise asyncio.CancelledError
        if not outcomes.pop(0):
            raise OSError("away")

    async def noted(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(tasks.asyncio, "sleep", noted)
    with suppress(asyncio.CancelledError):
        await tasks.over_and_over(work, 1, 5, lambda error: failures.append(str(error)))
    assert pauses == [1, 2, 4, 5, 1, 2]
    assert failures == ["away"] * 4
