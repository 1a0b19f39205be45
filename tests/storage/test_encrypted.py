"""A copy of the database holds no phone, no name and nobody's words; the program reads all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session

from bot.documents.votes import vote
from bot.eldercare.intake import Wish
from bot.eldercare.wishes import add_care_phone, register_care, register_volunteer
from bot.errors import WuchangError
from bot.storage import outbox, sealed
from bot.storage.sealed import is_sealed, new_key, phone_fingerprint, seal, unseal
from bot.storage.tables import AnswerVote, Feedback, Handover, OutageReport, UnansweredQuestion
from bot.water.reporting.amending import add_phone, amend_report
from bot.water.reporting.reports import file_report
from bot.water.talk.draft import Draft
from bot.water.telling.standing import find_reports, report_lines
from tests.conftest import NOW

DRAFT = Draft(
    id="1", problems=("no_water",), township="三塘镇", detail="老街", place="三塘镇老街", words=("没水", "打13912340001"),
    phone="13912340001", name="何国安",
)  # fmt: skip
ME = {"channel": "rest", "sender": "a", "now": NOW}
SECRETS = ("1391234", "8550009", "何国安", "陈桂香", "没水", "送饭", "理发", "路灯", "印花税", "到期")


def everything_stored(session: Session) -> str:
    """All that stands in the database, as it stands there."""
    tables = MetaData()
    tables.reflect(session.connection())
    return "".join(
        str(tuple(row))
        for table in tables.sorted_tables
        for row in session.connection().exec_driver_sql(f'SELECT * FROM "{table.name}"')
    )


def test_a_copy_of_the_database_tells_nothing_about_people(session: Session) -> None:
    file_report(session, draft=DRAFT, **ME)
    wish = Wish(id="2", services=("meals",), name="陈桂香", phone="13912340002", words=("送饭",))
    register_care(session, wish=wish, **ME)
    register_volunteer(session, wish=Wish(id="3", name="何国安", phone="13912340003", skills="理发"), **ME)
    made = {"channel": "rest", "sender_id": "a", "created_at": NOW}
    session.add_all(
        [
            Handover(reason="asked", text="打13912340004", phone="13912340004", **made),
            Feedback(text="路灯坏了，13912340005", **made),
            UnansweredQuestion(question="印花税，13912340006", **made),
        ]
    )
    vote(session, question="印花税", clause=None, approved_id=None, useful=False, **ME)
    outbox.notify(
        session, text="到期，13912340007", kind="filing", reference="r", content={"venues": ["13912340008"]}, **ME
    )  # fmt: skip
    add_phone(session, sender="a", phone="0734-8550009", now=NOW)
    add_care_phone(session, sender="a", phone="13912340002")
    session.flush()
    stored = everything_stored(session)
    assert "三塘镇老街" in stored  # the look finds what is there
    assert [secret for secret in SECRETS if secret in stored] == []
    session.expire_all()
    (line,) = report_lines(session)
    assert (line["phone"], line["name"], line["text"]) == ("0734-8550009", "何国安", "没水\n打13912340001")
    (waiting,) = outbox.due(session, channel="rest", sender="a", now=NOW)
    assert (waiting.text, waiting.content) == ("到期，13912340007", {"venues": ["13912340008"]})


def test_a_report_is_found_by_its_phone_however_it_is_written(session: Session) -> None:
    file_report(session, draft=DRAFT, **ME)
    for asked, found in (("13912340001", 1), ("139 1234 0001", 1), ("13912340002", 0)):
        assert len(find_reports(session, sender="b", phone=asked)) == found
    add_phone(session, sender="a", phone="0734-8550001", now=NOW)
    assert find_reports(session, sender="b", phone="13912340001") == []
    assert len(find_reports(session, sender="b", phone="07348550001")) == 1


def test_a_phone_told_later_to_an_urgent_report_is_found_too(session: Session) -> None:
    file_report(session, draft=Draft(problems=("burst",), danger="injury", township="泉溪镇"), **ME)
    amend_report(session, sender="a", said=Draft(phone="13912340009"), now=NOW + timedelta(minutes=1))
    assert len(find_reports(session, sender="b", phone="13912340009")) == 1


def test_words_longer_than_a_column_was_are_kept_whole(session: Session) -> None:
    long = "何" * 500
    file_report(session, draft=Draft(problems=("no_water",), name=long, phone="1" * 60, words=(long,)), **ME)
    session.flush()
    session.expire_all()
    row = session.scalars(select(OutageReport)).one()
    assert (row.name, row.phone, row.text) == (long, "1" * 60, long)


def test_a_vote_on_the_same_question_changes_the_first(session: Session) -> None:
    for useful in (False, True):
        vote(session, question="几天", clause=None, approved_id=None, useful=useful, **ME)
    vote(session, question="几年", clause=None, approved_id=None, useful=True, **ME)
    rows = session.scalars(select(AnswerVote).order_by(AnswerVote.id)).all()
    assert [(row.question, row.useful) for row in rows] == [("几天", True), ("几年", True)]


@pytest.mark.parametrize("text", ["", "没水", "a" * 5000, "gAAAAA", '{"a": 1}', "\x00"])
def test_what_is_encrypted_is_known_as_such_and_comes_back(text: str) -> None:
    token = seal(text)
    assert is_sealed(token)
    assert not is_sealed(text)
    assert unseal(token) == text
    assert seal(text) != token


def test_one_row_that_cannot_be_opened_does_not_cost_a_listing(session: Session) -> None:
    file_report(session, draft=DRAFT, **ME)
    file_report(session, draft=replace(DRAFT, id="2", township="泉溪镇", name="陈桂香"), **ME)
    session.flush()
    session.expire_all()
    session.connection().exec_driver_sql(
        "UPDATE outage_report SET name = 'gAAAAAbroken' WHERE township = '三塘镇'"
    )
    with pytest.raises(WuchangError):
        list(report_lines(session))
    with sealed.going_on():
        assert [line["name"] for line in report_lines(session)] == [sealed.UNREADABLE, "陈桂香"]


def test_another_key_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    token, known, other = seal("没水"), phone_fingerprint("13912340001"), new_key().encode()
    monkeypatch.setattr(sealed, "data_key", lambda: other)
    assert is_sealed(token)
    with pytest.raises(WuchangError, match="WUCHANG_DATA_KEY"):
        unseal(token)
    assert phone_fingerprint("13912340001") != known
