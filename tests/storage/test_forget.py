"""A person is forgotten: nothing of theirs is left in any table, nothing of anybody else's is gone."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.eldercare.intake import Wish
from bot.eldercare.wishes import register_care
from bot.places.gazetteer import gazetteer
from bot.storage import accounts, inbound, outbox
from bot.storage.database import engine_for
from bot.storage.forget import HANDLED, forget, forget_conversation, held, sender_of_number
from bot.storage.tables import (
    Attachment,
    Base,
    CareRequest,
    ChannelAccount,
    ContractCase,
    ContractRecord,
    ContractTick,
    Handover,
    HandoverMessage,
    Incident,
    IncomingMessage,
    OutageReport,
    OutgoingMessage,
    Person,
    UnansweredQuestion,
)
from bot.water.incidents.assessing import facts_of
from bot.water.incidents.incidents import incident_lines
from bot.water.reporting.reports import file_report
from bot.water.talk.areas import area_of
from bot.water.talk.draft import Draft
from bot.water.talk.emergencies import gist
from bot.water.telling.standing import report_lines
from tests.conftest import NOW

PEOPLE = sorted(
    {m.class_ for m in Base.registry.mappers if issubclass(m.class_, Person)}, key=lambda kind: kind.__name__
)
STAY = {"outage_report", "unanswered_question", "contract_record"}
PLAIN: dict[str, Any] = {
    "number": "n", "place": "p", "problem": "no_water", "reason": "asked", "text": "t", "question": "q", "kind": "review",
    "subject": "s", "measures": "m", "request": {}, "result": {}, "contract_type": "k", "facts": {}, "updated_at": NOW,
    "due_at": NOW, "expires_at": NOW, "reference": "r", "name": "n", "content_type": "c", "body": b"", "useful": True,
    "last_message_at": NOW, "payload": "/greet", "title": "t",
}  # fmt: skip
OWN = ("number", "token", "token_hash", "address", "draft_id")  # unique, or the person's own


def one_of_each(session: Session, sender: str) -> None:
    """A row of every table of people."""
    incident = Incident(
        number=f"SJ {sender}", kind="supply", opened_at=NOW, last_report_at=NOW, facts={"hours": 1}
    )
    session.add(incident)
    session.flush()
    for kind in PEOPLE:
        columns = kind.__table__.c
        values = {name: value for name, value in PLAIN.items() if name in columns}
        if "incident_id" in columns and not columns["incident_id"].nullable:
            values["incident_id"] = incident.id
        values |= {name: f"{name} {sender}"[:32] for name in OWN if name in columns}
        session.add(kind(sender_id=sender, channel="rest", created_at=NOW, **values))
    session.flush()
    case = session.scalars(select(ContractCase).where(ContractCase.sender_id == sender)).one()
    session.add(ContractTick(case_id=case.id, item="kind", ticked_at=NOW, ticked_by=sender))
    talk = session.scalars(select(Handover).where(Handover.sender_id == sender)).one()
    session.add(HandoverMessage(handover_id=talk.id, at=NOW, text=f"said by {sender}"))
    session.flush()


def senders(session: Session, kind: Any) -> list[str]:
    return sorted(session.scalars(select(kind.sender_id)))


def test_each_table_of_people_is_handled() -> None:
    """A new table with a person in it must be put into bot/storage/forget.py."""
    assert set(HANDLED) == set(PEOPLE)


def test_nothing_of_the_person_is_left_and_nothing_of_others_gone(session: Session) -> None:
    for sender in ("me", "other"):
        one_of_each(session, sender)
    done = forget(session, channel="rest", sender="me", now=NOW)
    session.expire_all()
    for kind in PEOPLE:
        left = senders(session, kind)
        assert "me" not in left, kind
        assert "other" in left, kind
        stays = [sender for sender in left if sender.startswith("forgotten-")]
        assert len(stays) == (kind.__tablename__ in STAY), kind
    assert session.scalars(select(ContractTick.ticked_by)).all() == ["other"]
    assert session.scalars(select(HandoverMessage.text)).all() == ["said by other"]
    assert set(done.anonymous) - {"handover"} == STAY
    assert all(count == 1 for name, count in done.anonymous.items() if name in STAY)
    assert {name for name, count in done.deleted.items() if count == 1} == {
        kind.__tablename__ for kind in PEOPLE
    } - STAY
    assert "me" not in str([tuple(row) for row in session.execute(select(ChannelAccount.address))])


def test_the_same_sender_id_on_another_channel_is_somebody_else(session: Session) -> None:
    one_of_each(session, "me")
    forget(session, channel="web", sender="me", now=NOW)
    assert all(senders(session, kind) == ["me"] for kind in PEOPLE)


def report(session: Session, sender: str, place: str = "老街5栋302", **more: Any) -> str:
    draft = Draft(
        **{
            "problems": ("no_water",),
            "township": "三塘镇",
            "detail": place,
            "place": f"三塘镇{place}",
            **more,
        }
    )
    return file_report(session, draft=draft, channel="rest", sender=sender, now=NOW).number


def test_a_report_keeps_what_the_incident_needs_and_nothing_else(session: Session) -> None:
    number = report(
        session, "me", id="d", phone="13912340001", name="何国安", words=("没水",), lat=26.9, lon=112.5, households=30,
        started_at="2026-11-22T20:00:00", started_text="昨晚八点", casualties=2,
    )  # fmt: skip
    row = session.scalars(select(OutageReport)).one()
    session.add(
        Attachment(report_id=row.id, name="a.jpg", content_type="i", body=b"", channel="rest", sender_id="x", created_at=NOW)
    )  # fmt: skip
    before = next(incident_lines(session, NOW))
    done = forget(session, channel="rest", sender="me", now=NOW)
    assert done.deleted["attachment"] == 1
    session.expire_all()
    (line,) = report_lines(session)
    assert (line["number"], line["place"], line["households"], line["casualties"]) == (
        number,
        "三塘镇老街",
        30,
        2,
    )
    assert [line[name] for name in ("phone", "name", "lat", "lon")] == [None] * 4
    assert line["text"] == ""
    row = session.scalars(select(OutageReport)).one()
    assert (row.phone_hash, row.started_text, row.draft_id) == (None, None, None)
    assert session.scalars(select(Attachment.id)).all() == []  # whoever sent it
    assert next(incident_lines(session, NOW)) == before


def test_households_are_counted_as_before(session: Session) -> None:
    """Two reports of one person in one incident are still one household; in another incident nobody knows it is them."""
    for sender, place in (("me", "老街5栋302"), ("me", "老街"), ("other", "老街5栋101")):
        report(session, sender, place=place)
    report(session, "me", place="新街", problems=("bad_water",))
    before = list(incident_lines(session, NOW))
    assert [line["reporters"] for line in before] == [2, 1]
    forget(session, channel="rest", sender="me", now=NOW)
    session.expire_all()
    assert list(incident_lines(session, NOW)) == before
    rows = session.scalars(select(OutageReport).order_by(OutageReport.id)).all()
    assert len({row.sender_id for row in rows}) == 3
    assert facts_of(rows[0].incident, NOW)["households"] == 2


def test_who_shares_a_household_with_somebody_forgotten_still_does(session: Session) -> None:
    for sender in ("me", "other"):
        report(session, sender)
    kept = {row.household for row in session.scalars(select(OutageReport))}
    forget(session, channel="rest", sender="me", now=NOW)
    session.expire_all()
    rows = session.scalars(select(OutageReport)).all()
    assert facts_of(rows[0].incident, NOW)["households"] == 1
    assert kept.isdisjoint(row.household for row in rows)


def test_the_place_that_stays_is_the_reports_own(session: Session) -> None:
    """An incident may reach over several places; each report keeps its own of them."""
    report(session, "other", place="老街")
    report(session, "me", place="新街5号")
    mine, theirs = session.scalars(select(OutageReport).order_by(OutageReport.id.desc())).all()
    mine.incident = theirs.incident
    forget(session, channel="rest", sender="me", now=NOW)
    assert mine.place == "三塘镇新街"


def handover(session: Session, **more: Any) -> None:
    given = {"reason": "emergency", "urgent": True, "text": "13912340001", "phone": "13912340001", **more}
    session.add(Handover(channel="rest", sender_id="me", created_at=NOW, **given))
    session.flush()


def test_an_emergency_that_waits_keeps_its_place(session: Session) -> None:
    number = report(session, "me", danger="injury", phone="13912340001", words=("有人晕倒",))
    handover(session, reason="asked", urgent=False)
    handover(session, status="closed")
    forget(session, channel="rest", sender="me", now=NOW)
    session.expire_all()
    (waiting,) = session.scalars(select(Handover))
    assert (waiting.urgent, waiting.status, waiting.phone) == (True, "open", None)
    assert waiting.text.startswith(f"{number} 三塘镇老街\n")
    assert "晕倒" not in waiting.text
    assert waiting.sender_id.startswith("forgotten-")


def test_an_emergency_without_a_report_keeps_the_place_it_was_told_with(session: Session) -> None:
    handover(session, text="花桥镇老街水厂漏氯气了，好多人晕倒，我是何国安，13912340001")
    forget(session, channel="rest", sender="me", now=NOW, gist=partial(gist, places=gazetteer()))
    session.expire_all()
    assert session.scalars(select(Handover)).one().text.splitlines()[0] == "花桥镇老街水厂 氯气"


@pytest.mark.parametrize(("others", "stays"), [((), "老街"), (("other",), "老街何国安家")])
def test_an_old_area_with_a_name_is_put_right_where_nobody_else_reported(
    session: Session, others: tuple[str, ...], stays: str
) -> None:
    for sender in ("me", *others):
        report(session, sender)
    incident = session.scalars(select(Incident)).one()
    incident.area = "老街何国安家"
    forget(session, channel="rest", sender="me", now=NOW, area=area_of)
    session.expire_all()
    assert incident.area == stays


def test_a_phone_in_a_question_is_struck_out(session: Session) -> None:
    session.add(
        UnansweredQuestion(question="印花税打13912340001问谁", channel="rest", sender_id="me", created_at=NOW)
    )
    forget(session, channel="rest", sender="me", now=NOW)
    session.expire_all()
    assert session.scalars(select(UnansweredQuestion)).one().question == "印花税打…问谁"


def test_it_is_told_beforehand_what_stays_and_ends(session: Session) -> None:
    nothing = held(session, channel="rest", sender="me")
    assert (nothing.reports, nothing.questions, nothing.records, nothing.care, nothing.urgent, nothing.staff) == (
        False, False, False, (), False, None,
    )  # fmt: skip
    one_of_each(session, "me")
    handover(session)
    wish = Wish(id="w", services=("meals",), words=("送饭",))
    number = register_care(session, wish=wish, channel="rest", sender="me", now=NOW)
    session.flush()
    told = held(session, channel="rest", sender="me")
    assert all((told.reports, told.questions, told.records, told.urgent))
    assert told.care[-1] == number
    session.scalars(select(CareRequest).where(CareRequest.number == number)).one().status = "withdrawn"
    assert number not in held(session, channel="rest", sender="me").care


def test_a_message_that_could_not_be_worked_on_goes_too(session: Session) -> None:
    for sender in ("me", "other"):
        inbound.take_in(
            session, channel="rest", key=sender, body=f"没水，{sender}", now=NOW, owner="fell", sender=sender, begun=True
        )  # fmt: skip
    done = forget(session, channel="rest", sender="me", now=NOW + inbound.LEASE)
    assert done.deleted["incoming_message"] == 1
    assert session.scalars(select(IncomingMessage.body).order_by(IncomingMessage.id)).all() == [
        None,
        "没水，other",
    ]


def test_twice_is_as_once(session: Session) -> None:
    one_of_each(session, "me")
    forget(session, channel="rest", sender="me", now=NOW)
    again = forget(session, channel="rest", sender="me", now=NOW)
    assert not any([*again.deleted.values(), *again.anonymous.values()])


def test_whose_number_it_is(session: Session) -> None:
    number = report(session, "me")
    assert sender_of_number(session, number.lower()) == ("rest", "me")
    assert sender_of_number(session, "HN261123-999") is None


# the account of a platform: it goes with the message that says so


def pushed(session: Session, told_after: bool = True) -> str:
    sender = accounts.note(session, channel="telegram", address="4711", now=NOW)[0]
    outbox.notify(
        session, channel="telegram", sender=sender, text="旧的", kind="filing", reference="r", now=NOW
    )
    forget(session, channel="telegram", sender=sender, now=NOW, told_after=told_after)
    return sender


def say(session: Session, sender: str, *texts: str) -> None:
    for i, words in enumerate(texts):
        outbox.notify(
            session,
            channel="telegram",
            sender=sender,
            text=words,
            kind=outbox.REPLY,
            reference="k",
            now=NOW,
            once=f"{i}",
        )


def rows(session: Session) -> tuple[int, int]:
    counted = (select(func.count()).select_from(kind) for kind in (ChannelAccount, OutgoingMessage))
    accounts_left, messages_left = (session.scalar(query) for query in counted)
    return int(accounts_left or 0), int(messages_left or 0)


@pytest.mark.parametrize("arrives", [True, False])
def test_an_account_goes_with_the_last_message_to_it(session: Session, arrives: bool) -> None:
    sender = pushed(session)
    say(session, sender, "都删掉了", "再见")
    assert rows(session) == (1, 2)
    for left in (1, 0):
        (message,) = outbox.claim(session, channel="telegram", now=NOW + timedelta(seconds=left), most=1)
        if arrives:
            outbox.confirm(session, message, now=NOW)
        else:
            outbox.give_up(session, message, now=NOW, error="x")
        session.flush()
        assert rows(session)[0] == left
    assert rows(session) == (0, 0)


def test_an_account_whose_last_message_went_out_in_a_request_goes_once_it_is_not_asked_for_again(
    session: Session,
) -> None:
    sender = pushed(session)
    after = {"channel": "telegram", "told_before": NOW + timedelta(seconds=1)}
    accounts.let_go_told(session, **after)
    assert rows(session) == (1, 0)  # nothing was said yet
    outbox.notify(
        session, channel="telegram", sender=sender, text="都删掉了", kind=outbox.REPLY, reference="k", now=NOW, given=True
    )  # fmt: skip
    accounts.let_go_told(session, channel="telegram", told_before=NOW)
    accounts.let_go_told(session, channel="wechat", told_before=NOW + timedelta(seconds=1))
    assert rows(session) == (1, 1)
    accounts.note(session, channel="telegram", address="4712", now=NOW)
    accounts.let_go_told(session, **after)
    assert rows(session) == (1, 0)  # the other one's
    assert accounts.find(session, channel="telegram", sender=sender) is None


def test_who_writes_again_before_is_known_again(session: Session) -> None:
    sender = pushed(session)
    say(session, sender, "都删掉了")
    accounts.note(session, channel="telegram", address="4711", now=NOW)
    (message,) = outbox.claim(session, channel="telegram", now=NOW, most=1)
    outbox.confirm(session, message, now=NOW)
    assert rows(session) == (1, 1)


def test_by_a_command_the_account_goes_at_once(session: Session) -> None:
    pushed(session, told_after=False)
    assert rows(session) == (0, 0)


def test_an_account_without_an_address_goes_at_once(session: Session) -> None:
    accounts.known(session, channel="web", sender="web-1", now=NOW)
    forget(session, channel="web", sender="web-1", now=NOW, told_after=True)
    assert rows(session) == (0, 0)


def test_a_message_to_somebody_else_takes_nobody_s_account(session: Session) -> None:
    sender = pushed(session)
    other = accounts.note(session, channel="telegram", address="4712", now=NOW)[0]
    say(session, other, "好")
    (message,) = outbox.claim(session, channel="telegram", now=NOW, most=1)
    outbox.confirm(session, message, now=NOW)
    assert accounts.find(session, channel="telegram", sender=sender) is not None


def test_a_stored_conversation_is_deleted(database_url: str) -> None:
    assert forget_conversation(database_url, "me") == 0  # no conversation was ever stored
    with engine_for(database_url).begin() as connection:
        connection.execute(text("CREATE TABLE events (id INTEGER, sender_id VARCHAR(255))"))
        connection.execute(text("INSERT INTO events VALUES (1, 'me'), (2, 'me'), (3, 'other')"))
    assert forget_conversation(database_url, "me") == 2
    with engine_for(database_url).connect() as connection:
        assert connection.execute(text("SELECT id FROM events")).scalars().all() == [3]


def test_the_office_s_record_stays_under_nobody_s_name(session: Session) -> None:
    one_of_each(session, "me")
    forget(session, channel="rest", sender="me", now=NOW)
    session.expire_all()
    record = session.scalars(select(ContractRecord)).one()
    assert (record.subject, record.result) == ("s", {})
    assert record.sender_id.startswith("forgotten-")
