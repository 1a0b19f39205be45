"""What a clerk says of a contract at hand: the table beside this file, and what of one list is meant."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.checklist import checklist
from bot.contracts.desk_ticks import Named, Ticks, find_tasks
from bot.contracts.desk_words import (
    LONGEST,
    Wish,
    case_in_order,
    case_number,
    closest_cases,
    named_cases,
    names_another_kind,
    wants_another,
    wish_of,
)
from bot.contracts.dossier import Dossier, tasks_of
from bot.contracts.rules import rules
from tests.conftest import NOW
from tests.sayings import understood

CASES = yaml.safe_load((Path(__file__).parent / "desk_words.yml").read_text(encoding="utf8"))


def dossier(kind: str = "采购合同", number: str = "HT261126-001", party: str = "county") -> Dossier:
    facts = {"contract_type": kind, "signing_party": party}
    found = checklist(facts)
    return Dossier(number, kind, "open", facts, found, tasks_of(found), "rest", "a", NOW, NOW)


def plain(named: Named) -> set[Any]:
    """What was named, as the table puts it; of ids that mean one thing in several lists the shortest."""
    return {
        *named.numbers,
        *(item for item, _, _ in named.items),
        *named.stages,
        *(["all"] if named.everything else []),
    }


def in_words(wish: Wish | None) -> str:
    if wish is None:
        return "none"
    return " ".join(filter(None, [wish.act, wish.stage, wish.ending if wish.act == "export" else None]))


@pytest.mark.parametrize("case", CASES, ids=[case["said"] for case in CASES])
def test_what_is_wanted(case: dict[str, Any]) -> None:
    wish = wish_of(understood(case["said"], problem=["水有味道"] if "味道" in case["said"] else []))
    assert in_words(wish) == case["wish"]
    ticks = wish.ticks if wish else Ticks()
    assert plain(ticks.done) == set(case.get("done", []))
    assert plain(ticks.undone) == set(case.get("undone", []))
    assert ticks.mistaken == case.get("mistaken", False)
    left_out = {*ticks.done.but, *(item for item, _, _ in ticks.done.but_items)}
    assert left_out == set(case.get("but", []))
    assert ticks.unclear == case.get("unclear", False)


def test_a_story_is_no_wish() -> None:
    assert wish_of(understood("第3项办好了" + "，然后" * LONGEST)) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    wish_of(understood(text, now=datetime(2026, 11, 23, 18, 0)))


@pytest.mark.parametrize("entry", [e for e in rules().entries.values() if e.said], ids=lambda entry: entry.id)
def test_each_pattern_of_the_data_is_for_something_to_do(entry: Any) -> None:
    assert not entry.note


def test_everything_to_do_can_be_named_by_words_or_only_by_number() -> None:
    by_number = {e.id for e in rules().entries.values() if not e.said and not e.note}
    assert by_number == {"party-unknown", "name-temporary", "name-internal"}


# what of a list is meant


def meant(said: str, of: Dossier, opened: str | None = None) -> list[str]:
    wish = wish_of(understood(said))
    assert wish is not None
    return [task.item.id for task in find_tasks(wish.ticks.done, of, opened).tasks]


def test_words_within_longer_ones_give_way() -> None:
    county, unit = dossier(), dossier(party="department")
    assert meant("法律顾问的审查意见拿到了", county) == ["material-county"]
    assert meant("司法局的审查意见拿到了", county) == ["reviewer"]
    assert meant("法律顾问的审查意见拿到了", unit) == ["reviewer"]  # no such material on its list


def test_all_is_all_of_the_opened_stage_but_what_is_left_out() -> None:
    case = dossier()
    stage = [task for task in case.of_stage("送审材料") if task.number]
    assert meant("都办好了", case, "送审材料") == [task.item.id for task in stage]
    assert meant("都办好了", case) == []
    left_out = stage[0].number
    assert meant(f"除了第{left_out}项都办好了", case, "送审材料") == [task.item.id for task in stage[1:]]


def test_numbers_that_the_list_does_not_have_are_told() -> None:
    found = find_tasks(Named(numbers=(2, 40)), dossier(), None)
    assert [task.number for task in found.tasks] == [2]
    assert found.strange == (40,)


# which case


def test_a_case_is_named_by_number_or_kind() -> None:
    one, other = dossier(), dossier("物业合同", "HT261126-002")
    cases = (one, other)
    assert named_cases("ht261126-002还差什么", cases) == (other,)
    assert named_cases("采购还差什么", cases) == (one,)
    assert named_cases("还差什么", cases) == ()
    assert named_cases("采购和ht261126-009", cases) == ()  # the number counts
    assert case_number("我的是ht 261126 -002") == "HT261126-002"
    assert case_number("hn261126-002") is None


def test_a_kind_within_a_longer_one_gives_way() -> None:
    one, other = dossier(), dossier("办公用品采购合同", "HT261126-002")
    assert named_cases("办公用品采购合同还差什么", (one, other)) == (other,)
    assert named_cases("采购合同还差什么", (one, other)) == (one,)


def test_what_is_left_out_must_be_among_what_is_meant() -> None:
    wish = wish_of(understood("除了起草说明都办好了"))
    assert wish is not None
    found = find_tasks(wish.ticks.done, dossier(), "送审材料")
    assert "material-2" not in {task.item.id for task in found.tasks}
    assert (len(found.tasks), found.missed) == (6, False)
    assert find_tasks(wish.ticks.done, dossier(), "归档备案").missed


def test_an_answer_to_which_takes_the_nearest_kind() -> None:
    one, other = dossier("采购打印机的合同"), dossier("物业合同", "HT261126-002")
    assert closest_cases("采购那个", (one, other)) == (one,)
    assert closest_cases("那个", (one, other)) == ()
    assert case_in_order("第二个", (one, other)) == case_in_order("2", (one, other)) == (other,)
    assert case_in_order("第三个", (one, other)) == case_in_order("那个", (one, other)) == ()
    assert closest_cases("采购那个", (one, dossier("采购电脑的合同", "HT261126-003"))) == ()


def test_another_kind_is_none_of_the_cases() -> None:
    cases = (dossier(),)
    assert names_another_kind(understood("物业合同还差什么", contract_type=["物业合同"]), cases)
    assert not names_another_kind(understood("采购合同还差什么", contract_type=["采购合同"]), cases)
    assert not names_another_kind(understood("合同文本拿到了", contract_type=["合同文本"]), cases)


@pytest.mark.parametrize(
    ("said", "another"),
    [
        ("另一份采购合同", True),
        ("还要再办一份采购合同", True),
        ("第二份采购合同", True),
        ("采购合同", False),
        ("再说一遍采购合同", False),
    ],
)
def test_a_second_contract_of_a_kind(said: str, another: bool) -> None:
    assert wants_another(said) is another
