"""Services: the data, people's words, names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.eldercare.services import all_services, find_services, service_codes, service_name, split_services
from bot.errors import BadInput
from bot.settings import ROOT

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases_services.yml").read_text(encoding="utf8")
)
DIGEST = ROOT / "data" / "law" / "digest" / "eldercare.yml"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_services_are_found_in_what_people_say(case: dict[str, Any]) -> None:
    assert list(find_services(case["text"])) == case["services"]


def test_every_service_has_a_case() -> None:
    assert {code for case in CASES for code in case["services"]} == set(all_services())


def test_every_service_cites_a_clause_that_exists() -> None:
    known = {clause["id"] for clause in yaml.safe_load(DIGEST.read_text(encoding="utf8"))["clauses"]}
    assert {service.clause for service in all_services().values()} <= known


def test_only_haircuts_and_baths_are_not_named_by_the_plan() -> None:
    assert [code for code, service in all_services().items() if not service.named] == ["personal_care"]


@pytest.mark.parametrize("code", list(all_services()))
def test_a_service_is_found_by_each_of_its_names(code: str) -> None:
    service = all_services()[code]
    for name in (code, service.zh, service.en, *service.also):
        assert service_codes([name]) == (code,)
    assert code in find_services(service.zh)


def test_no_two_services_share_a_name() -> None:
    names = [name for service in all_services().values() for name in (service.zh, service.en, *service.also)]
    assert len(names) == len(set(names))


def test_a_name_is_told_in_both_languages() -> None:
    assert (service_name("meals"), service_name("meals", "en")) == ("助餐", "meals")


def test_a_code_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="助餐（meals）"):
        service_name("flying")


def test_everyday_words_and_codes_make_one_list_without_doubles() -> None:
    assert service_codes(["送餐", "meals", "量血压"]) == ("meals", "medicine")


@pytest.mark.parametrize("word", ["", "驿站", "飞机"])
def test_a_word_that_is_no_service_is_refused(word: str) -> None:
    with pytest.raises(BadInput, match="不认识服务"):
        service_codes([word])


def test_lists_are_split_at_any_sign() -> None:
    assert split_services("助餐、日间照料; meals，理发|") == ("助餐", "日间照料", "meals", "理发")


@given(st.text(max_size=200))
def test_any_text_gives_known_codes_once(text: str) -> None:
    found = find_services(text)
    assert len(set(found)) == len(found)
    assert set(found) <= set(all_services())
