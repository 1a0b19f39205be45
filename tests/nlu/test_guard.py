"""The rules behind the classifier, where a mistake would cost a life or a report."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.guard import BIND, FORGET, REPORT, REVIEW, ReportGuard, corrected
from bot.nlu.normalise import clean, normalise


def plain(text: str) -> str:
    return normalise(clean(text).text).text


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("水厂漏氯气了", "ask_procedure", 0.6),
        ("水厂漏氯气了", "out_of_scope", 0.99),
        ("喝了自来水又吐又拉", "ask_eldercare", 0.9),
        ("水管那里有人触电了", "inform", 0.9),
        ("有人往井水里投毒", "nlu_fallback", 0.1),
        ("我家没水，是不是停水了", "ask_outage_news", 0.9),
        ("我们小区没水了，别处也这样吗", "ask_outage_news", 0.9),
        ("家里冇得水哒", "check_report", 0.6),
        ("屋里又停水了是不是修路搞的", "ask_outage_news", 0.9),
        ("我要报修", "check_report", 0.9),
        ("报修", "check_report", 0.9),
        ("帮我报修水管", "check_report", 0.9),
        ("请派人来修水管", "check_report", 0.9),
        ("How do I report a water outage?", "check_report", 0.9),
        ("向阳桥那边停水了", "ask_outage_news", 0.9),
        ("泉溪镇冇得水哒，快派人来", "ask_outage_news", 0.9),
        ("没水", "inform", 0.8),
        ("水管爆了", "inform", 0.9),
        ("no water at my home, is there an outage", "ask_outage_news", 0.9),
    ],
)
def test_is_heard_as_a_report(text: str, intent: str, confidence: float) -> None:
    assert corrected(plain(text), intent, confidence) == REPORT


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("预案里漏氯怎么定级", "ask_procedure", 0.9),
        ("水里有毒怎么报告", "ask_procedure", 0.8),
        ("我报修的那个怎么样了", "check_report", 0.9),
        ("报修好几天了", "check_report", 0.9),
        ("三塘停水了吗", "ask_outage_news", 0.9),
        ("向阳桥那边停水了冒", "ask_outage_news", 0.9),
        ("听隔壁说三塘停水了", "ask_outage_news", 0.9),
        ("是不是全县都停水了", "ask_outage_news", 0.9),
        ("哪些地方停水了", "ask_outage_news", 0.9),
        ("听说要停水，我家现在还有水，停到哪几条街", "ask_outage_news", 0.9),
        ("我家还是没水，昨天报的那个怎么样了", "check_report", 0.9),
        ("我家停水什么时候来水", "check_report", 0.9),
        ("我家没水，报过了，修好没", "check_report", 0.9),
        ("停水的规定是什么", "ask_procedure", 0.9),
        ("三塘", "inform", 0.9),
        ("13912340001", "inform", 0.9),
        ("下水道堵了", "out_of_scope", 0.9),
        ("水费怎么交", "out_of_scope", 0.9),
        ("烦死人了", "out_of_scope", 0.9),
    ],
)
def test_the_classifier_stands(text: str, intent: str, confidence: float) -> None:
    assert corrected(plain(text), intent, confidence) is None


@pytest.mark.parametrize("intent", ["report_outage", "greet", "ask_procedure"])
def test_wanting_to_die_is_no_report_and_no_menu(intent: str) -> None:
    assert corrected("没水用，我不想活了", intent, 0.99) == "out_of_scope"


def message(text: str, name: str, confidence: float) -> Message:
    ranking = [{"name": name, "confidence": confidence}, {"name": REPORT, "confidence": 0.01}]
    return Message({TEXT: text, INTENT: ranking[0], "intent_ranking": ranking})


@pytest.fixture
def guard() -> ReportGuard:
    return ReportGuard({}, None, None)  # type: ignore[arg-type]


def test_the_component_puts_it_first_in_the_ranking(guard: ReportGuard, now: Any) -> None:
    (mended,) = guard.process([message("水厂漏氯气了", "greet", 0.9)])
    assert mended.get(INTENT) == {"name": REPORT, "confidence": 1.0}
    assert [row["name"] for row in mended.get("intent_ranking")] == [REPORT, "greet"]


def test_the_component_leaves_others_as_they_are(guard: ReportGuard, now: Any) -> None:
    (same,) = guard.process([message("你好", "greet", 0.9)])
    assert same.get(INTENT) == {"name": "greet", "confidence": 0.9}
    assert [row["name"] for row in same.get("intent_ranking")] == ["greet", REPORT]


def test_the_component_bears_a_message_without_intent(guard: ReportGuard, now: Any) -> None:
    (same,) = guard.process([Message({TEXT: ""})])
    assert same.get(INTENT)["name"] == "nlu_fallback"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("水来了", "inform"),
        ("有水了谢谢", "inform"),
        ("水来了又停了", None),
        ("来水了吗", None),
        ("自来水没来水了，我在云集", None),
        ("水还没来", None),
    ],
)
def test_the_water_is_back_is_no_new_report(text: str, intent: str | None) -> None:
    assert corrected(plain(text), REPORT, 0.9) == intent


@pytest.mark.parametrize("intent", ["request_care", "inform"])
def test_water_for_somebody_in_bed_is_passed_on(intent: str) -> None:
    assert corrected(plain("能不能送点水来，我娘瘫在床上"), intent, 0.9) == "request_human"
    assert corrected(plain("能不能送饭来，我娘瘫在床上"), intent, 0.9) != "request_human"


@pytest.mark.parametrize(
    "text", ["你是人还是机器", "你是真人吗", "你是哪个", "are you a robot", "who are you?"]
)
def test_whether_a_machine_answers_is_a_fair_question(text: str) -> None:
    assert corrected(plain(text), "out_of_scope", 0.9) == "ask_capabilities"


@pytest.mark.parametrize(
    "text", ["你是不是说明天停水", "机器坏了水打不上来", "你是真的慢", "水泵房的机器人都没看到"]
)
def test_other_machines_are_not_meant(text: str) -> None:
    assert corrected(plain(text), "inform", 0.9) != "ask_capabilities"


@pytest.mark.parametrize("intent", ["cancel", "thank", "affirm"])
@pytest.mark.parametrize("text", ["水来哒不咯", "水来了冒", "来水没"])
def test_whether_the_water_is_back_takes_no_report_back(text: str, intent: str) -> None:
    assert corrected(plain(text), intent, 0.9) == "check_report"


@pytest.mark.parametrize("intent", ["greet", "thank", "goodbye", "affirm", "out_of_scope"])
def test_the_water_is_back_whatever_the_classifier_hears(intent: str) -> None:
    assert corrected(plain("哎，水来了"), intent, 0.99) == "inform"


@pytest.mark.parametrize("text", ["来电了，电恢复了，谢谢", "路灯修好了，谢谢", "谢谢师傅，修好了"])
def test_other_things_that_are_mended_are_not_the_water(text: str) -> None:
    assert corrected(plain(text), "thank", 0.99) is None


def test_who_says_that_the_water_is_not_off_reports_nothing() -> None:
    assert corrected(plain("家里停电没停水"), REPORT, 0.9) == "out_of_scope"
    assert corrected(plain("我家没停水，隔壁没水"), REPORT, 0.9) is None


def test_a_report_number_alone_asks_how_it_stands() -> None:
    assert corrected(plain("HN261123-001"), "inform", 1.0) == "check_report"
    assert corrected(plain("我的号是HN261123-001，住三塘"), "inform", 1.0) is None


@pytest.mark.parametrize("text", ["", "   ", "？？", "💧"])
def test_nothing_said_is_not_understood(text: str) -> None:
    assert corrected(plain(text), "deny", 0.5) == "nlu_fallback"


def test_a_past_time_makes_a_plain_statement_a_report() -> None:
    assert corrected(plain("三塘镇老街昨晚八点停水"), "ask_outage_news", 0.96, told=True) == REPORT


@pytest.mark.parametrize(
    "text", ["帮我看看这份合同", "请您帮我审一下这个协议", "Can you review my contract?"]
)
def test_who_asks_to_have_a_draft_looked_over_is_heard(text: str) -> None:
    assert corrected(plain(text), "contract_checklist", 0.9) == REVIEW


@pytest.mark.parametrize("text", ["审查合同要几天", "帮我看看这个工程合同要不要送司法局"])
def test_a_question_about_the_review_stays_what_it_is(text: str) -> None:
    assert corrected(plain(text), "ask_procedure", 0.9) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("忘记我", FORGET),
        ("删除我的信息", FORGET),
        ("注销", FORGET),
        ("delete my data", FORGET),
        ("绑定 K7Q2-M9XP", BIND),
        ("bind k7q2m9xp", BIND),
    ],
)
@pytest.mark.parametrize("intent", ["cancel", "out_of_scope", "nlu_fallback", "inform", "contract_checklist"])
def test_a_wish_about_the_person_is_told_by_the_words(text: str, meant: str, intent: str) -> None:
    assert corrected(plain(text), intent, 0.9) == meant


@pytest.mark.parametrize(
    ("text", "intent"),
    [("我忘记了", "inform"), ("别忘记我家的水", "check_report"), ("绑定银行卡", "out_of_scope")],
)
def test_words_that_sound_like_it_stay_what_they_are(text: str, intent: str) -> None:
    assert corrected(plain(text), intent, 0.9) is None


def test_danger_comes_before_a_wish_about_the_person() -> None:
    assert corrected(plain("水厂漏氯气了，忘记我"), "cancel", 0.9) == REPORT


@pytest.mark.parametrize(
    ("text", "intent", "meant"),
    [
        ("时间银行怎么用", "volunteer", "ask_eldercare"),
        ("时间银行是什么", "volunteer", "ask_eldercare"),
        ("我想参加时间银行做志愿者", "volunteer", None),
        ("时间银行怎么报名", "volunteer", None),
        ("算了，先问下有没有送饭的", "cancel", "find_service_point"),
        ("算了，不报了", "cancel", None),
        ("不要送饭了", "cancel", None),
    ],
)
def test_a_question_is_neither_an_offer_nor_a_cancellation(text: str, intent: str, meant: str | None) -> None:
    assert corrected(plain(text), intent, 0.6) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("养老驿站六有是哪些", "ask_eldercare"),
        ("时间银行是怎么回事", "ask_eldercare"),
        ("六统一是指什么", "ask_eldercare"),
        ("哪里有养老驿站", None),
        ("附近什么地方有助餐", None),
    ],
)
def test_who_asks_what_the_plan_means_looks_for_no_place(text: str, meant: str | None) -> None:
    assert corrected(plain(text), "find_service_point", 0.9) == meant
