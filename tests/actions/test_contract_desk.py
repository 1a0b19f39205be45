"""The contract desk's actions without a server: who is taken to the desk, what is stored, what is said first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from actions.contract_desk import DeskJob
from actions.contracts import ContractJob
from actions.conversation import Answer, Cancel, Courtesy, RequestHuman
from actions.not_understood import Fallback
from actions.open_cases import DESK_FORM
from actions.outage import OutageJob
from bot import clock
from bot.contracts.desk import cases_of, find_case
from bot.storage import files, outbox
from bot.storage.database import session_scope
from bot.storage.tables import ContractRecord, OutgoingMessage
from tests.actions.talking import Person, responses
from tests.conftest import NOW

NUMBER = "HT261123-001"


@pytest.fixture
def clerk(database_url: str, now: datetime) -> Person:
    return Person()


@pytest.fixture
def with_case(clerk: Person) -> Person:
    """A clerk with a purchase contract of the county, handed in on the 26th: it may be signed from 7 December on."""
    text = "县政府要签采购合同，11月26日送审"
    said = clerk.says(ContractJob(), text, intent="contract_checklist", contract_type="采购合同")
    assert responses(said) == ["utter_checklist"]
    return clerk


def done() -> frozenset[str]:
    with session_scope() as session:
        return find_case(session, number=NUMBER).done


def waiting() -> list[str]:
    with session_scope() as session:
        return [
            f"{line['kind']} {line['due_at'][:16]}"
            for line in outbox.outgoing_lines(session)
            if not line["sent_at"]
        ]


def test_the_short_list_has_a_line_and_a_button_for_each_stage(with_case: Person) -> None:
    said = with_case.says(DeskJob(), NUMBER)[0]
    assert said["number"] == NUMBER
    assert said["lines"].count("\n") == len(said["buttons"]) - 1
    assert said["buttons"][2] == {"title": "三、送审材料", "payload": f"{NUMBER} 送审材料"}
    with session_scope() as session:
        assert session.scalar(select(func.count()).select_from(ContractRecord)) == 1


def test_a_contract_older_than_the_measures_is_warned_of_at_once(clerk: Person) -> None:
    text = "县政府的采购合同，2021年9月1日签的"
    (said,) = clerk.says(ContractJob(), text, intent="contract_checklist", contract_type="采购合同")
    assert "可能管不到这份合同" in said["warnings"]
    assert "第二十四条" in said["warnings"]


@pytest.mark.parametrize(
    ("action", "intent"),
    [(Courtesy(), "thank"), (Answer(), "ask_procedure"), (Fallback(), "nlu_fallback"), (Cancel(), "cancel"),
     (ContractJob(), "contract_checklist"), (OutageJob(), "report_outage")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_words_of_the_desk_go_there_whatever_the_classifier_says(
    with_case: Person, action: Any, intent: str
) -> None:
    assert with_case.says(action, "3和5都办完了", intent=intent, confidence=0.4) == []
    assert with_case.next_action == DESK_FORM
    assert responses(with_case.says(DeskJob(), "3和5都办完了", intent=intent)) == ["utter_desk_ticked"]
    assert len(done()) == 2


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("我要报名志愿者，材料交了", "volunteer", 0.9),
        ("停水3天了，第3天了", "report_outage", 0.9),
        ("我不想活了，材料交了", "out_of_scope", 0.9),
        ("你好", "greet", 0.9),
    ],
)
def test_other_matters_do_not_go_to_the_desk(
    with_case: Person, text: str, intent: str, confidence: float
) -> None:
    assert with_case.says(Fallback(), text, intent=intent, confidence=confidence)
    assert with_case.next_action is None


def test_how_far_it_is_asks_of_what_was_spoken_of_last(with_case: Person) -> None:
    with_case.says(Fallback(), "进度怎么样了", intent="check_report")
    assert with_case.next_action == DESK_FORM
    with_case.says(Courtesy(), "你好", intent="greet")
    with_case.says(Fallback(), "进度怎么样了", intent="check_report")
    assert with_case.next_action is None


def test_who_asks_for_a_person_gets_one(with_case: Person) -> None:
    assert "utter_handover" in responses(
        with_case.says(RequestHuman(), "材料交了，找人工", intent="request_human")
    )


def test_who_has_no_case_is_answered_as_ever(clerk: Person, with_case: Person) -> None:
    other = Person(sender="somebody else")
    assert responses(other.says(Courtesy(), "3和5都办完了", intent="thank")) == ["utter_thank"]
    assert other.next_action is None
    assert responses(other.says(DeskJob(), f"{NUMBER}还差什么")) == ["utter_desk_unknown"]


def test_inside_another_job_its_words_stay_there(with_case: Person) -> None:
    with_case.loop = "outage_form"
    with_case.slots |= {"requested_slot": "outage_place", "draft": {"problems": ["no_water"]}}
    with_case.says(OutageJob(), "还差什么", intent="nlu_fallback")
    assert with_case.next_action is None


def test_a_desk_that_cannot_be_read_costs_no_answer(clerk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("actions.open_cases.session_scope", broken)
    monkeypatch.setattr("actions.reminders.session_scope", broken)
    assert responses(clerk.says(Courtesy(), "还差什么，谢谢", intent="thank")) == ["utter_thank"]


def test_a_mistake_takes_back_the_last_ticks_only(with_case: Person) -> None:
    assert with_case.says(Fallback(), "点错了", intent="nlu_fallback")
    assert with_case.next_action is None  # nothing was ticked
    with_case.says(DeskJob(), "第1项办好了")
    with_case.says(DeskJob(), "2和3办好了")
    assert responses(with_case.says(DeskJob(), "点错了")) == ["utter_desk_unticked"]
    assert len(done()) == 1


def test_all_done_without_a_stage_asks_which(with_case: Person) -> None:
    (said,) = with_case.says(DeskJob(), "都办好了")
    assert said["response"] == "utter_desk_which_stage"
    assert said["buttons"][0]["payload"] == f"{NUMBER} 核对能不能签都办好了"
    assert responses(with_case.says(DeskJob(), said["buttons"][0]["payload"])) == ["utter_desk_ticked"]
    assert done() == {"forbidden"}


def test_a_date_and_a_tick_in_one_message_are_both_taken(with_case: Person) -> None:
    said = with_case.says(DeskJob(), "11月20日签字了")
    assert responses(said) == ["utter_checklist_dates", "utter_desk_ticked"]
    assert "2026-12-20" in said[0]["dates"]
    assert done() == {"signing"}


def test_which_of_two_is_asked_and_its_answer_does_what_was_wanted(with_case: Person) -> None:
    with_case.says(ContractJob(), "我们局要签物业合同", intent="contract_checklist", contract_type="物业合同")
    job = DeskJob()
    assert responses(with_case.says(job, "还差什么")) == ["utter_desk_cases"]
    assert with_case.slots["requested_slot"] == "desk_which"
    with_case.loop = DESK_FORM
    (said,) = with_case.says(job, "采购那个", intent="out_of_scope")
    assert (said["response"], said["number"]) == ("utter_desk_left", NUMBER)
    assert with_case.slots["requested_slot"] is None


def test_which_is_asked_twice_at_most(with_case: Person) -> None:
    with_case.says(ContractJob(), "我们局要签物业合同", intent="contract_checklist", contract_type="物业合同")
    with_case.says(DeskJob(), "还差什么")
    with_case.loop = DESK_FORM
    with_case.says(DeskJob(), "那个", intent="out_of_scope")
    assert with_case.slots["requested_slot"] == "desk_which"
    with_case.says(DeskJob(), "那个", intent="out_of_scope")
    assert with_case.slots["requested_slot"] is None


def test_which_ends_though_each_answer_is_another_wish(with_case: Person) -> None:
    with_case.says(ContractJob(), "我们局要签物业合同", intent="contract_checklist", contract_type="物业合同")
    with_case.says(DeskJob(), "还差什么")
    with_case.loop = DESK_FORM
    with_case.says(DeskJob(), "下一步干什么", intent="out_of_scope")
    assert with_case.slots["requested_slot"] == "desk_which"
    with_case.says(DeskJob(), "还差什么", intent="out_of_scope")
    assert with_case.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("answer", "intent", "closed"),
    [("对", "affirm", True), ("/affirm", "affirm", True), ("不签了", "deny", True), ("/deny", "deny", False),
     ("不，接着办", "deny", False), ("还差什么", "nlu_fallback", False)],
)  # fmt: skip
def test_closing_is_asked_back(with_case: Person, answer: str, intent: str, closed: bool) -> None:
    with_case.says(DeskJob(), "这个合同不签了", intent="cancel")
    assert with_case.slots["requested_slot"] == "desk_close"
    assert waiting()
    with_case.loop = DESK_FORM
    assert with_case.says(DeskJob(), answer, intent=intent)
    with session_scope() as session:
        assert (cases_of(session, channel="rest", sender="clerk") == ()) is closed
    assert (waiting() == []) is closed


@pytest.mark.parametrize(
    "said",
    [
        "除了那个都办好了",
        "营业执照没拿到，资质拿到了",
        "材料差不多交了",
        "第3项不办了",
        "除了备案，1和2都办好了",
    ],
)
def test_what_cannot_be_read_ticks_nothing_and_is_asked(with_case: Person, said: str) -> None:
    with_case.says(DeskJob(), "打开送审材料")
    assert responses(with_case.says(DeskJob(), said)) == ["utter_desk_unclear"]
    assert done() == frozenset()
    assert with_case.slots["requested_slot"] is None


def test_all_but_one_leaves_that_one(with_case: Person) -> None:
    with_case.says(DeskJob(), "打开送审材料")
    with_case.says(DeskJob(), "除了起草说明都办好了")
    assert "material-2" not in done()
    assert len(done()) == 6


@pytest.mark.parametrize("said", ["审查意见拿到了，不通过", "第13项不合格，退回来了"])
def test_what_was_sent_back_is_not_done(with_case: Person, said: str) -> None:
    with_case.says(DeskJob(), "审查意见拿到了")
    assert done() == {"reviewer"}
    assert responses(with_case.says(DeskJob(), said)) == ["utter_desk_unticked"]
    assert done() == frozenset()


def facts() -> dict[str, Any]:
    with session_scope() as session:
        return dict(find_case(session, number=NUMBER).facts)


def yes(person: Person, word: str = "对", intent: str = "affirm") -> list[str]:
    person.loop = DESK_FORM
    said = responses(person.says(DeskJob(), word, intent=intent))
    person.loop = None
    return said


@pytest.mark.parametrize(("word", "intent", "day"), [("对", "affirm", "12-01"), ("不", "deny", "11-26")])
def test_a_date_is_not_overwritten_before_asking(with_case: Person, word: str, intent: str, day: str) -> None:
    assert responses(with_case.says(DeskJob(), "12月1日送审")) == ["utter_desk_overwriting"]
    assert with_case.slots["requested_slot"] == "desk_overwrite"
    assert facts()["submitted_on"] == "2026-11-26"
    yes(with_case, word, intent)
    assert facts()["submitted_on"] == f"2026-{day}"


def test_what_the_desk_keeps_nowhere_begins_no_new_contract(with_case: Person) -> None:
    text = "12月5号把合同文本报给局长看了"
    with_case.says(ContractJob(), text, intent="contract_checklist")
    assert with_case.next_action == DESK_FORM
    assert responses(with_case.says(DeskJob(), text, intent="contract_checklist")) == ["utter_desk_not_kept"]
    assert facts()["submitted_on"] == "2026-11-26"
    with_case.says(ContractJob(), "我要签一个合同", intent="contract_checklist")
    assert with_case.slots["requested_slot"] == "contract_kind"


def test_a_correction_that_names_no_date_of_the_case_is_asked(with_case: Person) -> None:
    assert responses(with_case.says(DeskJob(), "不是12月20号，是12月18号")) == ["utter_desk_which_date"]
    assert facts()["submitted_on"] == "2026-11-26"
    with_case.says(Fallback(), "不是12月20号，是12月18号", intent="nlu_fallback")
    assert with_case.next_action == DESK_FORM


@pytest.mark.parametrize(("word", "intent", "applies"), [("对", "affirm", False), ("不是", "deny", True)])
def test_an_emergency_exempts_only_after_asking_and_can_be_undone(
    with_case: Person, word: str, intent: str, applies: bool
) -> None:
    with_case.says(DeskJob(), "这份合同是应急采购")
    assert with_case.slots["requested_slot"] == "desk_emergency"
    yes(with_case, word, intent)
    with session_scope() as session:
        assert find_case(session, number=NUMBER).found.applies is applies
    with_case.says(DeskJob(), "不是应急，是普通采购")
    with session_scope() as session:
        assert find_case(session, number=NUMBER).found.applies


def test_signed_by_mistake_takes_the_day_away(with_case: Person) -> None:
    with_case.says(DeskJob(), "11月20号签了")
    assert (facts().get("signed_on"), done()) == ("2026-11-20", {"signing"})
    (said,) = with_case.says(DeskJob(), "点错了")
    assert (said["response"], said["hint"]) == ("utter_desk_unticked", "\n签订日期也去掉了。")
    assert "signed_on" not in facts()
    assert done() == frozenset()


def test_a_planned_signing_keeps_the_reminders_of_signing(with_case: Person) -> None:
    with_case.says(DeskJob(), "打算12月8号签")
    assert facts()["signing_planned_on"] == "2026-12-08"
    assert {line.split()[0] for line in waiting()} == {"signing"}
    with_case.says(DeskJob(), "12月8号签不了")
    assert "signing_planned_on" not in facts()


def test_the_review_has_to_be_done_again_by_another_body(with_case: Person) -> None:
    with_case.says(DeskJob(), "审查意见拿到了")
    (said,) = with_case.says(DeskJob(), "改成我们局签")
    assert "要重新办" in said["lines"]
    with_case.says(DeskJob(), "改成县政府签")
    assert done() == frozenset()


@pytest.mark.parametrize(("word", "cases"), [("另一份", 2), ("原来那份", 1)])
def test_a_contract_of_the_kind_with_another_party_is_asked_about(
    with_case: Person, word: str, cases: int
) -> None:
    job, text = ContractJob(), "列一下采购合同的清单，我们局签，12月3日送审"
    said = with_case.says(job, text, intent="contract_checklist", contract_type="采购合同")
    assert responses(said) == ["utter_contract_clash"]
    assert facts()["submitted_on"] == "2026-11-26"
    with_case.loop = "contract_form"
    assert responses(with_case.says(job, word)) == ["utter_checklist"]
    with session_scope() as session:
        assert len(cases_of(session, channel="rest", sender="clerk")) == cases
    assert facts()["submitted_on"] == ("2026-11-26" if cases == 2 else "2026-12-03")


def test_with_two_contracts_a_tick_says_whose_it_is(with_case: Person) -> None:
    (said,) = with_case.says(DeskJob(), "第1项办好了")
    assert said["case"] == ""
    with_case.says(ContractJob(), "我们局要签物业合同", intent="contract_checklist", contract_type="物业合同")
    (said,) = with_case.says(DeskJob(), "第1项办好了")
    assert said["case"].startswith("HT261123-002")
    assert responses(with_case.says(DeskJob(), "两个合同都签了")) == ["utter_desk_cases"]
    assert with_case.slots["requested_slot"] == "desk_which"


@pytest.mark.parametrize("said", ["我妈的养老补贴批下来了", "水表资质通过了", "我家身份证明办好了"])
def test_what_may_be_another_matter_is_asked_before_it_is_ticked(with_case: Person, said: str) -> None:
    assert responses(with_case.says(DeskJob(), said, intent="nlu_fallback")) == ["utter_desk_meaning"]
    assert done() == frozenset()
    assert yes(with_case, "不是", "deny") == ["utter_desk_not_noted"]
    assert done() == frozenset()


def test_words_long_after_the_desk_are_asked_and_a_yes_ticks(with_case: Person) -> None:
    with_case.says(Courtesy(), "你好", intent="greet")
    assert responses(with_case.says(DeskJob(), "批文下来了")) == ["utter_desk_meaning"]
    assert yes(with_case) == ["utter_desk_ticked"]
    assert done() == {"material-5"}


def test_a_supplement_ticked_by_number_asks_for_its_day(with_case: Person) -> None:
    (said,) = with_case.says(DeskJob(), "11月30号叫补材料")
    assert "清单上添了一件：20. " in said["lines"]
    (said,) = with_case.says(DeskJob(), "第20项办好了")
    assert said["hint"].startswith("\n哪天补齐的")
    assert {line.split()[0] for line in waiting()} == {"supplement"}
    with_case.says(DeskJob(), "12月2号")
    assert (facts()["supplement_received_on"], facts()["submitted_on"]) == ("2026-12-02", "2026-11-26")


@pytest.mark.parametrize(
    "said", ["审查那边说要补材料", "司法局叫我们补点材料", "材料要再补一下，司法局让补材料"]
)
def test_materials_asked_for_without_a_day_are_asked_about(with_case: Person, said: str) -> None:
    assert responses(with_case.says(DeskJob(), said)) == ["utter_desk_supplement_asked"]
    assert "supplement_requested_on" not in facts()
    with_case.says(DeskJob(), "11月30号", intent="inform")
    assert (facts()["supplement_requested_on"], facts()["submitted_on"]) == ("2026-11-30", "2026-11-26")


def test_what_was_asked_for_besides_ticks_nothing_else(with_case: Person) -> None:
    with_case.says(DeskJob(), "11月30号叫补材料")
    said = with_case.says(DeskJob(), "补的材料12月2号交上去了")
    assert responses(said) == ["utter_checklist_dates"]
    assert facts()["supplement_received_on"] == "2026-12-02"
    assert done() <= {"supplement-open"}


def test_a_supplement_is_not_asked_about_where_none_is_wanted(with_case: Person) -> None:
    for said in ("不用补材料", "要补材料吗", "补充协议签好了"):
        assert "utter_desk_supplement_asked" not in responses(with_case.says(DeskJob(), said))


def test_a_day_to_come_is_no_day_of_signing(with_case: Person) -> None:
    (said,) = with_case.says(DeskJob(), "12月14号签了字盖了章")
    assert (said["response"], said["date"]) == ("utter_day_to_come", "12月14号")
    assert not facts().keys() & {"signed_on", "signing_planned_on"}
    assert done() == frozenset()
    with_case.says(DeskJob(), "打算12月14号签")
    assert facts()["signing_planned_on"] == "2026-12-14"


@pytest.mark.parametrize(
    "text",
    ["Checklist for a lease of state property, signed by the county government, submitted on 2026-11-23",
     "列个租赁门面的清单，县政府签，11月20号送审"],
)  # fmt: skip
def test_a_list_for_another_contract_changes_nothing_of_the_one_that_is_open(
    with_case: Person, text: str
) -> None:
    with_case.slots["requested_slot"], with_case.loop = "desk_overwrite", DESK_FORM
    with_case.says(DeskJob(), text, intent="contract_checklist")
    assert with_case.next_action == "contract_form"
    with_case.slots["requested_slot"], with_case.loop = None, None
    with_case.says(ContractJob(), text, intent="contract_checklist")
    assert with_case.next_action is None
    assert (facts()["submitted_on"], done()) == ("2026-11-26", frozenset())


def test_an_english_list_is_made_in_one_message(with_case: Person) -> None:
    text = "Checklist for a lease of state property, signed by the county government, submitted on 2026-11-23"
    assert responses(with_case.says(ContractJob(), text, intent="contract_checklist")) == ["utter_checklist"]
    with session_scope() as session:
        second = cases_of(session, channel="rest", sender="clerk")[1]
    assert (second.contract_type, second.facts["signing_party"]) == ("lease of state property", "county")


def test_contracts_that_are_open_are_asked_after_in_the_middle_of_a_new_list(with_case: Person) -> None:
    with_case.says(ContractJob(), "物业合同还差什么", intent="contract_checklist", contract_type="物业合同")
    assert with_case.slots["requested_slot"] == "contract_party"
    with_case.loop = "contract_form"
    with_case.says(ContractJob(), "我手上有哪些合同", intent="contract_checklist")
    assert with_case.next_action == DESK_FORM


def test_a_numbered_thing_is_the_desks_whatever_the_classifier_says(with_case: Person) -> None:
    with_case.says(Fallback(), "第5项不太好，还要改", intent="give_feedback", confidence=0.9)
    assert with_case.next_action == DESK_FORM


def test_a_finished_contract_is_put_away_with_a_question_of_its_own(with_case: Person) -> None:
    with_case.says(DeskJob(), "办结了")
    assert with_case.slots["requested_slot"] == "desk_finish"
    assert yes(with_case) == ["utter_desk_closed"]
    said = with_case.says(DeskJob(), f"重新打开{NUMBER}")
    assert responses(said) == ["utter_desk_reopened", "utter_checklist"]
    assert responses(Person(sender="other").says(DeskJob(), f"重新打开{NUMBER}")) == ["utter_desk_unknown"]


def test_a_day_that_is_over_says_so(with_case: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with_case.says(DeskJob(), "11月20号签了")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 23, 8, 0))
    said = with_case.says(DeskJob(), "还差什么")[-1]
    assert "最晚2026-12-20，已经过了3天" in said["lines"]


def test_dates_that_contradict_each_other_are_told_without_the_keys_of_files(with_case: Person) -> None:
    (said,) = with_case.says(DeskJob(), "11月20号叫补材料")
    assert said["response"] == "utter_bad_value"
    assert "2026-11-20" in said["reason"]
    assert "supplement" not in said["reason"]


# reminders


def test_a_case_is_reminded_of_in_three_messages(with_case: Person) -> None:
    assert waiting() == ["signing 2026-12-02T09:00", "signing 2026-12-04T09:00", "signing 2026-12-07T09:00"]


def test_reminders_follow_the_facts_and_go_with_the_tick(with_case: Person) -> None:
    with_case.says(DeskJob(), "改成11月27日送审")
    assert waiting()[-1] == "signing 2026-12-08T09:00"
    assert len(waiting()) == 3
    with_case.says(DeskJob(), "签字了")
    assert waiting() == []
    with_case.says(DeskJob(), "签字那项点错了")
    assert len(waiting()) == 3


def test_a_reminder_is_said_before_the_answer_and_once(
    with_case: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 7, 9, 0))
    first, second = (responses(with_case.says(Courtesy(), "你好", intent="greet")) for _ in range(2))
    assert first[0].startswith("提醒：最早2026-12-07可以签")
    assert [*first[1:], *second] == ["utter_greet", "utter_greet"]


def test_a_reminder_does_not_disturb_a_job(with_case: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 7, 9, 0))
    said = responses(with_case.says(OutageJob(), "三塘镇老街停水了", intent="report_outage"))
    assert said[0].startswith("提醒：最早2026-12-07可以签")
    assert with_case.slots["requested_slot"]


def test_lives_come_before_reminders(with_case: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=30))
    assert responses(with_case.says(Fallback(), "我不想活了", intent="out_of_scope")) == ["utter_crisis"]
    with session_scope() as session:
        assert session.scalar(select(func.count()).where(OutgoingMessage.sent_at.is_not(None))) == 0


def test_reminders_are_in_the_persons_language(clerk: Person) -> None:
    clerk.slots["language"] = "en"
    clerk.says(
        ContractJob(), "the county signs a lease, submitted on Nov 26", intent="contract_checklist",
        contract_type="lease",
    )  # fmt: skip
    with session_scope() as session:
        texts = [line["text"] for line in outbox.outgoing_lines(session)]
    assert texts
    assert all(text.startswith("Reminder: HT261123-001") for text in texts)


# the document


@pytest.mark.parametrize(
    ("text", "channel", "name"),
    [("发我一份", "rest", "采购合同-清单.docx"), ("要md的", "rest", ".md"), ("要word的", "web", ".docx")],
)
def test_the_document_is_behind_a_link(
    database_url: str, now: datetime, text: str, channel: str, name: str
) -> None:
    clerk = Person(channel=channel)
    clerk.says(ContractJob(), "县政府要签采购合同", intent="contract_checklist", contract_type="采购合同")
    (said,) = clerk.says(DeskJob(), text)
    assert said["response"] == "utter_desk_file"
    start = "file?token=" if channel == "web" else "http://127.0.0.1:5005/webhooks/web/file?token="
    assert said["attachment"].startswith(start)
    with session_scope() as session:
        file = files.fetch(session, said["attachment"].split("=")[1], now=NOW)
    assert file is not None
    assert file.name.endswith(name)
    assert file.body
