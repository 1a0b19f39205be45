"""In whose name a clerk says that a contract is signed: by authorisation (Article 5), or by a body that may not (Article 6)."""

from __future__ import annotations

import re

from bot.contracts.kinds import name_group

COUNTY = "county"
# 县政府授权我们局签, 受县政府委托; 委托 is a word of many kinds of contract (委托运营), so a unit that signs must follow.
_UNIT = r"[^,。;]{0,10}?(?:局|镇|乡|街道|办事处|单位|公司|平台|中心|医院|学校|委|院|所|站|我们|咱们|本级)"
_AUTHORISED = re.compile(
    rf"县(?:人民)?政府(?:已经?|书面|正式|专门)*(?<![没未])(?:授权|委托)(?!书|合同|协议|代理)(?:了|给|由)?{_UNIT}[^,。;]{{0,12}}?(?:签|订立)"
    r"|(?<![没未不])(?<!没有)(?:受|接受|经|得到|拿到)了?县(?:人民)?政府的?(?:授权|委托)(?!书|合同|协议)"
)
_CLAUSE = re.compile(r"[,，。;；!！?？\n]")
_SIGNS = re.compile(
    r"的?名义|(?:要|想|准备|打算|可以|能|自己|出面|直接|来|去)*(?:跟|和|与|同|对外|作为?甲方|当甲方|签(?!字|到|证)|订立)"
)
_LEAD = re.compile(r"^(?:(?:我|咱)们?(?:是|想|要)?|用|以|由|就|是|想|要|准备|打算|我县|的)+")
_LONGEST = 20


def authorised_by(text: str) -> str | None:
    """`COUNTY` where normalised `text` says that the county government authorised another unit to sign."""
    return COUNTY if _AUTHORISED.search(text) else None


def forbidden_name(text: str) -> str | None:
    """The temporary body or internal office (Article 6) in whose name normalised `text` says that it is signed."""
    for clause in _CLAUSE.split(text):
        signs = _SIGNS.search(clause)
        name = _LEAD.sub("", clause[: signs.start()]).strip() if signs and _signed(clause, signs) else ""
        if 2 <= len(name) <= _LONGEST and name_group(name):
            return name
    return None


def _signed(clause: str, signs: re.Match[str]) -> bool:
    """Whether the clause is of a signing: 创文指挥部跟广告公司谈 is none."""
    return bool(re.search(r"签(?!字|到|证)|订立|名义|甲方", clause[signs.start() :]))
