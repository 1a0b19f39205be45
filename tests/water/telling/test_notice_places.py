"""The notice of a whole names the places of what was merged into it, as far as anybody may read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.storage.tables import Incident
from bot.water.incidents.decisions import override_grade
from bot.water.incidents.history import events_of
from bot.water.incidents.merging import merge, undo
from bot.water.telling import notices
from bot.water.telling.notice_places import LONGEST, places_of
from tests.conftest import NOW
from tests.water.desk import incident, report
from tests.water.filed import filed, incident_of

HOUR = timedelta(hours=1)
RUDE = "王某欠债不还"


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """On SQLite and on PostgreSQL."""
    return each_database_url


def confirmed(
    session: Session, detail: str, *, township: str | None = "三塘镇", sender: str = "a"
) -> Incident:
    found = incident_of(session, filed(session, sender, detail=detail, township=township))
    override_grade(session, number=found.number, grade="III", reason="现场看过", by="陈", now=NOW)
    return found


def put_together(session: Session, whole: Incident, *parts: Incident) -> int:
    """The id of the event, by which it is undone."""
    merge(session, into=whole.number, numbers=[one.number for one in parts], by="陈", now=NOW + HOUR)
    return [line.id for line in events_of(session, whole.id) if line.kind == "merged"][-1]


def news_of(session: Session, one: Incident, hours: int) -> list[str]:
    return [
        notice.texts["zh"]["area"]
        for notice in notices.current(session, NOW + hours * HOUR)
        if notice.subject == one.number
    ]


def test_a_day_after_the_news_of_the_whole_still_names_the_place_of_the_part(session: Session) -> None:
    whole, part = confirmed(session, "金盘小区"), confirmed(session, "老街", sender="b")
    event = put_together(session, whole, part)
    assert news_of(session, whole, 1) == ["三塘镇金盘小区、老街"]
    notices.renew(session, NOW + 25 * HOUR - timedelta(minutes=5))
    assert [one.texts["en"]["headline"] for one in notices.current(session, NOW + 26 * HOUR)] == [
        "三塘镇金盘小区, 老街: outage"
    ]
    undo(session, event_id=event, by="陈", now=NOW + 27 * HOUR)
    assert (news_of(session, whole, 27), news_of(session, part, 27)) == (["三塘镇金盘小区"], ["三塘镇老街"])


def test_places_of_other_townships_and_of_what_was_merged_before(session: Session) -> None:
    whole, part = confirmed(session, "金盘小区"), confirmed(session, "老街", sender="b")
    far = confirmed(session, "正街", township="泉溪镇", sender="c")
    put_together(session, part, far)
    put_together(session, whole, part)
    assert news_of(session, whole, 1) == ["三塘镇金盘小区、老街、泉溪镇正街"]


@pytest.mark.parametrize(
    ("detail", "township", "named"),
    [
        (RUDE, "三塘镇", "三塘镇金盘小区"),
        (RUDE, "泉溪镇", "三塘镇金盘小区、泉溪镇"),
        ("", "三塘镇", "三塘镇金盘小区"),
        ("金盘小区一期", "三塘镇", "三塘镇金盘小区"),
    ],
)
def test_what_a_stranger_wrote_is_not_published_by_merging_it(
    session: Session, detail: str, township: str, named: str
) -> None:
    whole = confirmed(session, "金盘小区")
    part = incident(session, number="SJ261123-900", area=detail, township=township)
    report(session, part, area=detail, township=township, household="h1")
    put_together(session, whole, part)
    assert news_of(session, whole, 1) == [named]


def test_what_two_households_named_may_be_read(session: Session) -> None:
    whole = confirmed(session, "金盘小区")
    part = incident_of(session, filed(session, "b", detail="老街"))
    filed(session, "c", detail="老街")
    put_together(session, whole, part)
    assert news_of(session, whole, 1) == ["三塘镇金盘小区、老街"]


def test_a_whole_township_that_was_news_takes_in_its_places(session: Session) -> None:
    whole, part = confirmed(session, "金盘小区"), confirmed(session, "", sender="b")
    put_together(session, whole, part)
    assert news_of(session, whole, 1) == ["三塘镇"]


def test_more_places_than_a_headline_holds_are_counted(session: Session) -> None:
    whole = confirmed(session, "金盘小区")
    parts = [
        incident(session, number=f"SJ261123-9{at:02}", area=f"{name}新村安置小区", confirmed_at=NOW)
        for at, name in enumerate("甲乙丙丁戊己庚辛壬癸子")
    ]
    put_together(session, whole, *parts)
    zh, en = places_of(session, whole, "zh"), places_of(session, whole, "en")
    assert zh.startswith("三塘镇金盘小区、甲新村安置小区、")
    assert zh.endswith("等12处")
    assert en.endswith(" more")
    assert len(zh) <= LONGEST + len("等12处")
    (last,) = (one for one in notices.current(session, NOW + HOUR) if one.subject == whole.number)
    assert last.texts["zh"]["headline"] == f"{zh}停水"
    assert notices.publish(session, whole, by=None, now=NOW + 2 * HOUR) is None  # nothing of it was cut


def test_a_place_that_nobody_knows_is_none(session: Session) -> None:
    whole = incident(session, township=None, area="")
    assert places_of(session, whole, "zh") == ""
