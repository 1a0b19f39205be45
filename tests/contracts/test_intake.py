"""What a clerk's message says of the contract at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.checklist import checklist
from bot.contracts.circumstances import circumstances
from bot.contracts.intake import EMERGENCY_QUESTION, asks_about_filing, follows_up, take
from bot.contracts.said_dates import no_such_day
from bot.nlu.reading import read
from tests.conftest import NOW
from tests.sayings import Understood, understood

TODAY = NOW.date()
CASES = yaml.safe_load((Path(__file__).parent / "intake_cases.yml").read_text(encoding="utf8"))
GIVEN = {"contract_type": "物业合同", "signing_party": "department", "submitted_on": "2026-11-16"}


def dates_of(case: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in case.items() if key.endswith("_on")}


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


@pytest.mark.parametrize(
    ("text", "tagged", "kind"),
    [
        ("列一下采购合同的清单", "下采购合同", "采购合同"),
        ("列下水道合同的清单", "下水道合同", "下水道合同"),
        ("签下水道合同", "下水道合同", "下水道合同"),
        ("清下采购合同", "清下采购合同", "采购合同"),
        ("清一下采购合同", "下采购合同", "采购合同"),
        ("理一哈采购合同", "哈采购合同", "采购合同"),
        ("帮我理下工程合同", "理下工程合同", "工程合同"),
        ("打份租车合同清单", "打份租车合同", "租车合同"),
        ("打算签订货物采购合同", "订货物采购合同", "货物采购合同"),
        ("列哈密瓜采购合同的清单", "哈密瓜采购合同", "哈密瓜采购合同"),
        ("清淤工程合同要交什么", "清淤工程合同", "清淤工程合同"),
        ("要订货合同的清单", "订货合同", "订货合同"),
    ],
)
def test_half_a_word_before_the_kind_is_left_out(text: str, tagged: str, kind: str) -> None:
    assert told(text, tagged)["contract_type"] == kind


def test_a_kind_is_the_same_with_or_without_the_word_contract() -> None:
    message = understood("物业12月1号交上去", contract_type=["物业"])
    assert follows_up(message, GIVEN, TODAY)
    assert not follows_up(understood("采购合同12月1号交上去", contract_type=["采购合同"]), GIVEN, TODAY)


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
        ("教育局", "department"),
        ("ours", "department"),
        ("县里", "county"),
        ("用县里的名义", "county"),
        ("街道签", "department"),
        ("我们镇替县政府签", "department"),
        ("our own unit", "department"),
    ],
)
def test_party(said: str, party: str) -> None:
    assert told(said, asked="contract_party")["signing_party"] == party


def test_without_a_word_of_it_no_party_is_made_up() -> None:
    assert "signing_party" not in told("采购合同", "采购合同")


@pytest.mark.parametrize("row", CASES["dates"], ids=lambda row: row["name"])
def test_dates(row: dict[str, Any]) -> None:
    given, message = row.get("given", {}), understood(row["said"])
    found = take(given, message, None, TODAY)
    assert dates_of(dict(found.draft or {})) == {
        **{key: day for key, day in given.items() if key not in row.get("gone", [])}, **row["dates"],
    }  # fmt: skip
    told_of = [(say.response, dict(say.values)) for say in found.says]
    nosuch = row.get("nosuch")
    assert told_of == ([("utter_no_such_day", {"date": nosuch})] if nosuch else [])
    assert no_such_day(message, given, TODAY) == nosuch


@pytest.mark.parametrize("said", ["12月8号签了", "we signed it on December 8"])
def test_it_cannot_be_signed_on_a_day_to_come(said: str) -> None:
    given = {"signing_planned_on": "2026-12-07"}
    found = take(given, understood(said), None, TODAY)
    assert dates_of(dict(found.draft or {})) == given
    assert [say.response for say in found.says] == ["utter_day_to_come"]


def test_a_bare_day_needs_a_month() -> None:
    assert dates_of(told("18号送审")) == {}


def test_a_date_in_another_message_than_an_answer_is_no_day_of_handing_in() -> None:
    found = told("11月16日要签物业合同", "物业合同", intent="contract_checklist")
    assert dates_of(found) == {"signing_planned_on": "2026-11-16"}
    assert dates_of(told("11月16日，物业合同", "物业合同", intent="contract_checklist")) == {}


@pytest.mark.parametrize("row", CASES["kinds"], ids=lambda row: row["said"])
def test_the_kind_in_an_answer(row: dict[str, Any]) -> None:
    found = take(None, understood(row["said"]), "contract_kind", TODAY)
    case = dict(found.draft or {})
    assert (case.get("contract_type"), case.get("signing_party")) == (row["kind"], row.get("party"))
    assert (found.question == "contract_kind") == (row["kind"] is None)


def test_what_is_out_of_scope_answers_only_with_a_known_kind() -> None:
    assert told("物业", asked="contract_kind", intent="out_of_scope") == {"contract_type": "物业"}
    lease = told("a lease of offices", asked="contract_kind", intent="out_of_scope")
    assert lease == {"contract_type": "lease of offices"}
    assert told("讲个笑话", asked="contract_kind", intent="out_of_scope") == {}


def test_no_party_is_made_up_from_any_words() -> None:
    found = take({"contract_type": "采购合同"}, understood("讲个笑话"), "contract_party")
    assert (found.draft, found.question) == ({"contract_type": "采购合同"}, "contract_party")


@pytest.mark.parametrize(
    ("text", "tagged", "kind"),
    [
        ("我们局签了5G合作框架协议", "了5G合作框架协议", "5G合作框架协议"),
        ("我们单位签", "我们单位", None),
        ("签合同", "合同", None),
        ("县政府采购合同 11月16日送审", None, "采购合同"),
        ("政府合同要送审", None, None),
        ("要签什么合同", None, None),
    ],
)
def test_the_kind_said_without_being_asked(text: str, tagged: str | None, kind: str | None) -> None:
    assert told(text, tagged).get("contract_type") == kind


@pytest.mark.parametrize("row", CASES["follow_ups"], ids=lambda row: row["said"])
def test_what_follows_up_on_a_list(row: dict[str, Any]) -> None:
    message = understood(row["said"], contract_type=[row["kind"]] if "kind" in row else [])
    assert follows_up(message, GIVEN, TODAY) is row["follows"]
    if "changes" in row:
        found = take(GIVEN, message, None, TODAY)
        assert (found.draft, found.done) == ({**GIVEN, **row["changes"]}, True)


def test_filing_is_asked_about() -> None:
    assert asks_about_filing(understood("报备哪天到期"))
    assert asks_about_filing(understood("when is it to be filed, the filing I mean"))
    assert not asks_about_filing(understood("最早哪天签"))


@pytest.mark.parametrize(
    ("said", "flag"),
    [
        ("金额特别大的采购合同", "complex"),
        ("要做专家论证", "expert_assessment"),
        ("有纠纷重新签的合同", "after_dispute"),
    ],
)
def test_circumstances(said: str, flag: str) -> None:
    found = told(said)
    assert {k: v for k, v in found.items() if isinstance(v, bool)} == {flag: True}


@pytest.mark.parametrize("row", CASES["circumstances"], ids=lambda row: row["said"])
def test_circumstances_told_and_denied(row: dict[str, Any]) -> None:
    assert circumstances(understood(row["said"]).plain) == row["told"]


def test_an_emergency_exempts_only_after_asking_back() -> None:
    first = take(GIVEN, understood("这是抢险救灾的合同"), None, TODAY)
    assert (first.question, first.draft) == (EMERGENCY_QUESTION, GIVEN)
    yes, no = (take(first.draft, understood(word), first.question) for word in ("对", "不是"))
    assert (yes.done, yes.draft) == (True, {**GIVEN, "emergency": True})
    assert (no.done, no.draft) == (True, {**GIVEN, "emergency": False})
    undone = take(yes.draft, understood("不是应急，是普通采购"), None, TODAY)
    assert (undone.draft or {})["emergency"] is False


def test_the_emergency_is_asked_after_kind_and_party() -> None:
    first = take(None, understood("抢险要签合同", intent="contract_checklist"), None)
    second = take(first.draft, understood("物资采购合同"), first.question)
    third = take(second.draft, understood("县政府"), second.question)
    assert [first.question, second.question, third.question] == [
        "contract_kind", "contract_party", EMERGENCY_QUESTION,
    ]  # fmt: skip


def test_a_date_that_was_asked_for_is_that_date() -> None:
    found = take(GIVEN, understood("12月9号"), None, TODAY, "supplement_received_on")
    assert dates_of(dict(found.draft or {}))["supplement_received_on"] == "2026-12-09"


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


def test_a_unit_that_the_county_authorised_has_its_own_reviewer() -> None:
    case = told("县政府授权我们局签一个PPP合同", "PPP合同")
    assert (case["signing_party"], case["authorised_by"]) == ("department", "county")
    assert checklist(case).reviewer == "本单位合法性审查机构或法律顾问"
    again = take(case, understood("改成县政府自己签"), None).draft or {}
    assert (again["signing_party"], "authorised_by" in again) == ("county", False)


def test_a_name_that_article_6_forbids_stays_when_the_unit_is_told() -> None:
    first = take(None, understood("创文指挥部要签广告服务合同", contract_type=["广告服务合同"]), None)
    assert first.question == "contract_party"
    told = take(first.draft, understood("本单位"), first.question).draft or {}
    assert told["in_name_of"] == "创文指挥部"
    assert any("不能照现在的名义签" in warning.text for warning in checklist(told).warnings)
    again = take(told, understood("改成镇政府签"), None).draft or {}
    assert "in_name_of" not in again


def test_what_is_bought_in_haste_in_a_flood_is_asked_back() -> None:
    said = understood("洪水来了紧急买冲锋舟，镇政府签采购合同", contract_type=["采购合同"])
    assert take(None, said, None).question == EMERGENCY_QUESTION
