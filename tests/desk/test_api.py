"""The JSON API: who reads, what is told and what never is, and what is refused how."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import jsonschema
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import with_offset
from bot.desk import apikeys
from bot.storage.database import session_scope
from bot.storage.tables import AuditEntry, Incident, IncidentDuty, IncidentEvent, OutageReport

from .conftest import NAMES, Browser

Make = Callable[..., Browser]
SECRETS = ("13912340100", "何国安", "没水了", "老街7号", "26.9")


@pytest.fixture
def incidents(people: dict[str, int], now: datetime) -> list[str]:
    """Three incidents; the last has a report, a duty and a history."""
    with session_scope() as session:
        return fill(session, now)


def fill(session: Session, now: datetime) -> list[str]:
    numbers = []
    for day, (status, township) in enumerate(
        [("closed", "咸塘镇"), ("open", "云集街道"), ("open", "咸塘镇")]
    ):
        row = Incident(
            number=f"SJ26112{day}-001", status=status, kind="supply", township=township, area="老街",
            opened_at=now, last_report_at=now, facts={"households": 1200}, grade="III", clauses=["3.2.3(3)"],
            highest_possible="II", reports_count=1, households_count=1, next_grade="II",
            next_grade_at=now + timedelta(hours=6), next_clause="3.2.2(3)",
        )  # fmt: skip
        session.add(row)
        session.flush()
        numbers.append(row.number)
    session.add_all([
        OutageReport(
            number="HN261122-001", township="咸塘镇", place="老街7号", lat=26.9, lon=112.5, problem="no_water", phone="13912340100",
            name="何国安", text="没水了", status="open", incident_id=row.id, channel="web", sender_id="web-1", created_at=now,
        ),
        IncidentDuty(incident_id=row.id, key="4.2.1-company-to-county", who="值班员", what="报告", clause="4.2.1", added_at=now, due_at=now),
        IncidentEvent(incident_id=row.id, at=now, kind="opened", detail={"report": "HN261122-001"}),
    ])  # fmt: skip
    return numbers


@pytest.fixture
def key(people: dict[str, int], now: datetime) -> str:
    with session_scope() as session:
        return apikeys.add(session, name="water-company", by="root", scopes=["desk"], now=now)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_reads(browser: Make, incidents: list[str], key: str) -> None:
    told = browser().get("/api/incidents", headers=bearer(key)).json()
    assert [one["number"] for one in told["incidents"]] == incidents[::-1]
    assert told["incidents"][0]["next_grade_at"].startswith("2026-11-24T00:00:00")
    whole = browser().get(f"/api/incidents/{incidents[-1].lower()}", headers=bearer(key)).json()
    assert whole["facts"] == {"households": 1200}
    assert [one["number"] for one in whole["reports"]] == ["HN261122-001"]
    assert whole["duties"][0]["key"] == "4.2.1-company-to-county"
    assert whole["history"][0]["kind"] == "opened"


def test_nothing_of_residents_is_told(browser: Make, incidents: list[str], key: str) -> None:
    for who in (browser("admin"), browser()):
        for path in ("/api/incidents", f"/api/incidents/{incidents[-1]}"):
            text = who.get(path, headers={} if who.cookies.get("desk") else bearer(key)).text
            assert "SJ261122-001" in text
            assert not any(secret in text for secret in SECRETS)


def test_a_wrong_or_revoked_key_reads_nothing(
    browser: Make, session: Session, key: str, now: datetime
) -> None:
    one = browser()
    for wrong in ("", "x", key[:-1], key + "x", "a" * 43, "a" * 10000, "water-company"):
        answer = one.get("/api/incidents", headers=bearer(wrong))
        assert answer.status_code == 401, wrong
        assert set(answer.json()) == {"error"}
    assert one.get("/api/incidents", headers={"Authorization": f"Basic {key}"}).status_code == 401
    with session_scope() as session:
        apikeys.revoke(session, name="water-company", by="root", now=now)
    assert one.get("/api/incidents", headers=bearer(key)).status_code == 401


@pytest.mark.parametrize("scopes", [None, ["open311"], []])
def test_a_key_for_something_else_reads_nothing(
    browser: Make, incidents: list[str], now: datetime, scopes: list[str] | None
) -> None:
    """By default a key is for Open311 alone."""
    given = {} if scopes is None else {"scopes": scopes}
    with session_scope() as session:
        key = apikeys.add(session, name="12345热线", by="root", now=now, **given)  # type: ignore[arg-type]
    for path in ("/api/incidents", f"/api/incidents/{incidents[0]}"):
        answer = browser().get(path, headers=bearer(key))
        assert answer.status_code == 403
        assert incidents[0] not in answer.text


def test_a_key_opens_no_page_and_changes_nothing(browser: Make, key: str) -> None:
    for path in ("/", "/account", "/users", "/audit"):
        assert browser().get(path, headers=bearer(key)).status_code == 303
    assert browser().post("/account/duty", data={"on_duty": "1"}, headers=bearer(key)).status_code == 303


def test_a_key_is_nowhere_stored(key: str) -> None:
    with session_scope() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM api_key").all()
        lines = json.dumps(list(apikeys.key_lines(session)))
    assert len(rows) == 1
    assert "water-company" in lines
    assert key not in str(rows) + lines


def test_a_list_is_filtered_and_goes_on(browser: Make, incidents: list[str]) -> None:
    one = browser("viewer")
    first = one.get("/api/incidents", params={"status": "open", "limit": 1}).json()
    assert [i["number"] for i in first["incidents"]] == [incidents[2]]
    second = one.get("/api/incidents", params={"status": "open", "limit": 1, "before": first["next"]}).json()
    assert [i["number"] for i in second["incidents"]] == [incidents[1]]
    assert [i["number"] for i in one.get("/api/incidents?township=云集街道").json()["incidents"]] == [
        incidents[1]
    ]
    assert one.get("/api/incidents?limit=500").json()["next"] is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=x", "limit=", "limit=-1", "before=0", "before=99999999999999999999", "status=x", "status=", "township=",
     "limit=1.5", "status=null", "before=null",
     "township=" + "x" * 65],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused(browser: Make, query: str) -> None:
    answer = browser("viewer").get(f"/api/incidents?{query}")
    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    "number", ["SJ999999-001", "x", "%27%20OR%201=1", "..", "SJ%25", "x" * 300, "%F0%9F%92%A7"]
)
def test_an_incident_that_is_not_there_is_none(browser: Make, number: str) -> None:
    assert browser("viewer").get(f"/api/incidents/{number}").status_code in (404, 405)


def test_the_answers_are_as_the_document_says(browser: Make, incidents: list[str]) -> None:
    one = browser("viewer")
    document = one.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for path, real in (
        ("/api/incidents", "/api/incidents"),
        ("/api/incidents/{number}", f"/api/incidents/{incidents[-1]}"),
    ):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(one.get(real).json(), {**schema, "components": document["components"]})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            {"incidents": [{}], "next": None}, {**schema, "components": document["components"]}
        )


# changes


class Program(Browser):
    """A program with a person's session."""

    def change(self, path: str, body: object):  # type: ignore[no-untyped-def]
        return self.post(f"/api/incidents/SJ261122-001/{path}", json=body, headers={"X-CSRF": self.csrf()})


@pytest.fixture
def program(incidents: list[str]) -> Program:
    one = Program()
    assert one.log_in(NAMES["duty"]).status_code == 303
    return one


def actions() -> list[tuple[str, str, str]]:
    with session_scope() as session:
        return [
            (row.by, row.action, row.subject)
            for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_a_fact_is_set_and_the_grade_follows(program: Program) -> None:
    told = program.change("facts", {"name": "households", "value": 35000, "reason": "水厂报的"}).json()
    assert told["facts"]["households"] == 35000
    assert told["incident"]["version"] > 0
    assert [event["kind"] for event in told["history"]][-1:] == ["opened"]
    assert {"fact"} <= {event["kind"] for event in told["history"]}
    assert actions()[-1] == (NAMES["duty"], "api.fact", "SJ261122-001")
    back = program.change("facts", {"name": "households", "value": None}).json()
    assert "households" not in back["facts"]


def test_a_grade_is_confirmed_as_it_was_seen_or_overridden_with_a_reason(program: Program) -> None:
    set_it = program.change("facts", {"name": "poisoned_or_seriously_injured", "value": 60}).json()
    grade = set_it["incident"]["grade"]
    assert grade is not None
    other = "IV" if grade != "IV" else "III"
    assert program.change("confirm", {"seen": other}).status_code == 409
    assert program.change("confirm", {"seen": grade}).json()["incident"]["confirmed_grade"] == grade
    assert program.change("override", {"grade": other, "reason": ""}).status_code == 422
    assert program.change("override", {"grade": other, "reason": "  "}).status_code == 409
    assert program.change("override", {"grade": "V", "reason": "x"}).status_code == 422
    told = program.change("override", {"grade": other, "reason": "指挥部定的"}).json()
    assert told["incident"]["confirmed_grade"] == other
    assert [action for _, action, _ in actions()][-3:] == [
        "api.fact",
        "api.grade.confirm",
        "api.grade.override",
    ]


def test_a_duty_is_ticked_and_unticked(program: Program, now: datetime) -> None:
    duty = "duties/4.2.1-company-to-county"
    told = program.change(f"{duty}/done", {"how": "电话", "at": with_offset(now)})
    assert told.status_code == 200, told.text
    (line,) = (one for one in told.json()["duties"] if one["key"] == "4.2.1-company-to-county")
    assert (line["done_by"], line["done_how"]) == (NAMES["duty"], "电话")
    assert program.change(f"{duty}/done", {"at": "9999-12-31T23:59:59-12:00"}).status_code == 409
    (line,) = (
        one
        for one in program.change(f"{duty}/undone", {"reason": "按错了"}).json()["duties"]
        if one["key"] == line["key"]
    )
    assert line["done_at"] is None
    assert program.change("duties/nothing/done", {}).status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"", "application/json", 400), (b"{", "application/json", 400), (b"[]", "application/json", 422), (b"null", "application/json", 422),
     (b'{"name": 5, "value": 1}', "application/json", 422), (b'{"name": "households"}', "application/json", 422), (b"\xff", "application/json", 400),
     (b'{"name": "households", "value": "\\u0000"}', "application/json", 422), (b'{"name": "households", "value": [1]}', "application/json", 422),
     (b'{"name": "households", "value": 1e999}', "application/json", 422), (b'{"name": "households", "value": "many"}', "application/json", 409),
     (b'{"name": "households", "value": -1}', "application/json", 422),
     (b'{"name": "households", "value": 9999999999999999999999}', "application/json", 422), (b'{"name": "unknown", "value": 1}', "application/json", 409),
     (b"[" * 100_000, "application/json", 422), (b'{"x": ' + b"[" * 100_000, "application/json", 400), (b'{"name": "households", "value": 1}', "text/plain", 415),
     (b"name=households", "application/x-www-form-urlencoded", 415)],
    ids=lambda given: repr(given)[:40],
)  # fmt: skip
def test_a_body_that_does_not_fit_changes_nothing(
    program: Program, body: bytes, kind: str, status: int
) -> None:
    headers = {"X-CSRF": program.csrf(), "Content-Type": kind}
    answer = program.post("/api/incidents/SJ261122-001/facts", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert [action for _, action, _ in actions()] == ["login"]


def test_incidents_are_merged_and_taken_apart_again(program: Program) -> None:
    assert program.change("merge", {"numbers": ["SJ261122-001"]}).status_code == 409
    assert program.change("merge", {"numbers": []}).status_code == 422
    told = program.change("merge", {"numbers": ["SJ261121-001"]})
    assert told.status_code == 200, told.text
    event = max(one["id"] for one in told.json()["history"] if one["kind"] == "merged")
    assert program.get("/api/incidents/SJ261121-001").json()["incident"]["status"] == "merged"
    assert program.change("undo", {"event": event + 1000}).status_code == 404
    assert program.change("undo", {"event": event}).status_code == 200
    assert program.get("/api/incidents/SJ261121-001").json()["incident"]["status"] == "open"
    assert [action for _, action, _ in actions()] == ["login", "api.merge", "api.undo"]
    assert program.change("split", {"reports": ["HN261122-001"]}).status_code == 409, "it has no other report"
