"""Who may do what, changed by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from bot.desk import audit, users
from bot.errors import BadInput, NotFound
from bot.storage import staff
from bot.storage.database import session_scope

from .conftest import NAMES, NEW_PASSWORD, Browser

Make = Callable[..., Browser]


def found(name: str) -> users.User:
    with session_scope() as session:
        return users.find(session, name)


def test_an_admin_adds_somebody_who_logs_in_by_the_link_that_is_shown_once(browser: Make) -> None:
    boss = browser("admin")
    shown = boss.submit("/users", name="王师傅", role="duty")
    link = re.search(r"http://127\.0\.0\.1:5065(/link\?token=[\w-]{43})", shown.text)
    assert link
    assert link[1] not in boss.get("/users").text
    one = browser()
    token = re.search(r'name="csrf" value="([^"]+)"', one.get(link[1]).text)[1]  # type: ignore[index]
    fields = {"csrf": token, "token": link[1].split("=")[1], "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert one.post("/link", data=fields).status_code == 303
    assert one.log_in("王师傅", NEW_PASSWORD).status_code == 303
    assert "王师傅（值班）" in one.get("/account").text


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "<b>", "a" * 65, "a\u202eb", "../x", "a?b", "a;b", NAMES["duty"]]
)
def test_a_name_that_is_none_or_taken_is_refused(browser: Make, name: str) -> None:
    assert browser("admin").submit("/users", name=name, role="viewer").status_code == 422


def test_there_are_three_roles_and_no_other(browser: Make) -> None:
    boss = browser("admin")
    assert boss.submit("/users", name="neu", role="root").status_code == 422
    assert boss.submit(f"/users/{NAMES['viewer']}/role", role="root").status_code == 422
    assert boss.submit(f"/users/{NAMES['viewer']}/role", role="").status_code == 422
    assert found(NAMES["viewer"]).role == "viewer"


def test_another_role_counts_at_once(browser: Make) -> None:
    boss, one = browser("admin"), browser("duty")
    assert boss.submit(f"/users/{NAMES['duty']}/role", role="viewer").status_code == 303
    assert one.get("/account").status_code == 303
    assert found(NAMES["duty"]).role == "viewer"


def test_the_last_admin_stays_one(browser: Make) -> None:
    boss = browser("admin")
    assert boss.submit(f"/users/{NAMES['admin']}/role", role="viewer").status_code == 422
    assert boss.submit(f"/users/{NAMES['admin']}/disable", disabled="1").status_code == 422
    # One who has not set a password yet could not take over.
    assert boss.submit("/users", name="second", role="admin").status_code == 200
    assert boss.submit(f"/users/{NAMES['admin']}/role", role="viewer").status_code == 422
    with session_scope() as session:
        users.set_password(session, user_id=users.find(session, "second").id, password=NEW_PASSWORD)
    assert boss.submit(f"/users/{NAMES['admin']}/role", role="viewer").status_code == 303
    assert boss.get("/account").status_code == 303


def test_who_is_not_there_is_said_so(browser: Make) -> None:
    boss = browser("admin")
    for what in ("link", "role", "duty", "staff", "disable", "totp"):
        assert boss.submit(f"/users/nobody/{what}", role="viewer").status_code == 404, what


def test_reminders_go_to_a_member_of_staff(browser: Make, session: Session, now: datetime) -> None:
    staff.add(session, name="李明", role="水厂", now=now)
    session.commit()
    boss = browser("admin")
    assert boss.submit(f"/users/{NAMES['duty']}/staff", staff="张三").status_code == 404
    assert boss.submit(f"/users/{NAMES['duty']}/staff", staff="李明").status_code == 303
    assert found(NAMES["duty"]).staff == "李明"
    assert "<option selected>李明</option>" in boss.get("/users").text
    assert boss.submit(f"/users/{NAMES['duty']}/staff", staff="").status_code == 303
    assert found(NAMES["duty"]).staff is None


def test_somebody_comes_on_duty_and_goes(browser: Make) -> None:
    one = browser("duty")
    assert one.submit("/account/duty", on_duty="1").status_code == 303
    assert found(NAMES["duty"]).on_duty
    assert "当班" in one.get("/account").text
    boss = browser("admin")
    assert boss.submit(f"/users/{NAMES['duty']}/duty", on_duty="0").status_code == 303
    assert not found(NAMES["duty"]).on_duty


def test_who_is_kept_out_is_not_on_duty(session: Session, now: datetime) -> None:
    users.add(session, name="one", role="duty", now=now)
    users.set_duty(session, name="one", on_duty=True)
    users.set_disabled(session, name="one", disabled=True, now=now)
    assert not users.find(session, "one").on_duty


def test_codes_are_dropped_by_an_admin_alone(session: Session, now: datetime) -> None:
    import pyotp

    one = users.add(session, name="one", role="duty", now=now)
    secret = users.new_secret()
    users.set_totp(
        session, user_id=one.id, secret=secret, code=pyotp.TOTP(secret).at(1_000_000), at=1_000_000
    )
    assert users.find(session, "one").totp
    users.drop_totp(session, name="one")
    assert not users.find(session, "one").totp
    with pytest.raises(NotFound):
        users.drop_totp(session, name="nobody")
    with pytest.raises(BadInput):
        users.set_totp(session, user_id=one.id, secret=secret, code="12345x", at=0)


def test_lines_of_users_hold_no_secrets(people: dict[str, int], session: Session) -> None:
    lines = list(users.user_lines(session))
    assert {line["name"] for line in lines} == set(NAMES.values())
    assert "argon2" not in str(lines)


def test_the_audit_page_says_who_did_what_and_that_it_holds(browser: Make) -> None:
    boss = browser("admin")
    boss.submit(f"/users/{NAMES['duty']}/role", role="viewer")
    page = boss.get("/audit").text
    assert "改角色" in page
    assert "核对过，没有被改动" in page
    with session_scope() as session:
        session.connection().exec_driver_sql("UPDATE audit_entry SET subject = 'x' WHERE id = 1")
        assert not audit.verify(session).holds
    assert "记录被动过" in boss.get("/audit").text
    for before in ("x", "-1", "9" * 30, "", "²"):
        assert boss.get("/audit", params={"before": before}).status_code == 200
