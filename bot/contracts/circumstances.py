"""Circumstances of a contract that a clerk's message tells or denies: 应急抢险, 不复杂, 不需要专家评估."""

from __future__ import annotations

import re

EMERGENCY = "emergency"
_PATTERNS = {
    EMERGENCY: re.compile(
        r"应急(?!管理|局|办|预案|演练|照明|广播|指挥)|抢险|救灾|突发(事件)?.{0,6}(签|合同|采购)|紧急(采购|措施|[^,。;]{0,2}[买购租调借])|\bemergency\b"
    ),
    "complex": re.compile(r"金额(很|特别|比较|巨)?大|复杂|几个亿|上亿"),
    "expert_assessment": re.compile(r"专家(评估|论证)|第三方评估|评估论证"),
    "after_dispute": re.compile(r"(纠纷|争议|扯皮).{0,8}(重新|再)签|重新(签|订立)"),
}
_DENIED = re.compile(r"(?:不|没|非|未|无|别|\bno|\bnot)(?!过)[^,。;;]{0,5}$")
_ASKED = re.compile(r"(?:是不是|算不算|要不要|需不需要|有没有|用不用|能不能|会不会|如果|要是|假如)[^,。;]*$")
_QUESTION = re.compile(r"[?？吗]|[没不]$")
_ORDINARY = re.compile(r"普通|一般的?(?:采购|合同)|日常|常规|平常")


def circumstances(text: str) -> dict[str, bool]:
    """Keys of the case that normalised `text` tells (True) or denies (False); of what is only asked nothing."""
    found: dict[str, bool] = {}
    for name, pattern in _PATTERNS.items():
        for said in pattern.finditer(text):
            before = text[: said.start()]
            if not (_ASKED.search(before) or _QUESTION.search(text)):
                found[name] = not _DENIED.search(before)
    if _ORDINARY.search(text):
        found[EMERGENCY] = False
    return found
