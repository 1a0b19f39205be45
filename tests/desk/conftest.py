"""A desk with a user of each role, and browsers for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from bot.desk import account, users
from bot.desk.app import create_app
from bot.desk.throttle import Throttle
from bot.storage import database

PASSWORD, NEW_PASSWORD = "湘江边的第七棵柳树 7", "一只白鹭停在水塔上 3"
NAMES = {"viewer": "kan", "duty": "zhiban", "admin": "guanli"}


class Browser(TestClient):
    """A browser at the desk; it remembers cookies, and takes the CSRF token from the page it saw last."""

    def __init__(self, *more: BaseRoute) -> None:
        super().__init__(
            create_app(more),
            base_url="http://127.0.0.1:5065",
            raise_server_exceptions=False,
            follow_redirects=False,
        )

    def csrf(self, path: str = "/account") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found, path
        return found[1]

    def submit(self, path: str, /, *, page: str = "/account", **fields: str):  # type: ignore[no-untyped-def]
        """Send a form of `page`."""
        return self.post(path, data={"csrf": self.csrf(page), **fields})

    def log_in(self, name: str, password: str = PASSWORD, code: str = "", next: str = "/"):  # type: ignore[no-untyped-def]
        return self.submit("/login", page="/login", name=name, password=password, code=code, next=next)


@pytest.fixture
def people(database_url: str, now: datetime) -> dict[str, int]:
    """One user of each role, by role; their ids."""
    account._TRIES = Throttle(most=10, seconds=900)
    ids = {}
    with Session(database.engine_for(database_url), future=True) as session, session.begin():
        for role, name in NAMES.items():
            ids[role] = users.add(session, name=name, role=role, now=now).id
            users.set_password(session, user_id=ids[role], password=PASSWORD)
    return ids


@pytest.fixture
def browser(people: dict[str, int]) -> Callable[..., Browser]:
    """Makes a browser: of somebody of a role who is logged in, or of nobody."""

    def make(role: str | None = None, *more: BaseRoute) -> Browser:
        made = Browser(*more)
        if role is not None:
            assert made.log_in(NAMES[role]).status_code == 303
        return made

    return make
