"""Taking a wish for care or an offer to help; storing it; listing it for staff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.dialogue.turn import Understood
from bot.eldercare.intake import MAX_WORDS, Wish, take_care, take_volunteer
from bot.eldercare.services import find_services
from bot.eldercare.wishes import (
    care_lines,
    register_care,
    register_volunteer,
    volunteer_lines,
    withdraw_care,
)
from bot.nlu.reading import read
from bot.places.gazetteer import gazetteer
from tests.conftest import NOW
from tests.sayings import understood

PLACES = gazetteer([("樟树村", "咸塘镇")])
TAKE = {"care": take_care, "volunteer": take_volunteer}
CASES = yaml.safe_load((Path(__file__).parent / "intake_cases.yml").read_text(encoding="utf8"))
QUESTIONS = {
    "care": ("service", "place", "township", "name", "phone", "start", "confirm", "correct"),
    "volunteer": ("place", "skills", "name", "phone", "confirm", "correct"),
}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    draft: dict[str, Any] | None = None
    asked: str | None = None
    for turn in case["turns"]:
        message = understood(turn["say"], intent=turn.get("intent", "inform"), place=turn.get("place", ()))
        found = TAKE[case["job"]](Wish.from_json(draft), message, asked, places=PLACES, now=NOW)
        draft, asked = dict(found.draft or {}), found.question
        assert ("done" if found.done else found.question) == turn["next"], turn["say"]
        for name, value in turn.get("draft", {}).items():
            kept = draft[name]
            assert (list(kept) if isinstance(kept, tuple) else kept) == value, (turn["say"], name)
        assert [say.response for say in found.says] == turn.get("says", []), turn["say"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["care", "volunteer"]),
    st.lists(
        st.tuples(
            st.one_of(
                st.text(max_size=30),
                st.lists(
                    st.sampled_from(["三塘", "不知道", "我妈", "叫王芳", "送餐", "明天", "13912340001", "会做饭", "不是", "，"]),
                    max_size=5,
                ).map("".join),
            ),
            st.sampled_from(["inform", "affirm", "deny", "cancel", "nlu_fallback"]),
            st.integers(0, 8),
        ),
        min_size=1,
        max_size=5,
    ),
)  # fmt: skip
def test_never_raises_and_asks_only_its_own_questions(job: str, turns: list[tuple[str, str, int]]) -> None:
    draft: dict[str, Any] | None = None
    names = [None, *(f"{job}_{question}" for question in QUESTIONS[job])]
    for text, intent, which in turns:
        reading = read(text, NOW)
        message = Understood(reading.cleaned.text, intent, 1.0, reading.spans)
        found = TAKE[job](Wish.from_json(draft), message, names[which % len(names)], places=PLACES, now=NOW)
        assert found.done == (found.question is None)
        assert found.question is None or found.question in names
        draft = dict(found.draft or {})
        assert len(draft["words"]) <= MAX_WORDS
        assert draft["township"] is None or "三塘" in "".join(t for t, *_ in turns)


def test_a_wish_survives_the_slot() -> None:
    wish = Wish(services=("meals",), name="陈桂香", asked=("care_place",), words=("a", "b"))
    assert Wish.from_json(wish.to_json()) == wish
    assert Wish.from_json(None) == Wish()


def test_a_request_is_stored_and_listed(session: Session) -> None:
    wish = Wish(
        services=("meals", "other"), whom="mother", name="陈桂香", place="花桥镇高坪组", township="花桥镇",
        phone="13912340020", start="2026-11-30", words=("订送餐", "要软一点的"),
    )  # fmt: skip
    assert register_care(session, wish=wish, channel="web", sender="a", now=NOW) == "YL261123-001"
    assert register_care(session, wish=Wish(), channel="web", sender="b", now=NOW) == "YL261123-002"
    session.flush()
    first, second = care_lines(session)
    assert first["requested_at"].startswith("2026-11-23T18:00:00")
    told = {
        "number": "YL261123-001", "status": "open", "services": ["meals", "other"], "for_whom": "mother",
        "name": "陈桂香", "township": "花桥镇", "phone": "13912340020", "start_on": "2026-11-30",
        "wish": "订送餐\n要软一点的", "channel": "web",
    }  # fmt: skip
    assert {name: first[name] for name in told} == told
    assert len(first["service_names"]) == 1
    assert (second["services"], second["start_on"], second["name"]) == ([], None, None)


def test_the_newest_open_request_of_a_person_is_withdrawn(session: Session) -> None:
    for sender in ("a", "a", "b"):
        register_care(session, wish=Wish(), channel="web", sender=sender, now=NOW)
        session.flush()
    assert withdraw_care(session, "a") == "YL261123-002"
    session.flush()
    assert [line["status"] for line in care_lines(session)] == ["open", "withdrawn", "open"]
    assert withdraw_care(session, "a") == "YL261123-001"
    session.flush()
    assert withdraw_care(session, "a") is None
    assert withdraw_care(session, "nobody") is None


def test_a_volunteer_is_stored_and_listed(session: Session) -> None:
    offer = Wish(
        name="刘建国", township="硫市镇", place="硫市镇双桥村", phone="13912340021", words=("什么都行",)
    )
    assert register_volunteer(session, wish=offer, channel="web", sender="a", now=NOW) == "ZY261123-001"
    session.flush()
    (line,) = volunteer_lines(session)
    assert (line["name"], line["skills"], line["phone"]) == ("刘建国", "什么都行", "13912340021")
    assert find_services("送餐") == ("meals",)
