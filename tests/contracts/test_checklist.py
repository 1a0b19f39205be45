"""The checklist of one contract: its items, dates and warnings."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.checklist import checklist
from bot.contracts.kinds import classify
from bot.contracts.rules import CHECKLIST_FILE, rules
from bot.contracts.workdays import Calendar, YearTable
from bot.errors import BadInput

CASES = yaml.safe_load((Path(__file__).parent / "checklist_cases.yml").read_text(encoding="utf-8"))
KINDS = [(clause, text) for clause, texts in CASES["kinds"].items() for text in texts]
PARTS = {2: 8, 6: 5, 11: 10, 12: 6, 13: 3, 17: 7}  # article: how many numbered parts it has
CLAUSES = {f"contract/{n}" for n in range(1, 25)} | {
    f"contract/{a}/{n + 1}" for a, last in PARTS.items() for n in range(last)
}
MINIMAL = {"signing_party": "department", "contract_type": "物业"}
DATES = st.dates(dt.date(2025, 1, 1), dt.date(2026, 10, 31))


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_case_gets_its_checklist(case: dict) -> None:
    answer = checklist(case["input"]).as_dict()
    text = json.dumps(answer, ensure_ascii=False)
    got = {
        "reviewer": answer["reviewer"],
        "earliest": answer["earliest_signing_date"],
        "minimum": answer["earliest_is_minimum"],
        "filing": answer["filing_due"],
        "stage": answer["stage"],
        "warnings": [warning["id"] for warning in answer["warnings"]],
    }
    assert {key: case[key] for key in got if key in case} == {key: got[key] for key in got if key in case}
    assert set(case.get("clauses", [])) <= {item["clause"] for item in answer["items"]}
    assert [word for word in case.get("says", []) if word not in text] == []
    assert [word for word in case.get("never", []) if word in text] == []
    assert set(case.get("no_items", [])) & {item["id"] for item in answer["items"]} == set()


@pytest.mark.parametrize("case", CASES["errors"], ids=lambda case: case["name"])
def test_a_case_that_cannot_be_used_says_why(case: dict) -> None:
    with pytest.raises(BadInput) as caught:
        checklist(case["input"])
    assert case["says"] in str(caught.value)


@pytest.mark.parametrize(("clause", "text"), KINDS)
def test_a_contract_type_falls_under_its_kind(clause: str, text: str) -> None:
    assert classify(text).clause == clause


def test_in_a_chat_the_signing_party_may_be_missing() -> None:
    answer = checklist({"submitted_on": "2026-04-13"}, whole=False)
    assert answer.reviewer is None
    assert answer.needs == ("signing_party", "contract_type")
    assert answer.earliest_signing_date == dt.date(2026, 4, 22)
    ids = {item.id for item in answer.items}
    assert "party-unknown" in ids
    assert not ids & {"reviewer", "material-county", "filing", "kind", "kind-other"}


def test_a_year_that_was_handed_in_is_reckoned_with() -> None:
    table = YearTable(frozenset({dt.date(2027, 1, 1)}), frozenset())
    answer = checklist({**MINIMAL, "submitted_on": "2026-12-28"}, calendar=Calendar({2027: table}))
    assert answer.earliest_signing_date == dt.date(2027, 1, 7)
    assert answer.warnings == ()


def test_the_items_of_the_stage_and_only_those_are_marked() -> None:
    answer = checklist({**MINIMAL, "stage": "正在起草"})
    assert {item.stage for item in answer.items if item.now} == {"磋商起草"}
    assert all(item.now for item in answer.items if item.stage == "磋商起草")


def test_items_are_in_the_order_of_the_stages_and_due_dates_are_on_them() -> None:
    answer = checklist(
        {
            "signing_party": "county",
            "contract_type": "土地出让",
            "submitted_on": "2026-04-13",
            "signed_on": "2026-04-22",
        }
    )
    order = [rules().stage_order.index(item.stage) for item in answer.items]
    assert order == sorted(order)
    assert {item.id: item.due for item in answer.items if item.due} == {"filing-dated": dt.date(2026, 5, 22)}
    assert {item.id for item in answer.items if item.not_before} == {"review-time", "signing"}


def test_every_value_and_item_names_a_clause_that_exists() -> None:
    raw = yaml.safe_load(CHECKLIST_FILE.read_text(encoding="utf-8"))
    entries = [
        *raw["items"],
        *raw["exempt_items"],
        *raw["warnings"],
        *raw["kinds"],
        *raw["names"],
        raw["other_kind"],
    ]
    entries += [*raw["reviewers"].values(), raw["review_workdays"], raw["filing_days"]]
    assert {entry["clause"] for entry in entries} - {"{kind_clause}"} <= CLAUSES
    ids = [entry["id"] for entry in [*raw["items"], *raw["exempt_items"]]]
    assert len(ids) == len(set(ids))


@given(DATES)
def test_the_earliest_date_is_a_working_day_with_six_working_days_before_it(submitted: dt.date) -> None:
    calendar = Calendar()
    earliest = checklist({**MINIMAL, "submitted_on": submitted}).earliest_signing_date
    assert earliest is not None
    days = [submitted + dt.timedelta(days=i) for i in range(1, (earliest - submitted).days + 1)]
    assert calendar.is_workday(earliest)
    assert sum(map(calendar.is_workday, days)) == 7


@given(DATES, st.integers(0, 15), st.integers(0, 15), st.integers(0, 10))
def test_a_supplement_and_a_longer_one_never_make_it_earlier(
    day: dt.date, after: int, length: int, more: int
) -> None:
    asked = day + dt.timedelta(days=after)

    def earliest(days: int | None) -> dt.date:
        dates = (
            {}
            if days is None
            else {
                "supplement_requested_on": asked,
                "supplement_received_on": asked + dt.timedelta(days=days),
            }
        )
        found = checklist({**MINIMAL, "submitted_on": day, **dates}).earliest_signing_date
        assert found is not None
        return found

    assert earliest(None) <= earliest(length) <= earliest(length + more)


@given(
    st.fixed_dictionaries(
        {
            "signing_party": st.sampled_from(["county", "department"]),
            "contract_type": st.text(min_size=1).filter(str.strip),
        },
        optional={
            name: st.sampled_from([True, False, None])
            for name in (
                "major_decision",
                "needs_higher_approval",
                "npc_report",
                "complex",
                "expert_assessment",
                "model_text_available",
            )
        }
        | {
            "in_name_of": st.text(),
            "authorised_by": st.sampled_from(["county", "教育局"]),
            "submitted_on": DATES,
            "signed_on": DATES,
        },
    )
)
def test_whatever_is_known_every_item_names_a_clause_and_is_filled_in(case: dict) -> None:
    answer = checklist(case)
    assert {item.clause for item in answer.items} <= CLAUSES
    assert not [item for item in answer.items if "None" in item.text and "None" not in str(case)]
    assert (answer.filing_due is not None) == (case["signing_party"] == "county" and "signed_on" in case)
    assert {"reviewer", "review-content", "signing"} <= {item.id for item in answer.items}
