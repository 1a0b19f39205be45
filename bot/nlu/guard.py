"""The last word on the intent where a mistake would cost a life or a report.

A learned classifier is right most of the time; these few rules stand behind it. Somebody who tells
of poisoning, chlorine or injuries around water is heard as a report whatever the classifier says,
and so is somebody who tells that their own home is without water while asking whether others are.
Who asks to have a draft contract looked over, to be forgotten, or to be known as staff is told by the words: the
classifier learns no such intents.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.contracts.asked_review import asks_for_review
from bot.dialogue.about_me import asks_how_to_bind, asks_what_i_am, binding_code, wants_forgetting
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.eldercare.services import find_services
from bot.eldercare.who import find_whom
from bot.nlu.components import Component, reading_of
from bot.nlu.reading import Reading
from bot.water.talk.problems import denies_outage, find_problems, find_water_danger
from bot.water.talk.safety import wants_water_brought
from bot.water.talk.water_back import asks_water_back, names_water, states_water_back

REPORT = "report_outage"
REVIEW = "review_draft"
CANCEL = "cancel"
FORGET, BIND = "forget_me", "bind_staff"
_WHERE = re.compile(r"哪里|哪儿|哪个地方|什么地方|where")
_WORDS = re.compile(r"\w")
# My home is without water, said outright: 我家没水, 屋里又停水哒; not 我家还有水.
_OWN_HOME_LACKS = re.compile(
    r"(?:(?:我|我们|咱)(?:家|们家|屋里|这里|这边|们这|这栋|们小区|们村)|家里|屋里).{0,4}?"
    r"(?:没.{0,2}水|停.{0,2}水|断.{0,2}水|不出水|水管|水.{0,3}(?:没了|停了|断了|黄|黑|浑|臭|小))"
    r"|no (?:running |tap )?water (?:at|in) (?:my|our)|(?:my|our) (?:home|house|flat) (?:has|have) no"
)
_WAITING = re.compile(
    r"报(过|了)|还是没|修(好|得|到|了没)|来水|通水|恢复|进度|单子|单号|工单|(什么|啥)时候|多久|好久|几点|还要|明天|后天|通知|when"
)
_QUESTION = re.compile(
    r"吗|嘛$|没$|不$|么$|ma$|bu$|没有$|[?？]|哪|什么|为|怎|会|几|多久|明|后天|下周|今晚|公告|情况|听说|听讲|消息|原因|是不是|停不停|is there|are there|where|why|any "
)
_ASKING = ("ask_outage_news", "check_report")
# 报修 said as a wish, without a word of a report that is there already.
_WANTS_REPAIR = re.compile(
    r"^(?:你好|您好|喂|那个)?[，, ]?(?:我|我们)?(?:要|想|来|得)?(?:报(?:个|一下)?(?:修|停水|漏水)|申请维修)(?:一下|水管|吧|啊|了)?[。！!]*$"
    r"|^(?:帮|请|麻烦).{0,6}(?:报(?:个|一下)?修|派.{0,4}来修|修.{0,2}水管)|^(?:wo )?(?:yao )?bao ?xiu$|^report$"
    r"|how (?:do|can) i report|want to report"
)
_NO_WATER_IN = ("request_care", "find_service_point", "inform", "volunteer", "out_of_scope")
_NUMBER_ALONE = re.compile(r"^[#＃ ]*hn[\d \-–—]{6,}[。 ]*$")
# Told of others, or of what is planned, by somebody whose own tap runs.
_HEARSAY = re.compile(r"有水|好好的|传|听.{0,3}[说讲]|[说讲]要|计划|安排|打算|提前|公告|群里|朋友圈")
# Names that the eldercare plan gives to its own matters; who asks what they are looks for no place.
_OF_THE_PLAN = re.compile(r"六有|六统一|四化|1 ?\+ ?n|四级.{0,4}网络|召集人|时间银行")
_WHAT_IS = re.compile(r"哪[些几六四个]|什么|么子|啥|[是指]指|几[样个项]|怎么回事|是谁")
_PLACES_OR_NOTHING = ("find_service_point", "request_care", "inform", "out_of_scope", "nlu_fallback")
# What words about the water that comes back are taken for now and then.
_BESIDE = (
    "greet",
    "thank",
    "goodbye",
    "affirm",
    "out_of_scope",
    "deny",
    "subscribe_updates",
    "unsubscribe_updates",
)
# The classifier may still be right that a question is about the rules, if it is sure of it.
_SURE_OF_RULES = 0.75
# Told as it is now, with nothing asked: 向阳桥那边停水了.
_STATES_OUTAGE = re.compile(
    r"(?:停|没|断)(?:得|有|自来)?水(?:了|啦)(?:[，,。.!！ ]*(?:快|赶紧|麻烦|请|师傅).*)?[。.!！~ ]*$"
)
_WHERE_ALL = re.compile(r"全县|县里|到处|[哪有]些|别人|人家|别个|听")
_ASKS_FIRST = re.compile(r"先?(?:请问|问一?下|问问|问个|打听)")
_ASKS_HOW = re.compile(
    r"时间银行.{0,8}(?:(?:怎么|怎样|如何)(?!.{0,2}(?:参加|加入|报名|登记|当))|什么|啥|么子)|(?:what|how) .{0,12}time bank"
)


def corrected(text: str, intent: str, confidence: float, *, told: bool = False) -> str | None:
    """The intent that normalised `text` certainly has, None where the classifier's stands.

    Args:
        told: a time that is not to come, or a phone number, is in the text: people who only ask do not
            say since when.
    """
    if not _WORDS.search(text):
        return "nlu_fallback"  # nothing, only marks or emoji
    if speaks_of_dying(text):
        return "out_of_scope"  # whose action answers with the helpline
    if find_water_danger(text):
        sure_of_rules = intent == "ask_procedure" and confidence >= _SURE_OF_RULES
        return None if sure_of_rules else REPORT
    if life_in_danger(text) and intent != REPORT:
        return "out_of_scope"  # whose action tells to call for help
    if asks_what_i_am(text):
        return "ask_capabilities"  # whose action says what it is
    if _NUMBER_ALONE.match(text):
        return "check_report"
    if asks_for_review(text):
        return REVIEW
    if wants_forgetting(text):
        return FORGET
    if binding_code(text) or asks_how_to_bind(text):
        return BIND
    if intent != REPORT and _WANTS_REPAIR.search(text):
        return REPORT
    if intent == "volunteer" and _ASKS_HOW.search(text):
        return "ask_eldercare"
    if intent == CANCEL and _ASKS_FIRST.search(text) and find_services(text):
        return "find_service_point"  # 算了，先问下有没有送饭的: what is under way is gone on with
    if intent == "volunteer" and _WHERE.search(text) and find_services(text):
        return "find_service_point"
    if intent in _PLACES_OR_NOTHING and _OF_THE_PLAN.search(text) and _WHAT_IS.search(text):
        return "ask_eldercare"
    if intent in _NO_WATER_IN and wants_water_brought(text) and not find_services(text):
        return "request_human"  # whose action passes it on: water for somebody in bed is no care that a point offers
    if intent == "inform" and find_services(text) and find_whom(text):
        return "request_care"
    if intent == "deny" and told and not text.startswith(("不", "没", "no", "别")):
        return "inform"  # 2月30日提交 is a date, however the classifier hears it
    if intent == REPORT and denies_outage(text):
        return "out_of_scope"
    if intent in (CANCEL, "inform", *_BESIDE) and asks_water_back(text):
        return "check_report"  # 水来了不 was once taken for 取消
    if states_water_back(text) and (intent == REPORT or (intent in _BESIDE and names_water(text))):
        return "inform"  # whose action closes the person's report
    if not find_problems(text) or _WAITING.search(text):
        return None
    if intent in _ASKING and _OWN_HOME_LACKS.search(text):
        return REPORT
    if intent == "ask_outage_news" and _STATES_OUTAGE.search(text) and not _asks_or_heard(text):
        return REPORT
    if intent == "ask_outage_news" and told and not (_QUESTION.search(text) or _HEARSAY.search(text)):
        return REPORT
    return REPORT if intent == "inform" else None


def _asks_or_heard(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_QUESTION, _HEARSAY, _WHERE_ALL))


def _told(reading: Reading) -> bool:
    return any(
        span.entity in ("phone", "duration") or (span.entity == "time" and span.data.get("kind") != "future")
        for span in reading.spans
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ReportGuard(Component):
    """Stands behind the classifier and in front of the fallback."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Correct the intent of each message where a rule says so."""
        for message in messages:
            intent: dict[str, Any] = message.get(INTENT) or {}
            name, confidence = str(intent.get("name")), float(intent.get("confidence") or 0.0)
            reading = reading_of(message)
            meant = corrected(reading.text, name, confidence, told=_told(reading))
            if meant:
                ranking = [row for row in message.get("intent_ranking") or [] if row["name"] != meant]
                certain = {"name": meant, "confidence": 1.0}
                message.set(INTENT, certain, add_to_output=True)
                message.set("intent_ranking", [certain, *ranking], add_to_output=True)
        return messages
