"""Migrations lead to the tables that the code knows, on both kinds of database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot.storage.database import engine_for, migrate
from bot.storage.sealed import is_sealed
from bot.storage.tables import (
    AnswerVote,
    Attachment,
    Base,
    CareRequest,
    ContractRecord,
    Feedback,
    Handover,
    OutageReport,
    OutgoingMessage,
    UnansweredQuestion,
    Volunteer,
)
from bot.water.telling.standing import find_reports


def differences(url: str) -> list[Any]:
    """What alembic would have to change to make the database like the code's tables."""
    with engine_for(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": "wuchang_version"}
        )
        return list(compare_metadata(context, Base.metadata))


def test_a_fresh_database_has_the_tables_of_the_code(empty_url: str) -> None:
    migrate(empty_url)
    assert differences(empty_url) == []
    names = set(inspect(engine_for(empty_url)).get_table_names())
    assert names == {*Base.metadata.tables, "wuchang_version"}


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    assert differences(empty_url) == []


def test_an_empty_database_differs(empty_url: str) -> None:
    """The comparison can fail."""
    assert len(differences(empty_url)) >= len(Base.metadata.tables)


# 0008: what stood there in plain text

PLAIN = """
INSERT INTO outage_report (id, number, place, problem, also_problems, phone, name, urgent, text, status, channel, sender_id, created_at)
  VALUES (1, 'HN261123-001', '三塘镇老街', 'no_water', '[]', '0734-8550001', '何国安', '0', '没水，打13912340001', 'open', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO outage_report (id, number, place, problem, also_problems, phone, name, urgent, text, status, channel, sender_id, created_at)
  VALUES (2, 'HN261123-002', '泉溪镇', 'no_water', '[]', NULL, NULL, '0', '', 'open', 'rest', 'b', '2026-11-23 08:00:00.000000');
INSERT INTO attachment (id, report_id, name, content_type, body, channel, sender_id, created_at)
  VALUES (1, 1, 'a.jpg', 'image/jpeg', 'x', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO care_request (id, number, services, name, phone, wish, status, channel, sender_id, created_at)
  VALUES (1, 'YL261123-001', '[]', '陈桂香', '13912340020', '送饭', 'open', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO volunteer (id, number, name, phone, skills, channel, sender_id, created_at)
  VALUES (1, 'ZY261123-001', '刘建国', '13912340021', '理发', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO handover (id, reason, text, phone, urgent, status, channel, sender_id, created_at)
  VALUES (1, 'asked', '找人', '13912340022', '0', 'open', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO feedback (id, text, channel, sender_id, created_at) VALUES (1, '路灯坏了', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO unanswered_question (id, question, channel, sender_id, created_at) VALUES (1, '印花税', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO answer_vote (id, question, useful, channel, sender_id, created_at) VALUES (1, '几天', '1', 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO outgoing_message (id, text, content, due_at, kind, reference, tries, channel, sender_id, created_at)
  VALUES (1, '明天到期', '{"image": "x"}', '2026-11-23 08:00:00.000000', 'filing', 'r', 0, 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO outgoing_message (id, text, content, due_at, kind, reference, tries, channel, sender_id, created_at)
  VALUES (2, '到期', 'null', '2026-11-23 08:00:00.000000', 'filing', 's', 0, 'rest', 'a', '2026-11-23 08:00:00.000000');
INSERT INTO contract_record (id, kind, subject, measures, request, result, channel, sender_id, created_at)
  VALUES (1, 'review', 's', 'm', '{}', '{"findings": ["甲方电话13912340023"]}', 'rest', 'a', '2026-11-23 08:00:00.000000');
"""
SEALED = {
    "outage_report": ("phone", "name", "text"), "care_request": ("phone", "name", "wish"),
    "volunteer": ("phone", "name", "skills"), "handover": ("phone", "text"), "feedback": ("text",),
    "unanswered_question": ("question",), "answer_vote": ("question",), "outgoing_message": ("text", "content"),
    "contract_record": ("result",),
}  # fmt: skip


def as_before(url: str) -> None:
    """A database of version 0007 with rows in plain text."""
    migrate(url, revision="0007")
    with engine_for(url).begin() as connection:
        for statement in filter(None, map(str.strip, PLAIN.split(";\n"))):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def raw(url: str) -> list[str]:
    """What stands in the encrypted columns."""
    with engine_for(url).connect() as connection:
        found = []
        for table, columns in SEALED.items():
            rows = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
            found += [value for row in rows for value in row if value is not None]
        return found


def check_all_is_readable(url: str) -> None:
    with Session(engine_for(url), future=True) as session:
        one, two = session.scalars(select(OutageReport).order_by(OutageReport.id))
        assert (one.phone, one.name, one.text) == ("0734-8550001", "何国安", "没水，打13912340001")
        assert (two.phone, two.phone_hash, two.text) == (None, None, "")
        assert [r.number for r in find_reports(session, sender="x", phone="0734 8550001")] == ["HN261123-001"]
        assert session.scalars(select(Attachment.report_id)).one() == 1
        care = session.scalars(select(CareRequest)).one()
        assert (care.name, care.phone, care.wish) == ("陈桂香", "13912340020", "送饭")
        assert session.scalars(select(Volunteer)).one().skills == "理发"
        assert session.scalars(select(Handover)).one().phone == "13912340022"
        assert session.scalars(select(Feedback)).one().text == "路灯坏了"
        assert session.scalars(select(UnansweredQuestion)).one().question == "印花税"
        assert session.scalars(select(AnswerVote)).one().question == "几天"
        messages = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)).all()
        assert [(m.text, m.content) for m in messages] == [("明天到期", {"image": "x"}), ("到期", None)]
        assert session.scalars(select(ContractRecord)).one().result == {"findings": ["甲方电话13912340023"]}


def test_rows_in_plain_text_are_encrypted_where_they_stand(empty_url: str) -> None:
    as_before(empty_url)
    migrate(empty_url)
    stored = raw(empty_url)
    assert len(stored) == 20
    assert all(map(is_sealed, stored))
    check_all_is_readable(empty_url)
    assert differences(empty_url) == []
    with engine_for(empty_url).connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_encrypting_goes_on_where_it_fell(empty_url: str) -> None:
    """Some rows were encrypted, the version was not noted yet."""
    as_before(empty_url)
    migrate(empty_url, revision="0008")
    before = raw(empty_url)
    with engine_for(empty_url).begin() as connection:
        connection.exec_driver_sql("UPDATE wuchang_version SET version_num = '0007'")
        connection.exec_driver_sql("UPDATE care_request SET wish = '送饭'")
        connection.exec_driver_sql(
            "UPDATE outage_report SET phone = '0734-8550001', phone_hash = NULL WHERE id = 1"
        )
        if connection.dialect.name == "sqlite":  # a copy of a table that was begun
            connection.exec_driver_sql("CREATE TABLE _alembic_tmp_outage_report (id INTEGER)")
            connection.exec_driver_sql("CREATE TABLE _alembic_tmp_volunteer (id INTEGER)")
    migrate(empty_url)
    after = raw(empty_url)
    assert all(map(is_sealed, after))
    assert len(set(before) & set(after)) == len(before) - 2  # what was encrypted is left as it was
    check_all_is_readable(empty_url)


# 0014: keys of before


def test_keys_of_before_go_on_opening_both(empty_url: str) -> None:
    migrate(empty_url, revision="0011")
    with engine_for(empty_url).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO api_key (name, key_hash, created_at) VALUES ('热线', 'x', '2026-11-23 08:00:00.000000')"
        )
    migrate(empty_url)
    with engine_for(empty_url).connect() as connection:
        assert connection.exec_driver_sql("SELECT scopes FROM api_key").scalar() == "open311 desk"


def test_which_grade_staff_saw_is_taken_from_the_history(empty_url: str) -> None:
    migrate(empty_url, revision="0011")
    with engine_for(empty_url).begin() as connection:
        for number, (decided, history) in enumerate(SEEN, 1):
            connection.execute(
                sql(
                    "INSERT INTO incident (id, number, status, kind, area, opened_at, last_report_at, facts, drill, version, clauses,"
                    " reports_count, households_count, confirmed_at)"
                    " VALUES (:id, :name, 'open', 'supply', '', :at, :at, '{}', :no, 0, '[]', 0, 0, :decided)"
                ),
                {
                    "id": number,
                    "name": f"SJ{number}",
                    "at": AT,
                    "no": False,
                    "decided": AT if decided else None,
                },
            )
            for kind, detail in history:
                connection.execute(
                    sql(
                        "INSERT INTO incident_event (incident_id, at, kind, detail) VALUES (:id, :at, :kind, :detail)"
                    ),
                    {"id": number, "at": AT, "kind": kind, "detail": json.dumps(detail)},
                )
    migrate(empty_url)
    with engine_for(empty_url).connect() as connection:
        seen = connection.exec_driver_sql("SELECT seen_grade FROM incident ORDER BY id").scalars().all()
    assert seen == ["II", "III", None, None, None]


# 0016: when the water of older reports was back


def test_reports_that_were_over_before_it_was_kept_when_are_over(empty_url: str) -> None:
    migrate(empty_url, revision="0014")
    with engine_for(empty_url).begin() as connection:
        for id_, status, closed in ((1, "open", None), (2, "closed", LATER)):
            connection.execute(
                sql(
                    "INSERT INTO incident (id, number, status, kind, area, opened_at, last_report_at, facts, drill, version,"
                    " clauses, reports_count, households_count, closed_at)"
                    " VALUES (:id, :name, :status, 'supply', '', :at, :at, '{}', :no, 0, '[]', 0, 0, :closed)"
                ),
                {"id": id_, "name": f"SJ{id_}", "status": status, "at": AT, "no": False, "closed": closed},
            )
        for id_, (incident, status, known, _wanted) in enumerate(OVER, 1):
            connection.execute(
                sql(
                    "INSERT INTO outage_report (id, number, incident_id, place, problem, also_problems, urgent, text, status,"
                    " channel, sender_id, created_at, restored_at, drill)"
                    " VALUES (:id, :name, :incident, '', 'no_water', '[]', :no, '', :status, 'rest', :sender, :at, :known, :no)"
                ),
                {"id": id_, "name": f"HN{id_}", "incident": incident, "status": status, "sender": f"s{id_}", "at": AT,
                 "known": known, "no": False},
            )  # fmt: skip
        # The first person was asked twice; the third said no.
        for sender, back, at in (("s1", True, LATER), ("s1", True, LAST), ("s3", False, LAST)):
            connection.execute(
                sql(
                    "INSERT INTO restored_answer (incident_id, round, back, answered_at, channel, sender_id, created_at)"
                    " VALUES (1, :round, :back, :at, 'rest', :sender, :at)"
                ),
                {"round": 1 if at == LATER else 2, "back": back, "at": at, "sender": sender},
            )
    migrate(empty_url)
    with Session(engine_for(empty_url), future=True) as session:
        found = session.execute(select(OutageReport.restored_at).order_by(OutageReport.id)).scalars().all()
    assert found == [wanted for *_, wanted in OVER]


AT, LATER, LAST = (datetime(2026, 11, 23, hour) for hour in (8, 12, 15))
# Incident, status, when it was known to be back, when it is taken for back afterwards.
OVER: tuple[tuple[int | None, str, datetime | None, datetime | None], ...] = (
    (1, "restored", None, LAST),  # said so as they were asked
    (1, "restored", None, AT),  # nothing tells: until it was reported the water was out
    (1, "open", None, None),
    (1, "closed", None, AT),  # by staff, of an incident that goes on
    (1, "withdrawn", None, None),
    (1, "restored", LATER, LATER),
    (2, "restored", None, LATER),  # when the incident was closed, at the latest
    (2, "closed", None, None),  # with its incident: it was out until then
    (None, "restored", None, AT),
)
SEEN: tuple[tuple[bool, list[tuple[str, dict[str, Any]]]], ...] = (
    (True, [("graded", {"grade": "I"}), ("overridden", {"grade": "III", "worked_out": "II"})]),
    (True, [("confirmed", {"worked_out": "II"}), ("graded", {"grade": "III"}), ("graded", {"grade": "I"})]),
    (True, [("confirmed", {"worked_out": "II"}), ("graded", {"grade": None})]),
    (False, [("graded", {"grade": "II"})]),
    (True, []),
)
