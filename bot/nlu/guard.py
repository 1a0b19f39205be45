"""The last word on the intent where a mistake would cost a life or a report.

A learned classifier is right most of the time; these few rules stand behind it. Somebody who tells
of poisoning, chlorine or injuries around water is heard as a report whatever the classifier says,
and so is somebody who tells that their own home is without water while asking whether others are.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.dialogue.crisis import speaks_of_dying
from bot.nlu.components import Component, reading_of
from bot.water.problems import find_danger, find_problems

REPORT = "report_outage"
_WATER = re.compile(r"水|氯|龙头|水管|water|tap|chlorine")
_OWN_HOME = re.compile(
    r"(我|我们|咱|俺)(家|们家|屋里|这里|这边|们这|这栋|们小区|们村)|家里|屋里|my (home|house)|our (home|house)"
)
_WAITING = re.compile(
    r"报(过|了)|修(好|得|到|了没)|来水|通水|恢复|进度|单子|单号|工单|(什么|啥)时候|多久|好久|几点|还要|明天|后天|通知|when"
)
_ASKING = ("ask_outage_news", "check_report")
# The classifier may still be right that a question is about the rules, if it is sure of it.
_SURE_OF_RULES = 0.75


def corrected(text: str, intent: str, confidence: float) -> str | None:
    """The intent that normalised `text` certainly has, None where the classifier's stands."""
    if speaks_of_dying(text):
        return "out_of_scope"  # whose action answers with the helpline
    if find_danger(text) and _WATER.search(text):
        sure_of_rules = intent == "ask_procedure" and confidence >= _SURE_OF_RULES
        return None if sure_of_rules else REPORT
    if not find_problems(text) or _WAITING.search(text):
        return None
    own_home = intent in _ASKING and _OWN_HOME.search(text)
    return REPORT if own_home or intent == "inform" else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ReportGuard(Component):
    """Stands behind the classifier and in front of the fallback."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Correct the intent of each message where a rule says so."""
        for message in messages:
            intent: dict[str, Any] = message.get(INTENT) or {}
            name, confidence = str(intent.get("name")), float(intent.get("confidence") or 0.0)
            meant = corrected(reading_of(message).text, name, confidence)
            if meant:
                ranking = [row for row in message.get("intent_ranking") or [] if row["name"] != meant]
                certain = {"name": meant, "confidence": 1.0}
                message.set(INTENT, certain, add_to_output=True)
                message.set("intent_ranking", [certain, *ranking], add_to_output=True)
        return messages
