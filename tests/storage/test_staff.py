"""Staff bind their accounts with one-time codes; who guesses is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.dialogue.about_me import binding_code
from bot.errors import BadInput, NotFound
from bot.storage import accounts, staff
from bot.storage.staff import BOUND, LETTERS, REFUSED_FOR, TOO_MANY, WRONG, Binding
from bot.storage.tables import StaffCode
from tests.conftest import NOW


def code_for(session: Session, name: str = "李明") -> str:
    """Somebody of staff with a code, as the chat reads it."""
    staff.add(session, name=name, role="water company", now=NOW)
    return str(binding_code(f"绑定 {staff.new_code(session, name=name, now=NOW)}"))


def send(session: Session, code: str, sender: str = "a", after: timedelta = timedelta(0)) -> Binding:
    return staff.bind(session, code, channel="web", sender=sender, now=NOW + after)


def bound(session: Session, name: str = "李明") -> list[str]:
    return [account.sender for account in accounts.staff_accounts(session, name)]


def test_a_code_binds_the_account_that_sends_it(session: Session) -> None:
    assert send(session, code_for(session)) == Binding(BOUND, "李明")
    assert bound(session) == ["a"]
    assert accounts.staff_name(session, channel="web", sender="a") == "李明"
    assert accounts.staff_name(session, channel="rest", sender="a") is None


def test_an_account_of_a_platform_keeps_its_address(session: Session) -> None:
    sender = accounts.note(session, channel="telegram", address="4711", now=NOW)[0]
    staff.bind(session, code_for(session), channel="telegram", sender=sender, now=NOW)
    (account,) = accounts.staff_accounts(session, "李明")
    assert (account.channel, account.address) == ("telegram", "4711")
    accounts.lost(session, channel="telegram", sender=sender, now=NOW)
    assert bound(session) == []


def test_a_code_binds_once(session: Session) -> None:
    code = code_for(session)
    send(session, code)
    assert send(session, code, "b") == Binding(WRONG)
    assert bound(session) == ["a"]


def test_a_code_lasts_a_day(session: Session) -> None:
    code = code_for(session)
    assert send(session, code, after=timedelta(hours=24)) == Binding(WRONG)
    assert send(session, code, "b", timedelta(hours=23, minutes=59)).outcome == BOUND


def test_a_new_code_voids_the_one_before_and_both_accounts_may_be_bound(session: Session) -> None:
    old = code_for(session)
    new = str(binding_code(f"绑定{staff.new_code(session, name='李明', now=NOW)}"))
    assert send(session, old).outcome == WRONG
    assert send(session, new).outcome == BOUND
    again = str(binding_code(f"绑定{staff.new_code(session, name='李明', now=NOW)}"))
    assert send(session, again, "b").outcome == BOUND
    assert bound(session) == ["a", "b"]


def test_five_wrong_codes_an_hour_and_then_not_even_the_right_one(session: Session) -> None:
    code = code_for(session)
    for i in range(5):
        assert send(session, f"2222222{i}", after=timedelta(minutes=i)).outcome == WRONG
    last = timedelta(minutes=4)
    assert send(session, code, after=last + REFUSED_FOR - timedelta(seconds=1)) == Binding(TOO_MANY)
    assert send(session, code, "b", last).outcome == BOUND  # another person is not refused
    other = code_for(session, "王芳")
    assert send(session, other, after=last + REFUSED_FOR).outcome == BOUND


def test_four_wrong_codes_and_the_right_one(session: Session) -> None:
    code = code_for(session)
    for i in range(4):
        send(session, f"2222222{i}")
    assert send(session, code).outcome == BOUND
    for i in range(4):
        assert send(session, f"2222222{i}").outcome == WRONG  # counted anew


def test_wrong_codes_of_long_ago_do_not_count(session: Session) -> None:
    code_for(session)
    for hour in range(8):
        assert send(session, "22222222", after=timedelta(hours=hour)).outcome == WRONG


def test_codes_are_random_readable_and_nowhere_stored(session: Session) -> None:
    staff.add(session, name="李明", role=None, now=NOW)
    codes = {staff.new_code(session, name="李明", now=NOW) for _ in range(50)}
    assert len(codes) == 50
    assert not set("01ILOBSZV") & set(LETTERS)
    for code in codes:
        half = code.split("-")
        assert [len(part) for part in half] == [4, 4]
        assert set("".join(half)) <= set(LETTERS)
        assert binding_code(f"绑定{code}") == "".join(half)
    (kept,) = session.scalars(select(StaffCode))
    assert all(code.replace("-", "") not in kept.code_hash for code in codes)


def test_who_is_unbound_or_removed_is_told_nothing_more(session: Session) -> None:
    send(session, code_for(session))
    assert staff.unbind(session, name="李明") == 1
    assert bound(session) == []
    code = str(binding_code(f"绑定{staff.new_code(session, name='李明', now=NOW)}"))
    send(session, code)
    waiting = str(binding_code(f"绑定{staff.new_code(session, name='李明', now=NOW)}"))
    staff.remove(session, name="李明", now=NOW)
    assert bound(session) == []
    assert send(session, waiting, "b").outcome == WRONG
    for act in (staff.new_code, staff.remove):
        with pytest.raises(NotFound):
            act(session, name="李明", now=NOW)
    staff.add(session, name="李明", role="镇长", now=NOW)
    assert [line["name"] for line in staff.staff_lines(session)] == ["李明"]


def test_the_list_shows_accounts_and_a_code_that_waits(session: Session) -> None:
    send(session, code_for(session))
    staff.add(session, name=" 王芳 ", role=None, now=NOW)
    staff.new_code(session, name="王芳", now=NOW)
    one, two = staff.staff_lines(session)
    assert one["accounts"] == [{"channel": "web", "sender": "a", "reachable": True}]
    assert (one["role"], one["code_until"]) == ("water company", None)
    assert (two["name"], two["accounts"]) == ("王芳", [])
    assert two["code_until"].startswith("2026-11-24T18:00")


@pytest.mark.parametrize("name", ["", "  ", "李" * 65, "李明"])
def test_a_name_is_needed_and_one_s_own(session: Session, name: str) -> None:
    staff.add(session, name="李明", role=None, now=NOW)
    with pytest.raises(BadInput):
        staff.add(session, name=name, role=None, now=NOW)
