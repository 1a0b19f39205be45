"""Cases at the contract desk: opened once, changed with their ticks kept, told apart, closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.contracts import desk
from bot.contracts.dossier import Dossier, next_step, still_open
from bot.errors import BadInput
from bot.storage.database import engine_for
from tests.conftest import NOW

WHO = {"channel": "rest", "sender": "clerk"}
LATER = NOW + timedelta(hours=1)
PURCHASE = {"contract_type": "采购合同", "signing_party": "county", "submitted_on": "2026-11-16"}


@pytest.fixture
def session(each_database_url: str) -> Iterator[Session]:
    """A session on each kind of database."""
    with Session(engine_for(each_database_url), future=True) as opened, opened.begin():
        yield opened


def opened(session: Session, **facts: Any) -> Dossier:
    return desk.open_case(session, facts={**PURCHASE, **facts}, now=NOW, **WHO)


def test_a_case_has_a_number_and_its_list(session: Session) -> None:
    case = opened(session)
    assert (case.number, case.status, case.found.earliest_signing_date) == (
        "HT261123-001",
        "open",
        date(2026, 11, 25),
    )
    assert [task.number for task in case.to_do] == list(range(1, len(case.to_do) + 1))
    assert {task.item.id for task in case.tasks if task.number is None} >= {
        "kind",
        "review-content",
        "performance",
    }
    assert desk.find_case(session, number="ht261123-001") == case


def test_the_same_list_again_updates_its_case_and_forgets_nothing(session: Session) -> None:
    number = opened(session).number
    desk.tick(session, number=number, items=["material-2"], by="clerk", now=NOW)
    again = desk.open_case(
        session, facts={"contract_type": "采购", "signing_party": "county", "complex": True}, now=LATER, **WHO
    )
    assert (again.number, again.updated_at, again.created_at) == (number, LATER, NOW)
    assert again.facts == {**PURCHASE, "contract_type": "采购", "complex": True}
    assert again.done == {"material-2"}


@pytest.mark.parametrize(
    "other",
    [
        {"facts": {**PURCHASE, "contract_type": "物业合同"}},
        {"another": True},
        {"sender": "somebody else"},
        {"channel": "web"},
    ],
    ids=["another kind", "a second one of the kind", "another person", "another channel"],
)
def test_what_is_a_case_of_its_own(session: Session, other: dict[str, Any]) -> None:
    first = opened(session)
    second = desk.open_case(session, **{"facts": PURCHASE, "now": NOW, **WHO, **other})
    assert second.number != first.number
    assert first.number in [case.number for case in desk.cases_of(session, **WHO)]


def test_the_same_list_after_closing_is_a_new_case(session: Session) -> None:
    first = opened(session)
    assert desk.close_case(session, number=first.number, now=LATER).status == "closed"
    assert opened(session).number != first.number
    assert [case.number for case in desk.cases_of(session, **WHO)] == ["HT261123-002"]


def test_ticking_twice_is_ticking_once_and_it_can_be_taken_back(session: Session) -> None:
    number = opened(session).number
    for _ in range(2):
        case = desk.tick(session, number=number, items=["signing", "signing"], by="clerk", now=NOW)
        assert case.done == {"signing"}
    assert desk.untick(session, number=number, items=["signing", "terms"], now=LATER).done == frozenset()


@pytest.mark.parametrize("item", ["nonsense", "performance", "filing-dated"])
def test_only_what_is_to_be_done_on_the_list_is_ticked(session: Session, item: str) -> None:
    number = opened(session).number
    with pytest.raises(BadInput, match=item):
        desk.tick(session, number=number, items=[item], by="clerk", now=NOW)


def test_a_change_keeps_the_ticks_of_what_is_still_on_the_list(session: Session) -> None:
    number = opened(session).number
    ticked = ["material-1", "material-county", "filing"]
    desk.tick(session, number=number, items=ticked, by="clerk", now=NOW)
    signed = desk.change_case(
        session, number=number, facts={**PURCHASE, "signed_on": "2026-11-26"}, now=LATER
    )
    # The filing has a last day now and another id, and it is the same thing to do.
    assert signed.done == {"material-1", "material-county", "filing-rest-day", "signing"}
    unit = desk.change_case(
        session, number=number, facts={**PURCHASE, "signing_party": "department"}, now=LATER
    )
    assert unit.done == {"material-1"}
    county = desk.change_case(session, number=number, facts=PURCHASE, now=LATER)
    assert "material-county" in county.done


def test_facts_that_contradict_each_other_change_nothing(session: Session) -> None:
    number = opened(session).number
    wrong = {**PURCHASE, "supplement_requested_on": "2026-11-01"}
    with pytest.raises(BadInput):
        desk.change_case(session, number=number, facts=wrong, now=LATER)
    assert desk.find_case(session, number=number).facts == PURCHASE


def test_what_is_open_begins_with_the_nearest_last_day(session: Session) -> None:
    case = opened(session, signed_on="2026-11-26")
    waiting = still_open(case)
    assert waiting[0].item.due == date(2026, 12, 26)
    assert [task.number for task in waiting[1:]] == sorted(task.number or 0 for task in waiting[1:])
    first = next_step(case)
    assert first is not None
    assert first.number == 1
    assert {task.item.stage for task in still_open(case, "送审材料")} == {"送审材料"}


def test_a_case_that_is_all_done_has_no_next_step(session: Session) -> None:
    case = opened(session)
    ids = [task.item.id for task in case.to_do]
    case = desk.tick(session, number=case.number, items=ids, by="clerk", now=NOW)
    assert (still_open(case), next_step(case)) == ((), None)
    assert desk.case_line(case)["next"] is None


def test_the_listing_tells_what_is_open(session: Session) -> None:
    closed = opened(session)
    desk.close_case(session, number=closed.number, now=LATER)
    case = opened(session, signed_on="2026-11-26")
    desk.tick(session, number=case.number, items=["material-2"], by="clerk", now=LATER)
    first, second = desk.case_lines(session)
    assert [first["status"], second["status"]] == ["open", "closed"]
    assert (first["done"], first["to_do"], len(first["open"])) == (2, len(case.to_do), len(case.to_do) - 2)
    assert first["open"][0] == {
        "number": 18, "id": "filing-rest-day", "stage": "归档备案", "title": "报送存档和备案", "clause": "contract/19",
        "due": "2026-12-26",
    }  # fmt: skip


def test_the_review_of_one_body_is_not_that_of_another(session: Session) -> None:
    number = opened(session).number
    desk.tick(session, number=number, items=["reviewer", "material-2"], by="clerk", now=NOW)
    unit = desk.change_case(
        session, number=number, facts={**PURCHASE, "signing_party": "department"}, now=LATER
    )
    assert unit.done == {"material-2"}
    assert desk.change_case(session, number=number, facts=PURCHASE, now=LATER).done == {"material-2"}


def test_an_exemption_that_was_a_mistake_costs_no_tick(session: Session) -> None:
    number = opened(session).number
    desk.tick(session, number=number, items=["reviewer"], by="clerk", now=NOW)
    desk.change_case(session, number=number, facts={**PURCHASE, "emergency": True}, now=LATER)
    assert desk.change_case(session, number=number, facts=PURCHASE, now=LATER).done == {"reviewer"}


def test_signed_and_its_day_come_and_go_together(session: Session) -> None:
    case = opened(session, signed_on="2026-11-26")
    assert case.done == {"signing"}
    case = desk.untick(session, number=case.number, items=["signing"], now=LATER)
    assert (case.done, case.facts, case.found.filing_due) == (frozenset(), PURCHASE, None)
    planned = desk.change_case(
        session, number=case.number, facts={**PURCHASE, "signing_planned_on": "2026-11-26"}, now=LATER
    )
    assert planned.done == frozenset()


def test_numbers_stay_with_their_things(session: Session) -> None:
    case = opened(session)
    numbers = {task.item.id: task.number for task in case.to_do}
    asked = {**PURCHASE, "supplement_requested_on": "2026-11-18"}
    changed = desk.change_case(session, number=case.number, facts=asked, now=LATER)
    now = {task.item.id: task.number for task in changed.to_do}
    assert now == {**numbers, "supplement-open": len(numbers) + 1}
    signed = desk.change_case(
        session, number=case.number, facts={**asked, "signed_on": "2026-11-26"}, now=LATER
    )
    last = {task.item.id: task.number for task in signed.to_do}
    assert last["filing-rest-day"] == numbers["filing"]
    back = desk.change_case(session, number=case.number, facts=asked, now=LATER)
    assert {task.item.id: task.number for task in back.to_do} == now


@pytest.mark.parametrize(
    ("facts", "clashes"),
    [
        ({}, False),
        ({"complex": True}, False),
        ({"signed_on": "2026-12-01"}, False),
        ({"submitted_on": "2026-12-03"}, True),
        ({"signing_party": "department"}, True),
        ({"signing_party": "department", "contract_type": "物业合同"}, False),
    ],
)
def test_another_party_or_date_may_be_another_contract(
    session: Session, facts: dict[str, Any], clashes: bool
) -> None:
    opened(session)
    found = desk.clashing_case(session, facts={**PURCHASE, **facts}, **WHO)
    assert (found is not None) is clashes


def test_a_closed_case_is_opened_again_with_its_ticks(session: Session) -> None:
    number = opened(session).number
    desk.tick(session, number=number, items=["terms"], by="clerk", now=NOW)
    desk.close_case(session, number=number, now=LATER)
    again = desk.reopen_case(session, number=number, now=LATER)
    assert (again.status, again.done) == ("open", {"terms"})


@pytest.mark.parametrize("use", [desk.close_case, desk.reopen_case, desk.untick, desk.tick])
def test_a_number_that_is_none_is_told(session: Session, use: Any) -> None:
    more = {} if use in (desk.close_case, desk.reopen_case) else {"items": []}
    more = {**more, "by": "clerk"} if use is desk.tick else more
    with pytest.raises(BadInput, match="HT261123-009"):
        use(session, number="HT261123-009", now=NOW, **more)
