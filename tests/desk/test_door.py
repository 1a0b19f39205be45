"""Logging in, as those try it who must not get in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock
from bot.desk import devices, links, passwords, sessions, users
from bot.desk.door import REFUSED
from bot.settings import Settings
from bot.storage.database import session_scope
from bot.storage.tables import AuditEntry, DeskLink, DeskSession, DeskUser

from .conftest import NAMES, NEW_PASSWORD, PASSWORD, Browser

Make = Callable[..., Browser]


@pytest.fixture
def later(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], datetime]:
    """Sets the clock to `now` and this much more."""

    def move(by: timedelta) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: now + by)
        return now + by

    return move


def words(answer) -> str:  # type: ignore[no-untyped-def]
    """What a page says, without what is another each time."""
    return re.sub(r'value="[^"]*"', "", answer.text)


def user(name: str) -> DeskUser:
    with session_scope() as session:
        row = session.scalars(select(DeskUser).where(DeskUser.name == name)).one()
        session.expunge(row)
        return row


def with_totp(name: str, at: float) -> str:
    secret = users.new_secret()
    with session_scope() as session:
        one = users.find(session, name)
        users.set_totp(
            session,
            user_id=one.id,
            secret=secret,
            code=pyotp.TOTP(secret).at(int(at) - 60 * 60),
            at=at - 3600,
        )
    return secret


# who gets in


def test_who_is_not_logged_in_is_led_to_the_door_and_back(browser: Make) -> None:
    nobody = browser()
    answer = nobody.get("/audit?before=9")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Faudit%3Fbefore%3D9")
    answer = nobody.log_in(NAMES["admin"], next="/audit?before=9")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit?before=9")
    assert nobody.get("/audit").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil.example",
     "/a\r\nSet-Cookie: x=1", "/\t/evil.example", "///evil.example", "http:evil.example", "/\x00"],
)  # fmt: skip
def test_after_the_log_in_nobody_is_led_to_another_site(browser: Make, elsewhere: str) -> None:
    nobody = browser()
    answer = nobody.post(
        "/login",
        data={"csrf": nobody.csrf("/login"), "name": NAMES["duty"], "password": PASSWORD, "next": elsewhere},
    )
    assert answer.status_code in (303, 400)
    assert answer.headers.get("location", "/") in ("/", "/evil.example")
    assert answer.headers.get_list("set-cookie") == [] or "x=1" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("name", "password"),
    [(NAMES["duty"], ""), (NAMES["duty"], PASSWORD[:-1]), (NAMES["duty"], PASSWORD + " "), ("", PASSWORD), ("nobody", PASSWORD),
     (NAMES["duty"].upper(), PASSWORD), (NAMES["duty"] + "\u200b", PASSWORD), ("' OR 1=1 --", PASSWORD), ("x" * 5000, "y" * 5000)],
)  # fmt: skip
def test_a_wrong_name_or_password_lets_nobody_in_and_tells_nothing(
    browser: Make, name: str, password: str
) -> None:
    nobody = browser()
    answer = nobody.log_in(name, password)
    assert answer.status_code == 401
    assert REFUSED in answer.text
    other = browser().log_in("surely-nobody", "another password")
    assert words(answer) == words(other)
    assert nobody.get("/account").status_code == 303


def test_as_much_work_is_done_for_a_name_that_nobody_has(
    browser: Make, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    seen = []
    real = passwords._HASHER.verify

    class Counting:
        def verify(self, stored: str, given: str) -> bool:
            seen.append(stored.split("$")[:4])
            return real(stored, given)

        hash = passwords._HASHER.hash

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    with session_scope() as session:
        users.add(session, name="no-password-yet", role="duty", now=now)
        users.add(session, name="gone", role="duty", now=now)
        users.set_disabled(session, name="gone", disabled=True, now=now)
    for name in (NAMES["duty"], "surely-nobody", "no-password-yet", "gone"):
        browser().log_in(name, "wrong password")
    for _ in range(5):
        browser().log_in(NAMES["viewer"], "wrong password")
    seen.clear()
    browser().log_in(NAMES["viewer"], PASSWORD)  # locked by now
    browser().log_in("surely-nobody", PASSWORD)
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_a_user_without_a_password_cannot_log_in_with_none(browser: Make, now: datetime) -> None:
    with session_scope() as session:
        users.add(session, name="new", role="admin", now=now)
    for given in ("", "None", "nobody has this password"):
        assert browser().log_in("new", given).status_code == 401


# lock-out


def test_after_five_wrong_tries_the_right_password_waits_a_quarter_of_an_hour(browser: Make, later) -> None:  # type: ignore[no-untyped-def]
    name = NAMES["duty"]
    for _ in range(5):
        answer = browser().log_in(name, "wrong password")
    locked = browser().log_in(name)
    assert (locked.status_code, words(locked)) == (401, words(answer))
    later(timedelta(minutes=14, seconds=59))
    assert browser().log_in(name).status_code == 401
    later(timedelta(minutes=15))
    assert browser().log_in(name).status_code == 303
    assert user(name).failures == 0


def test_a_lock_is_not_made_longer_by_more_tries_and_a_new_round_has_five_again(browser: Make, later) -> None:  # type: ignore[no-untyped-def]
    name = NAMES["duty"]
    for _ in range(9):
        browser().log_in(name, "wrong password")
    later(timedelta(minutes=15))
    for _ in range(4):
        browser().log_in(name, "wrong password")
    assert browser().log_in(name).status_code == 303


def test_four_wrong_tries_are_forgotten_with_the_right_one(browser: Make) -> None:
    for _ in range(2):
        for _ in range(4):
            browser().log_in(NAMES["duty"], "wrong password")
        assert browser().log_in(NAMES["duty"]).status_code == 303


def test_the_lock_tells_nobody_which_names_there_are(browser: Make) -> None:
    known = [words(browser().log_in(NAMES["duty"], "wrong password")) for _ in range(7)]
    unknown = [words(browser().log_in("surely-nobody", "wrong password")) for _ in range(7)]
    assert set(known) == set(unknown)
    assert len(set(known)) == 1


def test_guesses_sent_at_the_same_moment_are_not_all_the_first(
    people: dict[str, int], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    checked = []
    real = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda given, stored: checked.append(1) or real(given, stored))

    def guess(number: int) -> bool:
        with session_scope() as session:
            taken = devices.take_try(session, name=NAMES["duty"], device="", now=now)
        if not taken.left:
            return False
        with session_scope() as session:
            users.let_in(session, name=NAMES["duty"], password=f"guess {number}", code="", taken=taken, at=0)
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(guess, range(40))) == 5


def test_one_address_has_twenty_tries_whatever_names_it_tries(browser: Make) -> None:
    nobody = browser()
    answers = [nobody.log_in(f"name-{number}", "wrong password").status_code for number in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert nobody.log_in(NAMES["admin"]).headers["retry-after"] == "300"


# one-time codes


def test_with_a_code_the_password_alone_is_not_enough(browser: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    at = 1_790_000_000.0
    secret = with_totp(NAMES["duty"], at)
    monkeypatch.setattr(time, "time", lambda: at)
    for code in ("", "000000", pyotp.TOTP(secret).at(int(at) - 300), pyotp.TOTP(secret).at(int(at)) + "0"):
        assert browser().log_in(NAMES["duty"], code=code).status_code == 401
    assert browser().log_in(NAMES["duty"], code=pyotp.TOTP(secret).at(int(at))).status_code == 303


def test_a_code_is_taken_once_and_an_older_one_not_after_it(
    browser: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 1_790_000_000.0
    totp = pyotp.TOTP(with_totp(NAMES["duty"], at))
    monkeypatch.setattr(time, "time", lambda: at)
    assert browser().log_in(NAMES["duty"], code=totp.at(int(at))).status_code == 303
    assert browser().log_in(NAMES["duty"], code=totp.at(int(at))).status_code == 401
    assert browser().log_in(NAMES["duty"], code=totp.at(int(at) - 30)).status_code == 401
    monkeypatch.setattr(time, "time", lambda: at + 30)
    assert browser().log_in(NAMES["duty"], code=totp.at(int(at) + 30)).status_code == 303


def test_a_code_with_a_wrong_password_is_not_used_up(browser: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    at = 1_790_000_000.0
    totp = pyotp.TOTP(with_totp(NAMES["duty"], at))
    monkeypatch.setattr(time, "time", lambda: at)
    assert browser().log_in(NAMES["duty"], "wrong password", code=totp.at(int(at))).status_code == 401
    assert browser().log_in(NAMES["duty"], code=totp.at(int(at))).status_code == 303


def test_a_user_opens_codes_with_password_and_a_code_and_only_so(browser: Make) -> None:
    mine = browser("duty")
    page = mine.get("/account/totp").text
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)[1]  # type: ignore[index]
    assert f"secret={secret}" in page
    code = pyotp.TOTP(secret).now()
    assert mine.submit("/account/totp", secret=secret, code="000000", old=PASSWORD).status_code == 422
    assert mine.submit("/account/totp", secret=secret, code=code, old="wrong password").status_code == 422
    assert mine.submit("/account/totp", secret="no base 32!", code=code, old=PASSWORD).status_code == 422
    assert user(NAMES["duty"]).totp_secret is None
    assert mine.submit("/account/totp", secret=secret, code=code, old=PASSWORD).status_code == 303
    assert user(NAMES["duty"]).totp_secret == secret
    assert browser().log_in(NAMES["duty"], code=code).status_code == 401, (
        "it was taken when the codes were opened"
    )


def test_the_secret_is_not_plain_in_the_database(people: dict[str, int]) -> None:
    secret = with_totp(NAMES["duty"], time.time())
    with session_scope() as session:
        stored = session.connection().exec_driver_sql("SELECT totp_secret FROM desk_user").scalars().all()
    assert any(stored)
    assert secret not in str(stored)


# sessions


def test_a_session_that_somebody_planted_is_worth_nothing(browser: Make) -> None:
    victim = browser()
    victim.cookies.set("desk", "planted-by-an-attacker", domain="127.0.0.1")
    victim.log_in(NAMES["duty"])
    tokens = {cookie.value for cookie in victim.cookies.jar if cookie.name == "desk"}
    assert "planted-by-an-attacker" not in tokens or len(tokens) > 1
    attacker = browser()
    attacker.cookies.set("desk", "planted-by-an-attacker")
    assert attacker.get("/account").status_code == 303


def test_each_log_in_has_a_new_token_and_ends_the_old_one(browser: Make) -> None:
    one = browser("duty")
    first = one.cookies["desk"]
    one.post("/login", data={"csrf": one.csrf("/login"), "name": NAMES["duty"], "password": PASSWORD})
    assert one.cookies["desk"] != first
    thief = browser()
    thief.cookies.set("desk", first)
    assert thief.get("/account").status_code == 303


def test_who_logs_out_is_out_with_the_cookie_too(browser: Make) -> None:
    one = browser("duty")
    token = one.cookies["desk"]
    assert one.submit("/logout").headers["location"] == "/login"
    thief = browser()
    thief.cookies.set("desk", token)
    assert thief.get("/account").status_code == 303


def test_without_a_click_for_half_an_hour_a_session_ends(browser: Make, later) -> None:  # type: ignore[no-untyped-def]
    one = browser("duty")
    later(timedelta(minutes=29))
    assert one.get("/account").status_code == 200
    later(timedelta(minutes=58))
    assert one.get("/account").status_code == 200
    later(timedelta(minutes=88))
    assert one.get("/account").status_code == 303


def test_after_twelve_hours_a_session_ends_however_busy_it_was(browser: Make, later) -> None:  # type: ignore[no-untyped-def]
    one = browser("duty")
    for quarter in range(1, 48):
        later(timedelta(minutes=15 * quarter))
        assert one.get("/account").status_code == 200, quarter
    later(timedelta(hours=12))
    assert one.get("/account").status_code == 303


def test_over_a_session_nothing_is_changed_either(browser: Make, later) -> None:  # type: ignore[no-untyped-def]
    one = browser("duty")
    csrf = one.csrf()
    later(timedelta(minutes=31))
    answer = one.post("/account/duty", data={"csrf": csrf, "on_duty": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not user(NAMES["duty"]).on_duty


def test_a_new_password_ends_every_other_session(browser: Make) -> None:
    one, other = browser("duty"), browser("duty")
    assert (
        one.submit("/account/password", old=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD).status_code
        == 303
    )
    assert one.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert browser().log_in(NAMES["duty"]).status_code == 401
    assert browser().log_in(NAMES["duty"], NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [("wrong password", NEW_PASSWORD, NEW_PASSWORD), (PASSWORD, NEW_PASSWORD, "another one"), (PASSWORD, "short", "short"),
     (PASSWORD, "a" * 20, "a" * 20), (PASSWORD, f"{NAMES['duty']}-12345678", f"{NAMES['duty']}-12345678"),
     (PASSWORD, "0123456789" * 30, "0123456789" * 30)],
)  # fmt: skip
def test_a_password_that_will_not_do_changes_nothing(browser: Make, old: str, new: str, again: str) -> None:
    one = browser("duty")
    assert one.submit("/account/password", old=old, password=new, again=again).status_code == 422
    assert browser().log_in(NAMES["duty"]).status_code == 303


def test_the_token_is_only_in_the_cookie(browser: Make) -> None:
    token = browser("duty").cookies["desk"]
    assert len(token) == 43
    with session_scope() as session:
        kept = session.scalars(select(DeskSession)).all()
        assert token not in str([vars(row) for row in kept])
        assert sessions.hash_of(token) in [row.token_hash for row in kept]


def test_the_cookie_is_for_the_desk_alone(browser: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [
        one
        for one in browser().log_in(NAMES["duty"]).headers.get_list("set-cookie")
        if one.startswith("desk=")
    ]
    assert len(given) == 1
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in given[0].split(";")}
    assert "Secure" not in given[0]
    secure = Settings(desk_url="https://desk.example")
    for module in ("cookies", "web", "guard", "links"):
        monkeypatch.setattr(f"bot.desk.{module}.settings", lambda: secure)
    over_tls = Browser()
    over_tls.base_url = "https://desk.example"
    given = over_tls.log_in(NAMES["duty"]).headers.get_list("set-cookie")
    mine = [one for one in given if one.startswith("__Host-desk=")]
    assert len(mine) == 1
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= {
        part.strip() for part in mine[0].split(";")
    }
    assert "Domain" not in mine[0]


def test_who_is_kept_out_is_out_at_once(browser: Make) -> None:
    one, boss = browser("duty"), browser("admin")
    assert boss.submit(f"/users/{NAMES['duty']}/disable", disabled="1").status_code == 303
    assert one.get("/account").status_code == 303
    assert browser().log_in(NAMES["duty"]).status_code == 401
    assert boss.submit(f"/users/{NAMES['duty']}/disable", disabled="0").status_code == 303
    assert browser().log_in(NAMES["duty"]).status_code == 303


# one-time links


@pytest.fixture
def link(people: dict[str, int], now: datetime) -> str:
    with session_scope() as session:
        return links.make(session, name=NAMES["duty"], now=now).removeprefix("http://127.0.0.1:5065")


def use(one: Browser, link: str, password: str = NEW_PASSWORD, again: str | None = None):  # type: ignore[no-untyped-def]
    page = one.get(link)
    if page.status_code != 200:
        return page
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    fields = {"csrf": found[1], "token": link.split("token=")[1], "password": password}
    return one.post("/link", data={**fields, "again": password if again is None else again})


def test_a_link_sets_a_password_once(browser: Make, link: str) -> None:
    one = browser()
    assert use(one, link).headers["location"] == "/login"
    assert "口令设好了" in one.get("/login").text
    assert use(browser(), link, "somebody else's password").status_code == 404
    assert browser().log_in(NAMES["duty"], NEW_PASSWORD).status_code == 303


def test_looking_at_a_link_does_not_use_it_up(browser: Make, link: str) -> None:
    for _ in range(3):
        assert browser().get(link).status_code == 200
    assert use(browser(), link).status_code == 303


def test_the_same_link_sent_by_two_at_once_counts_once(link: str, now: datetime) -> None:
    token = link.split("token=")[1]

    def take(_: int) -> bool:
        try:
            with session_scope() as session:
                links.use(session, token, now=now)
        except links.NotFound:
            return False
        return True

    with ThreadPoolExecutor(6) as crowd:
        assert sum(crowd.map(take, range(6))) == 1


def test_a_password_that_will_not_do_leaves_the_link_be(browser: Make, link: str) -> None:
    one = browser()
    assert use(one, link, "short").status_code == 422
    assert use(one, link, NEW_PASSWORD, "another password").status_code == 422
    assert use(one, link).status_code == 303


def test_a_link_holds_a_day_and_a_new_one_voids_it(browser: Make, link: str, later) -> None:  # type: ignore[no-untyped-def]
    later(timedelta(hours=23, minutes=59))
    assert browser().get(link).status_code == 200
    moment = later(timedelta(hours=24))
    assert browser().get(link).status_code == 404
    with session_scope() as session:
        links.make(session, name=NAMES["duty"], now=moment)
    assert browser().get(link).status_code == 404


@pytest.mark.parametrize(
    "broken", ["/link", "/link?token=", "/link?token=x", "/link?token=%00", "/link?token=" + "a" * 43]
)
def test_a_broken_link_is_no_link(browser: Make, link: str, broken: str) -> None:
    assert browser().get(broken).status_code == 404


def test_a_link_ends_the_sessions_of_before_and_opens_a_lock(browser: Make, link: str) -> None:
    before = browser("duty")
    for _ in range(5):
        browser().log_in(NAMES["duty"], "wrong password")
    assert use(browser(), link).status_code == 303
    assert before.get("/account").status_code == 303
    assert browser().log_in(NAMES["duty"], NEW_PASSWORD).status_code == 303


def test_the_link_is_not_in_the_database(link: str) -> None:
    with session_scope() as session:
        kept = session.scalars(select(DeskLink)).one()
        assert link.split("token=")[1] not in str(vars(kept))


def test_a_link_leads_to_the_configured_address_whatever_host_is_claimed(
    browser: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.desk.links.settings", lambda: Settings(desk_url="https://desk.example"))
    boss = browser("admin")
    shown = boss.post(
        f"/users/{NAMES['duty']}/link",
        data={"csrf": boss.csrf()},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert "https://desk.example/link?token=" in shown.text
    assert "evil.example" not in shown.text


def test_the_first_start_has_a_link_for_an_admin_and_no_password(database_url: str, now: datetime) -> None:
    with session_scope() as session:
        first = links.first_admin(session, now=now)
        again = links.first_admin(session, now=now)
    assert first
    assert again
    assert first != again
    with session_scope() as session:
        rows = session.scalars(select(DeskUser)).all()
        assert [(row.name, row.role, row.password_hash) for row in rows] == [("admin", "admin", None)]
        lines = [(row.by, row.action, row.subject) for row in session.scalars(select(AuditEntry))]
        assert lines == [(links.STARTING, "user.link", "admin")] * 2
    one = Browser()
    assert use(one, first.removeprefix("http://127.0.0.1:5065")).status_code == 404
    assert use(one, again.removeprefix("http://127.0.0.1:5065")).status_code == 303
    assert one.log_in("admin", NEW_PASSWORD).status_code == 303
    with session_scope() as session:
        assert links.first_admin(session, now=now) is None


def test_an_admin_who_was_put_out_leaves_no_name_for_the_next_one(session: Session, now: datetime) -> None:
    users.add(session, name="admin", role="viewer", now=now)
    assert links.first_admin(session, now=now)
    assert {one.name: one.role for one in users.all_users(session)} == {"admin": "viewer", "admin-2": "admin"}
