"""Accounts, incoming messages, choices, sealed columns: on both kinds of database."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.errors import BadInput, WuchangError
from bot.processes import new_owner
from bot.settings import ROOT, Settings
from bot.storage import accounts, choices, inbound, keycheck, sealed
from bot.storage.choices import Choice
from bot.storage.database import engine_for, session_scope
from bot.storage.inbound import Claim
from bot.storage.tables import IncomingMessage, OfferedChoice
from tests.conftest import NOW

HOUR = timedelta(hours=1)
CHOICES = (Choice("/affirm", "对"), Choice("/deny", "不对"))


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Session(engine_for(database_url), future=True) as opened, opened.begin():
        yield opened


# accounts


def test_an_address_has_one_sender_on_each_channel() -> None:
    first = accounts.sender_of("telegram", "4711")
    assert first == accounts.sender_of("telegram", "4711")
    assert first.startswith("telegram-")
    assert "4711" not in first
    assert len({first, accounts.sender_of("wechat", "4711"), accounts.sender_of("telegram", "4712")}) == 3


def test_an_account_is_found_again_and_its_address_is_not_readable_in_the_table(session: Session) -> None:
    sender = accounts.note(session, channel="wechat", address="oOpenId", now=NOW, language="en")[0]
    again = accounts.note(
        session, channel="wechat", address="oOpenId", now=NOW + HOUR, pushes_until=NOW + 2 * HOUR, pushes_left=5
    )[0]  # fmt: skip
    assert sender == again
    account = accounts.find(session, channel="wechat", sender=sender)
    assert account is not None
    assert (account.address, account.language, account.pushes_left) == ("oOpenId", "en", 5)
    stored = session.execute(text("SELECT address FROM channel_account")).scalar()
    assert "oOpenId" not in str(stored)
    assert accounts.find(session, channel="telegram", sender=sender) is None


def test_pushes_are_counted_down_to_none(session: Session) -> None:
    sender = accounts.note(session, channel="wechat", address="o", now=NOW, pushes_left=1)[0]
    for _ in range(2):
        accounts.count_push(session, channel="wechat", sender=sender)
    session.expire_all()
    account = accounts.find(session, channel="wechat", sender=sender)
    assert account is not None
    assert account.pushes_left == 0


def test_who_is_gone_is_reachable_again_once_they_write(session: Session) -> None:
    sender = accounts.note(session, channel="telegram", address="1", now=NOW)[0]
    accounts.lost(session, channel="telegram", sender=sender, now=NOW)
    gone = accounts.find(session, channel="telegram", sender=sender)
    accounts.note(session, channel="telegram", address="1", now=NOW + HOUR)
    back = accounts.find(session, channel="telegram", sender=sender)
    assert gone is not None
    assert back is not None
    assert (gone.reachable, back.reachable) == (False, True)


# what came in


def test_a_message_is_taken_in_once(session: Session) -> None:
    given = {"channel": "telegram", "key": "7", "body": "{}", "now": NOW, "owner": "me"}
    assert inbound.take_in(session, **given)
    assert not inbound.take_in(session, **given)
    assert inbound.take_in(session, **{**given, "channel": "wechat"})


def stored(session: Session, key: str, owner: str = "me", now: datetime = NOW, **more: Any) -> None:
    assert inbound.take_in(
        session, channel="telegram", key=key, body=f"body {key}", now=now, owner=owner, **more
    )


def claimed(session: Session, key: str, owner: str, now: datetime) -> Claim:
    return inbound.claim(session, channel="telegram", key=key, owner=owner, now=now)


def unfinished(session: Session, now: datetime) -> list[tuple[str, str, int]]:
    return [(m.key, m.body, m.tries) for m in inbound.unfinished(session, channel="telegram", now=now)]


def test_what_was_begun_is_unfinished_until_it_is_done_and_then_only_its_key_stays(session: Session) -> None:
    stored(session, "1", begun=True)
    stored(session, "2")
    assert unfinished(session, NOW) == []  # somebody is at it
    later = NOW + inbound.LEASE
    assert unfinished(session, later) == [("1", "body 1", 1), ("2", "body 2", 0)]
    inbound.finish(session, channel="telegram", key="1", now=NOW)
    assert [key for key, *_ in unfinished(session, later)] == ["2"]
    assert session.execute(text("SELECT body FROM incoming_message WHERE key = '1'")).scalar() is None
    assert not inbound.take_in(session, channel="telegram", key="1", body="again", now=NOW, owner="me")
    assert claimed(session, "1", "other", later) is claimed(session, "unknown", "me", later) is Claim.DONE


def test_who_works_on_a_message_keeps_it_while_the_claim_is_renewed(session: Session) -> None:
    stored(session, "1")
    half = inbound.LEASE / 2
    assert claimed(session, "1", "me", NOW) is Claim.MINE
    assert claimed(session, "1", "other", NOW + half) is Claim.BUSY
    inbound.renew(session, channel="telegram", keys=["1"], owner="me", now=NOW + half)
    assert claimed(session, "1", "other", NOW + inbound.LEASE) is Claim.BUSY
    assert claimed(session, "1", "other", NOW + half + inbound.LEASE) is Claim.MINE
    inbound.renew(
        session, channel="telegram", keys=["1"], owner="me", now=NOW + HOUR
    )  # it is no longer theirs
    assert claimed(session, "1", "third", NOW + HOUR) is Claim.MINE


def test_the_claim_of_a_process_that_is_gone_holds_nobody_up(session: Session) -> None:
    with subprocess.Popen([sys.executable, "-c", "from bot.processes import new_owner; print(new_owner())"],
                          stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # fmt: skip
        owner = str(process.communicate()[0]).strip()
    stored(session, "1", owner, begun=True)
    stored(session, "2", new_owner())  # of this process, which lives
    assert [key for key, *_ in unfinished(session, NOW)] == ["1"]
    assert claimed(session, "1", "me", NOW) is Claim.MINE
    assert claimed(session, "2", "me", NOW) is Claim.BUSY


def test_of_two_who_see_the_same_claim_end_one_gets_it(database_url: str, session: Session) -> None:
    stored(session, "1", "gone")
    session.commit()
    later, found = NOW + inbound.LEASE, []

    def take(owner: str) -> None:
        with session_scope(database_url) as own:
            found.append(claimed(own, "1", owner, later))

    everybody = [threading.Thread(target=take, args=(f"p{number}",)) for number in range(8)]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert sorted(claim.name for claim in found) == ["BUSY"] * 7 + ["MINE"]


def test_a_message_at_which_the_process_falls_each_time_rests_ever_longer_and_is_left(
    session: Session,
) -> None:
    stored(session, "1", begun=True)
    at, rested = NOW, []
    for _ in range(len(inbound.RESTS) - 1):
        free = at + inbound.LEASE
        while not unfinished(session, free):
            free += timedelta(seconds=1)
        rested.append(free - at - inbound.LEASE)
        at = free
        assert claimed(session, "1", "me", at) is Claim.MINE
    assert rested == list(inbound.RESTS[1:])
    assert unfinished(session, at + timedelta(days=1)) == []


def bodies(session: Session) -> dict[str, str | None]:
    """The body of each message that came in, by its key, as it would be opened."""
    query = select(IncomingMessage.key, IncomingMessage.body).order_by(IncomingMessage.id)
    return dict(session.execute(query).all())


def dropped(session: Session, now: datetime) -> int:
    return inbound.drop(session, channel="telegram", sender="t-1", now=now)


def test_of_who_is_forgotten_nothing_is_left_that_could_not_be_worked_on(session: Session) -> None:
    for key, sender in (("1", "t-1"), ("2", "t-2"), ("3", None)):
        stored(session, key, sender=sender, begun=True)
    inbound.take_in(
        session, channel="wechat", key="4", body="body 4", now=NOW, owner="me", sender="t-1", begun=True
    )
    later = NOW + inbound.LEASE  # whoever began the work fell
    assert dropped(session, later) == 1
    assert bodies(session) == {"1": None, "2": "body 2", "3": "body 3", "4": "body 4"}
    assert session.scalars(select(IncomingMessage.sender_id).where(IncomingMessage.key == "1")).one() is None
    assert [key for key, *_ in unfinished(session, later)] == ["2", "3"]
    # The platform delivers it again: it is known, and not worked on.
    assert not inbound.take_in(session, channel="telegram", key="1", body="body 1", now=later, owner="me")
    assert claimed(session, "1", "me", later) is Claim.DONE
    assert dropped(session, later) == 0


def test_the_wish_itself_and_what_was_said_after_it_are_worked_on_to_their_end(session: Session) -> None:
    stored(session, "before", sender="t-1", begun=True)
    later = NOW + inbound.LEASE
    stored(session, "the wish", sender="t-1", begun=True, now=later)
    stored(session, "after", sender="t-1", now=later)  # waits for the one before it
    assert dropped(session, later) == 1
    assert bodies(session) == {"before": None, "the wish": "body the wish", "after": "body after"}
    assert claimed(session, "before", "other", later) is Claim.DONE
    inbound.finish(session, channel="telegram", key="the wish", now=later)
    assert claimed(session, "after", "me", later) is Claim.MINE
    inbound.finish(session, channel="telegram", key="after", now=later)
    assert set(bodies(session).values()) == {None}
    assert set(session.scalars(select(IncomingMessage.sender_id))) == {None}


def test_old_keys_go_and_what_was_never_done_is_counted(session: Session) -> None:
    stored(session, "1")
    inbound.finish(session, channel="telegram", key="1", now=NOW)
    stored(session, "2", now=NOW + 2 * HOUR)
    stored(session, "3")
    assert inbound.sweep(session, now=NOW + inbound.KNOWN_FOR + HOUR) == 1
    assert session.execute(text("SELECT key FROM incoming_message")).scalars().all() == ["2"]


# choices


def test_what_was_offered_once_more_is_told_from_what_was_not(session: Session) -> None:
    mine, other = {"channel": "telegram", "sender": "t-1"}, {"channel": "telegram", "sender": "t-2"}
    yes, no = choices.offer(session, CHOICES, now=NOW, kept=HOUR, **mine)
    choices.offer(session, CHOICES, now=NOW, kept=HOUR, **other)
    assert not choices.offered_since(session, yes, CHOICES[0], **mine)  # with its own pair
    (later,) = choices.offer(session, CHOICES[:1], now=NOW, kept=HOUR, **mine)
    assert choices.offered_since(session, yes, CHOICES[0], **mine)
    assert not choices.offered_since(session, no, CHOICES[1], **mine)
    assert not choices.offered_since(session, later, CHOICES[0], **mine)


def test_a_button_is_the_persons_own_and_ends(session: Session) -> None:
    mine = {"channel": "telegram", "sender": "t-1"}
    yes, no = choices.offer(session, CHOICES, now=NOW, kept=HOUR, **mine)
    assert choices.chosen(session, no, now=NOW, **mine) == CHOICES[1]
    assert choices.chosen(session, yes, now=NOW + HOUR, **mine) is None
    assert choices.chosen(session, yes, channel="telegram", sender="t-2", now=NOW) is None
    assert choices.chosen(session, yes, channel="wechat", sender="t-1", now=NOW) is None
    assert len(yes.encode()) <= 64


def test_numbers_take_the_place_of_those_before(session: Session) -> None:
    mine = {"channel": "wechat", "sender": "w-1"}
    assert choices.offer_numbers(session, CHOICES, now=NOW, kept=HOUR, **mine) == ("1", "2")
    choices.offer_numbers(session, CHOICES[1:], now=NOW, kept=HOUR, **mine)
    assert choices.chosen(session, "1", now=NOW, **mine) == CHOICES[1]
    assert choices.chosen(session, "2", now=NOW, **mine) is None


def test_choices_that_others_took_the_place_of_count_for_what_was_sent_before(session: Session) -> None:
    mine = {"channel": "wechat", "sender": "w-1"}
    minute = timedelta(minutes=1)
    for at, offered in ((NOW, CHOICES), (NOW + minute, CHOICES[1:]), (NOW + 2 * minute, ())):
        choices.offer_numbers(session, offered, now=at, kept=HOUR, **mine)

    def at(seconds: int, now: timedelta = 3 * minute) -> Choice | None:
        sent = NOW + timedelta(seconds=seconds)
        return choices.chosen_at(session, "1", now=NOW + now, at=lambda: sent, **mine)

    yes, no = CHOICES
    read = int(choices.SEEN_AFTER.total_seconds())
    told = [at(second) for second in (read - 1, read, 60, 60 + read, 120, 120 + read)]
    assert told == [None, yes, yes, no, no, None]
    assert at(60, now=minute + choices.PAST) is None
    assert choices.chosen(session, "1", now=NOW + 3 * minute, **mine) is None


def test_a_long_word_has_room_for_its_mark(session: Session) -> None:
    mine = {"channel": "wechat", "sender": "w-1"}
    choices.keep(session, "水" * 20, CHOICES[0], now=NOW, kept=HOUR, **mine)
    choices.offer_numbers(session, CHOICES, now=NOW, kept=HOUR, **mine)
    tokens = session.execute(text("SELECT token FROM offered_choice")).scalars().all()
    assert max(map(len, tokens)) <= 32


# sealing


def with_key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(sealed, "settings", lambda: Settings(data_key=key))


@pytest.mark.parametrize("said", ["", "13812345678", "三塘镇 老街 12 号", "a" * 5000])
def test_what_is_sealed_can_be_read_again_and_looks_different_each_time(said: str) -> None:
    first, second = sealed.seal(said), sealed.seal(said)
    assert first != second
    assert sealed.unseal(first) == sealed.unseal(second) == said
    assert not said or said not in first


def test_another_key_opens_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    token = sealed.seal("13812345678")
    with_key(monkeypatch, sealed.new_key())
    for wrong in (token, token[:-4], "13812345678", "电话"):
        with pytest.raises(WuchangError, match="钥匙"):
            sealed.unseal(wrong)


def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with_key(monkeypatch, "short")
    with pytest.raises(BadInput, match="wuchang key"):
        sealed.seal("x")


def test_without_a_key_a_file_of_the_owner_holds_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_key(monkeypatch, "")
    monkeypatch.setattr(sealed, "KEY_FILE", tmp_path / "var" / "data.key")
    monkeypatch.setattr(
        keycheck, "address", lambda: f"sqlite:///{tmp_path}/new.db"
    )  # nothing is sealed in it
    key = sealed.data_key()
    assert sealed.unseal(sealed.seal("x")) == "x"
    assert (tmp_path / "var" / "data.key").read_bytes() == key
    assert (tmp_path / "var" / "data.key").stat().st_mode & 0o077 == 0
    sealed._key_of_file.cache_clear()
    assert sealed.data_key() == key
    assert [p.name for p in (tmp_path / "var").iterdir()] == ["data.key"]


def test_choices_that_are_over_go_and_never_count_again(session: Session) -> None:
    asked = {"channel": "wechat", "sender": "a", "kept": HOUR}
    choices.offer_numbers(session, [Choice("/old", "old")], now=NOW, **asked)
    choices.offer(session, [Choice("/button", "button")], channel="telegram", sender="b", now=NOW, kept=HOUR)
    later = NOW + 2 * HOUR
    choices.offer_numbers(session, [Choice("/new", "new")], now=later, **asked)
    found = [
        choices.chosen_at(
            session, "1", channel="wechat", sender="a", now=later + HOUR / 4, at=lambda at=at: at
        )
        for at in (NOW + HOUR / 2, later + HOUR / 8)
    ]
    assert found == [None, Choice("/new", "new")]
    choices.sweep(session, now=later)
    left = session.scalars(select(OfferedChoice.sender_id)).all()
    assert left == ["a"]
