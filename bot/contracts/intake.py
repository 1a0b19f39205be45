"""What a clerk's message says of the contract at hand: party, kind, dates, circumstances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.turn import Step, Understood

_COUNTY = re.compile(r"县(人民)?政府|县里(跟|和|与|要|签|出面|名义)|以县|county")
_UNIT = re.compile(
    r"(我|咱|本|这)们?(个)?(局|单位|办|中心|院|所|镇|乡|街道|学校|委|队|站)|镇里|乡里|街道|局里|单位|部门|镇政府|乡政府|乡镇|事业单位|our|unit|department"
)
_SUBMIT = re.compile(
    r"(送|交|报|提交)(去|到|了)?(审|法审|审查|司法局|法制|上去|材料)|送审|交审|报审|法审|submit"
)
_SIGNED = re.compile(r"(已经?|刚|昨天|今天)?签(了|好了|完|订了|下来)|signed")
_EMERGENCY = re.compile(r"应急(抢险|处置|采购)|抢险|救灾|突发(事件)?.{0,6}(签|合同|采购)|紧急(采购|措施)")
_COMPLEX = re.compile(r"金额(很|特别|比较|巨)?大|复杂|几个亿|上亿")
_EXPERT = re.compile(r"专家(评估|论证)|第三方评估|评估论证")
_BARE = re.compile(r"(这|那|个|份|一)*(政府)?(合同|协议)(送审|审查|签订)?|contract")
_QUESTION = re.compile(
    r"几天|多久|多少|几个|什么|怎么|谁|哪|吗|是不是|要不要|能不能|可不可以|[?？]|how|what|who|when"
)
_OWN = re.compile(r"清单|列|手头|手里|我们(局|镇|单位|这份|这个)|这份|这个合同|要签|准备签|帮我|checklist")
_DISPUTE = re.compile(r"(纠纷|争议|扯皮).{0,8}(重新|再)签|重新(签|订立)")


def take(draft: Mapping[str, Any] | None, message: Understood, asked: str | None) -> Step:
    """Put `message` into the case (keys as `wuchang checklist` takes them); what to ask next."""
    case = dict(draft or {})
    if names_contract(message):
        case["contract_type"] = [
            k.value for k in message.all("contract_type") if not _BARE.fullmatch(k.value)
        ][-1]
    elif asked == "contract_kind" and message.text:
        case["contract_type"] = message.text[:30]
    party = _party(message, asked)
    if party:
        case["signing_party"] = party
    case.update(dates_in(message))
    case.update({name: True for name, pattern in _FLAGS.items() if pattern.search(message.plain)})
    if "contract_type" not in case:
        return Step(case, (), "contract_kind")
    if "signing_party" not in case:
        return Step(case, (), "contract_party")
    return Step(case, (), None, done=True)


_FLAGS = {
    "emergency": _EMERGENCY,
    "complex": _COMPLEX,
    "expert_assessment": _EXPERT,
    "after_dispute": _DISPUTE,
}


def asks_about_rules(text: str) -> bool:
    """Whether normalised `text` is a question on the rules rather than about one contract at hand."""
    return bool(_QUESTION.search(text)) and not _OWN.search(text)


def names_contract(message: Understood) -> bool:
    """Whether a kind of contract is named; the bare word 合同 is none."""
    return any(not _BARE.fullmatch(kind.value) for kind in message.all("contract_type"))


def _party(message: Understood, asked: str | None) -> str | None:
    county, unit = _COUNTY.search(message.plain), _UNIT.search(message.plain)
    if county and not (unit and unit.start() < county.start()):
        return "county"
    if unit:
        return "department"
    return "department" if asked == "contract_party" and message.text else None


def dates_in(message: Understood) -> dict[str, str]:
    """Dates said with handing in or signing; a date alone is taken as the day of handing in."""
    found: dict[str, str] = {}
    for time in message.all("time"):
        iso = time.data.get("iso")
        if not iso:
            continue
        around = message.plain[max(0, time.start - 6) : time.end + 8]
        if _SIGNED.search(around) and not _SUBMIT.search(around):
            found["signed_on"] = str(iso)[:10]
        elif _SUBMIT.search(around) or message.intent == "inform":
            found["submitted_on"] = str(iso)[:10]
    return found
