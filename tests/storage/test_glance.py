"""What a turn must know of the database before it answers, on both kinds of database and across processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.contracts import desk
from bot.documents import approved
from bot.settings import ROOT
from bot.storage import glance as storage
from bot.storage import outbox
from bot.storage.database import engine_for
from bot.storage.glance import Glance, glance
from bot.storage.tables import OfficialDocument
from tests.conftest import NOW

WHO = {"channel": "web", "sender": "web-1"}
SOON = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def this_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "address", lambda: database_url)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Session(engine_for(database_url), future=True) as opened:
        yield opened


def seen(**other: object) -> Glance:
    return glance(**{**WHO, "now": NOW, **other})  # type: ignore[arg-type]


def put(session: Session) -> None:
    outbox.notify(
        session, **WHO, text="明天备案", due_at=NOW + SOON, kind="filing", reference="HT261123-001", now=NOW
    )
    session.commit()


def test_of_an_empty_database_there_is_nothing() -> None:
    assert seen() == seen(sender="web-2")
    assert not seen().due
    assert not seen().cases


def test_a_message_is_due_from_its_time_on_until_it_is_said_and_for_nobody_else(session: Session) -> None:
    put(session)
    assert not seen().due
    assert seen(now=NOW + SOON).due
    assert not seen(now=NOW + SOON, sender="web-2").due
    assert not seen(now=NOW + SOON, channel="rest").due
    assert outbox.collect(session, **WHO, now=NOW + SOON) == ("明天备案",)
    session.commit()
    assert not seen(now=NOW + SOON).due


def test_a_case_counts_while_it_is_open_and_for_nobody_else(session: Session) -> None:
    case = desk.open_case(session, **WHO, facts={"contract_type": "采购", "signing_party": "county"}, now=NOW)
    session.commit()
    assert seen().cases
    assert not seen(sender="web-2").cases
    desk.close_case(session, number=case.number, now=NOW)
    session.commit()
    assert not seen().cases


def approve(session: Session) -> None:
    approved.approve(session, questions=["多久"], answer="三天。", clauses=[], by="李", now=NOW)


def withdraw(session: Session) -> None:
    approved.withdraw(session, 1, now=NOW)


def version(session: Session) -> None:
    session.add(
        OfficialDocument(
            document="rules", title="办法", source="a.txt", source_sha256="0", words_sha256="0",
            imported_at=NOW, valid_from=NOW,
        )
    )  # fmt: skip


def ended(session: Session) -> None:
    session.get(OfficialDocument, 1).valid_until = NOW  # type: ignore[union-attr]


@pytest.mark.parametrize(("first", "then", "of"), [(approve, withdraw, "answers"), (version, ended, "texts")])
def test_each_change_is_seen_in_its_own_state_and_in_no_other(
    session: Session, first: Callable[[Session], None], then: Callable[[Session], None], of: str
) -> None:
    other = {"answers": "texts", "texts": "answers"}[of]
    states, others = [getattr(seen(), of)], {getattr(seen(), other)}
    for change in (first, then, first if of == "answers" else version):
        change(session)
        session.commit()
        states.append(getattr(seen(), of))
        others.add(getattr(seen(), other))
        assert getattr(seen(), of) == states[-1]
    assert len(set(states)) == 4
    assert len(others) == 1
    assert storage.texts(session) == seen().texts


_WRITES = """
import sys
from datetime import datetime
from sqlalchemy.orm import Session
from bot.storage import outbox
from bot.storage.database import engine_for
from bot.documents import approved
now = datetime.fromisoformat(sys.argv[2])
with Session(engine_for(sys.argv[1]), future=True) as session, session.begin():
    outbox.notify(session, channel="web", sender="web-1", text="x", due_at=now, kind="k", reference="r", now=now)
    approved.approve(session, questions=["q多久"], answer="三天。", clauses=[], by="李", now=now)
"""


def test_what_another_process_wrote_counts_at_the_next_turn(database_url: str) -> None:
    before = seen()
    subprocess.run(
        [sys.executable, "-c", _WRITES, database_url, NOW.isoformat()], cwd=ROOT, check=True, timeout=60
    )
    assert not before.due
    assert seen().due
    assert seen().answers != before.answers
