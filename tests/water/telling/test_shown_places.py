"""What strangers wrote as their place is shown to others only where it is known, named twice, or staff answer for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.places.importer import PlaceRow, import_places
from bot.storage.tables import OutageReport, SupplyZone
from bot.water.incidents.decisions import set_fact
from bot.water.incidents.merging import merge
from bot.water.telling import news
from bot.water.telling.shown_places import place_to_agree_to, readable, shown_place
from bot.water.telling.standing import find_reports, outage_news
from tests.conftest import NOW
from tests.water.filed import filed, incident_of, report_of

HOUR = timedelta(hours=1)
RUDE = "金盘小区王某欠债不还"


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """On SQLite and on PostgreSQL."""
    return each_database_url


@pytest.mark.parametrize(
    ("case", "given", "shown"),
    [
        ("a single household's words", {"households": 1}, ""),
        ("nobody's any more", {"households": 0}, ""),
        ("two households named it", {"households": 2}, RUDE),
        ("staff answer for it", {"staff": True}, RUDE),
        ("a known place that it begins with", {"known": {"金盘小区", "金盘"}}, "金盘小区"),
        ("a known place elsewhere in it", {"known": {"王某"}}, ""),
        ("the reader named it", {"said": RUDE}, RUDE),
        ("the reader named more of it", {"said": RUDE + "东头"}, RUDE),
        ("the reader named a part", {"said": "金盘小区"}, "金盘小区"),
        ("the reader named another", {"said": "老街"}, ""),
    ],
)
def test_what_may_be_read(case: str, given: dict[str, Any], shown: str) -> None:
    known: dict[str, Any] = {"known": (), "households": 1, "staff": False, **given}
    assert readable(RUDE, **known) == shown, case


def test_the_beginning_of_a_known_name_is_known() -> None:
    assert readable("金盘", known={"金盘小区"}, households=1, staff=False) == "金盘"


@given(st.text(min_size=1), st.sets(st.text(min_size=1)), st.text())
def test_of_one_households_words_nothing_is_shown_that_is_not_known(
    area: str, known: set[str], said: str
) -> None:
    shown = readable(area, known=known, households=1, staff=False, said=said)
    assert area.startswith(shown)
    assert shown == "" or any(name.startswith(shown) for name in (*known, said))


# from the database


def place(session: Session, done: Any, said: str = "") -> str:
    session.flush()
    return shown_place(session, incident_of(session, done), said=said)


def test_a_second_household_makes_it_readable_and_the_same_one_does_not(session: Session) -> None:
    first = filed(session, "a", detail=RUDE, phone="13912340001")
    filed(session, "a", detail=RUDE, phone="13912340001")
    filed(session, "b", detail=RUDE, phone="13912340001")  # one household by its phone
    assert place(session, first) == "三塘镇"
    second = filed(session, "c", detail=RUDE)
    assert place(session, first) == f"三塘镇{RUDE}"
    report_of(session, second).status = "withdrawn"
    assert place(session, first) == "三塘镇"


@pytest.mark.parametrize(
    ("area", "said", "asked_about"),
    [
        ("欠债巷", "", ""),
        ("欠债巷", "欠债巷3号", "三塘镇欠债巷"),
        ("", "", "三塘镇"),
        ("13912340001", "13912340001", ""),
    ],
)
def test_to_a_township_nobody_says_yes_for_a_place_in_it(
    session: Session, area: str, said: str, asked_about: str
) -> None:
    one = incident_of(session, filed(session, "a", detail="欠债巷"))
    place = place_to_agree_to(session, one, said=said, township="三塘镇", area=area)
    assert place == asked_about


def test_who_only_tapped_that_it_is_theirs_named_nothing(session: Session) -> None:
    first = filed(session, "a", detail=RUDE)
    tapped = filed(session, "b", detail="", joins=first.incident)
    assert tapped.incident == first.incident
    assert place(session, first) == "三塘镇"


def test_a_narrower_place_names_the_wider_one_too(session: Session) -> None:
    first = filed(session, "a", detail="老街")
    filed(session, "b", detail="老街东段")
    assert place(session, first) == "三塘镇老街"


def test_villages_and_zones_are_known(session: Session) -> None:
    import_places(
        session,
        [
            PlaceRow("1", "village", "塘湾村", "三塘镇", None),
            PlaceRow("2", "village", "老街", "泉溪镇", None),
        ],
    )
    session.add(
        SupplyZone(code="z", name="z", township="三塘镇", areas=["金盘小区"], households=9, imported_at=NOW)
    )
    session.flush()
    assert place(session, filed(session, "a", detail="塘湾村")) == "三塘镇塘湾村"
    assert place(session, filed(session, "b", detail=RUDE)) == "三塘镇金盘小区"
    assert place(session, filed(session, "c", detail="老街")) == "三塘镇"  # known in another township


def test_what_staff_set_or_told_they_have_read(session: Session) -> None:
    one, other = filed(session, "a", detail=RUDE), filed(session, "b", detail="老街")
    set_fact(session, number=one.incident, name="deaths", value=0, by="陈", now=NOW)
    news.set_expected(session, number=other.incident, at=NOW + HOUR, by="陈", now=NOW)
    assert (place(session, one), place(session, other)) == (f"三塘镇{RUDE}", "三塘镇老街")


def test_a_place_that_was_merged_into_another_is_judged_by_itself(session: Session) -> None:
    one, other = filed(session, "a", detail="老街"), filed(session, "b", detail=RUDE)
    filed(session, "c", detail="老街")
    merge(session, into=one.incident, numbers=[other.incident], by="陈", now=NOW)
    target = incident_of(session, one)
    assert shown_place(session, target, township="三塘镇", area=RUDE) == "三塘镇"
    assert shown_place(session, target, township="三塘镇", area="老街") == "三塘镇老街"


def test_news_and_a_report_of_somebody_else_show_the_township_alone(session: Session) -> None:
    done = filed(session, "a", detail=RUDE)
    session.flush()
    told = outage_news(session, township="三塘镇", detail="", now=NOW)
    assert [line[0] for line in told.incidents] == ["三塘镇"]
    assert [one.place for one in find_reports(session, sender="b", number=done.number)] == ["三塘镇"]
    assert [one.place for one in find_reports(session, sender="a", number=done.number)] == [f"三塘镇{RUDE}"]
    named = outage_news(session, township=None, detail="金盘小区", now=NOW)
    assert [line[0] for line in named.incidents] == ["三塘镇金盘小区"]


def test_a_phone_is_never_shown(session: Session) -> None:
    done = filed(session, "a", detail="老街13912340001")
    incident_of(session, done).area = "老街13912340001"
    incident_of(session, done).confirmed_at = NOW
    assert place(session, done) == "三塘镇老街"


def test_the_report_is_still_there_for_staff(session: Session) -> None:
    done = filed(session, "a", detail=RUDE)
    assert session.get(OutageReport, report_of(session, done).id).place == f"三塘镇{RUDE}"
    assert incident_of(session, done).area == RUDE
