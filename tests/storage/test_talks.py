"""Conversations that staff take over: who has whom, what is said and heard, and that nobody is left alone."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage import attachments, outbox, talk_lines, talk_list, talks
from bot.storage import told as told_by_itself
from bot.storage.attachments import Kept
from bot.storage.database import session_scope
from bot.storage.forget import forget
from bot.storage.tables import Attachment, Handover
from tests.conftest import NOW

FIRST, SECOND = "值班员甲", "值班员乙"
PHOTO = Kept("photo.jpg", "image/jpeg", b"\xff\xd8jpeg")


def ask(session: Session, sender: str, at: datetime, **values: object) -> int:
    given = {"reason": "asked", "text": "转人工", "urgent": False, **values}
    row = Handover(channel="web", sender_id=sender, created_at=at, status="open", **given)
    session.add(row)
    session.flush()
    return int(row.id)


def told(session: Session, sender: str, now: datetime) -> tuple[str, ...]:
    return outbox.collect(session, channel="web", sender=sender, now=now)


def test_who_asked_three_times_is_one_conversation(session: Session, now: datetime) -> None:
    first = ask(session, "a", now - timedelta(minutes=9))
    ask(session, "a", now - timedelta(minutes=5), text="有人吗")
    ask(session, "b", now, text="我也要人工")
    found = talk_list.waiting(session)
    assert [(one.sender, one.requests, one.text) for one in found] == [
        ("a", 2, "转人工\n有人吗"), ("b", 1, "我也要人工"),
    ]  # fmt: skip
    talks.take(session, handover_id=first, by=FIRST, now=now)
    assert all(row.status == "taken" for row in session.query(Handover).filter_by(sender_id="a"))
    talks.hand_back(session, handover_id=first, by=FIRST, now=now)
    assert [one.sender for one in talk_list.waiting(session)] == ["b"]


def test_urgent_ones_come_first_then_who_waits_longest_and_answered_ones_last(
    session: Session, now: datetime
) -> None:
    early = ask(session, "early", now - timedelta(hours=2))
    ask(session, "late", now - timedelta(hours=1))
    ask(session, "danger", now, urgent=True, reason="emergency")
    assert [one.sender for one in talk_list.waiting(session)] == ["danger", "early", "late"]
    talks.take(session, handover_id=early, by=FIRST, now=now)
    assert [one.sender for one in talk_list.waiting(session)] == ["danger", "early", "late"], (
        "not answered yet"
    )
    talks.say(session, handover_id=early, by=FIRST, text="您好", now=now + timedelta(minutes=1))
    assert [one.sender for one in talk_list.waiting(session)] == ["danger", "late", "early"]
    later = now + timedelta(minutes=2)
    talks.heard(session, handover_id=early, text="还没来水", now=later)
    early_one = talk_list.find(session, early)
    assert early_one.unanswered_since == later
    talks.heard(session, handover_id=early, text="急死人了", now=later + timedelta(minutes=9))
    again = talk_list.find(session, early)
    assert again.unanswered_since == later, "who writes again does not wait anew"


def test_words_of_staff_go_out_one_by_one_and_both_sides_are_kept(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    assert talks.heard(session, handover_id=one, text="在吗", now=now) is True
    assert talks.heard(session, handover_id=one, text="停水了", now=now) is False
    talks.say(session, handover_id=one, by=FIRST, text=" 在的。 ", now=now)
    talks.say(session, handover_id=one, by=FIRST, text="马上派人。", now=now, told="【值班人员】马上派人。")
    assert told(session, "a", now) == ("在的。", "【值班人员】马上派人。")
    assert [(line.by, line.text) for line in talk_lines.lines_of(session, one)] == [
        (None, "在吗"), (None, "停水了"), (FIRST, "在的。"), (FIRST, "马上派人。"),
    ]  # fmt: skip


def test_words_that_are_handed_in_again_are_there_once(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    other = ask(session, "b", now)
    for talk in (one, other):
        talks.take(session, handover_id=talk, by=FIRST, now=now)
    first = {"handover_id": one, "text": "在吗", "message_id": "m1"}
    assert talks.heard(session, **first, now=now) is True
    assert talks.heard(session, **first, now=now + timedelta(minutes=1)) is True, "it is still the first word"
    assert talks.heard(session, handover_id=one, text="在吗", message_id="m2", now=now) is False
    assert talks.heard(session, handover_id=one, text="在吗", now=now) is False
    assert talks.heard(session, handover_id=one, text="在吗", now=now) is False
    # Somebody else's message may have the same id.
    assert talks.heard(session, **{**first, "handover_id": other}, now=now) is True
    assert [line.text for line in talk_lines.lines_of(session, one)] == ["在吗"] * 4
    assert [line.text for line in talk_lines.lines_of(session, other)] == ["在吗"]


def test_words_that_are_handed_in_again_are_known_whatever_became_of_the_talk(
    session: Session, now: datetime
) -> None:
    """The first try made an alarm of them, which stands before the talk from then on."""
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    talks.heard(session, handover_id=one, text="我爸昏倒了", message_id="m1", now=now)
    alarm = talks.endangered(session, handover_id=one, reason="emergency", text="我爸昏倒了", now=now)
    assert talks.taken_by(session, "web", "a", now=now) == alarm
    talks.heard(session, handover_id=alarm.id, text="我爸昏倒了", message_id="m1", now=now)
    assert [line.text for line in talk_lines.lines_of(session, one)] == ["我爸昏倒了"]


def test_of_processes_that_hand_in_the_same_words_one_does(database_url: str) -> None:
    with session_scope(database_url) as session:
        one = ask(session, "a", NOW)
        talks.take(session, handover_id=one, by=FIRST, now=NOW)
    found: list[bool] = []

    def hand_in() -> None:
        with session_scope(database_url) as own:
            found.append(talks.heard(own, handover_id=one, text="在吗", message_id="m1", now=NOW))

    everybody = [threading.Thread(target=hand_in) for _ in range(6)]
    for process in everybody:
        process.start()
    for process in everybody:
        process.join()
    assert found == [True] * 6
    with session_scope(database_url) as session:
        assert [line.text for line in talk_lines.lines_of(session, one)] == ["在吗"]


def test_a_photo_that_is_handed_in_again_is_there_once(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    for _ in range(2):
        photo = attachments.keep(session, PHOTO, channel="web", sender="a", now=now)
        talks.heard(session, handover_id=one, text="[照片]", photo=photo, message_id="m1", now=now)
    assert session.query(Attachment).count() == 1
    (line,) = talk_lines.lines_of(session, one)
    assert line.photo is not None


def test_only_who_has_the_talk_speaks_and_a_colleague_may_take_it_over(
    session: Session, now: datetime
) -> None:
    one = ask(session, "a", now)
    with pytest.raises(BadInput, match="接手"):
        talks.say(session, handover_id=one, by=FIRST, text="您好", now=now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    with pytest.raises(BadInput, match=FIRST):
        talks.take(session, handover_id=one, by=SECOND, now=now)
    with pytest.raises(BadInput, match=FIRST):
        talks.say(session, handover_id=one, by=SECOND, text="您好", now=now)
    talks.take(session, handover_id=one, by=SECOND, now=now, over=True)
    talks.say(session, handover_id=one, by=SECOND, text="您好", now=now)
    with pytest.raises(BadInput, match=SECOND):
        talks.hand_back(session, handover_id=one, by=FIRST, now=now)
    assert told(session, "a", now) == ("您好",)


@pytest.mark.parametrize(("words", "why"), [("  ", "还没有写"), ("长" * 1001, "太长")])
def test_words_that_cannot_be_sent_are_refused(session: Session, now: datetime, words: str, why: str) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    with pytest.raises(BadInput, match=why):
        talks.say(session, handover_id=one, by=FIRST, text=words, now=now)
    assert told(session, "a", now) == ()


def test_danger_while_a_talk_is_on_is_an_alarm_of_its_own_once(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    told = {"handover_id": one, "reason": "emergency", "text": "我爸昏倒了"}
    alarm = talks.endangered(session, **told, now=now)
    assert (alarm.urgent, alarm.alarmed_at, alarm.status, alarm.taken_by) == (True, None, "taken", FIRST)
    assert talks.endangered(session, **told, now=now + timedelta(minutes=9)) is None
    assert talks.endangered(session, **{**told, "reason": "crisis"}, now=now) is not None
    assert talks.endangered(session, **told, now=now + timedelta(minutes=11)) is not None
    (person,) = talk_list.waiting(session)
    assert (person.urgent, person.status, person.reasons) == (True, "taken", ("emergency", "crisis", "asked"))
    talks.hand_back(session, handover_id=person.id, by=FIRST, now=now)
    assert talk_list.waiting(session) == ()


def test_a_talk_that_staff_forgot_waits_again(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    talks.say(session, handover_id=one, by=FIRST, text="您好", now=now + timedelta(hours=1))
    still = now + timedelta(hours=4, minutes=59)
    assert talks.taken_by(session, "web", "a", now=still) is not None
    assert talks.taken_by(session, "web", "a", now=now + timedelta(hours=5, seconds=1)) is None
    session.expire_all()
    assert [(found.status, found.taken_by) for found in talk_list.waiting(session)] == [("open", None)]


def test_another_channel_or_person_is_not_taken(session: Session, now: datetime) -> None:
    talks.take(session, handover_id=ask(session, "a", now), by=FIRST, now=now)
    assert talks.taken_by(session, "web", "b", now=now) is None
    assert talks.taken_by(session, "telegram", "a", now=now) is None


def test_a_page_looks_often_while_staff_may_answer_and_no_longer(session: Session, now: datetime) -> None:
    one = ask(session, "a", now - timedelta(minutes=31))
    assert not talks.is_expected(session, "web", "a", now=now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    assert talks.is_expected(session, "web", "a", now=now + timedelta(hours=1))
    talks.hand_back(session, handover_id=one, by=FIRST, now=now)
    assert not talks.is_expected(session, "web", "a", now=now)
    ask(session, "a", now)
    assert talks.is_expected(session, "web", "a", now=now)


def test_settled_without_a_talk_it_waits_no_more_but_never_under_anybodys_hands(
    session: Session, now: datetime
) -> None:
    one, other = ask(session, "a", now), ask(session, "b", now)
    talks.settle(session, handover_id=one, now=now)
    assert [found.sender for found in talk_list.waiting(session)] == ["b"]
    with pytest.raises(BadInput, match="结束"):
        talks.take(session, handover_id=one, by=FIRST, now=now)
    talks.take(session, handover_id=other, by=FIRST, now=now)
    with pytest.raises(BadInput, match=FIRST):
        talks.settle(session, handover_id=other, now=now)
    with pytest.raises(NotFound):
        talk_list.find(session, 999)


def test_the_farewell_is_said(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    talks.hand_back(session, handover_id=one, by=FIRST, now=now, farewell="先说到这里。")
    assert told(session, "a", now) == ("先说到这里。",)


# photos


def sent(session: Session, now: datetime, sender: str = "a", channel: str = "web") -> int:
    return attachments.keep(session, PHOTO, channel=channel, sender=sender, now=now)


def test_a_photo_stays_with_the_words_that_it_came_with(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    photo = sent(session, now)
    talks.heard(session, handover_id=one, text="[照片]", photo=photo, now=now)
    talks.heard(session, handover_id=one, text="看到了吗", now=now)
    assert [(line.text, line.photo) for line in talk_lines.lines_of(session, one)] == [
        ("[照片]", photo),
        ("看到了吗", None),
    ]
    assert talk_lines.photo_of(session, one, photo) == PHOTO
    # It is no report's, is not swept away, and is found from the person's next request too.
    assert attachments.unfiled(session, [photo], sender="a") == []
    attachments.sweep(session, now=now + timedelta(days=30))
    again = ask(session, "a", now)
    assert talk_lines.photo_of(session, again, photo) == PHOTO


def test_nobody_elses_photo_gets_into_a_talk_nor_out_of_one(session: Session, now: datetime) -> None:
    one, other = ask(session, "a", now), ask(session, "b", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    for photo in (sent(session, now, "b"), sent(session, now, "a", "wechat"), 99, 2**40):
        talks.heard(session, handover_id=one, text="[照片]", photo=photo, now=now)
    assert {line.photo for line in talk_lines.lines_of(session, one)} == {None}
    mine = sent(session, now)
    talks.heard(session, handover_id=one, text="[照片]", photo=mine, now=now)
    for asked, photo in ((other, mine), (one, mine + 1), (one, 2**40), (one, sent(session, now))):
        with pytest.raises(NotFound):
            talk_lines.photo_of(session, asked, photo)


def test_nobody_fills_the_disk_by_talking(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_OF_TALKS", 2)
    one = ask(session, "a", now)
    photos = [sent(session, now) for _ in range(3)]
    for photo in photos:
        talks.heard(session, handover_id=one, text="[照片]", photo=photo, now=now)
    assert [line.photo for line in talk_lines.lines_of(session, one)] == [*photos[:2], None]
    assert session.query(Attachment).count() == 2


def test_who_is_forgotten_takes_their_photos_along(session: Session, now: datetime) -> None:
    one = ask(session, "a", now)
    talks.heard(session, handover_id=one, text="[照片]", photo=sent(session, now), now=now)
    done = forget(session, channel="web", sender="a", now=now)
    assert done.deleted["attachment"] == 1
    assert session.query(Attachment).count() == 0


# what the person saw


def test_what_a_person_saw_of_a_talk_is_in_order_and_without_what_still_waits(
    session: Session, now: datetime
) -> None:
    one = ask(session, "a", now)
    talks.take(session, handover_id=one, by=FIRST, now=now)
    talks.heard(session, handover_id=one, text="在吗", now=now)
    talks.say(session, handover_id=one, by=FIRST, text="在", told="【值班人员】在", now=now)
    talks.say(session, handover_id=one, by=FIRST, text="请讲", told="【值班人员】请讲", now=now)
    talks.heard(session, handover_id=one, text="好", now=now + timedelta(minutes=1))

    def said(most: int = 9, channel: str = "web") -> list[str]:
        lines = talk_lines.said_by(session, channel=channel, sender="a", most=most)
        return [line.text for line in lines]

    def heard(most: int = 9, channel: str = "web") -> list[str]:
        came = told_by_itself.told(session, channel=channel, sender="a", most=most)
        assert all(one.at == now for one in came)
        return [one.message.text for one in came]

    assert (said(), said(1), said(channel="wechat")) == (["在吗", "好"], ["好"], [])
    assert heard() == []
    told(session, "a", now)
    assert (heard(), heard(1)) == (["【值班人员】在", "【值班人员】请讲"], ["【值班人员】请讲"])
    assert heard(channel="wechat") == []
