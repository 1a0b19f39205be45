"""Questions in chat without a server: the answer with its clause, official words, votes, neighbours, approved answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from actions.conversation import AboutAnswer, Answer
from actions.not_understood import Fallback, Inform
from bot.documents import quoting
from bot.documents.approved import approve
from bot.documents.official.store import import_document
from bot.documents.votes import question_lines
from bot.storage.database import session_scope
from tests.actions.talking import Person, responses
from tests.conftest import NOW
from tests.documents.test_quoting import PARKING

TITLE = "衡南县政府合同管理办法\n清政发[2021]3号\n\n"
SHORT = f"{TITLE}第十三条 前一条。\n第十四条 审查的时间写在这里。\n"
LONG = f"{TITLE}第十三条 前一条。\n第十四条 {'这一条很长。' * 100}\n"


@pytest.fixture
def person(database_url: str, now: datetime) -> Person:
    quoting._seen.clear()
    return Person()


def asks(person: Person, text: str = "合同审查要几个工作日") -> list[dict[str, Any]]:
    return person.says(Answer(), text, intent="ask_procedure")


def presses(person: Person, payload: str) -> list[dict[str, Any]]:
    return person.says(AboutAnswer(), payload, intent=payload.lstrip("/"), confidence=1.0)


def payloads(message: dict[str, Any]) -> list[str]:
    return [button["payload"] for button in message["buttons"]]


def imported(text: str) -> None:
    with session_scope() as session:
        import_document(session, text, now=NOW)
    quoting._seen.clear()


def test_an_answer_has_its_clause_and_buttons(person: Person) -> None:
    answer, *_ = asks(person)
    assert answer["response"] == "utter_answer"
    assert answer["citation"] == "《衡南县政府合同管理办法》第十四条"
    assert payloads(answer) == ["/answer_neighbours", "/answer_useful", "/answer_useless"]


def test_short_official_words_stand_beside_it(person: Person) -> None:
    imported(SHORT)
    quoted = [m for m in asks(person) if m.get("response") == "utter_official"]
    assert [m["text"] for m in quoted] == ["第十四条 审查的时间写在这里。"]


def test_long_official_words_come_in_full_by_a_button(person: Person) -> None:
    imported(LONG)
    answer, quoted, *_ = asks(person)
    assert payloads(answer)[0] == "/answer_official"
    assert quoted["text"].endswith("……")
    assert len(quoted["text"]) < 310
    (whole,) = presses(person, "/answer_official")
    assert len(whole["text"]) > 600
    assert not whole["text"].endswith("……")


def test_a_part_of_a_long_section_is_quoted_by_its_own_sentences(person: Person) -> None:
    """As `wuchang ask` quotes it, not by the opening of the section."""
    imported(
        f"政府工作报告\n（2021年10月25日）\n一、回顾\n{'这是别的事情。' * 200}粮食作物产量稳定在65万吨以上。\n二、任务\n做事。\n"
    )
    quoted = [m["text"] for m in asks(person, "粮食产量多少万吨") if m.get("response") == "utter_official"]
    assert len(quoted) == 1
    assert "粮食作物产量稳定在65万吨以上" in quoted[0]


def test_the_clauses_beside_it(person: Person) -> None:
    asks(person)
    assert [m["citation"] for m in presses(person, "/answer_neighbours")] == [
        "《衡南县政府合同管理办法》第十三条",
        "《衡南县政府合同管理办法》第十五条",
    ]


@pytest.mark.parametrize(("payload", "useful"), [("/answer_useful", True), ("/answer_useless", False)])
def test_a_vote_is_kept_and_thanked_for(person: Person, payload: str, useful: bool) -> None:
    asks(person)
    assert responses(presses(person, payload)) == [f"utter_vote_{'useful' if useful else 'useless'}"]
    with session_scope() as session:
        (line,) = question_lines(session, votes=True)
    assert (line["question"], line["clause"], line["useful"]) == (
        "合同审查要几个工作日",
        "contract/14",
        useful,
    )


@pytest.mark.parametrize("action", [Inform(), Fallback()])
def test_a_vote_in_words_counts_whatever_the_classifier_hears(person: Person, action: Any) -> None:
    asks(person)
    assert responses(person.says(action, "没什么用", intent="out_of_scope")) == ["utter_vote_useless"]


def test_without_an_answer_there_is_nothing_to_vote_on(person: Person) -> None:
    assert responses(presses(person, "/answer_useful")) == ["utter_answer_forgotten"]
    assert "utter_vote_useful" not in responses(person.says(Inform(), "有用"))


def test_a_vote_is_about_the_last_answer_only(person: Person) -> None:
    asks(person)
    asks(person, "合同档案要保存多少年")
    assert responses(presses(person, "/answer_useless")) == ["utter_answer_forgotten"]


def test_a_refusal_is_kept_and_offers_what_may_be_related(person: Person) -> None:
    (refused,) = asks(person, "合同档案要保存多少年")
    assert refused["response"] == "utter_no_answer_near"
    with session_scope() as session:
        (line,) = question_lines(session, unanswered=True)
    assert line["question"] == "合同档案要保存多少年"
    assert line["nearest"]


def test_a_refusal_looks_into_imported_documents_without_a_digest(person: Person) -> None:
    imported(PARKING)
    (refused,) = asks(person, "路边停车一小时收多少钱")
    assert refused["citation"] == "《衡南县机动车停放管理办法》第二条"


def test_an_approved_answer_is_given_as_one_of_staff(person: Person) -> None:
    with session_scope() as session:
        number = approve(
            session,
            questions=["合同档案要保存多少年"],
            answer="至少30年。",
            clauses=["contract/19"],
            by="王敏",
            now=NOW,
        )
    answer, *_ = asks(person, "合同档案要保存多少年")
    assert (answer["response"], answer["answer"]) == ("utter_answer_by_staff", "至少30年。")
    presses(person, "/answer_useless")
    with session_scope() as session:
        (line,) = question_lines(session)
    assert line["approved"] == number


def test_a_question_of_two_parts_names_both_clauses(person: Person) -> None:
    answer, *_ = asks(person, "合同审查要几个工作日，签完几天内要备案")
    assert "第十四条" in answer["citation"]
    assert "第十九条" in answer["citation"]
    assert "7个工作日" in answer["answer"]
    assert "30日" in answer["answer"]


def test_a_clause_that_is_not_there_is_told_with_what_there_is(person: Person) -> None:
    (said,) = asks(person, "合同管理办法第一百条怎么说的")
    assert "第二十四条" in said["text"]
