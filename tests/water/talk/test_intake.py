"""Taking a report: what each message puts into the draft, and what is asked next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.turn import Step, Understood
from bot.nlu.normalise import clean, normalise
from bot.nlu.reading import read
from bot.nlu.spans import Span, cut
from bot.places.gazetteer import TOWNSHIPS_FILE, gazetteer
from bot.water.talk.draft import Draft
from bot.water.talk.intake import MAX_WORDS, take
from bot.water.talk.readback import full_place, read_back
from tests.conftest import NOW
from tests.sayings import understood

PLACES = gazetteer([("樟树村", "咸塘镇"), ("两河村", "硫市镇"), ("两河村", "茶市镇")])
CASES = yaml.safe_load((Path(__file__).parent / "intake_cases.yml").read_text(encoding="utf8"))
DOMAIN_QUESTIONS = (
    "outage_problem", "outage_place", "outage_township", "outage_township_again", "outage_detail", "outage_time",
    "outage_households", "outage_phone", "outage_casualties", "outage_confirm", "outage_correct", "outage_double",
)  # fmt: skip


def step(draft: dict[str, Any] | None, message: Understood, asked: str | None) -> Step:
    return take(Draft.from_json(draft), message, asked, places=PLACES, now=NOW)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    draft: dict[str, Any] | None = None
    asked: str | None = None
    for turn in case["turns"]:
        asked = "outage_next" if turn.get("after_filing") else asked
        message = understood(turn["say"], intent=turn.get("intent", "inform"), place=turn.get("place", ()))
        found = step(draft, message, asked)
        draft, asked = dict(found.draft) if found.draft else None, found.question
        if "next" in turn:
            outcome = "done" if found.done else found.question or "over"
            assert outcome == turn["next"], turn["say"]
        for name, value in turn.get("draft", {}).items():
            kept = (draft or {})[name]
            assert (list(kept) if isinstance(kept, tuple) else kept) == value, (turn["say"], name)
        if "says" in turn:
            assert [say.response for say in found.says] == turn["says"], turn["say"]
        if "rest" in turn:
            rest = [{"township": r["township"], "problems": list(r["problems"])} for r in draft["rest"]]  # type: ignore[index]
            assert rest == turn["rest"], turn["say"]


def test_a_draft_survives_the_slot() -> None:
    first = step(None, understood("牛婆凼停水了", intent="report_outage"), None)
    assert Draft.from_json(first.draft).to_json() == first.draft
    assert Draft.from_json(None) == Draft.from_json({}) == Draft()


def test_the_words_are_kept_for_staff_and_bounded() -> None:
    draft: dict[str, Any] | None = None
    for i in range(MAX_WORDS + 3):
        draft = dict(
            step(draft, understood(f"第{i}句话没水，在三塘镇", place=["三塘镇"]), "outage_time").draft or {}
        )
    assert draft is not None
    assert len(draft["words"]) == MAX_WORDS
    assert draft["words"][0] == "第0句话没水，在三塘镇", (
        "the first tells the most, who cannot wait for water too"
    )
    assert draft["words"][-1] == f"第{MAX_WORDS + 2}句话没水，在三塘镇"


def test_the_emergency_is_told_once() -> None:
    first = step(None, understood("水厂漏氯气了", intent="report_outage"), None)
    second = step(dict(first.draft or {}), understood("氯气味好大"), first.question)
    assert [say.response for say in first.says] == ["utter_emergency_chlorine"]
    assert [say.response for say in second.says] == []


def test_the_question_asked_does_not_change_what_was_said() -> None:
    """A button has no words: nothing is put into the draft by it."""
    start = step(None, understood("三塘镇老街没水", intent="report_outage", place=["三塘镇老街"]), None)
    pressed = step(dict(start.draft or {}), Understood("", "deny"), "outage_phone")
    before, after = Draft.from_json(start.draft), Draft.from_json(pressed.draft)
    assert (after.phone, after.place, after.problems, after.words) == (
        None, before.place, before.problems, before.words,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        (Draft(place="三塘镇老街", township="三塘镇", detail="老街"), "三塘镇老街"),
        (Draft(place="老街", township="三塘镇", detail="老街"), "三塘镇老街"),
        (Draft(place="三塘", township="三塘镇"), "三塘镇"),
        (Draft(place="牛婆凼", detail="牛婆凼"), "牛婆凼"),
        (Draft(), ""),
    ],
)
def test_the_place_is_read_back_with_its_township_once(draft: Draft, text: str) -> None:
    assert full_place(draft) == text
    assert read_back(draft, NOW).values["place"] == text


@pytest.mark.parametrize(
    ("started", "grain", "days", "clock"),
    [
        ("2026-11-23T07:00:00", "hour", 0, "07:00"),
        ("2026-11-22T19:30:00", "minute", 1, "19:30"),
        ("2026-11-21T00:00:00", "day", 2, ""),
        ("2026-11-22T19:00:00", "part", 1, ""),
    ],
)
def test_the_start_is_read_back_as_exactly_as_it_was_said(
    started: str, grain: str, days: int, clock: str
) -> None:
    told = read_back(Draft(started_at=started, started_text="x", started_grain=grain), NOW).values["started"]
    assert told == {"days": days, "clock": clock, "said": "x"}


# Whatever people write

_ROWS = yaml.safe_load(TOWNSHIPS_FILE.read_text(encoding="utf8"))
NAMES: dict[str, set[str]] = {
    row["name"]: {row["name"], *row["short"], *row["old"], *row["pinyin"]} for row in _ROWS["townships"]
}
NAMES["咸塘镇"].add("樟树村")
for _village, _township in _ROWS["elsewhere"].items():
    NAMES[_township].add(_village)

PIECES = (
    "三塘", "泉溪镇", "花桥村", "樟树村", "两河村", "牛婆凼", "老街", "停水了", "水管爆了", "水好小", "水是黄的", "漏氯气",
    "喝水吐了", "有人受伤", "没有人", "昨晚八点", "停了两天", "三十户", "几个人", "只有我一家", "整条街", "13912340001", "不是",
    "，是", "不知道", "对", "刚刚", "Santang", "no water", "冇", "我叫王建国", "12个", " ", "。", "\n", "😀", "東莞", "东莞",
)  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    st.text(max_size=40),
    st.text(alphabet="水停没是不镇村三塘泉溪0１一百万户人，。 -", max_size=30),
)
questions = st.sampled_from([None, *DOMAIN_QUESTIONS])
said_as = st.sampled_from(
    ["inform", "report_outage", "affirm", "deny", "cancel", "greet", "nlu_fallback", "ask_procedure"]
)


@st.composite
def messages(draw: st.DrawFn) -> Understood:
    reading = read(draw(texts), NOW)
    text = reading.cleaned.text
    places: list[Span] = []
    for _ in range(draw(st.integers(0, 2)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        places.append(cut(text, "place", start, end))
    found = tuple(sorted((*reading.spans, *places), key=lambda span: span.start))
    return Understood(text, draw(said_as), 1.0, found)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(messages(), questions), min_size=1, max_size=5))
def test_never_raises_and_never_invents_a_township(turns: list[tuple[Understood, str | None]]) -> None:
    draft: dict[str, Any] | None = None
    said = ""
    for message, asked in turns:
        # The place may be cut anywhere, so its words may join over what stands between them.
        said += " " + normalise(clean(message.text).text).text.lower() + message.text.lower()
        found = step(draft, message, asked)
        given_up = any(say.response == "utter_handed_over" for say in found.says)
        assert (found.done or given_up) == (found.question is None)
        if given_up:
            assert found.draft is None
            return
        assert found.question is None or found.question in DOMAIN_QUESTIONS
        draft = dict(found.draft or {})
        for one in (draft, *draft["rest"]):
            if one["township"]:
                assert any(name in _mended(said) for name in NAMES[one["township"]]), (said, one["township"])


@settings(max_examples=150, deadline=None)
@given(st.lists(messages(), min_size=1, max_size=4))
def test_each_conversation_comes_to_an_end(openings: list[Understood]) -> None:
    """Whatever was said first, plain answers lead to a finished report, and danger is never lost."""
    answers = {
        "outage_problem": understood("没水"), "outage_place": understood("三塘镇老街", place=["三塘镇老街"]),
        "outage_township": understood("三塘镇", place=["三塘镇"]),
        "outage_township_again": understood("三塘镇", place=["三塘镇"]),
        "outage_detail": understood("老街", place=["老街"]),
        "outage_time": understood("昨天下午三点"), "outage_households": understood("只有我一家"),
        "outage_phone": understood("13912340001"), "outage_casualties": understood("没有人", intent="deny"),
        "outage_confirm": Understood("对", "affirm"), "outage_correct": understood("是13912340002"),
    }  # fmt: skip
    draft: dict[str, Any] | None = None
    asked: str | None = None
    for opening in openings:
        found = step(draft, opening, asked)
        if found.question is None:
            return
        danger = (draft or {}).get("danger")
        draft, asked = dict(found.draft or {}), found.question
        assert not danger or draft["danger"] == danger
    for _ in range(12):
        found = step(draft, answers[str(asked)], asked)
        if found.done:
            assert Draft.from_json(found.draft).problems or Draft.from_json(found.draft).danger
            return
        draft, asked = dict(found.draft or {}), found.question
    pytest.fail(f"still asking {asked}")


@settings(max_examples=150, deadline=None)
@given(messages(), questions)
def test_after_filing_the_rest_is_taken_whatever_is_said(message: Understood, asked: str | None) -> None:
    first = step(
        None,
        understood("三塘镇停水了，泉溪镇的水是黄的", intent="report_outage", place=["三塘镇", "泉溪镇"]),
        None,
    )
    found = step(dict(first.draft or {}), message, "outage_next")
    if message.intent in ("deny", "cancel"):
        assert (found.draft, found.question, found.done) == (None, None, False)
    else:
        assert found.draft is not None
        assert found.draft["township"] is not None


def _mended(text: str) -> str:
    return text.replace("三唐", "三塘").replace("三堂", "三塘").replace("泉西", "泉溪")
