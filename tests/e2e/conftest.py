"""A running assistant for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.runtime.training import ensure_model
from tests.e2e.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    ensure_model()
    folder = tmp_path_factory.mktemp("served")
    running = Served(f"sqlite:///{folder}/wuchang.db", folder)
    yield running
    if running.process.poll() is None:
        running.stop()
