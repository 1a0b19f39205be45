"""Answers that staff approved win, at once; votes and what was not answered are listed for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import answering
from bot.documents import approved
from bot.documents.approved import approve, approved_lines, in_force, withdraw
from bot.documents.votes import question_lines, says_vote, vote
from bot.errors import BadInput, NotFound
from bot.storage.database import session_scope
from bot.storage.glance import glance
from bot.storage.tables import UnansweredQuestion
from tests.conftest import NOW

ASKED = "合同档案要保存多少年"
SAID = "合同管理办法没写年限，按县档案馆的规定至少保存30年。"


def keep(session: Session, **other: Any) -> int:
    given = {"questions": [ASKED], "answer": SAID, "clauses": ["contract/19"], "by": "王敏", "now": NOW}
    return approve(session, **{**given, **other})


def test_an_approved_answer_wins_at_once(session: Session) -> None:
    assert not answering.answer(ASKED, by_staff=in_force(session)).answered
    number = keep(session)
    found = answering.answer(ASKED, by_staff=in_force(session))
    assert (found.answered, found.text, found.approved) == (True, SAID, number)
    assert [entry.id for entry in found.entries] == ["contract/19"]
    line = answering.answer_line({"question": ASKED}, by_staff=in_force(session))
    assert (line["approved"], line["answer"], line["citations"][0]["id"]) == (number, SAID, "contract/19")


@pytest.mark.parametrize(
    ("question", "same"),
    [
        ("合同档案要保存多少年？", True),
        ("合同档案 要保存好多年", True),
        ("请问合同档案要保存多少年呢", True),
        ("到底合同档案要保存几多年呀", True),
        ("合同要送哪里归档", False),
        ("合同审查要多少个工作日", False),
        ("停水了", False),
        ("", False),
    ],
)
def test_it_is_given_to_the_same_question_only(session: Session, question: str, same: bool) -> None:
    keep(session)
    assert (approved.find(question, in_force(session)) is not None) is same


@pytest.mark.parametrize(
    ("approved_for", "question"),
    [
        ("重大事故由谁批准启动响应", "较大事故由谁批准启动响应"), ("重大事故谁批准启动", "特别重大事故谁批准启动"),
        ("养老驿站能申请吗", "养老驿站不能申请吗"), ("敬老院可以住吗", "敬老院不可以住吗"),
        ("男的几岁可以领养老金", "女的几岁可以领养老金"), ("泉溪镇敬老院的电话", "泉湖镇敬老院的电话"),
        ("签订前要备案吗", "签订后要备案吗"), ("县政府签的合同由谁审查", "县财政局签的合同由谁审查"),
    ],
)  # fmt: skip
def test_questions_that_differ_in_a_word_are_two(session: Session, approved_for: str, question: str) -> None:
    keep(session, questions=[approved_for], clauses=[])
    assert approved.find(approved_for, in_force(session)) is not None
    assert approved.find(question, in_force(session)) is None


def test_where_they_cannot_be_read_the_last_ones_stay(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = keep(session)
    session.commit()
    assert [one.id for one in approved.current()] == [number]

    def broken(_session: Session) -> None:
        raise OperationalError("select", {}, Exception("no such table"))

    monkeypatch.setattr(approved, "in_force", broken)
    assert [one.id for one in approved.current()] == [number]


@pytest.mark.usefixtures("database_url")
def test_they_are_read_again_only_where_they_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_scope() as session:
        first = keep(session)
    assert given() == [first]
    with monkeypatch.context() as broken:
        broken.setattr(approved, "in_force", None)
        assert given() == [first]
    with session_scope() as session:
        second = keep(session)
    assert given() == [second, first]
    with session_scope() as session:
        withdraw(session, second, now=NOW)
    assert given() == [first]


def given() -> list[int]:
    """What a turn of this moment would win over the documents with."""
    state = glance(channel="rest", sender="anybody", now=NOW).answers
    return [one.id for one in approved.current(state)]


def test_another_figure_is_another_question(session: Session) -> None:
    number = keep(session, questions=["死3个人的供水事故算几级"], answer="二级。", clauses=[])
    assert approved.find("死了3个人的供水事故算几级", in_force(session)).id == number  # type: ignore[union-attr]
    assert approved.find("死30个人的供水事故算几级", in_force(session)) is None


def test_of_two_the_later_wins_and_a_withdrawn_one_never(session: Session) -> None:
    first, second = keep(session), keep(session, answer="改成50年。")
    assert approved.find(ASKED, in_force(session)).id == second  # type: ignore[union-attr]
    withdraw(session, second, now=NOW + timedelta(days=1))
    assert approved.find(ASKED, in_force(session)).id == first  # type: ignore[union-attr]
    assert [line["withdrawn_at"] is None for line in approved_lines(session)] == [True, False]
    with pytest.raises(NotFound, match=str(second)):
        withdraw(session, second, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"questions": []}, "--question"),
        ({"questions": ["？？"]}, "--question"),
        ({"answer": "  "}, "答案"),
        ({"answer": "长" * 2001}, "2000"),
        ({"by": ""}, "--by"),
        ({"clauses": ["contract/99"]}, "contract/99"),
    ],
)
def test_what_cannot_be_approved_is_told(session: Session, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        keep(session, **wrong)
    assert in_force(session) == ()


def unanswered(session: Session, question: str) -> None:
    session.add(UnansweredQuestion(question=question, nearest=None, sender_id="a", created_at=NOW))
    session.flush()


def test_what_was_not_answered_is_listed_until_an_answer_is_approved(session: Session) -> None:
    unanswered(session, ASKED)
    unanswered(session, "合同可以用电子签名吗")
    assert len(list(question_lines(session, unanswered=True))) == 2
    number = keep(session)
    assert [line["question"] for line in question_lines(session, unanswered=True)] == ["合同可以用电子签名吗"]
    assert [line["approved"] for line in question_lines(session)] == [number, None]


def test_votes_are_kept_once_a_person_and_question(session: Session) -> None:
    def cast(sender: str, *, useful: bool) -> None:
        vote(session, question="审几天", clause="contract/14", approved_id=None, useful=useful,
             channel="web", sender=sender, now=NOW)  # fmt: skip
        session.flush()

    cast("a", useful=True)
    cast("a", useful=False)
    cast("b", useful=True)
    assert [line["useful"] for line in question_lines(session, votes=True)] == [False, True]
    # Without asking for votes only the bad ones are work.
    assert [(line["kind"], line["clause"]) for line in question_lines(session)] == [("vote", "contract/14")]
    assert list(question_lines(session, unanswered=True)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("有用", True), ("这个很有用，谢谢".replace("，谢谢", ""), True), ("没用", False), ("没什么用", False), ("答非所问", False),
        ("useful", True), ("not helpful", False), ("没用水", None), ("水管没用了", None), ("有用水的地方吗", None), ("", None),
    ],
)  # fmt: skip
def test_a_vote_in_words(text: str, said: bool | None) -> None:
    assert says_vote(text) is said
