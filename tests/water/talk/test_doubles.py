"""您家也是这个停水吗: when it is asked, of which incidents, and what the answers mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue.turn import Say, Step, Understood
from bot.places.gazetteer import gazetteer
from bot.water.talk import doubles
from bot.water.talk.candidates import NAMESAKE, SAME, TOWNSHIP, WITHIN, ZONE, Candidate
from bot.water.talk.doubles import Double
from bot.water.talk.draft import Draft
from bot.water.talk.intake import take
from tests.conftest import NOW
from tests.sayings import understood

PLACES = gazetteer([])
ANSWERS = yaml.safe_load((Path(__file__).parent / "doubles_answers.yml").read_text(encoding="utf8"))
TOWN = Draft(problems=("no_water",), place="三塘镇", township="三塘镇", asked=("outage_time",))


def candidate(area: str, fit: str, number: str = "", township: str = "三塘镇") -> Candidate:
    return Candidate(number or area, township, area, None, 1, 1, fit, 1)


def double(area: str = "老街", township: str = "三塘镇") -> Double:
    return Double(f"SJ {township}{area}", township, area, f"{township}{area}", "昨天晚上7点开始")


def asking(*shown: Double, draft: Draft = TOWN, question: str = "outage_time") -> Step:
    return doubles.offer(Step(draft.to_json(), (), question), shown or (double(),))


def answered(step: Step, say: str, **said: Any) -> Step:
    return take(
        Draft.from_json(step.draft), understood(say, **said), doubles.QUESTION, places=PLACES, now=NOW
    )


# when it is asked


@pytest.mark.parametrize(
    "question",
    [
        "outage_township",
        "outage_township_again",
        "outage_detail",
        "outage_time",
        "outage_households",
        "outage_phone",
    ],
)
def test_it_is_asked_where_a_yes_saves_a_question(question: str) -> None:
    assert doubles.may_be_one(Step(TOWN.to_json(), (), question)) == TOWN


@pytest.mark.parametrize(
    "question",
    [
        None,
        "outage_problem",
        "outage_place",
        "outage_casualties",
        "outage_confirm",
        "outage_correct",
        "outage_next",
    ],
)
def test_it_is_not_asked_where_a_yes_saves_nothing(question: str | None) -> None:
    assert doubles.may_be_one(Step(TOWN.to_json(), (), question)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"danger": "injury"}, {"replaces": "HN261123-001"}, {"rest": ({"place": "泉溪镇"},)}, {"place": None},
        {"problems": ()}, {"problems": ("burst",)}, {"problems": ("low_pressure",)},
        {"problems": ("no_water", "bad_water")}, {"problems": ("bad_water", "no_water")},
        {"asked": (doubles.QUESTION,) * doubles.TRIES},
    ],
)  # fmt: skip
def test_for_whom_it_is_never_asked(fields: dict[str, Any]) -> None:
    assert doubles.may_be_one(Step(replace(TOWN, **fields).to_json(), (), "outage_time")) is None


# of which incidents


@pytest.mark.parametrize(
    ("detail", "found", "asked"),
    [
        ("", [("老街", TOWNSHIP)], ["老街"]),
        ("老街", [("", TOWNSHIP)], [""]),
        ("", [("老街", TOWNSHIP), ("新街", TOWNSHIP)], ["老街", "新街"]),
        ("老街", [("老街", NAMESAKE)], ["老街"]),
        ("老街", [("老街东段", WITHIN), ("老街西段", WITHIN)], ["老街东段", "老街西段"]),
        # what joins by itself
        ("", [("", SAME), ("老街", TOWNSHIP)], []),
        ("老街", [("老街", SAME), ("老街东段", WITHIN), ("老街西段", WITHIN)], []),
        ("老街", [("老街东段", WITHIN), ("", TOWNSHIP)], []),
        ("老街东段", [("老街东", WITHIN), ("老街", WITHIN)], []),
        ("新街", [("老街", ZONE), ("正街", ZONE)], []),
        # more than anybody reads
        ("", [(area, TOWNSHIP) for area in ("老街", "新街", "正街", "横街")], []),
        ("", [], []),
    ],
)
def test_of_which_it_is_asked(detail: str, found: list[tuple[str, str]], asked: list[str]) -> None:
    draft = replace(TOWN, detail=detail)
    shown = doubles.worth_asking([candidate(*one) for one in found], draft)
    assert [one.area for one in shown] == asked


def test_of_what_was_quiet_for_days_it_is_asked_where_the_place_fits_exactly() -> None:
    quiet, far = (replace(candidate("老街", fit), quiet=True) for fit in (SAME, TOWNSHIP))
    draft = replace(TOWN, detail="老街")
    assert doubles.worth_asking([quiet], draft) == (quiet,)
    assert doubles.worth_asking([far], draft) == ()
    assert doubles.worth_asking([quiet, candidate("", TOWNSHIP)], draft) == (quiet, candidate("", TOWNSHIP))
    assert doubles.worth_asking([candidate("老街东段", WITHIN), quiet], draft) == ()


def test_it_is_not_asked_again_of_the_same_incident() -> None:
    draft = replace(TOWN, offered=("老街",))
    found = [candidate("老街", TOWNSHIP), candidate("新街", TOWNSHIP)]
    assert [one.area for one in doubles.worth_asking(found, draft)] == ["新街"]


def test_the_question_that_it_replaces_counts_as_not_asked() -> None:
    draft = replace(
        TOWN, place="老街", detail="老街", township=None, candidates=("三塘镇", "泉溪镇"), asked=("outage_township",)
    )  # fmt: skip
    which = Say("utter_which_township", {"place": "老街", "townships": "三塘镇、泉溪镇"})
    step = doubles.offer(Step(draft.to_json(), (which,), "outage_township"), [double()])
    after = Draft.from_json(step.draft)
    assert (step.question, step.says, after.asked) == (doubles.QUESTION, (), (doubles.QUESTION,))
    assert after.offered == ("SJ 三塘镇老街",)
    refused = answered(step, "不是", intent="deny")
    assert (refused.question, [say.response for say in refused.says]) == (
        "outage_township", ["utter_which_township"],
    )  # fmt: skip


def test_who_was_asked_for_their_place_is_asked_about_what_fits_it_surely() -> None:
    said = replace(TOWN, detail="老街", place="三塘镇老街")
    found = [candidate("老街", SAME), candidate("", TOWNSHIP)]
    assert doubles.worth_asking(found, said) == ()
    asked = replace(said, asked=(doubles.WHERE, "outage_detail", "outage_time"))
    assert doubles.worth_asking(found, asked) == (found[0],)


@pytest.mark.parametrize(
    ("fields", "shown", "asked"),
    [
        ({}, [""], True), ({}, ["", ""], True), ({}, [], False),
        ({"detail": "新街"}, [""], False), ({"township": None}, [""], False), ({"lat": 26.9, "lon": 112.6}, [""], False),
        ({"asked": (doubles.WHERE, "outage_detail", "outage_time")}, [""], False),
        ({"asked": ("outage_detail", "outage_time")}, [""], False), ({"asked": ("outage_detail",)}, [""], True),
    ],
)  # fmt: skip
def test_when_the_place_is_asked_for(fields: dict[str, Any], shown: list[str], asked: bool) -> None:
    hidden = [replace(double(f"巷{at}"), place=place) for at, place in enumerate(shown)]
    assert doubles.told_apart(hidden) == ()
    assert doubles.asks_where(hidden, replace(TOWN, **fields)) == asked


def test_the_question_that_the_place_is_asked_for_instead_counts_as_not_asked() -> None:
    step = doubles.ask_where(Step(TOWN.to_json(), (), "outage_time"))
    draft = Draft.from_json(step.draft)
    assert (step.question, draft.asked) == ("outage_detail", (doubles.WHERE, "outage_detail"))
    after = take(draft, understood("不知道", intent="deny"), "outage_detail", places=PLACES, now=NOW)
    assert (after.question, Draft.from_json(after.draft).place) == ("outage_time", "三塘镇")
    named = take(draft, understood("老街", place=["老街"]), "outage_detail", places=PLACES, now=NOW)
    assert Draft.from_json(named.draft).place == "三塘镇老街"


# what the answer means


@pytest.mark.parametrize("case", ANSWERS, ids=[case["say"] for case in ANSWERS])
def test_an_answer_for_one(case: dict[str, Any]) -> None:
    step = answered(asking(), case["say"], intent=case.get("intent", "inform"), place=case.get("place", ()))
    draft = Draft.from_json(step.draft)
    assert (draft.joins, step.done) == (("SJ 三塘镇老街", True) if case["joins"] else ("", False))
    assert draft.doubles == ()
    assert (step.question is None) == case["joins"]
    assert step.question != doubles.QUESTION


def test_after_a_yes_nothing_more_is_said_or_asked() -> None:
    step = answered(asking(), "是的", intent="affirm")
    draft = Draft.from_json(step.draft)
    assert (step.says, step.question, step.done) == ((), None, True)
    assert (draft.place, draft.township, draft.started_at, draft.households, draft.phone) == (
        "三塘镇", "三塘镇", None, None, None,
    )  # fmt: skip


def test_only_a_no_is_kept_as_one() -> None:
    refused = Draft.from_json(answered(asking(double(), double("新街")), "都不是", intent="deny").draft)
    unsaid = Draft.from_json(answered(asking(), "昨晚八点停的").draft)
    assert (refused.declined, unsaid.declined) == (("SJ 三塘镇老街", "SJ 三塘镇新街"), ())


def test_what_is_told_with_the_yes_is_kept() -> None:
    draft = Draft.from_json(answered(asking(), "是的，我们有十二户，电话13912340001").draft)
    assert (draft.joins, draft.households, draft.phone) == ("SJ 三塘镇老街", 12, "13912340001")


def test_danger_in_the_answer_comes_first() -> None:
    step = answered(asking(), "是的，有人喝了水中毒了", intent="affirm")
    assert [say.response for say in step.says] == ["utter_emergency_poisoning"]
    assert step.question == "outage_casualties"


def test_a_yes_to_a_namesake_tells_the_township() -> None:
    nowhere = replace(TOWN, place="老街", detail="老街", township=None, candidates=("三塘镇", "泉溪镇"))
    draft = Draft.from_json(answered(asking(draft=nowhere), "就是").draft)
    assert (draft.joins, draft.township, draft.candidates) == ("SJ 三塘镇老街", "三塘镇", ())


@pytest.mark.parametrize(
    ("say", "said", "chosen"),
    [
        ("三塘镇老街", {"place": ["三塘镇老街"]}, "老街"), ("新街的", {}, "新街"), ("第二个", {}, "新街"), ("1", {}, "老街"),
        ("是新街那个", {"place": ["新街"]}, "新街"), ("都不是", {"intent": "deny"}, ""), ("第三处", {}, ""),
        ("None of these", {"intent": "deny"}, ""), ("不是老街", {"place": ["老街"]}, ""), ("竹山村", {"place": ["竹山村"]}, ""),
    ],
)  # fmt: skip
def test_which_of_two(say: str, said: dict[str, Any], chosen: str) -> None:
    step = answered(asking(double(), double("新街")), say, **said)
    assert Draft.from_json(step.draft).joins == (f"SJ 三塘镇{chosen}" if chosen else "")
    assert step.done == bool(chosen)
    assert step.question != doubles.QUESTION


def test_which_of_two_namesakes_the_township_tells() -> None:
    nowhere = replace(TOWN, place="老街", detail="老街", township=None)
    step = asking(double(), double(township="泉溪镇"), draft=nowhere)
    assert Draft.from_json(answered(step, "泉溪镇老街", place=["泉溪镇老街"]).draft).joins == "SJ 泉溪镇老街"
    assert Draft.from_json(answered(step, "泉溪的", place=["泉溪"]).draft).joins == "SJ 泉溪镇老街"


def test_the_more_exact_of_two_is_meant_by_its_whole_name() -> None:
    step = asking(double(), double("老街东段"))
    assert (
        Draft.from_json(answered(step, "三塘镇老街东段", place=["三塘镇老街东段"]).draft).joins
        == "SJ 三塘镇老街东段"
    )


def test_a_bare_yes_to_two_is_asked_once_more() -> None:
    step = asking(double(), double("新街"))
    once = answered(step, "是的", intent="affirm")
    assert (once.question, once.done) == (doubles.QUESTION, False)
    twice = answered(once, "是的", intent="affirm")
    assert (twice.question, Draft.from_json(twice.draft).joins) == ("outage_detail", "")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (Understood("也是", "out_of_scope"), True), (Understood("不是", "deny"), True), (Understood("第二个", "nlu_fallback"), True),
        (Understood("自来水公司几点上班", "ask_procedure"), False), (Understood("谢谢", "thank"), False),
        (Understood("这是不是要钱的", "out_of_scope"), False),
    ],
)  # fmt: skip
def test_what_answers_it_is_no_interruption(message: Understood, answer: bool) -> None:
    assert doubles.is_answer(message) == answer


def test_the_draft_survives_the_slot() -> None:
    step = asking(double(), double("新街"))
    assert Draft.from_json(step.draft).to_json() == step.draft
