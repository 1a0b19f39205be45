"""What a clerk's message says of the contract at hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.checklist import checklist
from bot.contracts.intake import take
from bot.nlu.reading import read
from tests.conftest import NOW
from tests.sayings import Understood, understood


def told(
    text: str, kind: str | None = None, *, asked: str | None = None, intent: str = "inform"
) -> dict[str, Any]:
    """The case after one message."""
    found = take(None, understood(text, intent=intent, contract_type=[kind] if kind else []), asked)
    return dict(found.draft or {})


def test_kind_and_party_in_one_message_are_enough() -> None:
    found = take(None, understood("我们局要签一个物业合同", contract_type=["物业合同"]), None)
    assert (found.draft, found.question, found.done) == (
        {"contract_type": "物业合同", "signing_party": "department"}, None, True,
    )  # fmt: skip


def test_what_is_missing_is_asked_in_turn() -> None:
    first = take(None, understood("要签合同", intent="contract_checklist"), None)
    assert (first.question, first.done) == ("contract_kind", False)
    second = take(first.draft, understood("采购打印机的合同"), first.question)
    assert (second.question, second.draft) == ("contract_party", {"contract_type": "采购打印机的合同"})
    third = take(second.draft, understood("县政府"), second.question)
    assert (third.done, third.draft) == (
        True,
        {"contract_type": "采购打印机的合同", "signing_party": "county"},
    )


def test_the_kind_comes_first_even_where_the_party_is_known() -> None:
    found = take(None, understood("县政府要签合同"), None)
    assert (found.question, found.draft) == ("contract_kind", {"signing_party": "county"})


def test_a_button_without_words_answers_nothing() -> None:
    found = take({"contract_type": "采购合同"}, Understood("", "affirm"), "contract_party")
    assert (found.question, found.done) == ("contract_party", False)


@pytest.mark.parametrize(
    ("said", "party"),
    [
        ("以县政府名义签", "county"),
        ("县人民政府签", "county"),
        ("县里跟公司签", "county"),
        ("the county government signs it", "county"),
        ("我们局签", "department"),
        ("本单位", "department"),
        ("镇里签的", "department"),
        ("街道签", "department"),
        ("我们镇替县政府签", "department"),
        ("our own unit", "department"),
    ],
)
def test_party(said: str, party: str) -> None:
    assert told(said, asked="contract_party")["signing_party"] == party


def test_without_a_word_of_it_no_party_is_made_up() -> None:
    assert "signing_party" not in told("采购合同", "采购合同")


@pytest.mark.parametrize(
    ("said", "dates"),
    [
        ("11月16日送审", {"submitted_on": "2026-11-16"}),
        ("11月16日交审，11月20日签了", {"submitted_on": "2026-11-16", "signed_on": "2026-11-20"}),
        ("昨天签好了", {"signed_on": "2026-11-22"}),
        ("11月16日", {"submitted_on": "2026-11-16"}),
        ("好久以前送审的", {}),
        ("采购合同", {}),
    ],
)
def test_dates(said: str, dates: dict[str, str]) -> None:
    found = told(said, asked="contract_kind")
    assert {k: v for k, v in found.items() if k.endswith("_on")} == dates


def test_a_date_in_another_message_than_an_answer_is_no_day_of_handing_in() -> None:
    assert "submitted_on" not in told("11月16日要签物业合同", "物业合同", intent="contract_checklist")


@pytest.mark.parametrize(
    ("said", "flag"),
    [
        ("应急抢险签的合同", "emergency"),
        ("金额特别大的采购合同", "complex"),
        ("要做专家论证", "expert_assessment"),
        ("有纠纷重新签的合同", "after_dispute"),
    ],
)
def test_circumstances(said: str, flag: str) -> None:
    found = told(said)
    assert {k: v for k, v in found.items() if isinstance(v, bool)} == {flag: True}


def test_what_was_said_before_is_kept_and_a_correction_wins() -> None:
    first = take(None, understood("我们局签物业合同，11月16日送审", contract_type=["物业合同"]), None)
    second = take(
        first.draft, understood("不是物业合同，是租赁合同", contract_type=["物业合同", "租赁合同"]), None
    )
    assert second.draft == {
        "contract_type": "租赁合同", "signing_party": "department", "submitted_on": "2026-11-16",
    }  # fmt: skip


@given(st.text(max_size=60), st.sampled_from([None, "contract_kind", "contract_party"]))
def test_any_text_gives_a_case_that_the_checklist_takes(text: str, asked: str | None) -> None:
    reading = read(text, NOW)
    start = {"contract_type": "采购合同"}
    found = take(start, Understood(reading.cleaned.text, "contract_checklist", 1.0, reading.spans), asked)
    if found.done and not any(k.endswith("_on") for k in found.draft or {}):
        assert checklist(dict(found.draft or {})).items is not None
    else:
        assert found.question in ("contract_party", None)
