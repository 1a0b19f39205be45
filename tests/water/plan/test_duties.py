"""Who answers for what: responses and duties by grade, and the walk over their file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.water.plan.duties import DUTIES_FILE, STEPS, Duty, all_duties, duties_for, response_for

CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "cases_duties.yml").read_text(encoding="utf-8")
)
LAW_FILE: dict[str, Any] = yaml.safe_load(DUTIES_FILE.read_text(encoding="utf-8"))
GRADES = ("I", "II", "III", "IV")
DUTY_KEYS = {"key", "grades", "who", "to", "what", "minutes", "from", "clause", "step", "at"}

# Steps of a response that duties are done with (bot/water/incidents/response.py).
RESPONSE_STEPS = ("proposed", "filed", "approved", "started", "end_approved", "end_ordered", "ended")

# How many numbered items the plan's clauses have; None where a clause has none.
CLAUSES: dict[str, int | None] = {
    **dict.fromkeys(("4.2.1", "4.2.2", "4.2.3", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.5", "5.2.1", "5.5")),
    **dict.fromkeys(("6.1.1", "6.1.2", "6.1.3", "6.2.1", "6.2.2", "6.2.3")),
    "5.2.2": 4,
    "5.2.3": 3,
    "5.2.4": 2,
    "5.4.2": 3,
}


def exists(clause: str) -> bool:
    found = re.fullmatch(r"([\d.]+)(?:\((\d)\))?", clause)
    if not found or found[1] not in CLAUSES:
        return False
    items = CLAUSES[found[1]]
    return found[2] is None if items is None else found[2] is not None and 1 <= int(found[2]) <= items


def named(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["case"] for case in cases])


def matches(duty: Duty, case: dict[str, Any]) -> bool:
    return (
        duty.clause == case["clause"]
        and case.get("who", "") in duty.who
        and ("to" not in case or (duty.to is not None and case["to"] in re.split("、|或者", duty.to)))
        and ("minutes" not in case or duty.within_minutes == case["minutes"])
        and ("from" not in case or duty.counted_from == case["from"])
        and all(word in duty.what for word in case.get("says", []))
    )


@named(CASES["responses"])
def test_response(case: dict[str, Any]) -> None:
    response = response_for(case["grade"])
    assert response is not None
    said = response.as_dict()
    assert said[case["step"]] == case["is"]
    if "clause" in case:
        assert said["clauses"][case["step"]] == case["clause"]


@named(CASES["duties"])
def test_duty(case: dict[str, Any]) -> None:
    for grade in case["grades"]:
        duties = duties_for(None if grade == "none" else grade)
        assert any(matches(duty, case) for duty in duties), f"grade {grade}: no such duty"
    if "none" not in case["grades"]:
        for grade in {*GRADES, None} - set(case["grades"]):
            assert not any(matches(duty, case) for duty in duties_for(grade)), f"grade {grade}: one too many"


def test_without_a_grade_only_what_holds_before_any_grading() -> None:
    assert response_for(None) is None
    assert {duty.clause for duty in duties_for(None)} == {"4.2.1", "4.2.3", "5.2.1"}
    for grade in GRADES:
        assert set(duties_for(None)) < set(duties_for(grade))


@pytest.mark.parametrize("strange", ["V", "1", "", "any"])
def test_a_grade_that_the_plan_does_not_know(strange: str) -> None:
    with pytest.raises(KeyError):
        duties_for(strange)
    with pytest.raises(KeyError):
        response_for(strange)


@pytest.mark.parametrize("grade", GRADES)
def test_who_starts_ends_and_it_is_said_once_as_a_duty(grade: str) -> None:
    response = response_for(grade)
    assert response is not None
    assert response.started_by == response.ended_by
    assert [duty.who for duty in duties_for(grade) if duty.clause == "5.5"] == [response.ended_by]


@pytest.mark.parametrize("grade", GRADES)
def test_response_and_duties_name_the_same_offices(grade: str) -> None:
    response = response_for(grade)
    assert response is not None
    own = [duty for duty in duties_for(grade) if duty.clause == response.clause]
    assert own[0].who == response.proposed_by
    if response.filed_with:
        assert any(duty.to == response.filed_with and "备案" in duty.what for duty in own)
    if response.approved_by:
        assert any(d.who == response.approved_through and d.to == response.approved_by for d in own)
    leads = [d.who for d in duties_for(grade) if d.clause.startswith("6.1.") and "牵头" in d.what]
    assert leads == [response.aftercare_lead]


def test_every_clause_that_the_file_cites_is_one_of_the_plan() -> None:
    cited = [row["clause"] for row in LAW_FILE["duties"]]
    for body in LAW_FILE["responses"].values():
        cited += [body["clause"]] + [part["clause"] for part in body.values() if isinstance(part, dict)]
    assert [clause for clause in cited if not exists(clause)] == []


def test_every_clause_has_a_duty_and_every_timed_one_a_case() -> None:
    cited = {row["clause"] for row in LAW_FILE["duties"]}
    items = {f"{c}({n})" for c, count in CLAUSES.items() if count for n in range(1, count + 1)}
    assert cited == items | {clause for clause, count in CLAUSES.items() if count is None}
    timed = {(row["clause"], row["minutes"]) for row in LAW_FILE["duties"] if row["minutes"]}
    assert timed <= {(case["clause"], case.get("minutes", 30)) for case in CASES["duties"]}


def test_the_file_is_whole() -> None:
    assert tuple(LAW_FILE["responses"]) == GRADES
    for level, body in LAW_FILE["responses"].items():
        assert set(body) == {"name", "clause", "proposed_within", *STEPS}, level
    for row in LAW_FILE["duties"]:
        assert {"key", "grades", "who", "to", "what", "minutes", "clause"} <= set(row) <= DUTY_KEYS, row
        assert row["grades"] == "any" or set(row["grades"]) <= set(GRADES), row
        assert row["minutes"] in (None, 30, 60, 120), row
        assert row.get("from") in (None, "alert", "incident", "report", "raise"), row
        assert row.get("step") in (None, *RESPONSE_STEPS), row


@pytest.mark.parametrize("grade", [None, *GRADES])
def test_no_duty_is_listed_twice(grade: str | None) -> None:
    duties = duties_for(grade)
    assert len(set(duties)) == len(duties)


def test_keys_are_the_same_for_ever() -> None:
    """Records of incidents name duties by their keys: those of earlier versions of the file must all be there."""
    kept = (Path(__file__).parent / "duty_keys.txt").read_text(encoding="utf8").split()
    keys = [row["key"] for row in LAW_FILE["duties"]]
    assert len(set(keys)) == len(keys)
    assert keys == kept, (
        "a new duty gets a new key at the end of duty_keys.txt or in its place; none ever goes"
    )
    assert max(map(len, keys)) + len("/raised") <= 64  # the column of incident_duty
    assert list(all_duties()) == keys
    for duty in all_duties().values():
        number = duty.clause.replace("(", ".").replace(")", "")
        assert duty.key.startswith(f"{number}-"), duty.key
