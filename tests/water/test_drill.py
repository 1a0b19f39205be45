"""Drills: the file, what is said of the time, what is marked, and that all of it goes and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.drilling import began
from bot.errors import BadInput
from bot.nlu.times import find_times, started_at
from bot.settings import ROOT
from bot.storage import outbox
from bot.storage.tables import (
    Base,
    Handover,
    HandoverMessage,
    Incident,
    IncidentDuty,
    IncidentEvent,
    OutageReport,
    OutgoingMessage,
    PlannedOutage,
    PublicNotice,
    RestoredAnswer,
)
from bot.water import drill as drills
from bot.water.reporting.reports import file_report
from bot.water.talk.draft import Draft
from tests.conftest import NOW

SAMPLES = sorted((ROOT / "data" / "sample" / "drills").glob("*.yml"))
FIRST = '{at: "0:00", who: a, says: 停水了}'


def written(folder: Path, steps: str) -> Path:
    path = folder / "drill.yml"
    path.write_text(f"name: x\nsteps: [{steps}]\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_drill_that_ships_is_whole(path: Path) -> None:
    drill = drills.load(path)
    assert {step.act for step in drill.steps} >= {drills.SAYS, drills.FACTS, drills.CONFIRM}
    assert drill.steps[0].at <= drill.turning_point <= drill.steps[-1].at


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("", "第一步"),
        ("5", "第 1 步"),
        ('{at: "0:00", who: a, confirm: true}', "第一步"),
        ('{at: "0:00", who: a}', "一个"),
        ('{at: "0:00", says: x}', "who"),
        ('{at: "0:00", who: a, says: []}', "没有说什么"),
        ('{at: "0:00", who: a, says: x, close: true}', "一个"),
        ("{at: 0:70, who: a, says: x}", "小时:分钟"),
        ('{at: "soon", who: a, says: x}', "小时:分钟"),
        (f'{FIRST}, {{at: "1:00", who: b, close: true}}', "没有报过"),
        (f'{FIRST}, {{at: "1:00", who: a, says: x}}, {{at: "0:30", who: a, says: y}}', "第 3 步比前一步早"),
        (f'{FIRST}, {{at: "1:00", who: a, facts: {{houses: 3}}}}', "houses"),
    ],
)
def test_a_file_with_a_fault_says_which(tmp_path: Path, steps: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        drills.load(written(tmp_path, steps))


@pytest.mark.parametrize("content", ["[]", "name: x", "name: x\nsteps: 5", "name: [", "\ufffe"])
def test_what_is_no_drill_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "drill.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        drills.load(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none"):
        drills.load(tmp_path / "none.yml")


@pytest.mark.parametrize("hours", range(0, 60))
def test_the_assistant_understands_what_is_said_of_the_time(hours: int) -> None:
    moment = NOW - timedelta(hours=hours, minutes=7)
    found = find_times(f"三塘镇老街{drills.spoken_moment(moment, NOW)}停水了", NOW)
    assert started_at(found, NOW) == moment


@pytest.mark.parametrize("speed", [1.0, 60.0, 600.0])
def test_both_clocks_meet_at_the_turning_point(speed: float) -> None:
    drill = drills.load(SAMPLES[0])
    start = datetime(2026, 11, 26, 9, 0)
    beginning = began(drill, start, speed)
    real = start + (drill.turning_point - drill.steps[0].at) / speed
    assert abs((real - beginning) - drill.turning_point) < timedelta(seconds=1)
    assert start - beginning >= drill.steps[0].at


def report(session: Session, channel: str, sender: str) -> OutageReport:
    draft = Draft(problems=("no_water",), township="三塘镇", place="三塘镇老街", detail="老街")
    filed = file_report(session, draft=draft, channel=channel, sender=sender, now=NOW)
    session.flush()
    return session.scalars(select(OutageReport).where(OutageReport.number == filed.number)).one()


@pytest.mark.parametrize(
    ("channel", "sender", "made_up"),
    [
        ("rest", "drill-1", True),
        ("web", "drill-1", False),
        ("rest", "x-drill-1", False),
        ("rest", "a", False),
    ],
)
def test_who_is_made_up(session: Session, channel: str, sender: str, made_up: bool) -> None:
    assert report(session, channel, sender).drill is made_up


def counts(session: Session) -> dict[str, int]:
    return {
        name: session.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
        if name != "counter"
    }


def around(session: Session, report: OutageReport, **mark: Any) -> None:
    """A row of everything that comes of a report."""
    incident = report.incident
    session.add_all(
        [
            IncidentEvent(incident_id=incident.id, at=NOW, kind="opened"),
            IncidentDuty(incident_id=incident.id, key="k", who="w", what="w", clause="4.2.1", added_at=NOW),
            PublicNotice(number=f"n{report.id}", incident_id=incident.id, kind="Alert", sent_at=NOW, expires_at=NOW, headline="h", **mark),
            PlannedOutage(number=f"p{report.id}", township="t", starts_at=NOW, ends_at=NOW, created_at=NOW, **mark),
            RestoredAnswer(incident_id=incident.id, channel="rest", sender_id=report.sender_id, created_at=NOW),
        ]
    )  # fmt: skip
    talk = Handover(reason="asked", channel="rest", sender_id=report.sender_id, created_at=NOW)
    session.add(talk)
    session.flush()
    session.add(HandoverMessage(handover_id=talk.id, at=NOW, text="x"))
    outbox.notify(
        session, channel="rest", sender=report.sender_id, text="x", kind="news", reference=incident.number, now=NOW
    )  # fmt: skip
    session.flush()


def test_everything_of_a_drill_goes_and_nothing_else(session: Session) -> None:
    real = report(session, "rest", "a")
    around(session, real, drill=False)
    before = counts(session)
    made_up = report(session, "rest", "drill-1")
    made_up.incident = made_up.incident if made_up.incident is not real.incident else _own(session, made_up)
    made_up.incident.drill = True
    session.flush()
    around(session, made_up, drill=True)
    # A member of staff was told of it too.
    outbox.notify(
        session, channel="rest", sender="staff", text="x", kind="duty", reference=made_up.incident.number, now=NOW
    )  # fmt: skip
    assert drills.is_going_on(session)
    gone, senders = drills.remove(session)
    assert senders == ("drill-1",)
    assert counts(session) == before
    assert not drills.is_going_on(session)
    assert gone["outgoing_message"] == 2
    assert session.scalars(select(OutgoingMessage.sender_id)).all() == ["a"]


def _own(session: Session, report: OutageReport) -> Incident:
    incident = Incident(
        number="SJ-drill", kind="supply", opened_at=NOW, last_report_at=NOW, area="老街", township="三塘镇"
    )
    session.add(incident)
    return incident


def test_a_drill_incident_that_was_put_into_another_goes_too(session: Session) -> None:
    for number in ("SJ-1", "SJ-2"):
        session.add(
            Incident(number=number, kind="supply", opened_at=NOW, last_report_at=NOW, drill=True, area="")
        )
    session.flush()
    one, two = session.scalars(select(Incident).order_by(Incident.id))
    one.merged_into_id = two.id
    session.flush()
    assert drills.remove(session)[0]["incident"] == 2
