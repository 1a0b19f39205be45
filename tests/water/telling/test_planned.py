"""Planned outages: announced, told to subscribers a day before and once, cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage import accounts
from bot.storage.outbox import collect, outgoing_lines
from bot.water.telling import notices
from bot.water.telling.planned import announce, cancel, coming, due_tellings, text
from bot.water.telling.subscriptions import subscribe, unsubscribe
from tests.conftest import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TOMORROW = datetime(2026, 11, 24, 8)


def planned(session: Session, **fields: Any) -> Any:
    given = {
        "township": "泉溪镇", "areas": ["老街"], "starts_at": TOMORROW, "ends_at": TOMORROW + 10 * HOUR,
        "reason": "管道检修", "by": "张三", "now": NOW, **fields,
    }  # fmt: skip
    return announce(session, **given)


def subscriber(session: Session, sender: str, place: str, township: str | None = "泉溪镇") -> None:
    subscribe(session, channel="rest", sender=sender, township=township, place=place, now=NOW)
    session.flush()


def heard(session: Session, sender: str, at: datetime) -> list[str]:
    return list(collect(session, channel="rest", sender=sender, now=at))


def test_a_subscriber_is_told_once_with_place_time_and_reason(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    planned(session)
    assert [due_tellings(session, NOW + i * timedelta(minutes=1)) for i in range(3)] == [1, 0, 0]
    (said,) = heard(session, "a", NOW)
    assert said == "泉溪镇老街：明天（11月24日周二）上午8点到下午6点计划停水。原因是管道检修。请提前存点水。"
    assert heard(session, "a", NOW + DAY) == []


@pytest.mark.parametrize(
    ("place", "township", "told"),
    [
        ("泉溪镇", "泉溪镇", True), ("泉溪", "泉溪镇", True), ("泉溪镇老街3号", "泉溪镇", True), ("老街", None, True),
        ("泉溪镇新街", "泉溪镇", False), ("三塘镇老街", "三塘镇", False), ("新街", None, False),
    ],
)  # fmt: skip
def test_only_whom_it_concerns_is_told(
    session: Session, place: str, township: str | None, told: bool
) -> None:
    subscriber(session, "a", place, township)
    planned(session)
    due_tellings(session, NOW)
    assert bool(heard(session, "a", NOW)) is told


def test_all_of_a_township_is_told_where_no_area_is_named(session: Session) -> None:
    subscriber(session, "a", "泉溪镇新街")
    planned(session, areas=[])
    due_tellings(session, NOW)
    assert heard(session, "a", NOW)[0].startswith("泉溪镇：明天")


def test_who_subscribed_to_two_places_of_it_hears_it_once(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    subscriber(session, "a", "泉溪镇")
    planned(session)
    assert due_tellings(session, NOW) == 1


def test_who_no_longer_wants_it_is_not_told(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    unsubscribe(session, sender="a")
    planned(session)
    assert due_tellings(session, NOW) == 0


def test_more_than_a_day_before_nobody_is_told_yet(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    planned(session, starts_at=TOMORROW + DAY, ends_at=TOMORROW + DAY + HOUR)
    assert due_tellings(session, NOW) == 0
    assert due_tellings(session, TOMORROW - timedelta(seconds=1)) == 0
    assert due_tellings(session, TOMORROW) == 1


def test_at_night_people_sleep_and_what_is_over_in_the_morning_is_not_told(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    night = datetime(2026, 11, 23, 23)
    planned(session, starts_at=night + 10 * HOUR, ends_at=night + 12 * HOUR)
    planned(session, starts_at=night + HOUR, ends_at=night + 3 * HOUR)
    due_tellings(session, night)
    assert heard(session, "a", datetime(2026, 11, 24, 6, 59)) == []
    (said,) = heard(session, "a", datetime(2026, 11, 24, 7))
    assert "今天（11月24日周二）上午9点" in said


def test_a_cancelled_one_is_not_told_and_who_was_told_hears_it(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    first = planned(session)
    due_tellings(session, NOW)
    heard(session, "a", NOW)
    second = planned(session, areas=["老街"], starts_at=TOMORROW + HOUR)
    due_tellings(session, NOW)
    for one in (first, second):
        assert cancel(session, number=one.number, by="张三", now=NOW).cancelled
    said = heard(session, "a", NOW)
    assert len(said) == 1
    assert said[0].startswith("泉溪镇老街：明天（11月24日周二）上午8点")
    assert "取消了" in said[0]


def test_a_drill_is_told_to_nobody(session: Session) -> None:
    subscriber(session, "a", "泉溪镇老街")
    planned(session, drill=True)
    assert due_tellings(session, NOW) == 0
    assert coming(session, township=None, detail="", now=NOW) == ()
    assert notices.current(session, NOW) == ()


def test_each_is_told_in_their_language(session: Session) -> None:
    sender, _ = accounts.note(session, channel="telegram", address="7", now=NOW, language="en")
    subscribe(session, channel="telegram", sender=sender, township="泉溪镇", place="泉溪镇", now=NOW)
    planned(session)
    due_tellings(session, NOW)
    (line,) = [line for line in outgoing_lines(session) if line["channel"] == "telegram"]
    assert "planned outage tomorrow (11/24 Tuesday) 8:00 to 18:00" in line["text"]


def test_who_asks_hears_what_is_coming_the_next_one_first(session: Session) -> None:
    planned(session, starts_at=TOMORROW + DAY, ends_at=TOMORROW + 2 * DAY)
    planned(session)
    planned(session, areas=["新街"])
    found = coming(session, township="泉溪镇", detail="老街3号", now=NOW)
    assert [one.starts_at for one in found] == [TOMORROW, TOMORROW + DAY]
    assert text(found[0], "zh", NOW).startswith("泉溪镇老街：明天（11月24日周二）上午8点到下午6点计划停水")
    assert len(coming(session, township=None, detail="", now=NOW)) == 3
    assert coming(session, township="泉溪镇", detail="", now=TOMORROW + 3 * DAY) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"township": "没有镇"}, {"township": ""}, {"ends_at": TOMORROW}, {"ends_at": TOMORROW - HOUR},
        {"starts_at": NOW - DAY, "ends_at": NOW}, {"ends_at": TOMORROW + 31 * DAY}, {"areas": ["街" * 41]}, {"areas": ["\x00\x0b"]},
        {"areas": [str(i) for i in range(31)]}, {"reason": "修" * 201},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(session: Session, fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"[\u4e00-\u9fff]"):
        planned(session, **fields)


def test_only_what_is_to_come_can_be_cancelled_and_once(session: Session) -> None:
    with pytest.raises(NotFound):
        cancel(session, number="JH261123-999", by="张三", now=NOW)
    one = planned(session)
    with pytest.raises(BadInput):
        cancel(session, number=one.number, by="张三", now=TOMORROW + DAY)
    cancel(session, number=one.number.lower(), by="张三", now=NOW)
    with pytest.raises(BadInput):
        cancel(session, number=one.number, by="张三", now=NOW)


def test_the_public_notice_of_it_and_of_its_end(session: Session) -> None:
    one = planned(session)
    (notice,) = notices.current(session, NOW)
    assert (notice.kind, notice.subject, notice.onset) == ("Alert", one.number, TOMORROW)
    assert notice.texts["zh"]["headline"] == "泉溪镇老街计划停水"
    assert "11月24日周二上午8点到下午6点" in notice.texts["zh"]["description"]
    assert "明天" not in notice.texts["zh"]["description"]
    cancel(session, number=one.number, by="张三", now=NOW)
    (over,) = notices.current(session, NOW)
    assert (over.kind, over.references) == ("Cancel", ((notice.number, NOW),))
