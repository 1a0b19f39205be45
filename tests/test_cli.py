"""The commands of the interfaces, through `wuchang` itself, on a database of their own."""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy import text as sql

from bot.cli import main
from bot.contracts.calendars import stored_calendar
from bot.contracts.desk import close_case, open_case
from bot.documents.votes import vote
from bot.eldercare.intake import Wish
from bot.eldercare.wishes import register_care, register_volunteer
from bot.settings import ENVIRONMENT_NAMES
from bot.storage import attachments, outbox, staff
from bot.storage.database import session_scope
from bot.storage.tables import Feedback, Handover, HolidayYear, Place, ServicePoint, UnansweredQuestion
from bot.water.reporting.reports import file_report
from bot.water.talk.draft import Draft
from bot.water.telling.subscriptions import subscribe
from tests.conftest import NOW


class Console:
    """Runs a command with bytes on standard input; what came out, line by line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.err = ""

    def text(self, *arguments: str, given: bytes = b"") -> tuple[int, str]:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf8"), io.StringIO()
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf8"))
        self._patch.setattr(sys, "stdout", out)
        self._patch.setattr(sys, "stderr", err)
        try:
            status = main(list(arguments))
        finally:
            out.flush()
            self.err = err.getvalue()
        return status, out.buffer.getvalue().decode("utf8")  # type: ignore[attr-defined]

    def __call__(self, *arguments: str, given: str | bytes = b"") -> tuple[int, list[dict[str, Any]]]:
        status, out = self.text(*arguments, given=given.encode() if isinstance(given, str) else given)
        return status, [json.loads(line) for line in out.split("\n") if line]


@pytest.fixture
def wuchang(monkeypatch: pytest.MonkeyPatch, database_url: str, now: datetime) -> Console:
    return Console(monkeypatch)


# A good line of each batch command, and what its answer holds.
GRADE = {"households": 45000, "interruption_hours": 49, "supply_effect": "interrupted"}
CHECKLIST = {"signing_party": "county", "contract_type": "采购合同", "submitted_on": "2026-11-16"}
DOORS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "grade": (GRADE, {"grade", "clauses", "highest_possible", "undetermined", "escalations", "response", "duties"}),
    "ask": ({"question": "合同送审要留几天"}, {"answered", "answer", "citations"}),
    "nearest": ({"place": "三塘镇", "limit": 1}, {"points"}),
    "checklist": (CHECKLIST, {"reviewer", "earliest_signing_date", "filing_due", "warnings", "items"}),
}  # fmt: skip


@pytest.mark.parametrize("command", DOORS)
def test_a_batch_door_answers(wuchang: Console, command: str) -> None:
    line, keys = DOORS[command]
    status, answers = wuchang(command, given=json.dumps(line))
    assert (status, len(answers)) == (0, 1)
    assert keys <= set(answers[0])


@pytest.mark.parametrize("command", DOORS)
def test_bad_lines_stay_in_their_place_and_cost_nothing_else(wuchang: Console, command: str) -> None:
    line, _ = DOORS[command]
    good = json.dumps(line, ensure_ascii=False).encode()
    bad = [b"{", b"[]", b'"x"', b'{"a": NaN}', '{"a": "三塘镇"}'.encode("gb18030"), b'{"a": "\xff"}']
    given = b"\n".join([good, *bad[:3], b"", b"   ", *bad[3:], good]) + b"\n"
    status, answers = wuchang(command, given=given)
    assert status == 1
    assert [("error" in answer) for answer in answers] == [False, *[True] * len(bad), False]
    assert answers[0] == answers[-1]


@pytest.mark.parametrize(
    ("command", "line", "said"),
    [
        ("grade", {"households": "viele"}, "households"),
        ("grade", {"nonsense": 1}, "nonsense"),
        ("ask", {}, "question"),
        ("ask", {"question": 7}, "question"),
        ("nearest", {"lat": 91, "lon": 0}, "lat"),
        ("nearest", {}, "place"),
        ("checklist", {"signing_party": "county"}, "contract_type"),
        ("checklist", {**CHECKLIST, "submitted_on": "2026-02-30"}, "2026-02-30"),
        ("review", {}, "path"),
        ("review", {"path": "/nowhere/at/all.txt"}, "all.txt"),
    ],
)
def test_an_error_names_what_is_wrong(
    wuchang: Console, command: str, line: dict[str, Any], said: str
) -> None:
    status, (answer,) = wuchang(command, given=json.dumps(line))
    assert status == 1
    assert said in answer["error"]
    assert "internal error" not in answer["error"]


def test_grade_says_the_gravest(wuchang: Console) -> None:
    _, (answer,) = wuchang("grade", given=json.dumps({"deaths": 30}))
    assert answer["grade"] == "I"
    _, (nothing,) = wuchang("grade", given="{}")
    assert nothing["grade"] is None


def test_checklist_reckons_dates(wuchang: Console) -> None:
    _, (answer,) = wuchang("checklist", given=json.dumps(CHECKLIST))
    assert answer["earliest_signing_date"] == "2026-11-25"
    assert answer["reviewer"] == "县司法局"


def test_review_reads_a_draft(wuchang: Console, tmp_path: Path) -> None:
    draft = tmp_path / "合同.txt"
    draft.write_text("采购合同\n甲方：衡南县某局\n乙方：某公司\n第一条 标的：打印机10台。\n", encoding="utf8")
    status, (answer,) = wuchang("review", given=json.dumps({"path": str(draft)}))
    assert status == 0
    assert answer["path"] == str(draft)
    assert {"clause", "item", "status", "evidence"} <= set(answer["findings"][0])


def test_each_review_and_checklist_is_kept_with_who_when_and_the_version(
    wuchang: Console, tmp_path: Path
) -> None:
    draft = tmp_path / "合同.txt"
    draft.write_text("采购合同\n甲方：衡南县某局\n", encoding="utf8")
    _, (review,) = wuchang("review", given=json.dumps({"path": str(draft)}))
    _, (checklist, _) = wuchang("checklist", given=json.dumps(CHECKLIST) + "\n{}")
    _, kept = wuchang("records")
    assert [(row["kind"], row["subject"], row["result"]) for row in kept] == [
        ("review", "合同.txt", review),
        ("checklist", "采购合同", checklist),
    ]
    assert kept[0]["request"]["sha256"] == hashlib.sha256(draft.read_bytes()).hexdigest()
    assert all(row["measures"].startswith("清政发[2021]3号 2021-10-20 ") for row in kept)
    assert all(row["channel"] == "command" and row["sender"] for row in kept)
    assert all(row["created_at"].startswith("2026-11-23T18:00:00") for row in kept)


class StubAgent:
    """An agent that finds the whole text to be a place, and tells what it was given."""

    @classmethod
    def load(cls, _path: str) -> StubAgent:
        return cls()

    async def parse_message(self, text: str) -> dict[str, Any]:
        span = {"entity": "place", "value": text, "start": 0, "end": len(text), "extractor": "CharTagger"}
        return {
            "intent": {"name": "inform", "confidence": 0.9, "id": 1},
            "entities": [{"entity": "language", "value": "zh", "start": 0, "end": 0}, span],
            "language": "zh",
            "intent_ranking": [{"name": name, "confidence": 0.1} for name in "abcde"],
        }


@pytest.fixture
def stub_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core import agent

    from bot.runtime import parser

    monkeypatch.setattr(agent, "Agent", StubAgent)
    monkeypatch.setattr(parser, "ensure_model", lambda: Path("model"))


def test_parse_has_the_shape_of_the_interface(wuchang: Console, stub_model: None) -> None:
    status, answers = wuchang(
        "parse", given='{"text": "三塘镇"}\n{"text": 1}\n{}\n{"text": "/greet"}\n{"text": ""}'
    )
    assert status == 1
    assert answers[0]["intent"] == {"name": "inform", "confidence": 0.9}
    assert answers[0]["entities"] == [{"entity": "place", "value": "三塘镇", "start": 0, "end": 3}]
    assert answers[0]["language"] == "zh"
    assert len(answers[0]["intent_ranking"]) == 3
    assert all("text" in answer["error"] for answer in answers[1:3])
    # A person's text that begins with a slash is no command, and offsets are those of the line.
    assert answers[3]["entities"] == [{"entity": "place", "value": "greet", "start": 1, "end": 6}]
    assert "error" not in answers[4]


# listings


def fill() -> None:
    """One row of everything that staff can list."""
    with session_scope() as session:
        draft = Draft(
            problems=("no_water",), township="三塘镇", place="三塘镇老街", detail="老街", words=("没水",)
        )
        file_report(session, draft=draft, channel="rest", sender="a", now=NOW)
        register_care(session, wish=Wish(services=("meals",)), channel="rest", sender="a", now=NOW)
        register_volunteer(session, wish=Wish(skills="理发"), channel="rest", sender="a", now=NOW)
        subscribe(session, channel="rest", sender="a", township="三塘镇", place="三塘镇", now=NOW)
        open_case(session, channel="rest", sender="a", facts=CHECKLIST, now=NOW)
        outbox.notify(
            session, channel="rest", sender="a", text="提醒", due_at=NOW, kind="signing", reference="HT261123-001",
            now=NOW,
        )  # fmt: skip
        common = {"channel": "rest", "sender_id": "a", "created_at": NOW}
        session.add_all(
            [
                Handover(reason="asked", text="找人", **common),
                Handover(reason="emergency", urgent=True, text="急", **common),
                Feedback(text="路灯不亮", **common),
                UnansweredQuestion(question="几年", **common),
            ]
        )


LISTINGS: dict[str, set[str]] = {
    "reports": {"id", "number", "township", "place", "problem", "started_at", "reported_at", "channel", "status", "incident"},
    "incidents": {"id", "number", "status", "grade", "clauses", "reports", "townships", "started_at"},
    "care": {"number", "services", "phone"},
    "volunteers": {"number", "skills", "phone"},
    "subscriptions": {"township", "place"},
    "handovers": {"reason", "urgent", "text"},
    "feedback": {"text"},
    "questions": {"question"},
    "cases": {"number", "status", "contract_type", "done", "open", "next"},
    "outgoing": {"kind", "reference", "text", "due_at", "sent_at"},
}  # fmt: skip


@pytest.mark.parametrize("command", LISTINGS)
def test_a_listing(wuchang: Console, command: str) -> None:
    assert wuchang(command) == (0, [])
    fill()
    status, lines = wuchang(command)
    assert status == 0
    assert len(lines) == (2 if command == "handovers" else 1)
    assert LISTINGS[command] <= set(lines[0])


def test_the_duties_of_open_incidents(wuchang: Console) -> None:
    assert wuchang("duties") == (0, [])
    fill()
    status, lines = wuchang("duties")
    assert status == 0
    assert len(lines) == 7  # those of 4.2 and 5.2.1 that bind before any grade
    keys = {
        "incident",
        "key",
        "who",
        "to",
        "what",
        "clause",
        "due_at",
        "state",
        "awaiting",
        "remaining",
        "done_at",
    }
    assert all(keys <= line.keys() and line["incident"] == "SJ261123-001" for line in lines)
    timed = {line["remaining"] for line in lines if line["due_at"]}
    assert timed == {30}
    assert wuchang("duties", "SJ261123-001") == (0, lines)
    assert wuchang("duties", "SJ261123-002") == (2, [])
    assert "SJ261123-002" in wuchang.err


def test_urgent_handovers_come_first(wuchang: Console) -> None:
    fill()
    _, lines = wuchang("handovers")
    assert [line["urgent"] for line in lines] == [True, False]


def test_times_have_their_offset(wuchang: Console) -> None:
    fill()
    _, (report,) = wuchang("reports")
    assert datetime.fromisoformat(report["reported_at"]).tzinfo is not None


# keys of programs, and the audit of the command line


def actions(wuchang: Console) -> list[tuple[str, str, dict[str, Any]]]:
    """The audit, oldest line first; each is of whoever typed the command."""
    lines = wuchang("audit", "list")[1][::-1]
    assert all(line["by"].endswith("(wuchang)") for line in lines)
    assert wuchang("audit", "verify")[0] == 0
    return [(line["action"], line["subject"], line["detail"]) for line in lines]


def test_keys_open_what_they_were_made_for_and_stand_in_the_audit(wuchang: Console) -> None:
    assert len(wuchang.text("desk", "key", "add", "12345热线")[1].strip()) == 43
    assert wuchang.text("desk", "key", "add", "水务公司", "--scope", "desk", "--scope", "open311")[0] == 0
    with pytest.raises(SystemExit):
        wuchang("desk", "key", "add", "谁", "--scope", "all")
    assert wuchang("desk", "key", "revoke", "12345热线")[0] == 0
    assert wuchang("desk", "key", "revoke", "12345热线")[0] == 2  # nothing was done, nothing is noted
    listed = wuchang("desk", "key", "list")[1]
    assert [(one["name"], one["scopes"]) for one in listed] == [
        ("12345热线", ["open311"]),
        ("水务公司", ["open311", "desk"]),
    ]
    assert actions(wuchang) == [
        ("key.add", "12345热线", {"scopes": ["open311"]}),
        ("key.add", "水务公司", {"scopes": ["open311", "desk"]}),
        ("key.revoke", "12345热线", {}),
    ]


def test_an_admin_made_on_the_command_line_stands_in_the_audit(wuchang: Console) -> None:
    assert wuchang.text("desk", "admin", "王主任")[0] == 0
    assert wuchang.text("desk", "admin", "王主任")[0] == 0
    assert wuchang("desk", "users")[0] == 0  # changes nothing
    assert actions(wuchang) == [
        ("user.link", "王主任", {"drop_totp": False, "new": True}),
        ("user.link", "王主任", {"drop_totp": False}),
    ]


# the contract desk


def test_a_case_is_printed_as_markdown_or_written_as_a_document(wuchang: Console, tmp_path: Path) -> None:
    fill()
    status, out = wuchang.text("case", "ht261123-001")
    assert status == 0
    assert out.startswith("# 采购合同清单\n")
    word, markdown = tmp_path / "a.docx", tmp_path / "a.md"
    assert wuchang.text("case", "HT261123-001", "--docx", str(word), "--md", str(markdown)) == (0, "")
    assert markdown.read_text(encoding="utf8") == out
    assert word.read_bytes().startswith(b"PK")


def test_a_closed_case_is_opened_again(wuchang: Console) -> None:
    fill()
    with session_scope() as session:
        close_case(session, number="HT261123-001", now=NOW)
    wuchang.text("case", "HT261123-001")
    assert wuchang("cases")[1][0]["status"] == "closed"
    assert wuchang.text("case", "HT261123-001", "--reopen")[0] == 0
    assert wuchang("cases")[1][0]["status"] == "open"
    assert "提醒" not in {line["text"] for line in wuchang("outgoing")[1]}  # those of before are made anew
    assert {line["reference"] for line in wuchang("outgoing")[1]} == {"HT261123-001"}


@pytest.mark.parametrize("arguments", [["HT261123-009"], ["HT261123-001", "--docx", "/nowhere/a.docx"]])
def test_a_case_that_is_not_there_or_cannot_be_written(wuchang: Console, arguments: list[str]) -> None:
    fill()
    assert wuchang.text("case", *arguments) == (2, "")
    assert arguments[-1] in wuchang.err


# photos


def test_the_photos_of_a_report_are_written_under_its_number(wuchang: Console, tmp_path: Path) -> None:
    kept = [
        attachments.Kept("photo.jpg", "image/jpeg", b"\xff\xd8"),
        attachments.Kept("../情况.pdf", "x", b"%PDF-"),
    ]
    with session_scope() as session:
        photos = [attachments.keep(session, one, channel="web", sender="web-1", now=NOW) for one in kept]
        draft = Draft(problems=("burst",), place="三塘镇老街", photos=tuple(photos))
        file_report(session, draft=draft, channel="web", sender="web-1", now=NOW)
    folder = tmp_path / "new" / "photos"
    status, out = wuchang.text("photos", "hn261123-001", "--out", str(folder))
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert (status, out.split()) == (0, [str(folder / name) for name in sorted(written)])
    assert written == {"HN261123-001-1.jpg": b"\xff\xd8", "HN261123-001-2.pdf": b"%PDF-"}
    assert [line["photos"] for line in wuchang("reports")[1]] == [2]


def test_a_report_without_photos_and_one_that_is_not_there(wuchang: Console, tmp_path: Path) -> None:
    fill()
    assert wuchang.text("photos", "HN261123-001", "--out", str(tmp_path / "none")) == (0, "")
    assert "has no photos" in wuchang.err
    assert not (tmp_path / "none").exists()
    assert wuchang.text("photos", "HN261123-009") == (2, "")
    assert "wuchang reports" in wuchang.err


# closing


@pytest.mark.parametrize(
    ("number", "closed", "incident_status"),
    [
        ("SJ261123-001", ["SJ261123-001", "HN261123-001"], "closed"),
        ("hn261123-001", ["SJ261123-001", "HN261123-001"], "closed"),  # it was the only one
    ],
)
def test_closing_tells_what_it_closed(
    wuchang: Console, number: str, closed: list[str], incident_status: str
) -> None:
    fill()
    status, out = wuchang.text("close", number)
    assert (status, out.split()) == (0, closed)
    _, (report,) = wuchang("reports")
    _, (incident,) = wuchang("incidents")
    assert (report["status"], incident["status"]) == ("closed", incident_status)


def test_closing_what_is_not_there_changes_nothing(wuchang: Console) -> None:
    fill()
    assert wuchang.text("close", "SJ261123-009") == (2, "")
    assert "SJ261123-009" in wuchang.err
    _, (report,) = wuchang("reports")
    assert report["status"] == "open"


# imports

POINTS = """id,name,kind,township,village,address,services,phone,opening_hours,lat,lon,datum,demo
a,甲村养老驿站,养老驿站,三塘镇,甲村,甲村1号,助餐,0734-8550000,每天 8:00-17:00,26.78,112.44,wgs84,0
b,乙村养老驿站,养老驿站,三塘镇,乙村,乙村1号,助餐,0734-8550001,每天 8:00-17:00,26.79,112.44,wgs84,0
"""
PLACES = "level,code,name,parent,lng_gcj02,lat_gcj02\ntownship,10,三塘镇,衡南县,112.44,26.78\nvillage,101,甲村,三塘镇,,\n"
HOLIDAYS = (
    "date,kind\n2040-01-01/2040-01-02,holiday\n2040-05-01,holiday\n2040-10-01,holiday\n2040-01-07,workday\n"
)


def count(table: Any) -> int:
    with session_scope() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.parametrize(
    ("command", "good", "bad", "table", "rows"),
    [
        ("points", POINTS, POINTS.replace("26.79", "north"), ServicePoint, 2),
        ("places", PLACES, PLACES + "village,102,乙村,无此镇,,\n", Place, 2),
        ("holidays", HOLIDAYS, HOLIDAYS.replace("10-01", "13-01"), HolidayYear, 1),
    ],
)
def test_an_import_is_whole_or_not_at_all(
    wuchang: Console, tmp_path: Path, command: str, good: str, bad: str, table: Any, rows: int
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(bad, encoding="utf8")
    assert wuchang.text(command, "import", str(path)) == (2, "")
    assert re.search(r"第\d+行", wuchang.err)
    assert count(table) == 0
    path.write_text(good, encoding="utf8")
    assert wuchang.text(command, "import", str(path)) == (0, "")
    assert count(table) == rows
    path.write_text(bad, encoding="utf8")
    assert wuchang.text(command, "import", str(path))[0] == 2
    assert count(table) == rows


def test_points_import_replaces_only_when_told(wuchang: Console, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(POINTS, encoding="utf8")
    wuchang.text("points", "import", str(path))
    path.write_text("\n".join(POINTS.splitlines()[:2]), encoding="utf8")
    wuchang.text("points", "import", str(path))
    assert count(ServicePoint) == 2
    wuchang.text("points", "import", "--replace", str(path))
    assert count(ServicePoint) == 1


def test_a_loaded_year_is_reckoned_with(wuchang: Console, tmp_path: Path) -> None:
    case = json.dumps({**CHECKLIST, "submitted_on": "2040-01-03"})
    _, (before,) = wuchang("checklist", given=case)
    assert before.get("earliest_signing_date") is None
    path = tmp_path / "days.csv"
    path.write_text(HOLIDAYS, encoding="utf8")
    assert wuchang.text("holidays", "import", str(path)) == (0, "")
    assert "2040" in wuchang.err
    with session_scope() as session:
        assert stored_calendar(session).is_workday(date(2040, 1, 7))
    # Working days after the 3rd: 4, 5, 6, 7 (a Saturday worked), 9, 10, 11.
    _, (after,) = wuchang("checklist", given=case)
    assert after["earliest_signing_date"] == "2040-01-11"


@pytest.mark.parametrize("command", ["points", "places", "holidays"])
def test_a_file_that_is_not_there(wuchang: Console, tmp_path: Path, command: str) -> None:
    assert wuchang.text(command, "import", str(tmp_path / "nowhere.csv")) == (2, "")
    assert "nowhere.csv" in wuchang.err
    assert "Traceback" not in wuchang.err


# operation


# official texts

OFFICIAL = "青石县水库管理办法\n第一条 甲。\n第二条 乙：\n（一）丙。\n- 3 -\n（三）丁。\n"


def test_an_official_text_comes_in_and_is_shown(wuchang: Console, tmp_path: Path) -> None:
    path = tmp_path / "办法.txt"
    path.write_text(OFFICIAL, encoding="gb18030")
    assert wuchang.text("documents", "import", str(path)) == (0, "")
    assert (
        "《青石县水库管理办法》（qing-shi-xian-shui-ku-guan-li-ban-fa）：4条，从第一条到第二条（三），新导入"
        in wuchang.err
    )
    assert "请核对：编号不连续：“（一）”后面直接是“（三）”" in wuchang.err
    assert "页眉页脚、没有算进正文的有1行：- 3 -" in wuchang.err
    _, (version,) = wuchang("documents", "list")
    assert version["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (version["source"], version["clauses"], version["valid_until"]) == ("办法.txt", 4, None)
    _, pieces = wuchang("documents", "show", version["document"])
    assert [piece["clause"] for piece in pieces] == [None, "第一条", "第二条", "第二条（一）", "第二条（三）"]
    _, (clause,) = wuchang("documents", "show", f"{version['document']}/2")
    assert clause["text"] == "第二条 乙：\n（一）丙。\n（三）丁。"


def test_importing_an_official_text_says_what_is_new(wuchang: Console, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for text, said in (
        (OFFICIAL, "新导入"),
        (OFFICIAL, "没有改动"),
        (OFFICIAL.replace("甲", "戊"), "换成新版本"),
    ):
        path.write_text(text, encoding="utf8")
        assert wuchang.text("documents", "import", str(path)) == (0, "")
        assert said in wuchang.err
    _, versions = wuchang("documents", "list")
    assert [version["valid_until"] is None for version in versions] == [False, True]


def test_an_official_text_that_cannot_be_read_changes_nothing(wuchang: Console, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("没有编号的话。", encoding="utf8")
    for name, said in (("a.txt", "没有找到条款"), ("b.txt", "找不到文件")):
        assert wuchang.text("documents", "import", str(tmp_path / name)) == (2, "")
        assert said in wuchang.err
    assert wuchang("documents", "list") == (0, [])
    assert wuchang.text("documents", "show", "contract") == (2, "")
    assert "wuchang documents import" in wuchang.err


def test_migrate_brings_the_marked_sample_once(wuchang: Console) -> None:
    assert wuchang.text("migrate") == (0, "")
    first = count(ServicePoint)
    assert first > 0
    wuchang.text("migrate")
    assert count(ServicePoint) == first
    with session_scope() as session:
        assert all(session.scalars(select(ServicePoint.demo)))


def test_settings_prints_each_with_default_and_meaning(wuchang: Console) -> None:
    status, out = wuchang.text("settings")
    rows = [line.split("\t") for line in out.splitlines()]
    assert status == 0
    assert [row[0] for row in rows] == list(ENVIRONMENT_NAMES.values())
    assert all(len(row) == 3 and row[2] for row in rows)


@pytest.mark.parametrize("arguments", [["nonsense"], [], ["points"], ["points", "import"]])
def test_a_wrong_command_line_ends_with_2_and_the_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: wuchang" in capsys.readouterr().err


def test_a_reader_that_went_away_is_no_fault(wuchang: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import batch

    def broken(*_: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(batch, "write_all", broken)
    assert wuchang.text("reports") == (0, "")


def test_staff_approve_an_answer_and_it_wins_at_once(wuchang: Console) -> None:
    ask = json.dumps({"question": "合同档案要保存多少年"})
    _, (before,) = wuchang("ask", given=ask)
    assert before["answered"] is False
    status, number = wuchang.text(
        "answers", "add", "--question", "合同档案要保存多少年", "--question", "档案存几年", "--answer", "至少30年。",
        "--clause", "contract/19", "--by", "王敏",
    )  # fmt: skip
    assert status == 0
    _, (after,) = wuchang("ask", given=ask)
    assert (after["answered"], after["answer"], after["approved"]) == (True, "至少30年。", int(number))
    _, (row,) = wuchang("answers", "list")
    assert (row["approved_by"], row["questions"][1], row["withdrawn_at"]) == ("王敏", "档案存几年", None)
    assert wuchang("answers", "withdraw", number.strip())[0] == 0
    _, (again,) = wuchang("ask", given=ask)
    assert again == before
    assert wuchang("answers", "withdraw", number.strip())[0] == 2
    assert number.strip() in wuchang.err


def test_questions_are_listed_by_what_staff_look_for(wuchang: Console) -> None:
    with session_scope() as session:
        session.add(UnansweredQuestion(question="能用电子签名吗", sender_id="a", created_at=NOW))
        vote(session, question="审几天", clause="contract/14", approved_id=None, useful=True, channel="web",
             sender="a", now=NOW)  # fmt: skip
    assert [row["kind"] for row in wuchang("questions")[1]] == ["unanswered"]
    assert [row["question"] for row in wuchang("questions", "--unanswered")[1]] == ["能用电子签名吗"]
    assert [row["kind"] for row in wuchang("questions", "--votes")[1]] == ["vote"]


def test_ask_quotes_the_official_words_once_they_are_imported(wuchang: Console, tmp_path: Path) -> None:
    published = tmp_path / "办法.txt"
    published.write_text(
        "衡南县政府合同管理办法\n清政发[2021]3号\n\n第十三条 前一条。\n第十四条 审查时间的原文。\n",
        encoding="utf8",
    )
    assert wuchang("documents", "import", str(published))[0] == 0
    _, (answer,) = wuchang("ask", given=json.dumps({"question": "合同审查要几个工作日"}))
    assert answer["citations"][0]["official"] == "第十四条 审查时间的原文。"


# phones


def test_listings_mask_phones_and_one_is_shown_to_call_back(wuchang: Console) -> None:
    made = {"channel": "rest", "sender_id": "a", "created_at": NOW}
    with session_scope() as session:
        draft = Draft(problems=("no_water",), phone="13912340001", name="何国安", words=("打13912340001",))
        number = file_report(session, draft=draft, channel="rest", sender="b", now=NOW).number
        wish = Wish(id="1", services=("meals",), phone="13912340002", words=("打13912340002",))
        register_care(session, wish=wish, channel="rest", sender="c", now=NOW)
        register_volunteer(
            session, wish=Wish(id="2", phone="13912340003"), channel="rest", sender="d", now=NOW
        )
        session.add(
            Handover(reason="emergency", urgent=True, text="救命，打13912340004", phone="13912340004", **made)
        )
        session.add(Feedback(text="找我13912340005", **made))
        session.add(UnansweredQuestion(question="打13912340006有用吗", **made))
        outbox.notify(
            session, channel="rest", sender="a", text="13912340007", kind="filing", reference="r", now=NOW
        )  # fmt: skip
    for command in ("reports", "care", "volunteers", "handovers", "feedback", "questions", "outgoing"):
        status, out = wuchang.text(command)
        assert status == 0
        assert "139****" in out, command
        assert "1391234" not in out, command
    assert wuchang.text("phone", number) == (0, "13912340001\t何国安\n")
    assert wuchang.text("phone", "1") == (0, "13912340004\n")
    assert wuchang.text("phone", "HN261123-999")[0] == 2
    assert "HN261123-999" in wuchang.err
    assert wuchang.text("phone")[0] == 2
    status, log = wuchang("phone", "--log")
    assert (status, [line["number"] for line in log]) == (0, ["1", number])
    assert all(line["by"] and line["at"].startswith("2026-11-23T18:00") for line in log)


# people


def test_staff_are_added_bound_and_removed(wuchang: Console) -> None:
    assert wuchang.text("staff", "add", "李明", "--role", "水厂") == (0, "")
    assert wuchang.text("staff", "add", "李明")[0] == 2
    assert "李明" in wuchang.err
    status, out = wuchang.text("staff", "code", "李明")
    assert (status, len(out)) == (0, len("K7Q2-M9XP\n"))
    with session_scope() as session:
        code = out.strip().replace("-", "")
        assert staff.bind(session, code, channel="web", sender="web-1", now=NOW).name == "李明"
    status, lines = wuchang("staff", "list")
    assert (status, [(line["name"], line["role"]) for line in lines]) == (0, [("李明", "水厂")])
    assert lines[0]["accounts"] == [{"channel": "web", "sender": "web-1", "reachable": True}]
    assert wuchang.text("staff", "unbind", "李明") == (0, "1\n")
    assert wuchang.text("staff", "remove", "李明") == (0, "")
    assert wuchang("staff", "list") == (0, [])
    for command in ("code", "unbind", "remove"):
        assert wuchang.text("staff", command, "李明")[0] == 2


def test_a_person_is_forgotten_by_sender_or_by_number(wuchang: Console) -> None:
    with session_scope() as session:
        session.execute(sql("CREATE TABLE events (id INTEGER, sender_id VARCHAR(255))"))
        session.execute(sql("INSERT INTO events VALUES (1, 'a'), (2, 'b')"))
        for sender in "ab":
            draft = Draft(problems=("no_water",), phone="13912340001")
            number = file_report(session, draft=draft, channel="rest", sender=sender, now=NOW).number
            session.add(Feedback(text="路灯", channel="rest", sender_id=sender, created_at=NOW))
    told = {"deleted": {"feedback": 1, "events": 1}, "anonymous": {"outage_report": 1}}
    assert wuchang("forget", "rest", "a") == (0, [told])
    assert wuchang("forget", "--number", number) == (0, [told])
    assert wuchang("forget", "rest", "a") == (0, [{"deleted": {}, "anonymous": {}}])
    assert [line["phone"] for line in wuchang("reports")[1]] == [None, None]
    for wrong in (("rest",), (), ("--number", "HN261123-999")):
        assert wuchang.text("forget", *wrong)[0] == 2
        assert "wuchang:" in wuchang.err
