"""Strangers who guess at a name keep nobody out whose browser logged in with it before, and get no more guesses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot import clock
from bot.desk import devices, links
from bot.desk.cookies import DEVICE
from bot.desk.tries import LOCKED, MOST, Count, counted, take
from bot.storage.database import session_scope
from bot.storage.tables import DeskDevice
from tests.conftest import NOW

from .conftest import NAMES, NEW_PASSWORD, PASSWORD, Browser
from .test_door import use

Make = Callable[..., Browser]
MINUTE = timedelta(minutes=1)
NONE, LAST, LOCK, OVER = Count(), Count(4), Count(5, NOW + MINUTE), Count(5, NOW)
SHUT = Count(5, NOW + LOCKED)
NAME = NAMES["duty"]


@pytest.mark.parametrize(
    ("case", "strangers", "own", "left", "strangers_after", "own_after"),
    [
        ("a stranger's first", NONE, None, True, Count(1), None),
        ("a stranger's fifth locks strangers out", LAST, None, True, SHUT, None),
        ("a locked-out stranger, the lock is no longer for it", LOCK, None, False, LOCK, None),
        ("a stranger to the second when the lock is over", OVER, None, True, Count(1), None),
        ("a known browser's first", NONE, NONE, True, NONE, Count(1)),
        ("a known browser while strangers are locked out", LOCK, NONE, True, LOCK, Count(1)),
        ("a known browser's fifth locks that browser alone", NONE, LAST, True, NONE, SHUT),
        ("a known browser that is locked draws on nobody else's tries", NONE, LOCK, False, NONE, LOCK),
        ("a known browser when its lock is over", LOCK, OVER, True, LOCK, Count(1)),
    ],
)  # fmt: skip
def test_whose_try_it_is(  # type: ignore[no-untyped-def]
    case, strangers, own, left, strangers_after, own_after
) -> None:
    assert take(strangers, own, NOW) == (left, strangers_after, own_after), case


@given(st.lists(st.integers(0, 20), max_size=60))
def test_within_any_quarter_of_an_hour_there_are_five_tries_at_most(minutes: list[int]) -> None:
    """Wrong ones, at any pace: two rounds of five are a lock apart at least."""
    now, count, at = NOW, Count(), []
    for pause in minutes:
        now += pause * MINUTE
        after = counted(count, now)
        if after is not None:
            count = after
            at.append(now)
    for first, sixth in zip(at[MOST - 1 :: MOST], at[MOST::MOST], strict=False):
        assert sixth - first >= LOCKED


def guess(one: Browser, times: int = MOST, name: str = NAME) -> None:
    for _ in range(times):
        assert one.log_in(name, "wrong password").status_code == 401


def out(one: Browser) -> Browser:
    one.submit("/logout")
    return one


@pytest.fixture
def known(browser: Make) -> Browser:
    """The duty officer's browser, logged out."""
    return out(browser("duty"))


def test_strangers_do_not_keep_out_who_logged_in_from_here_before(browser: Make, known: Browser) -> None:
    for _ in range(2):  # again, with the new cookie
        guess(browser())
        assert browser().log_in(NAME).status_code == 401
        assert known.log_in(NAME).status_code == 303
        out(known)
    assert browser().log_in(NAME).status_code == 401  # who got in gave strangers no new tries


def test_a_known_browser_has_five_tries_too(
    browser: Make, known: Browser, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    guess(known)
    assert known.log_in(NAME).status_code == 401
    monkeypatch.setattr(clock, "now", lambda: now + LOCKED)
    assert known.log_in(NAME).status_code == 303


def test_a_known_browser_that_is_locked_locks_nobody_else(browser: Make, known: Browser) -> None:
    guess(known)
    assert browser().log_in(NAME).status_code == 303


def test_a_cookie_of_somebody_else_a_wrong_one_and_an_old_one_are_a_strangers(
    browser: Make, known: Browser
) -> None:
    old = known.cookies[DEVICE]
    known.log_in(NAME)
    other = out(browser("viewer"))
    guess(browser())
    assert other.log_in(NAME).status_code == 401
    for token in (old, "x", "a" * 5000, ""):
        one = browser()
        one.cookies.set(DEVICE, token)
        assert one.log_in(NAME).status_code == 401, token


def test_several_people_log_in_from_one_computer(browser: Make, known: Browser) -> None:
    assert known.log_in(NAMES["viewer"]).status_code == 303
    for name in (NAME, NAMES["viewer"]):
        out(known)
        guess(browser(), name=name)
        assert known.log_in(name).status_code == 303
    with session_scope() as session:
        assert len(session.scalars(select(DeskDevice)).all()) == 2


def test_a_new_password_forgets_every_browser_but_the_one_it_was_set_in(
    browser: Make, known: Browser
) -> None:
    mine = browser("duty")
    answer = mine.submit("/account/password", old=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert answer.status_code == 303
    guess(browser())
    assert known.log_in(NAME, NEW_PASSWORD).status_code == 401
    assert out(mine).log_in(NAME, NEW_PASSWORD).status_code == 303


def test_who_used_a_one_time_link_is_not_kept_out_either(browser: Make, now: datetime) -> None:
    guess(browser())
    with session_scope() as session:
        link = links.make(session, name=NAME, now=now).removeprefix("http://127.0.0.1:5065")
    mine = browser()
    assert use(mine, link).status_code == 303
    guess(browser())
    assert browser().log_in(NAME, NEW_PASSWORD).status_code == 401
    assert mine.log_in(NAME, NEW_PASSWORD).status_code == 303


def test_the_token_is_only_in_the_cookie_which_scripts_do_not_see(browser: Make) -> None:
    answer = browser().log_in(NAME)
    (cookie,) = (one for one in answer.headers.get_list("set-cookie") if one.startswith(DEVICE + "="))
    assert {"HttpOnly", "SameSite=strict", "Max-Age=31536000"} <= set(cookie.split("; "))
    with session_scope() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM desk_device").one()
    assert cookie.split(";")[0].removeprefix(DEVICE + "=") not in str(row)


def test_browsers_that_were_not_used_for_a_year_are_forgotten(known: Browser, now: datetime) -> None:
    for days, left in ((365, 1), (366, 0)):
        with session_scope() as session:
            devices.tidy(session, now + timedelta(days=days))
            assert len(session.scalars(select(DeskDevice)).all()) == left
