"""Both servers let hundreds of connections wait and keep idle ones open."""

from __future__ import annotations

import os

import pytest
from sanic import Sanic

from bot.runtime import crowd


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SANIC_BACKLOG", "SANIC_KEEP_ALIVE_TIMEOUT"):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
        monkeypatch.delenv(name)


def test_sanic_and_rasa_read_it() -> None:
    from rasa.constants import ENV_SANIC_BACKLOG

    crowd.expect()
    assert os.environ[ENV_SANIC_BACKLOG] == "1024"
    assert Sanic("test_crowd", configure_logging=False).config.KEEP_ALIVE_TIMEOUT == crowd.KEEP_ALIVE_SECONDS


def test_what_the_operator_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANIC_BACKLOG", "5")
    crowd.expect()
    assert os.environ["SANIC_BACKLOG"] == "5"
